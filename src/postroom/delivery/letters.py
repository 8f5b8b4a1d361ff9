"""Turning a delivery row into the letter a channel sends: exactly what was stored, verified on reading."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

from postroom.delivery.models import Delivery
from postroom.delivery.spec import Enclosure, Letter
from postroom.vault.models import Blob
from postroom.vault.read import read, read_blob

SUFFIXES = {"application/pdf": ".pdf", "application/xml": ".xml"}


def letter_for(delivery: Delivery) -> Letter:
    """The letter of ``delivery`` under its present key."""
    communication = delivery.communication
    party = communication.party
    body: dict[str, Any] = json.loads(read(communication.body_blob_id)) if communication.body_blob_id else {}
    enclosed = list(_Enclosed.of(communication.pk))
    first = enclosed[0] if enclosed else None
    link_only = delivery.channel == "email" and (body.get("attach") is False or _is_on_the_portal(communication.pk))
    return Letter(
        delivery_id=str(delivery.pk),
        key=delivery.key,
        address=delivery.address,
        recipient_name=party.name,
        language=communication.language,
        subject=body.get("subject") or communication.subject,
        text=body.get("text", ""),
        html=body.get("html", ""),
        enclosures=() if link_only else tuple(each.enclosure() for each in enclosed),
        facts=_facts(delivery, first, body),
    )


def _is_on_the_portal(communication_id: uuid.UUID) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM delivery WHERE communication_id = %s AND channel = 'portal')",
            (communication_id,),
        )
        return bool(cursor.fetchone()[0])


#: The newest version of each document of a communication, in order. By hand: it runs once for each message.
_ENCLOSED = """
SELECT DISTINCT ON (e.position, d.id) d.id, d.number, d.title, d.kind, d.issued_on, v.media_type, v.size, v.sha256,
  b.id, b.sha256, b.segment_id, b."offset", b.stored_size, b.codec, b.destroyed_at
FROM communication_document e JOIN document d ON d.id = e.document_id
JOIN document_version v ON v.document_id = d.id JOIN vault_blob b ON b.id = v.blob_id
WHERE e.communication_id = %s ORDER BY e.position, d.id, v.no DESC
"""
_BLOB = ("id", "sha256", "segment_id", "offset", "stored_size", "codec", "destroyed_at")


@dataclass(frozen=True, slots=True)
class _Enclosed:
    """A document in a communication, in its newest version."""

    id: uuid.UUID
    number: str
    title: str
    kind: str
    issued_on: dt.date
    media_type: str
    size: int
    sha256: bytes
    blob: Blob

    @classmethod
    def of(cls, communication_id: uuid.UUID) -> Iterator[_Enclosed]:
        with connection.cursor() as cursor:
            cursor.execute(_ENCLOSED, (communication_id,))
            for row in cursor.fetchall():
                yield cls(*row[: -len(_BLOB)], Blob.from_db(connection.alias, _BLOB, row[-len(_BLOB) :]))  # type: ignore[call-arg]

    def enclosure(self) -> Enclosure:
        return Enclosure(
            document_id=str(self.id),
            number=self.number,
            title=self.title,
            filename=file_name(self.number) + SUFFIXES.get(self.media_type, ""),
            media_type=self.media_type,
            size=self.size,
            sha256=bytes(self.sha256).hex(),
            read=lambda: read_blob(self.blob),
        )


def _facts(delivery: Delivery, document: _Enclosed | None, body: dict[str, Any]) -> dict[str, str]:
    party = delivery.communication.party
    return {
        "party": party.key,
        "party_name": party.name,
        "language": delivery.communication.language,
        "number": document.number if document else str(delivery.pk),
        "template": document.kind if document else "",
        "date": document.issued_on.isoformat() if document else "",
        "run": str(delivery.run_id or "single"),
        "sender": str(body.get("sender", "")),
    }


def file_name(number: str) -> str:
    """A document number as a safe file name, readable and never empty."""
    safe = "".join(char if char.isalnum() or char in "-_." else "_" for char in number).strip(". ")
    return safe[:150] or "document"
