"""Which wishes of a party the rules in use would really follow: those are offered, no others."""

from __future__ import annotations

from dataclasses import dataclass

from postroom.delivery.determine import Case, determine
from postroom.delivery.errors import NoChannel
from postroom.delivery.models import Destination
from postroom.parties.models import Party
from postroom.parties.queries import suppressed as dead

#: What a party may wish for, as the rules call it.
WISHES = ("email", "portal", "letter")


@dataclass(frozen=True, slots=True)
class Way:
    """A wish, and the kinds of channel the rules choose for it: at once, and after those failed."""

    wish: str
    channels: tuple[str, ...]
    then: tuple[str, ...]


def ways_of(party: Party, *, suppressed: bool | None = None) -> tuple[Way, ...]:
    """Wishes that count for documents of no special kind. A rule for one template (a law, say) may still overrule.

    ``suppressed``: whether their e-mail address is dead, for who has looked already.
    """
    email = party.email
    if suppressed is None:
        suppressed = bool(email and dead("email", [email]))
    cases = [
        Case(
            template="",
            preferred=wish,
            has_email=bool(email),
            country=party.country,
            language=party.language,
            suppressed=suppressed,
        )
        for wish in WISHES
    ]
    kinds = dict(Destination.objects.filter(enabled=True).values_list("key", "channel"))
    found = []
    for wish, choice in zip(WISHES, determine(cases), strict=True):
        if isinstance(choice, NoChannel):
            continue
        channels = tuple(kinds[key] for key in choice.destinations)
        if _follows(wish, channels):
            found.append(Way(wish, channels, tuple(kinds[key] for key in choice.fallbacks)))
    return tuple(found)


def _follows(wish: str, channels: tuple[str, ...]) -> bool:
    """A letter is whatever is neither mail nor portal: a folder for printing, a printer, a house that prints."""
    if wish == "letter":
        return not {"email", "portal"} & set(channels)
    return wish in channels and (wish == "portal" or "portal" not in channels)
