"""Two texts of one file: somebody changed the same lines while somebody else typed."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from postroom.composition import drafts
from postroom.composition.draft_conflicts import leave_conflict, side_of
from postroom.composition.errors import StaleDraft, UnknownDraft
from postroom.composition.life_models import DraftConflict
from postroom.kernel.errors import PostroomError
from postroom.web import asked
from postroom.web.access import needs
from postroom.web.answers import go, send_file, show
from postroom.web.fill.conflict import conflict_page, made_of
from postroom.web.shell import actor_of

_EDITS = ("template.view", "template.edit", "template.review")


@needs(*_EDITS, post=())
def page(request: HttpRequest, draft: uuid.UUID, conflict: uuid.UUID) -> HttpResponse:
    """GET: both texts. POST: save what was made of them, or let stand what stands (``do=leave``)."""
    found, actor = _of(draft, conflict), actor_of(request)
    if request.method != "POST":
        return show(request, "desk/draft_conflict.html", conflict_page(found))
    if asked.posted(request, "do") == "leave":
        leave_conflict(actor, found.pk)
        messages.success(request, gettext("Left as it stands. What you typed stays in the history."))
        return go(request, reverse("draft", args=[draft]))
    posted = {name: asked.posted(request, name) for name in request.POST if name.startswith("clash-")}
    revision = asked.posted(request, "revision")
    expected = int(revision) if revision.isdigit() and len(revision) < 9 else 0
    try:
        drafts.settle_conflict(actor, found.pk, made_of(found, posted), expected)
    except StaleDraft as stale:  # somebody changed them once more: what was made of the two is kept there
        leave_conflict(actor, found.pk)
        return go(request, reverse("draft-conflict", args=[draft, stale.context["conflict"]]))
    except PostroomError as error:
        if error.status >= 500 or error.status == 403:
            raise
        told = conflict_page(found, posted, f"{error.message} {error.hint}")
        return show(request, "desk/draft_conflict.html", told, error.status)
    messages.success(request, gettext("Saved. The text you did not take stays in the history."))
    return go(request, reverse("draft", args=[draft]))


@needs(*_EDITS)
def file(request: HttpRequest, draft: uuid.UUID, conflict: uuid.UUID) -> HttpResponse:
    """``?name=&whose=mine|theirs``: a file that cannot be shown beside the other one, to be opened elsewhere."""
    found = _of(draft, conflict)
    name, whose = asked.text(request, "name", 200), asked.text(request, "whose", 8)
    content = side_of(found, name, whose)
    if content is None:
        raise UnknownDraft(f"{name} was taken out there.", hint="Open the two texts again.")
    stem, _, suffix = name.rpartition("/")[2].rpartition(".")
    return send_file(content, f"{stem}-{whose}.{suffix}", "application/octet-stream")


def _of(draft: uuid.UUID, conflict: uuid.UUID) -> DraftConflict:
    found = drafts.conflict_of(conflict)
    if found.draft_id != draft:
        raise UnknownDraft("There is no such unsettled text.", hint="Open the draft again.")
    return found
