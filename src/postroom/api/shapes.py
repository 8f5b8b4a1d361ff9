"""What the API answers with. Amounts are text (P9), times are UTC, ids are UUIDs, states are the words of the house."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from ninja import Schema
from pydantic import Field

from postroom.composition.models import TemplateVersion
from postroom.delivery.models import Attempt, Delivery, Receipt
from postroom.delivery.spec import Truth
from postroom.documents.models import Document, Version
from postroom.documents.timeline import TimelineEntry
from postroom.ledger.models import Entry
from postroom.parties.models import Party
from postroom.production.models import Record, SetAside


class DocumentOut(Schema):
    """A document's facts."""

    id: uuid.UUID
    kind: str = Field(description="Key of the template it was made with.")
    number: str
    title: str
    party: str = Field(description="The party's key.")
    party_name: str
    folder: str
    issued_on: dt.date
    amount: str | None = Field(description="Decimal text.")
    currency: str
    language: str
    run_id: uuid.UUID | None
    record_id: uuid.UUID | None
    created_at: dt.datetime


class VersionOut(Schema):
    """One immutable state of a document, with what it takes to make it again (P5)."""

    no: int
    sha256: str
    size: int
    pages: int
    media_type: str
    data_sha256: str | None
    template_version_id: uuid.UUID | None
    engine: str
    asset_lock: str
    reproducible: bool
    created_at: dt.datetime


class DocumentDetail(DocumentOut):
    """A document with its versions, newest first."""

    versions: list[VersionOut]


class TimelineOut(Schema):
    """One thing that happened to a document."""

    at: dt.datetime
    what: str
    reason: str
    actor: str
    object_kind: str
    object_id: str
    evidence: dict[str, Any]


class DeliveryOut(Schema):
    """One communication to one destination."""

    id: uuid.UUID
    communication_id: uuid.UUID
    party_id: uuid.UUID
    run_id: uuid.UUID | None
    record_id: uuid.UUID | None
    destination: str
    channel: str
    address: str
    state: str
    truth: str = Field(description="What is known of the arrival: none, accepted, relayed, confirmed or read.")
    code: str
    reason: str
    explanation: dict[str, Any]
    fallback_for: uuid.UUID | None
    attempts: int
    key: str
    next_attempt_at: dt.datetime
    created_at: dt.datetime
    changed_at: dt.datetime


class AttemptOut(Schema):
    """One try."""

    no: int
    key: str
    started_at: dt.datetime
    ended_at: dt.datetime | None
    outcome: str
    answer: str


class ReceiptOut(Schema):
    """Something that came back, in the receiver's own words."""

    truth: str
    at: dt.datetime
    source: str
    detail: str


class DeliveryDetail(DeliveryOut):
    """A delivery with its tries and receipts, oldest first."""

    tries: list[AttemptOut]
    receipts: list[ReceiptOut]


class PartyOut(Schema):
    """A correspondent."""

    id: uuid.UUID
    key: str
    name: str
    kind: str
    language: str
    country: str
    email: str
    address: dict[str, Any]
    preferred_channel: str
    created_at: dt.datetime
    updated_at: dt.datetime


class Problem(Schema):
    """One reason a record could not go on."""

    code: str
    path: str
    reason: str
    hint: str


class SetAsideOut(Schema):
    """A record that waits to be corrected."""

    record_id: uuid.UUID
    run: str
    ordinal: int
    line: int
    stage: str
    code: str
    problems: list[Problem]
    created_at: dt.datetime


class RecordOut(Schema):
    """One unit of input. ``data`` is the record as JSON, ``raw`` what could not be read as one."""

    id: uuid.UUID
    run: str
    ordinal: int
    line: int
    state: str
    revision: int
    data: dict[str, Any] | None
    raw: str
    problems: list[Problem]


class TemplateVersionOut(Schema):
    """One published state of a template."""

    id: uuid.UUID
    no: int
    digest: str
    lane: str
    promises: list[str]
    asset_lock: str
    engine: str
    published_by: str
    published_at: dt.datetime
    note: str


class TemplateOut(Schema):
    """A template and its version in use."""

    key: str
    name: str
    newest: TemplateVersionOut


