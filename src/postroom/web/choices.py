"""What a person chose for their own desk: density, columns, and the guidance they have put away."""

from __future__ import annotations

from dataclasses import dataclass, field

from postroom.identity.models import User
from postroom.web.models import COMFORTABLE, DENSITIES, DeskChoice


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """The choices of one person, or those that hold for everybody."""

    density: str = COMFORTABLE
    columns: dict[str, list[str]] = field(default_factory=dict)
    seen: frozenset[str] = frozenset()


def choices_of(user: object) -> Choices:
    """One query for somebody who is signed in, none for others."""
    if not isinstance(user, User):
        return Choices()
    found = DeskChoice.objects.filter(user=user).first()
    if found is None:
        return Choices()
    return Choices(density=found.density, columns=found.columns, seen=frozenset(found.seen))


def choose_density(user: User, density: str) -> None:
    """Keep a density; one that does not exist changes nothing."""
    if density in DENSITIES:
        DeskChoice.objects.update_or_create(user=user, defaults={"density": density})


def choose_columns(user: User, list_key: str, columns: list[str]) -> None:
    """Keep which columns of a list are shown. None named: as it comes."""
    found, _ = DeskChoice.objects.get_or_create(user=user)
    found.columns = {**found.columns, list_key: columns}
    if not columns:
        del found.columns[list_key]
    found.save(update_fields=["columns"])


def put_away(user: User, guidance: str) -> None:
    """Do not show this piece of guidance again."""
    found, _ = DeskChoice.objects.get_or_create(user=user)
    if guidance not in found.seen:
        found.seen = [*found.seen, guidance]
        found.save(update_fields=["seen"])


def bring_back(user: User, guidance: str) -> None:
    """Show it again."""
    found = DeskChoice.objects.filter(user=user).first()
    if found is not None and guidance in found.seen:
        found.seen = [one for one in found.seen if one != guidance]
        found.save(update_fields=["seen"])
