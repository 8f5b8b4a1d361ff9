"""Drafts of templates: what is being changed, its files, and the steps to a published version."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema, Status
from pydantic import Field

from postroom.api.access import actor, needs
from postroom.api.after_tests import TestsOut, after_tests, told_of
from postroom.api.idempotency import repeatable
from postroom.api.paging import Page, Paging, page
from postroom.composition import drafts
from postroom.composition.actions.approve_draft import approve_draft
from postroom.composition.actions.publish_draft import publish_draft
from postroom.composition.actions.reject_draft import reject_draft
from postroom.composition.actions.roll_back import roll_back
from postroom.composition.actions.send_draft import send_draft
from postroom.composition.actions.withdraw_draft import withdraw_draft
from postroom.composition.draft_impact import impact_of
from postroom.composition.draft_tests import standing_of
from postroom.composition.life_models import Draft

router = Router(tags=["Compose"])


class DraftOut(Schema):
    """A template that is being changed. ``state``: draft, review, approved, published, discarded."""

    id: uuid.UUID
    template: str
    name: str
    state: str
    revision: int
    base: int | None = Field(description="Number of the version it is to replace.")
    valid_from: dt.datetime | None
    valid_until: dt.datetime | None
    note: str
    changed_at: dt.datetime
    published: int | None = Field(description="Number of the version it became.")


class BrokenUse(Schema):
    """Something in use that would not work. ``kind`` such as schedule; ``told`` says what it needs."""

    kind: str
    key: str
    name: str
    told: str


class ImpactOut(Schema):
    """What a data contract asks of records that was not asked before, and what that would break."""

    asks: list[str]
    breaks: list[BrokenUse]


class SaveIn(Schema):
    """Files by name; null takes one away. ``expected_revision``: the revision they were typed over."""

    expected_revision: int = Field(ge=0)
    files: dict[str, str | None] = Field(description="Texts in UTF-8.", max_length=400)


class SendIn(Schema):
    """When the version is to be in force; left out: from its publication, without an end."""

    note: str = Field("", max_length=300)
    valid_from: dt.datetime | None = None
    valid_until: dt.datetime | None = None


class ApproveIn(Schema):
    """The revision that was looked at."""

    revision: int = Field(ge=0)


class ReasonIn(Schema):
    """Why."""

    reason: str = Field(min_length=1, max_length=1000)


class BackIn(ReasonIn):
    """The older version, and why."""

    to: int = Field(ge=1)


class Digests(Schema):
    """Which tests: SHA-256 in hex, as ``Location`` names them."""

    digest: list[Annotated[str, Field(pattern="^[0-9a-f]{64}$")]] = Field(min_length=1, max_length=50)


@router.get("/drafts", auth=needs("template.review"), response=Page[DraftOut], operation_id="listDrafts")
def list_drafts(request: HttpRequest, paging: Query[Paging]) -> dict[str, Any]:
    """Drafts, newest first."""
    rows = Draft.objects.select_related("base", "published")
    return page(request, rows, ("-id",), paging, draft_out)


@router.get("/drafts/{draft}", auth=needs("template.review"), response=DraftOut, operation_id="getDraft")
def one_draft(request: HttpRequest, draft: str) -> dict[str, Any]:
    """One draft."""
    return draft_out(drafts.find(draft))


@router.get("/drafts/{draft}/impact", auth=needs("template.review"), response=ImpactOut, operation_id="getDraftImpact")
def impact(request: HttpRequest, draft: str) -> dict[str, Any]:
    """What the draft's data contract asks that the published one does not, and what in use would break. While something
    would, the draft is neither sent to review nor published."""
    found = impact_of(drafts.find(draft))
    return {
        "asks": list(found.asks),
        "breaks": [{"kind": one.kind, "key": one.key, "name": one.name, "told": one.told} for one in found.breaks],
    }


@router.post("/drafts/{draft}/files", auth=needs("template.edit"), response=DraftOut, operation_id="saveDraft")
@repeatable
def save(request: HttpRequest, draft: str, body: SaveIn) -> dict[str, Any]:
    """Saves files. What somebody else saved meanwhile is merged line by line; where the same lines were changed it is
    refused (409), and what was sent is kept."""
    changes = {name: None if text is None else text.encode() for name, text in body.files.items()}
    return draft_out(drafts.save(actor(request), draft, changes, body.expected_revision))


@router.post("/drafts/{draft}/send", auth=needs("template.edit"), response=DraftOut, operation_id="sendDraft")
@repeatable
def send(request: HttpRequest, draft: str, body: SendIn) -> dict[str, Any]:
    """Sends a draft to review; every fault is told at once (422)."""
    made = send_draft(
        actor(request), draft, note=body.note, valid_from=_aware(body.valid_from), valid_until=_aware(body.valid_until)
    )
    return draft_out(made)


@router.post("/drafts/{draft}/withdraw", auth=needs("template.edit"), response=DraftOut, operation_id="withdrawDraft")
@repeatable
def withdraw(request: HttpRequest, draft: str) -> dict[str, Any]:
    """Takes a draft back from review."""
    return draft_out(withdraw_draft(actor(request), draft))


@router.post(
    "/drafts/{draft}/approve",
    auth=needs("template.approve"),
    response={200: DraftOut, 202: TestsOut},
    operation_id="approveDraft",
)
@repeatable
def approve(
    request: HttpRequest, response: HttpResponse, draft: str, body: ApproveIn
) -> dict[str, Any] | Status[dict[str, Any]]:
    """Approves what somebody else changed. Its tests hold: while they are made nothing is decided (202); ask at
    ``Location``, then send the request again. ``Prefer: wait=30`` waits for them."""
    who = actor(request)
    return after_tests(
        request, response, lambda: draft_out(approve_draft(who, draft, revision=body.revision, wait=False))
    )


@router.post("/drafts/{draft}/reject", auth=needs("template.approve"), response=DraftOut, operation_id="rejectDraft")
@repeatable
def reject(request: HttpRequest, draft: str, body: ReasonIn) -> dict[str, Any]:
    """Gives a draft back with a reason."""
    return draft_out(reject_draft(actor(request), draft, reason=body.reason))


@router.post(
    "/drafts/{draft}/publish",
    auth=needs("template.publish"),
    response={200: DraftOut, 202: TestsOut},
    operation_id="publishDraft",
)
@repeatable
def publish(request: HttpRequest, response: HttpResponse, draft: str) -> dict[str, Any] | Status[dict[str, Any]]:
    """Publishes an approved draft as the next version; 202 as with approving."""
    who = actor(request)
    return after_tests(request, response, lambda: draft_out(publish_draft(who, draft, wait=False)))


@router.post(
    "/templates/{key}/rollback",
    auth=needs("template.publish"),
    response={200: dict[str, int], 202: TestsOut},
    operation_id="rollBackTemplate",
)
@repeatable
def back(
    request: HttpRequest, response: HttpResponse, key: str, body: BackIn
) -> dict[str, int] | Status[dict[str, Any]]:
    """Publishes an older version's files again, under a new number; 202 as with approving a draft."""
    who, named = actor(request), key.replace("\x00", "")
    return after_tests(
        request, response, lambda: {"no": roll_back(who, named, to=body.to, reason=body.reason, wait=False).no}
    )


@router.get("/template-tests", auth=needs("template.review"), response=TestsOut, operation_id="getTemplateTests")
def tests(request: HttpRequest, digest: Query[Digests]) -> dict[str, Any]:
    """How tests are that an approval, a publication or a rollback waits for: the ``Location`` of its 202."""
    return told_of(standing_of(digest.digest))


def draft_out(row: Draft) -> dict[str, Any]:
    """A draft as programs see it."""
    return {
        **{name: getattr(row, name) for name in ("id", "name", "state", "revision", "note", "changed_at")},
        "template": row.template_key,
        "base": row.base.no if row.base is not None else None,
        "valid_from": row.valid_from,
        "valid_until": row.valid_until,
        "published": row.published.no if row.published is not None else None,
    }


def _aware(at: dt.datetime | None) -> dt.datetime | None:
    """A moment without a zone is taken as UTC."""
    return at.replace(tzinfo=dt.UTC) if at is not None and at.tzinfo is None else at
