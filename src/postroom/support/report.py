"""Everything about one document in one answer: facts, bytes, template, data, deliveries, timeline."""

from __future__ import annotations

import uuid
from typing import Any

from postroom.composition.models import TemplateVersion
from postroom.delivery.queries import deliveries_of
from postroom.delivery.spec import Truth
from postroom.documents.content import newest_version
from postroom.documents.queries import document
from postroom.documents.timeline import timeline
from postroom.identity.actor import Actor


def report(actor: Actor, document_id: uuid.UUID | str) -> dict[str, Any]:
    """Plain JSON values. What the actor may not see is left out, not blanked. Raises NotFound."""
    found = document(actor, document_id)
    version = newest_version(found)
    facts: dict[str, Any] = {
        "id": str(found.pk),
        "kind": found.kind,
        "number": found.number,
        "title": found.title,
        "party": f"{found.party.name} ({found.party.key})",
        "folder": found.folder_id,
        "issued_on": found.issued_on.isoformat(),
        "amount": f"{found.amount.normalize():f} {found.currency}" if found.amount is not None else "",
        "language": found.language,
        "pages": version.pages,
        "size": version.size,
        "sha256": bytes(version.sha256).hex(),
        "engine": version.engine,
        "stored_at": found.created_at.isoformat(timespec="seconds"),
    }
    made = TemplateVersion.objects.filter(pk=version.template_version_id or uuid.UUID(int=0)).first()
    if made is not None:
        facts["template_version"] = f"{made.template_id} {made.no}"
    if version.data_sha256 is not None:
        facts["data_sha256"] = bytes(version.data_sha256).hex()
    deliveries = []
    if actor.may("delivery.view"):
        for row in deliveries_of(found):
            deliveries.append(
                {
                    "id": str(row.pk),
                    "destination": row.destination_id,
                    "channel": row.channel,
                    "address": row.address,
                    "state": row.state,
                    "truth": Truth(row.truth).name.lower(),
                    "code": row.code,
                    "reason": row.reason,
                    "why": row.explanation,
                }
            )
        facts["deliveries"] = "; ".join(f"{one['destination']}: {one['state']} ({one['truth']})" for one in deliveries)
    told = [
        {
            "at": entry.at.isoformat(timespec="milliseconds"),
            "what": entry.what,
            "actor": entry.actor,
            "reason": entry.reason,
            "object": f"{entry.object_kind} {entry.object_id}",
            "evidence": entry.evidence,
        }
        for entry in timeline(actor, found)
    ]
    return {"facts": facts, "deliveries": deliveries, "timeline": told}
