"""How a party wishes to get its post: what can be chosen, in words, for the portal and the desk."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from postroom.delivery.wishes import Way, ways_of
from postroom.parties.models import Party
from postroom.parties.queries import Said, wish_said
from postroom.web import words
from postroom.web.brand import brand
from postroom.web.fill import names
from postroom.web.pages.doors import PortalPreferencesPage, PortalWay


def portal_page(token: str, party: Party, *, kept: bool = False, error: str = "") -> PortalPreferencesPage:
    """The customer's own page."""
    return PortalPreferencesPage(
        brand=brand(),
        url=reverse("portal-preferences", args=[token]),
        list_url=reverse("portal-documents", args=[token]),
        ways=choices(party),
        languages=languages(party),
        kept=kept,
        error=error,
    )


def choices(party: Party, ways: Sequence[Way] | None = None) -> tuple[PortalWay, ...]:
    """The ways that count for this party. One that nobody chose yet is the one the rules take by themselves."""
    ways = ways_of(party) if ways is None else ways
    wished = {way.wish for way in ways}
    now = party.preferred_channel if party.preferred_channel in wished else ("email" if "email" in wished else "letter")
    return tuple(
        PortalWay(value=way.wish, channel=way.wish, note=note(way, party), chosen=way.wish == now) for way in ways
    )


def note(way: Way, party: Party) -> str:
    """What happens besides, and when it fails."""
    if way.wish == "email":
        said = gettext("To {address}.").format(address=party.email)
    elif way.wish == "portal":
        said = gettext("Only here; a mail tells you.") if "email" in way.channels else gettext("Only here.")
    else:
        said = gettext("On paper, to your postal address.")
    if way.then and way.wish != "letter":
        said = f"{said} {gettext('If that fails, a letter.')}"
    return said


def languages(party: Party) -> tuple[tuple[str, str, bool], ...]:
    """Languages the portal speaks (tag, its own name, chosen), and the party's own if it is another one, so that
    keeping the page as it is changes nothing."""
    ours = dict(settings.LANGUAGES)
    try:
        now = translation.get_supported_language_variant(party.language.lower())
    except LookupError:
        now = party.language
        ours = {now: names.language(now), **ours}
    return tuple((tag, name, tag == now) for tag, name in ours.items())


def offered(party: Party, channel: str, language: str, *, nothing: bool = False) -> bool:
    """Whether both could be chosen at this moment; ``nothing``: also no wish at all."""
    ways = {way.value for way in choices(party)} | ({""} if nothing else set())
    return channel in ways and language in {tag for tag, _, _ in languages(party)}


def said_text(party: Party, what: str) -> str:
    """``since 12 Nov 2026, by the customer``; what came with the party's data has no day."""
    said: Said | None = wish_said(party, what)
    if said is None:
        return gettext("came with their data")
    who = gettext("themselves") if said.by.startswith("party:") else names.who(said.by)
    return gettext("since {day}, by {who}").format(day=words.moment(said.at), who=who)
