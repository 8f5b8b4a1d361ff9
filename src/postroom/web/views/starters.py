"""The starter gallery: look at ready templates, and begin one of your own from them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from postroom.composition.actions.begin_from_starter import begin_from_starter
from postroom.composition.starters import picture_of
from postroom.kernel.errors import PostroomError
from postroom.web import asked
from postroom.web.access import needs
from postroom.web.answers import go, send_picture, show
from postroom.web.fill.starters import gallery_page, starter_page
from postroom.web.shell import actor_of


@needs("template.view")
def index(request: HttpRequest) -> HttpResponse:
    return show(request, "desk/starters.html", gallery_page())


@needs("template.view")
def picture(request: HttpRequest, starter: str) -> HttpResponse:
    """The first page of the first sample, as it was made when the starter was."""
    return send_picture(picture_of(starter))


@needs("template.view", post=("template.edit", "template.review"))
def page(request: HttpRequest, starter: str) -> HttpResponse:
    """POST begins a draft from it, under the key and name that were typed."""
    actor = actor_of(request)
    if request.method != "POST":
        return show(request, "desk/starter.html", starter_page(actor, starter))
    key, name = asked.posted(request, "key").strip(), asked.posted(request, "name")
    try:
        draft = begin_from_starter(actor, starter, key, name)
    except PostroomError as error:
        if error.status >= 500 or error.status in (403, 404):
            raise
        told = f"{error.message} {error.hint}"
        return show(
            request, "desk/starter.html", starter_page(actor, starter, typed=(key, name), error=told), error.status
        )
    messages.success(request, gettext("The draft of {name} is yours to change.").format(name=draft.name))
    return go(request, reverse("draft", args=[draft.pk]))
