"""What a person chose for their own desk: density, columns, and the guidance they have put away."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import gettext

from postroom.identity.models import User
from postroom.kernel import clock
from postroom.kernel.errors import BadInput, NotFound
from postroom.web.models import COMFORTABLE, DENSITIES, DeskChoice, SavedView

_LONGEST_NAME, _LONGEST_QUERY, _MOST_VIEWS = 80, 2000, 60
_KNOWN = "_desk_choices"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """The choices of one person, or those that hold for everybody."""

    density: str = COMFORTABLE
    columns: dict[str, list[str]] = field(default_factory=dict)
    seen: frozenset[str] = frozenset()


def choices_of(user: object) -> Choices:
    """One query a request for somebody who is signed in, none for others: page and furniture both ask."""
    if not isinstance(user, User):
        return Choices()
    known: Choices | None = getattr(user, _KNOWN, None)
    if known is None:
        found = DeskChoice.objects.filter(user=user).first()
        known = (
            Choices(density=found.density, columns=found.columns, seen=frozenset(found.seen)) if found else Choices()
        )
        setattr(user, _KNOWN, known)
    return known


def _forget(user: User) -> None:
    """What was read in this request is out of date."""
    if hasattr(user, _KNOWN):
        delattr(user, _KNOWN)


def choose_density(user: User, density: str) -> None:
    """Keep a density; one that does not exist changes nothing."""
    _forget(user)
    if density in DENSITIES:
        DeskChoice.objects.update_or_create(user=user, defaults={"density": density})


def choose_columns(user: User, list_key: str, columns: list[str]) -> None:
    """Keep which columns of a list are shown. None named: as it comes."""
    _forget(user)
    found, _ = DeskChoice.objects.get_or_create(user=user)
    found.columns = {**found.columns, list_key: columns}
    if not columns:
        found.columns.pop(list_key, None)
    found.save(update_fields=["columns"])


def put_away(user: User, guidance: str) -> None:
    """Do not show this piece of guidance again."""
    _forget(user)
    found, _ = DeskChoice.objects.get_or_create(user=user)
    if guidance not in found.seen:
        found.seen = [*found.seen, guidance]
        found.save(update_fields=["seen"])


def bring_back(user: User, guidance: str) -> None:
    """Show it again."""
    _forget(user)
    found = DeskChoice.objects.filter(user=user).first()
    if found is not None and guidance in found.seen:
        found.seen = [one for one in found.seen if one != guidance]
        found.save(update_fields=["seen"])


def views_of(user: object, list_key: str = "", *, pinned: bool = False) -> list[SavedView]:
    """Saved views of a person, by name: those of a list, or those pinned to Home."""
    if not isinstance(user, User):
        return []
    found = SavedView.objects.filter(user=user)
    if list_key:
        found = found.filter(list_key=list_key)
    return list(found.filter(pinned=True) if pinned else found)


def save_view(user: User, list_key: str, name: str, query: str, *, pinned: bool = False) -> SavedView:
    """Keep a list with its filters under a name; the same name of the same list is written over."""
    tidy = _name(name)
    if len(query) > _LONGEST_QUERY:
        raise BadInput(gettext("These filters are too long to be kept."), hint=gettext("Take some of them away."))
    if SavedView.objects.filter(user=user).exclude(list_key=list_key, name=tidy).count() >= _MOST_VIEWS:
        raise BadInput(
            gettext("{count} views are kept already.").format(count=_MOST_VIEWS), hint=gettext("Delete one of them.")
        )
    view, _ = SavedView.objects.update_or_create(
        user=user, list_key=list_key, name=tidy, defaults={"query": query, "pinned": pinned, "created_at": clock.now()}
    )
    return view


def rename_view(user: User, view_id: str, name: str) -> SavedView:
    """Give a view another name. Raises NotFound, and BadInput when the name is taken."""
    view, tidy = view_of(user, view_id), _name(name)
    if SavedView.objects.filter(user=user, list_key=view.list_key, name=tidy).exclude(pk=view.pk).exists():
        raise BadInput(
            gettext("There is a view “{name}” already.").format(name=tidy), hint=gettext("Choose another name.")
        )
    view.name = tidy
    view.save(update_fields=["name"])
    return view


def pin_view(user: User, view_id: str, *, pinned: bool) -> SavedView:
    """Show a view on Home, or no longer."""
    view = view_of(user, view_id)
    view.pinned = pinned
    view.save(update_fields=["pinned"])
    return view


def view_of(user: User, view_id: str) -> SavedView:
    """One view of this person. Raises NotFound, also for views of others (P7)."""
    found = SavedView.objects.filter(user=user, pk=int(view_id)).first() if view_id.isdecimal() else None
    if found is None:
        raise NotFound(gettext("There is no such view."), hint=gettext("It may have been deleted; reload the list."))
    return found


def _name(name: str) -> str:
    tidy = " ".join(name.replace("\x00", " ").split())
    if not tidy or len(tidy) > _LONGEST_NAME:
        raise BadInput(
            gettext("A view needs a name of at most {count} letters.").format(count=_LONGEST_NAME),
            hint=gettext("Say what it shows, such as “Came back this week”."),
        )
    return tidy