class TemplateDetail(TemplateOut):
    """A template with its data contract (JSON Schema of a record) and all versions, newest first."""

    contract: dict[str, Any]
    versions: list[TemplateVersionOut]


class EntryOut(Schema):
    """One fact of the ledger."""

    seq: int
    block: int
    at: dt.datetime
    actor: str
    act: str
    kind: str
    object_id: uuid.UUID | None
    facts: dict[str, Any]
    leaf: str = Field(description="SHA-256 leaf hash (RFC 9162, section 2.1.1), hex.")


def amount_text(amount: Decimal | None) -> str | None:
    """``12.5`` and ``12.500000`` as ``12.50``: at least two places, no zeros beyond them."""
    if amount is None:
        return None
    whole, _, fraction = f"{amount:f}".partition(".")
    return f"{whole}.{fraction.rstrip('0').ljust(2, '0')}"


def document_out(row: Document) -> dict[str, Any]:
    return {
        "id": row.pk,
        "kind": row.kind,
        "number": row.number,
        "title": row.title,
        "party": row.party.key,
        "party_name": row.party.name,
        "folder": row.folder_id,
        "issued_on": row.issued_on,
        "amount": amount_text(row.amount),
        "currency": row.currency,
        "language": row.language,
        "run_id": row.run_id,
        "record_id": row.record_id,
        "created_at": row.created_at,
    }


def version_out(row: Version) -> dict[str, Any]:
    return {
        "no": row.no,
        "sha256": bytes(row.sha256).hex(),
        "size": row.size,
        "pages": row.pages,
        "media_type": row.media_type,
        "data_sha256": bytes(row.data_sha256).hex() if row.data_sha256 is not None else None,
        "template_version_id": row.template_version_id,
        "engine": row.engine,
        "asset_lock": row.asset_lock,
        "reproducible": row.reproducible,
        "created_at": row.created_at,
    }


def timeline_out(entry: TimelineEntry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in TimelineOut.model_fields}


def delivery_out(row: Delivery) -> dict[str, Any]:
    same = (name for name in DeliveryOut.model_fields if name not in ("destination", "truth"))
    shown = {name: getattr(row, name) for name in same}
    return {**shown, "destination": row.destination_id, "truth": truth_name(row.truth)}


def truth_name(level: int) -> str:
    return Truth(level).name.lower()


def attempt_out(row: Attempt) -> dict[str, Any]:
    return {name: getattr(row, name) for name in AttemptOut.model_fields}


def receipt_out(row: Receipt) -> dict[str, Any]:
    return {"truth": truth_name(row.truth), "at": row.at, "source": row.source, "detail": row.detail}


def party_out(row: Party) -> dict[str, Any]:
    return {name: getattr(row, name) for name in PartyOut.model_fields}


def set_aside_out(row: SetAside) -> dict[str, Any]:
    return {
        "record_id": row.record_id,
        "run": row.run.ref,
        "ordinal": row.record.ordinal,
        "line": row.record.line,
        "stage": row.stage,
        "code": row.code,
        "problems": row.problems,
        "created_at": row.created_at,
    }


def record_out(row: Record, data: dict[str, Any] | None) -> dict[str, Any]:
    open_faults = row.set_aside.filter(resolved_at=None).order_by("-created_at").first()
    return {
        "id": row.pk,
        "run": row.run.ref,
        "ordinal": row.ordinal,
        "line": row.line,
        "state": row.state,
        "revision": row.revision,
        "data": data,
        "raw": row.raw,
        "problems": open_faults.problems if open_faults else [],
    }


def template_version_out(row: TemplateVersion) -> dict[str, Any]:
    return {name: getattr(row, name) for name in TemplateVersionOut.model_fields}


def entry_out(row: Entry) -> dict[str, Any]:
    return {
        "seq": row.seq,
        "block": row.block_no,
        "at": row.at,
        "actor": row.actor,
        "act": row.act,
        "kind": row.kind,
        "object_id": row.object_id,
        "facts": row.facts,
        "leaf": bytes(row.leaf).hex(),
    }
