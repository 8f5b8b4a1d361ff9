"""Alarms of reproducibility: each stands on the health page and in ``postroom doctor`` until it is acknowledged."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction

from postroom.composition.models import DIFFERENCE, Alarm
from postroom.kernel import clock
from postroom.kernel.ids import new_id
from postroom.ledger.append import Act, append

#: How an alarm is named in the ledger, by its kind.
_ACTS = {DIFFERENCE: "reproduction.differs"}


def raise_alarm(
    actor: str,
    kind: str,
    told: str,
    hint: str,
    facts: dict[str, Any],
    *,
    template_version_id: uuid.UUID | None = None,
    document_id: uuid.UUID | None = None,
) -> Alarm:
    """The alarm; one that was raised for the same cause before is found again instead, acknowledged or not: who has
    said that they know is not told each night. ``facts`` are ids, digests and figures, as they go into the ledger."""
    with transaction.atomic():
        cause = {"kind": kind, "document_id": document_id, "template_version_id": template_version_id}
        known = Alarm.objects.filter(**cause, facts=facts).order_by("-raised_at").first()
        now = clock.now()
        if known is not None:
            Alarm.objects.filter(pk=known.pk).update(seen_at=now)
            return known
        alarm = Alarm.objects.create(
            id=new_id(), **cause, told=told[:600], hint=hint[:600], facts=facts, raised_at=now, seen_at=now
        )
        about = ("document", document_id) if document_id else ("template_version", template_version_id)
        append(actor, [Act(_ACTS.get(kind, "toolchain.differs"), *about, {"alarm": str(alarm.pk), **facts})])
    return alarm


def standing() -> list[Alarm]:
    """Those nobody has acknowledged yet, the oldest first."""
    return list(Alarm.objects.filter(acknowledged_at=None).order_by("raised_at"))
