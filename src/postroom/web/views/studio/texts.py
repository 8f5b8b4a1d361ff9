"""SMS and push texts of a draft as a form, as telephones show them."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from postroom.composition import drafts
from postroom.composition.errors import StaleDraft
from postroom.kernel.errors import PostroomError
from postroom.web import asked
from postroom.web.access import needs
from postroom.web.answers import go, show, show_part
from postroom.web.fill import studio_texts
from postroom.web.shell import actor_of
from postroom.web.views.studio.live import EDITS, typed_over


@needs(*EDITS, post=())
def page(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    """GET: the form. POST: the texts with what is typed (htmx, while somebody types), or save them (``do=save``)."""
    actor, found = actor_of(request), drafts.find(draft)
    if request.method != "POST":
        chosen = {"sample": asked.text(request, "sample", 120), "in": asked.text(request, "in", 12)}
        return show(request, "desk/studio_texts.html", studio_texts.texts_page(actor, found, chosen))
    typed = {name: asked.posted(request, name) for name in ("sms", "push", "sample", "in") if name in request.POST}
    if asked.posted(request, "do") != "save":
        if asked.partial(request):
            return show_part(request, "desk/_studio_texts_look.html", studio_texts.look(found, typed))
        return show(request, "desk/studio_texts.html", studio_texts.texts_page(actor, found, typed))
    expected = typed_over(request)
    wanted = studio_texts.changes(found, typed, expected)
    try:
        if wanted:
            drafts.save(actor, draft, wanted, expected)
    except StaleDraft as stale:
        return go(request, reverse("draft-conflict", args=[draft, stale.context["conflict"]]))
    except PostroomError as error:
        if error.status >= 500 or error.status == 403:
            raise
        told = studio_texts.texts_page(actor, found, typed, f"{error.message} {error.hint}")
        return show(request, "desk/studio_texts.html", told, error.status)
    messages.success(request, gettext("The short texts are saved.") if wanted else gettext("Nothing was different."))
    return go(request, reverse("studio-texts", args=[draft]))
