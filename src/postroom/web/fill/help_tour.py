"""Two minutes around the desk: offered once, put away for good, and there again when it is asked for."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from postroom.identity.models import User
from postroom.web import choices
from postroom.web.pages.help import Tour, TourStep

PIECE = "tour"


def offer(request: HttpRequest | None) -> Tour | None:
    """The tour, for somebody who did not put it away or asks for it (``?tour=on``)."""
    if request is None or not isinstance(request.user, User):
        return None
    begun = request.GET.get("tour") == "on"
    if not begun and PIECE in choices.choices_of(request.user).seen:
        return None
    return Tour(steps=_steps(), put_away_url=reverse("help-tour-away"), guide_url=reverse("help"), begun=begun)


def put_away(user: User) -> None:
    choices.put_away(user, PIECE)


def _steps() -> tuple[TourStep, ...]:
    return (
        TourStep(
            at="#rail, .bottom-bar",
            title=gettext("Every room has its pigeonhole"),
            text=gettext("Data comes in as runs, leaves as deliveries, stays as documents. A number: so many wait."),
        ),
        TourStep(
            at=".top .find",
            title=gettext("Find a document by a word in it"),
            text=gettext("A name, a number, an amount or a word from the page. The key / leads here from anywhere."),
        ),
        TourStep(
            at="[aria-labelledby='h-need']",
            title=gettext("What waits for you"),
            text=gettext("What was set aside, is in doubt or failed stands here until somebody decides."),
        ),
        TourStep(
            at="[aria-labelledby='h-follow'], .docket, [aria-labelledby='h-today']",
            title=gettext("Follow one paper through the house"),
            text=gettext("Each document keeps its whole story: what it was made from, where it went, how sure we are."),
        ),
        TourStep(
            at=".top [data-open-palette], .who",
            title=gettext("Everything by name"),
            text=gettext("Ctrl K opens the commands: an act, a name or a number, with the same line for the terminal."),
        ),
        TourStep(
            at=".help-link",
            title=gettext("Each screen explains itself"),
            text=gettext("This link, or F1, opens the page of the guide for where you are, with a way back."),
        ),
    )
