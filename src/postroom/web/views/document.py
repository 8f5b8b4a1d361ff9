"""One document: look, download, print again, send again."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from postroom.delivery.actions.resend import resend as resend_document
from postroom.documents import content, queries
from postroom.documents.actions.reprint import reprint as reprint_document
from postroom.documents.versions import version_of
from postroom.kernel.errors import BadInput, NotFound
from postroom.support import evidence as proof
from postroom.vault.read import read_blob
from postroom.web import asked
from postroom.web.access import acts, needs
from postroom.web.answers import go, send_document, send_file, send_picture, show
from postroom.web.fill import document
from postroom.web.inline import inline
from postroom.web.pages import ReasonForm
from postroom.web.shell import actor_of
from postroom.web.thumbs import page_png


@needs("document.view")
def page(request: HttpRequest, document_id: uuid.UUID) -> HttpResponse:
    actor = actor_of(request)
    found = queries.document(actor, document_id)
    return show(request, "desk/document.html", document.page_of(request, actor, found, no=_no(request)))


@needs("document.view")
def picture(request: HttpRequest, document_id: uuid.UUID, number: int, width: int) -> HttpResponse:
    """One page as a PNG."""
    version = version_of(queries.document(actor_of(request), document_id), _no(request))
    return send_picture(page_png(version, number, width))


@needs("document.view")
def content_bytes(request: HttpRequest, document_id: uuid.UUID) -> HttpResponse:
    """The original bytes for the viewer, whole or in parts. Looking is not taking away: the ledger notes neither."""
    found = queries.document(actor_of(request), document_id)
    version = version_of(found, _no(request))
    return inline(request, found.number, version, lambda: read_blob(version.blob))


@needs("document.view")
def download(request: HttpRequest, document_id: uuid.UUID) -> HttpResponse:
    """The original bytes, held against their SHA-256."""
    found = queries.document(actor_of(request), document_id)
    version = version_of(found, _no(request))
    return send_document(found.number, version, read_blob(version.blob))


@acts("document.view")
def reprint(request: HttpRequest, document_id: uuid.UUID) -> HttpResponse:
    """The same bytes to be printed again, and a note of it in the ledger."""
    actor = actor_of(request)
    found = queries.document(actor, document_id)
    return send_document(found.number, content.newest_version(found), reprint_document(actor, found.pk))


@acts("document.view", "ledger.view")
def evidence(request: HttpRequest, document_id: uuid.UUID) -> HttpResponse:
    """One file that proves what happened to the document, and a note in the ledger that it was given out."""
    found, data = proof.export(actor_of(request), document_id)
    return send_file(data, proof.file_name(found), "application/json; charset=utf-8")


@acts("document.view", "delivery.resend")
def resend(request: HttpRequest, document_id: uuid.UUID) -> HttpResponse:
    """The same bytes to the same receiver, as a new delivery."""
    actor = actor_of(request)
    found = queries.document(actor, document_id)
    reason = asked.posted(request, "reason").strip()
    try:
        if not reason:
            raise BadInput(gettext("A reason is needed."))
        made = resend_document(actor, found, reason=reason)
    except BadInput as error:
        form = ReasonForm(url=request.path, reason=reason, error=f"{error.message} {error.hint}".strip())
        return show(request, "desk/document.html", document.page_of(request, actor, found, form), 422)
    messages.success(request, gettext("{number} is on its way again.").format(number=found.number))
    to = reverse("delivery", args=[made.pk]) if actor.may("delivery.view") else reverse("document", args=[found.pk])
    return go(request, to)


def _no(request: HttpRequest) -> int | None:
    """``?version=2``: which version is meant. None: the one in force. Raises NotFound for what is no number."""
    given = asked.text(request, "version")
    if not given:
        return None
    if not given.isascii() or not given.isdigit() or len(given) > 6:
        raise NotFound(gettext("There is no such version."), hint=gettext("Open the document to see its versions."))
    return int(given)
