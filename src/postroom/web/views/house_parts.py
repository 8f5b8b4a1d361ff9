"""Content blocks and brands, and the steps of their review."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from postroom.composition.actions.publish_part import publish_part
from postroom.composition.actions.review_part import review_part
from postroom.composition.errors import UnknownPart
from postroom.kernel.errors import PostroomError
from postroom.web import asked
from postroom.web.access import acts, needs
from postroom.web.answers import go, show
from postroom.web.fill.house_parts import parts_page
from postroom.web.shell import actor_of

_STEPS = ("sent", "approved", "rejected", "withdrawn", "discarded")


@needs("template.view")
def index(request: HttpRequest) -> HttpResponse:
    return show(request, "desk/house_parts.html", parts_page(actor_of(request)))


@acts("template.view", "template.review")
def step(request: HttpRequest, kind: str, part: str, step: str) -> HttpResponse:
    """Each step asks for its own permission besides."""
    actor = actor_of(request)
    try:
        if step == "published":
            made = publish_part(actor, kind, part)
            said = gettext("Published, and with it {count} templates.").format(count=len(made.templates))
        elif step in _STEPS:
            review_part(actor, kind, part, step, reason=asked.posted(request, "reason"))
            said = gettext("Done.")
        else:
            raise UnknownPart("There is no such step.", hint="Reload the page.")
        messages.success(request, said)
    except PostroomError as error:
        if error.status >= 500 or error.status == 403:
            raise
        messages.error(request, f"{error.message} {error.hint}")
    return go(request, "house-parts")
