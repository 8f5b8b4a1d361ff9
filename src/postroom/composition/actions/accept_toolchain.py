"""Agree to an upgrade that changes documents: from now on they are made with it, and older ones are stored only."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from postroom.composition import proofs
from postroom.composition.models import IN_FORCE, TOOLCHAIN, Alarm, SampleProof
from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.ledger.append import Act, append

REASON = "The upgrade was accepted."


def accept_toolchain(actor: Actor, templates: Collection[str] = ()) -> list[SampleProof]:
    """What came into force, for the templates named or for all that wait. Chunks that waited go on by themselves."""
    actor.require("alarm.acknowledge")
    proofs.examine_all()
    with transaction.atomic():
        rows = [row for row in proofs.waiting() if not templates or row.version.template_id in templates]
        now = clock.now()
        acts = []
        for row in rows:
            row.state, row.since, row.decided_by = IN_FORCE, now, actor.name
            row.save(update_fields=["state", "since", "decided_by"])
            Alarm.objects.filter(kind=TOOLCHAIN, template_version_id=row.version_id, acknowledged_at=None).update(
                acknowledged_at=now, acknowledged_by=actor.name, reason=REASON
            )
            facts = {"toolchain": row.toolchain_id, "samples": row.digest}
            acts.append(Act("toolchain.accepted", "template_version", row.version_id, facts))
        append(actor.name, acts)
    return rows
