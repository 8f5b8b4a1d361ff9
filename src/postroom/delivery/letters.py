"""Turning a delivery row into the letter a channel sends: exactly what was stored, verified on reading."""

from __future__ import annotations

import json
from typing import Any

from postroom.delivery.models import Delivery
from postroom.delivery.spec import Enclosure, Letter
from postroom.documents.models import Document, Version
from postroom.vault.read import read, read_blob

SUFFIXES = {"application/pdf": ".pdf"}


def letter_for(delivery: Delivery) -> Letter:
    """The letter of ``delivery`` under its present key."""
    communication = delivery.communication
    party = communication.party
    body: dict[str, Any] = json.loads(read(communication.body_blob_id)) if communication.body_blob_id else {}
    versions = list(
        Version.objects.filter(document__enclosed_in__communication=communication)
        .select_related("document", "blob")
        .order_by("document__enclosed_in__position", "document_id", "-no")
    )
    newest: dict[object, Version] = {}
    for version in versions:
        newest.setdefault(version.document_id, version)
    first = next(iter(newest.values())).document if newest else None
    link_only = delivery.channel == "email" and (
        body.get("attach") is False or communication.deliveries.filter(channel="portal").exists()
    )
    return Letter(
        delivery_id=str(delivery.pk),
        key=delivery.key,
        address=delivery.address,
        recipient_name=party.name,
        language=communication.language,
        subject=body.get("subject") or communication.subject,
        text=body.get("text", ""),
        html=body.get("html", ""),
        enclosures=() if link_only else tuple(_enclosure(version) for version in newest.values()),
        facts=_facts(delivery, first, body),
    )


def _enclosure(version: Version) -> Enclosure:
    document = version.document
    blob = version.blob
    return Enclosure(
        document_id=str(document.pk),
        number=document.number,
        title=document.title,
        filename=file_name(document.number) + SUFFIXES.get(version.media_type, ""),
        media_type=version.media_type,
        size=version.size,
        sha256=bytes(version.sha256).hex(),
        read=lambda: read_blob(blob),
    )


def _facts(delivery: Delivery, document: Document | None, body: dict[str, Any]) -> dict[str, str]:
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
