"""The conditions of a draft as rows, with their sentence and the page beside them."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from postroom.composition import drafts
from postroom.composition.errors import StaleDraft
from postroom.composition.preview import Superseded
from postroom.kernel.errors import PostroomError
from postroom.web import asked
from postroom.web.access import needs
from postroom.web.answers import go, show, show_part
from postroom.web.fill import studio_conditions
from postroom.web.shell import actor_of
from postroom.web.views.studio.live import EDITS, typed_over

_PAGE = "desk/studio_conditions.html"


@needs(*EDITS, post=())
def page(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    """GET: ``?at=codes/pay`` opens that condition. POST: what the rows mean (htmx, while somebody fills them in), the
    rows again (``?do=rows``; ``away=2`` without that one), or save them (``do=save``)."""
    actor, found = actor_of(request), drafts.find(draft)
    at = asked.posted(request, "at") or asked.text(request, "at", 80)
    if request.method != "POST":
        return show(request, _PAGE, studio_conditions.conditions_page(actor, found, at))
    typed = {name: asked.posted(request, name) for name in request.POST}
    typed["away"] = typed.get("away") or asked.text(request, "away", 4)
    wanted = asked.posted(request, "do") or asked.text(request, "do", 8)
    if asked.partial(request) and wanted == "rows":
        return show_part(request, "desk/_studio_condition_rows.html", studio_conditions.form_of(found, at, typed))
    try:
        if asked.partial(request) and wanted != "save":
            rows = studio_conditions.typed_rows(typed)
            seen = studio_conditions.look_at(actor, found, at, rows)
            return show_part(request, "desk/_studio_condition_look.html", seen)
        if wanted != "save" or typed.get("away"):
            return show(request, _PAGE, studio_conditions.conditions_page(actor, found, at, typed))
    except Superseded:
        return HttpResponse(status=204)
    expected = typed_over(request)
    try:
        made = studio_conditions.changed(found, at, typed, expected)
        if made:
            drafts.save(actor, draft, made, expected)
    except StaleDraft as stale:
        return go(request, reverse("draft-conflict", args=[draft, stale.context["conflict"]]))
    except PostroomError as error:
        if error.status >= 500 or error.status == 403:
            raise
        told = studio_conditions.conditions_page(actor, found, at, typed, f"{error.message} {error.hint}")
        return show(request, _PAGE, told, error.status)
    messages.success(request, gettext("The condition is saved.") if made else gettext("Nothing was different."))
    return go(request, f"{reverse('studio-conditions', args=[draft])}?at={at}")
