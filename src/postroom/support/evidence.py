"""``postroom evidence export``: what is told of one document, and the ledger's proofs of it, in one file."""

from __future__ import annotations

import hashlib
import json
import secrets
import uuid
from typing import Any

from postroom.composition.models import TemplateVersion
from postroom.delivery.models import Delivery
from postroom.delivery.queries import deliveries_of
from postroom.delivery.spec import Truth
from postroom.documents.models import Document, Version
from postroom.documents.queries import document
from postroom.documents.versions import version_of
from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.kernel.errors import NotFound
from postroom.ledger.canonical import timestamp
from postroom.ledger.evidence import seal
from postroom.ledger.models import Entry


def export(actor: Actor, document_id: uuid.UUID | str) -> tuple[Document, bytes]:
    """The document and its evidence file (docs/evidence.md). That it was made is an entry of the ledger.

    Needs ``document.view`` and ``ledger.view``. Holds no names and no addresses: ids, digests, states, the rules'
    explanation, and times. What the actor may not see is left out. Never inside a transaction. Raises NotFound,
    NotAllowed, LedgerDamaged, LedgerForked, LedgerKeyMissing.
    """
    found = document(actor, document_id)
    actor.require_view("document.view")
    actor.require("ledger.view")
    version = version_of(found)
    template = TemplateVersion.objects.filter(pk=version.template_version_id or uuid.UUID(int=0)).first()
    sent = list(deliveries_of(found)) if actor.may("delivery.view") else []
    ids = {found.pk, *(row.pk for row in sent)}
    if found.record_id and actor.may("record.view"):
        ids.add(found.record_id)
    if found.run_id and actor.may("run.view"):
        ids.add(found.run_id)
    if template is not None:
        ids.add(template.pk)
    entries = list(Entry.objects.filter(object_id__in=ids))
    digest = bytes(version.sha256).hex()
    if not any(entry.object_id == found.pk and entry.facts.get("sha256") == digest for entry in entries):
        raise NotFound(
            f"The ledger holds no digest of document {found.number}, version {version.no}.",
            hint="There is nothing to prove it by. Its bytes are still held against their SHA-256 whenever it is read.",
        )
    statement = {
        "salt": secrets.token_hex(16),
        "exported_at": timestamp(clock.now()),
        "document": _document(found, version),
        "template": None
        if template is None
        else {"id": str(template.pk), "key": template.template_id, "no": template.no, "digest": template.digest},
        "decision": _decision(found.pk, entries, sent),
        "deliveries": [_delivery(row) for row in sent],
    }
    return found, seal(actor.name, found.pk, statement, entries)


def file_name(found: Document) -> str:
    """What the file is called when it is given out: letters, digits and dashes of the number, and an ending."""
    number = "".join(each if each.isascii() and (each.isalnum() or each in "-_") else "-" for each in found.number)
    return f"{number.strip('-') or found.pk}.evidence.json"


def _document(found: Document, version: Version) -> dict[str, Any]:
    return {
        "id": str(found.pk),
        "kind": found.kind,
        "number": found.number,
        "issued_on": found.issued_on.isoformat(),
        "stored_at": timestamp(found.created_at),
        "version": version.no,
        "media_type": version.media_type,
        "size": version.size,
        "pages": version.pages,
        "sha256": bytes(version.sha256).hex(),
        "data_sha256": bytes(version.data_sha256).hex() if version.data_sha256 is not None else None,
        "engine": version.engine,
        "asset_lock": version.asset_lock,
        "fixed_clock": version.fixed_clock,
        "reproducible": version.reproducible,
    }


def _decision(document_id: uuid.UUID, entries: list[Entry], sent: list[Delivery]) -> dict[str, Any] | None:
    """What the rules decided when the document was made, with the salt of its digest in the ledger. None where
    whoever exports it sees no deliveries, and for a document that is older than these digests."""
    made = [entry.facts for entry in entries if entry.object_id == document_id and "decision_sha256" in entry.facts]
    chosen = {delivery for facts in made for delivery in facts["deliveries"]}
    first = next((row for row in sent if str(row.pk) in chosen), None)
    return {"salt": first.explanation.get("salt", ""), "told": _told(first)} if first else None


def _told(row: Delivery) -> dict[str, Any]:
    return {name: value for name, value in row.explanation.items() if name != "salt"}


def _delivery(row: Delivery) -> dict[str, Any]:
    """Where it went and why; the receiver's words and the address stay here, since they are about people."""
    why = json.dumps(_told(row), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return {
        "id": str(row.pk),
        "channel": row.channel,
        "destination": row.destination_id,
        "state": row.state,
        "truth": Truth(row.truth).name.lower(),
        "code": row.code,
        "explanation": _told(row),
        "explanation_sha256": hashlib.sha256(why.encode()).hexdigest(),
        "attempts": [
            {
                "no": each.no,
                "key": each.key,
                "started_at": timestamp(each.started_at),
                "ended_at": timestamp(each.ended_at) if each.ended_at else None,
                "outcome": each.outcome,
            }
            for each in row.tries.order_by("no")
        ],
        "receipts": [
            {"truth": Truth(each.truth).name.lower(), "at": timestamp(each.at), "source": each.source}
            for each in row.receipts.order_by("id")
        ],
    }
