"""A draft's tests, and its replay over real records."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from postroom.composition import drafts
from postroom.composition.checks import gate, underway
from postroom.composition.checks.trial import picture_of
from postroom.kernel.errors import NotFound, PostroomError
from postroom.production.actions.start_replay import start_replay
from postroom.production.actions.stop_replay import stop_replay
from postroom.production.replay.pictures import masked_picture, picture
from postroom.web import asked
from postroom.web.access import acts, needs
from postroom.web.answers import go, send_picture, show, show_part
from postroom.web.fill import proofs
from postroom.web.shell import actor_of


@needs("template.view", "template.review")
def page(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    """``?group=KEY`` opens a group, ``&record=NUMBER`` one of its records."""
    told = proofs.replay_page(
        actor_of(request), drafts.find(draft), asked.text(request, "group"), _number(request, "record")
    )
    return show(request, "desk/replay.html", told)


@needs("template.view", "template.review")
def live(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    """Tests and replay alone, while something moves."""
    whole = asked.text(request, "from") == "replay"
    panel = proofs.proofs_panel(actor_of(request), drafts.find(draft), whole=whole)
    return show_part(request, "desk/_proofs.html", None, proofs=panel)


@acts("template.view", "template.review")
def start(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    try:
        start_replay(actor_of(request), draft)
    except PostroomError as error:
        if error.status not in (409, 422):
            raise
        messages.error(request, f"{error.message} {error.hint}")
    return go(request, _back(request, draft))


@acts("template.view", "template.review")
def stop(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    stop_replay(actor_of(request), drafts.find(draft).pk)
    messages.success(request, gettext("Stopped. What was found so far stays to be looked at."))
    return go(request, _back(request, draft))


@acts("template.view", "template.review")
def test(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    """Make every sample in every language, and judge it: without the page, which shows how far it is."""
    try:
        pack = proofs.pack_of(drafts.find(draft))
        if gate.known(pack) is None:
            underway.begin(gate.check_digest(pack), lambda: gate.examined(pack))
    except PostroomError as error:
        if error.status not in (409, 422):
            raise
        messages.error(request, f"{error.message} {error.hint}")
    return go(request, _back(request, draft))


@needs("template.view", "template.review")
def test_picture(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    """The page of a failed test (``?no=``, from 0) with its place outlined. It is made of a sample."""
    pack = proofs.pack_of(drafts.find(draft))
    check = gate.known(pack)
    failures = gate.failures_of(check) if check is not None else []
    number = _number(request, "no")
    if number >= len(failures) or not failures[number].page:
        raise NotFound("There is no such picture.", hint="Reload the page that showed it.")
    return HttpResponse(picture_of(pack, failures[number]), content_type="image/png")


@needs("template.view", "template.review", "record.view")
def case_picture(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    """The page of a real record (``?record=``) by one version (``&side=before``, ``after``)."""
    case = proofs.case_of(drafts.find(draft), _number(request, "record"))
    if case is None or asked.text(request, "of") not in ("", str(case.replay_id)):
        raise NotFound("There is no such picture.", hint="Reload the page that showed it.")
    return send_picture(picture(actor_of(request), case, asked.text(request, "side")))


@needs("template.view", "template.review")
def masked_case_picture(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    """The same page with everybody in it masked: for who approves and may see no records (ADR 0041)."""
    case = proofs.case_of(drafts.find(draft), _number(request, "record"))
    if case is None or asked.text(request, "of") not in ("", str(case.replay_id)):
        raise NotFound("There is no such picture.", hint="Reload the page that showed it.")
    return send_picture(masked_picture(actor_of(request), case, asked.text(request, "side")))


def _number(request: HttpRequest, name: str) -> int:
    text = asked.text(request, name, 9)
    return int(text) if text.isascii() and text.isdigit() else 0


def _back(request: HttpRequest, draft: uuid.UUID) -> str:
    """The replay's own page for whoever came from there, else the review."""
    here = reverse("draft-replay", args=[draft])
    return here if asked.posted(request, "from") == "replay" else reverse("draft-review", args=[draft])
