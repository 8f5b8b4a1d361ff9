"""Back to an older version of a template, and how its tests are while somebody waits for them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from postroom.composition.actions.roll_back import roll_back
from postroom.composition.checks.gate import TestsRed
from postroom.composition.draft_tests import TestsUnderway
from postroom.composition.queries import numbered
from postroom.kernel.errors import PostroomError
from postroom.web import asked
from postroom.web.access import acts, needs
from postroom.web.answers import go, show_part
from postroom.web.fill.going_back import forget_reason, going_back, keep_reason
from postroom.web.shell import actor_of


@acts("template.view", "template.publish")
def back(request: HttpRequest, key: str, no: int) -> HttpResponse:
    """Publish an older version again; where its tests are not known they begin, and the page shows how far they are."""
    reason, page = asked.posted(request, "reason"), reverse("template", args=[key])
    try:
        made = roll_back(actor_of(request), key, to=no, reason=reason, wait=False)
    except (TestsUnderway, TestsRed):
        keep_reason(request, key, no, reason)
        return go(request, f"{page}?back={no}")
    except PostroomError as error:
        if error.status >= 500:
            raise
        messages.error(request, f"{error.message} {error.hint}")
        return go(request, page)
    forget_reason(request)
    messages.success(request, gettext("Version {no} is in force: the files of {to}.").format(no=made.no, to=no))
    return go(request, page)


@needs("template.view", "template.publish")
def live(request: HttpRequest, key: str, no: int) -> HttpResponse:
    """How its tests are, alone, while they go on."""
    return show_part(request, "desk/_going_back.html", None, back=going_back(request, numbered(key, no)))
