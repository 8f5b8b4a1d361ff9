"""The page of a draft in the Word lane: taken home as a file, and brought back in its place."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from postroom.composition import drafts
from postroom.composition.errors import StaleDraft
from postroom.kernel.errors import BadInput, NotFound, PostroomError
from postroom.web.access import needs
from postroom.web.answers import go, send_file
from postroom.web.fill import studio
from postroom.web.shell import actor_of
from postroom.web.views.studio.live import EDITS, typed_over

_KIND = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_MOST = 20_000_000


class NoWordFile(BadInput):
    """What was sent is no Word file that could be the page."""

    code = "no-word-file"
    title = "This cannot be the page"


@needs(*EDITS, post=())
def page(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    """GET: the file. POST: another one in its place (``document``), typed over ``revision``; what is wrong with it is
    told in the studio, paragraph by paragraph."""
    actor, found = actor_of(request), drafts.find(draft)
    name = studio.word_file(found)
    if not name:
        raise NotFound("This template is not written in Word.", hint="Open its source in the studio.")
    if request.method != "POST":
        content = studio.files_at(found, found.revision).get(name)
        if content is None:
            raise NotFound(f"The draft has no {name} yet.", hint="Send one from the studio.")
        return send_file(content, f"{found.template_key}.docx", _KIND)
    try:
        content = _sent(request)
        drafts.save(actor, draft, {name: content}, typed_over(request))
    except StaleDraft as stale:
        return go(request, reverse("draft-conflict", args=[draft, stale.context["conflict"]]))
    except PostroomError as error:
        if error.status >= 500 or error.status == 403:
            raise
        messages.error(request, f"{error.message} {error.hint}")
    else:
        messages.success(request, gettext("{name} is replaced. The page shows it.").format(name=name))
    return go(request, reverse("studio", args=[draft]))


def _sent(request: HttpRequest) -> bytes:
    sent = request.FILES.get("document")
    if sent is None:
        raise NoWordFile(gettext("No file came."), hint=gettext("Choose a .docx file first."))
    if (sent.size or 0) > _MOST:
        raise NoWordFile(gettext("The file has more than 20 MB."), hint=gettext("Make its pictures smaller."))
    content = sent.read()
    if not content.startswith(b"PK\x03\x04"):
        raise NoWordFile(
            gettext("{name} is no .docx file.").format(name=sent.name),
            hint=gettext("Save it as Word document (.docx) and send it again."),
        )
    return bytes(content)
