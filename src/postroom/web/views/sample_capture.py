"""Make a masked sample of a real record: look at it, keep it in the draft of its template."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from postroom.composition import drafts
from postroom.composition.errors import NotMasked
from postroom.documents import queries as documents
from postroom.kernel.errors import NotFound, PostroomError
from postroom.production import queries as runs
from postroom.production.actions.capture_sample import capture_sample
from postroom.production.sampling import Origin, of_case, of_document, of_record
from postroom.web import asked
from postroom.web.access import needs
from postroom.web.answers import go, show
from postroom.web.fill import proofs, sample_capture
from postroom.web.pages import Crumb
from postroom.web.pages.sample_capture import SampleCapturePage
from postroom.web.shell import actor_of

_PAGE = "desk/sample_capture.html"


@needs("document.view", "sample.capture", post=())
def of_a_document(request: HttpRequest, document_id: uuid.UUID) -> HttpResponse:
    actor = actor_of(request)
    found = documents.document(actor, document_id)
    crumbs = sample_capture.crumbs_of_document(found.pk, found.number)
    return _answer(request, lambda: of_document(actor, document_id), crumbs)


@needs("run.view", "record.view", "sample.capture", post=())
def of_a_record(request: HttpRequest, ref: str, record_id: uuid.UUID) -> HttpResponse:
    actor = actor_of(request)
    run = runs.run(actor, ref)
    if runs.record(actor, record_id).run_id != run.pk:
        raise NotFound(gettext("There is no such record in this run."), hint=gettext("Open the run again."))
    return _answer(request, lambda: of_record(actor, record_id), sample_capture.crumbs_of_record(run.ref, record_id))


@needs("template.view", "template.review", "sample.capture", post=())
def of_a_case(request: HttpRequest, draft: uuid.UUID) -> HttpResponse:
    """``?record=``: a record of the draft's newest replay; who makes the sample need not see the record."""
    actor, row = actor_of(request), drafts.find(draft)
    number = asked.text(request, "record", 9)
    case = proofs.case_of(row, int(number) if number.isascii() and number.isdigit() else 0)
    if case is None:
        raise NotFound(gettext("There is no such record in the replay."), hint=gettext("Open the replay again."))
    at = f"{reverse('draft-replay', args=[draft])}?group={case.group}&record={case.position}"
    return _answer(request, lambda: of_case(actor, case), sample_capture.crumbs_of_case(draft, row.name, at))


def _answer(request: HttpRequest, origin: Callable[[], Origin], crumbs: tuple[Crumb, ...]) -> HttpResponse:
    url = request.get_full_path()
    try:
        found = origin()
    except NotMasked as problem:
        page = SampleCapturePage(
            crumbs=crumbs,
            name=gettext("Make a sample of it"),
            url=url,
            refused=problem.message,
            hint=problem.hint,
            mend_url=crumbs[-2].url,
        )
        return show(request, _PAGE, page, 422 if request.method == "POST" else 200)
    if request.method != "POST":
        return show(request, _PAGE, sample_capture.capture_page(found, url, crumbs, secrets.token_urlsafe(24)))
    mark, called = asked.posted(request, "mark")[:80], asked.posted(request, "name").strip()[:80]
    try:
        draft, path = capture_sample(actor_of(request), found, mark or secrets.token_urlsafe(24), called)
    except PostroomError as problem:
        if problem.status not in (409, 422):
            raise
        told = f"{problem.message} {problem.hint}".strip()
        page = sample_capture.capture_page(found, url, crumbs, mark, called=called, error=told)
        return show(request, _PAGE, page, problem.status)
    said = gettext("The masked sample {name} is in the draft of {template}.")
    messages.success(request, said.format(name=path, template=draft.name))
    if actor_of(request).may("template.review"):
        return go(request, f"{reverse('draft', args=[draft.pk])}?file={path}")
    return go(request, crumbs[-2].url)
