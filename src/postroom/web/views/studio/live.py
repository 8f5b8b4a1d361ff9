"""Source, sample and page: the page of the studio, and what its script asks while somebody types."""

from __future__ import annotations

import functools
import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext

from postroom.composition import drafts
from postroom.composition.errors import StaleDraft
from postroom.composition.preview import Superseded
from postroom.kernel.errors import BadInput, PostroomError
from postroom.web import asked
from postroom.web.access import acts, needs
from postroom.web.answers import show
from postroom.web.fill import studio, studio_texts
from postroom.web.shell import actor_of

EDITS = ("template.view", "template.edit", "template.review")
_FRAME = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
Answering = Callable[..., HttpResponse]


class NotAsked(BadInput):
    """The body of a request is not what the studio's script sends."""

    code = "studio-not-asked"
    title = "The studio did not understand"


@needs(*EDITS)
def page(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    """``?file=NAME&sample=NAME`` opens them."""
    found = drafts.find(draft)
    shown = studio.studio_page(actor_of(request), found, asked.text(request, "file"), asked.text(request, "sample"))
    return show(request, "desk/studio.html", shown)


def _told(view: Answering) -> Answering:
    """Errors as JSON: the script says them where it says how the page stands."""

    @functools.wraps(view)
    def answering(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Superseded:
            return JsonResponse({"superseded": True})
        except PostroomError as error:
            if error.status >= 500:
                raise
            return JsonResponse({"problem": f"{error.message} {error.hint}".strip()}, status=error.status)

    return answering


@acts(*EDITS)
@_told
def look(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    """The page of what is typed, or what stands where on it (``map``)."""
    wanted = _body(request.body)
    found = drafts.find(draft)
    seen, texts = studio.look(found, actor_of(request), wanted)
    told = studio.seen_json(seen, texts, str(wanted.get("sample") or ""))
    return JsonResponse({**told, "short": studio_texts.short_json(seen.short)})


@acts(*EDITS)
@_told
def where(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    """Where a thing of the page is written."""
    return JsonResponse(studio.where(drafts.find(draft), _body(request.body)))


@acts(*EDITS)
@_told
def save(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    """Keep what was typed. Files that somebody else changed meanwhile come back, merged; lines that both changed lead
    to the page where one chooses."""
    wanted = _body(request.body)
    typed = wanted.get("files")
    if not isinstance(typed, dict) or not all(isinstance(text, str) for text in typed.values()):
        raise NotAsked(gettext("There is nothing to save."), hint=gettext("Reload the studio."))
    revision = wanted.get("revision")
    expected = revision if isinstance(revision, int) else 0
    changes = {name: text.encode() for name, text in typed.items()}
    try:
        saved = drafts.save(actor_of(request), draft, changes, expected)
    except StaleDraft as stale:
        conflict = reverse("draft-conflict", args=[draft, stale.context["conflict"]])
        return JsonResponse({"conflict": conflict, "revision": expected})
    own = studio.files_at(saved, saved.revision)
    others = saved.revision > expected + 1
    return JsonResponse(
        {
            "revision": saved.revision,
            "files": studio.texts_of(own) if others else {},
            "checked": [studio.fault_json(one) for one in drafts.check(saved)],
            "names": studio.names_in(own),
        }
    )


@acts(*EDITS)
def mail(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    """The HTML of the mail for a frame without scripts, made from what is typed (``asked``)."""
    wanted = _body(asked.posted(request, "asked").encode())
    try:
        seen, _ = studio.look(
            drafts.find(draft), actor_of(request), {**wanted, "map": False, "pages": [1], "width": 300}
        )
        made = seen.mail.html if seen.mail else ""
    except Superseded:
        return HttpResponse(status=204)
    response = HttpResponse(made, content_type="text/html; charset=utf-8")
    response["Content-Security-Policy"] = _FRAME
    return response


def typed_over(request: HttpRequest) -> int:
    """The revision a form was filled in over; the first one where it does not say: what came since is merged then."""
    revision = asked.posted(request, "revision")
    return int(revision) if revision.isdigit() and len(revision) < 9 else 0


def _body(content: bytes) -> Mapping[str, Any]:
    try:
        wanted = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise NotAsked(gettext("The request is no JSON."), hint=gettext("Reload the studio.")) from error
    if not isinstance(wanted, dict):
        raise NotAsked(gettext("The request is no JSON object."), hint=gettext("Reload the studio."))
    return wanted
