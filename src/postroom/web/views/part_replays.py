"""The replay of a change of a content block or brand over real records."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from postroom.composition.checks.models import ReplayCase
from postroom.kernel.errors import NotFound, PostroomError
from postroom.production.actions.start_part_replay import start_part_replay
from postroom.production.actions.stop_replay import stop_replay
from postroom.production.replay.pictures import masked_picture, picture
from postroom.web import asked
from postroom.web.access import acts, needs
from postroom.web.answers import go, send_picture, show, show_part
from postroom.web.fill import part_proofs
from postroom.web.shell import actor_of


@needs("template.view", "template.review")
def page(request: HttpRequest, kind: str, part: str) -> HttpResponse:
    """``?group=KEY`` opens a group, ``&record=NUMBER`` one of its records."""
    told = part_proofs.part_replay_page(
        actor_of(request), part_proofs.change_of(kind, part), asked.text(request, "group"), _number(request, "record")
    )
    return show(request, "desk/replay.html", told)


@needs("template.view", "template.review")
def live(request: HttpRequest, kind: str, part: str) -> HttpResponse:
    """The replay alone, while it goes on."""
    whole = asked.text(request, "from") == "replay"
    panel = part_proofs.part_panel(actor_of(request), part_proofs.change_of(kind, part), whole=whole)
    return show_part(request, "desk/_proofs.html", None, proofs=panel)


@acts("template.view", "template.review")
def start(request: HttpRequest, kind: str, part: str) -> HttpResponse:
    """``run``: over the records of that run; empty: the newest of all runs."""
    try:
        start_part_replay(actor_of(request), kind, part, run_id=part_proofs.run_asked(asked.posted(request, "run")))
    except PostroomError as error:
        if error.status not in (409, 422):
            raise
        messages.error(request, f"{error.message} {error.hint}")
    return go(request, _back(request, kind, part))


@acts("template.view", "template.review")
def stop(request: HttpRequest, kind: str, part: str) -> HttpResponse:
    stop_replay(actor_of(request), part_proofs.change_of(kind, part).pk)
    messages.success(request, gettext("Stopped. What was found so far stays to be looked at."))
    return go(request, _back(request, kind, part))


@needs("template.view", "template.review", "record.view")
def case_picture(request: HttpRequest, kind: str, part: str) -> HttpResponse:
    """The page of a real record (``?record=``) as it is and with the change (``&side=before``, ``after``)."""
    return send_picture(picture(actor_of(request), _case(request, kind, part), asked.text(request, "side")))


@needs("template.view", "template.review")
def masked_case_picture(request: HttpRequest, kind: str, part: str) -> HttpResponse:
    """The same page with everybody in it masked: for who approves and may see no records (ADR 0041)."""
    return send_picture(masked_picture(actor_of(request), _case(request, kind, part), asked.text(request, "side")))


def _case(request: HttpRequest, kind: str, part: str) -> ReplayCase:
    case = part_proofs.case_of(part_proofs.change_of(kind, part), _number(request, "record"))
    if case is None or asked.text(request, "of") not in ("", str(case.replay_id)):
        raise NotFound("There is no such picture.", hint="Reload the page that showed it.")
    return case


def _number(request: HttpRequest, name: str) -> int:
    text = asked.text(request, name, 9)
    return int(text) if text.isascii() and text.isdigit() else 0


def _back(request: HttpRequest, kind: str, part: str) -> str:
    """The replay's own page for whoever came from there, else the part's."""
    name = "house-part-replay" if asked.posted(request, "from") == "replay" else "house-part"
    return reverse(name, args=[kind, part])
