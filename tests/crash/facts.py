"""What a house says of itself after all the killing, as JSON on standard output."""

from __future__ import annotations

import base64
import json
import sys
from collections import Counter
from random import Random
from typing import Any

from postroom.project.boot import boot

#: Entries of the ledger whose proofs are made and checked by the code of the stand-alone verifier.
SAMPLES = 25


def facts() -> dict[str, Any]:
    """Balances, documents per record, deliveries with their states, and both verdicts."""
    from postroom.delivery.models import Delivery
    from postroom.documents.models import Document
    from postroom.production.balance import balance
    from postroom.production.models import Record, Run
    from postroom.vault.models import Segment
    from postroom.vault.verify import verify as walk_vault

    bring_away()
    made = Counter(Document.objects.values_list("record_id", flat=True))
    vault = walk_vault()
    return {
        "runs": [
            {
                "key": run.run_key,
                "state": run.state,
                "balance": balance(run.pk).as_json(run.ref),
                "documents": sorted(made[pk] for pk in Record.objects.filter(run=run).values_list("pk", flat=True)),
            }
            for run in Run.objects.order_by("pk")
        ],
        "numbers": len(set(Document.objects.values_list("number", flat=True))),
        "deliveries": [
            {"id": row.pk.hex, "destination": row.destination_id, "state": row.state, "attempts": row.attempts}
            for row in Delivery.objects.all()
        ],
        "vault": {
            "whole": vault.whole,
            "damaged": [reason for _, reason in vault.damaged][:20],
            "missing": list(vault.missing_segments),
            "orphans": vault.orphans,
            "segments": dict(Counter(Segment.objects.values_list("store", flat=True))),
        },
        "ledger": ledger(),
    }


def bring_away() -> None:
    """Where there is a store, everything goes there and no copy stays: what is re-hashed then is what it holds."""
    from django.conf import settings

    from postroom.vault.upkeep import upkeep

    while settings.CONFIG.store_url:
        done = upkeep()
        if not (done.sealed or done.uploaded or done.dropped):
            return


def ledger() -> dict[str, Any]:
    """The chain walked, a head signed, every older head shown to be its beginning, and samples proved under it."""
    from postroom.ledger import checkpoint
    from postroom.ledger.models import Entry, SignedHead
    from postroom.ledger.postroom_verify import consistent, included, parse_proof
    from postroom.ledger.proof import consistency, prove_number
    from postroom.ledger.verify import verify as walk_ledger

    faults = list(walk_ledger().faults)
    head = checkpoint.make()
    note, root = checkpoint.note(head), bytes(head.root)
    for old in SignedHead.objects.exclude(size=head.size):
        path = [base64.b64decode(line) for line in consistency(old.size, head)]
        if not consistent(old.size, head.size, bytes(old.root), root, path):
            faults.append(f"the head of {head.size} entries does not continue that of {old.size}")
    for seq in Random(head.size).sample(range(1, head.size + 1), min(SAMPLES, head.size)):
        _, index, path, _ = parse_proof(prove_number(seq, head, note))
        if not included(bytes(Entry.objects.get(seq=seq).leaf), index, head.size, path, root):
            faults.append(f"entry {seq} is not proved")
    return {"whole": not faults, "faults": faults, "entries": head.size, "heads": SignedHead.objects.count()}


if __name__ == "__main__":
    boot(migrate=False)
    json.dump(facts(), sys.stdout)
