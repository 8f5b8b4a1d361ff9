"""What a house says of itself after all the killing, as JSON on standard output."""

from __future__ import annotations

import json
import sys
from collections import Counter
from typing import Any

from postroom.project.boot import boot


def facts() -> dict[str, Any]:
    """Balances, documents per record, deliveries with their states, and both verdicts."""
    from postroom.delivery.models import Delivery
    from postroom.documents.models import Document
    from postroom.ledger.verify import verify as walk_ledger
    from postroom.production.balance import balance
    from postroom.production.models import Record, Run
    from postroom.vault.verify import verify as walk_vault

    run = Run.objects.get()
    counted = balance(run.pk)
    made = Counter(Document.objects.filter(run_id=run.pk).values_list("record_id", flat=True))
    ledger, vault = walk_ledger(), walk_vault()
    return {
        "state": run.state,
        "balance": counted.as_json(run.ref),
        "documents": sorted(made[pk] for pk in Record.objects.filter(run=run).values_list("pk", flat=True)),
        "numbers": len(set(Document.objects.filter(run_id=run.pk).values_list("number", flat=True))),
        "deliveries": [
            {"id": row.pk.hex, "destination": row.destination_id, "state": row.state, "attempts": row.attempts}
            for row in Delivery.objects.filter(run_id=run.pk)
        ],
        "vault": {"whole": vault.whole, "damaged": [reason for _, reason in vault.damaged], "orphans": vault.orphans},
        "ledger": {"whole": ledger.whole, "faults": list(ledger.faults)},
    }


if __name__ == "__main__":
    boot(migrate=False)
    json.dump(facts(), sys.stdout)
