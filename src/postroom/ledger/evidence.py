"""One file that proves what a statement says: its digest in the ledger, the entries, their proofs, the signed head."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction

from postroom.ledger import checkpoint, postroom_verify
from postroom.ledger.append import Act, append
from postroom.ledger.errors import LedgerDamaged
from postroom.ledger.models import Entry
from postroom.ledger.nodes import tree
from postroom.ledger.proof import prove, written


def seal(actor: str, document_id: uuid.UUID, statement: dict[str, Any], entries: list[Entry]) -> bytes:
    """The evidence file. Its making is an entry of the ledger, which holds the (salted) digest of the statement.

    Never inside a transaction: the head is signed over committed entries. Raises LedgerDamaged, LedgerForked,
    LedgerKeyMissing.
    """
    entries = sorted(entries, key=lambda entry: entry.seq)
    statement = {**statement, "exported_by": actor, "entries": [entry.seq - 1 for entry in entries]}
    facts = {"entries": len(entries), "statement_sha256": postroom_verify.digest_of(statement)}
    with transaction.atomic():
        seq = append(actor, [Act(postroom_verify.SEAL, "document", document_id, facts)])
    head = checkpoint.make()
    whole, root, note = tree(head.size), bytes(head.root), checkpoint.note(head)
    told = [*entries, Entry.objects.get(seq=seq)]
    data = postroom_verify.canonical(
        {
            "format": postroom_verify.FORMAT,
            "statement": statement,
            "entries": [{"entry": written(entry).decode(), "proof": prove(entry, whole, root, note)} for entry in told],
            "checkpoint": note,
            "log_key": head.key,
            "witness_keys": list(head.cosignatures.order_by("id").values_list("key", flat=True)),
        }
    )
    report = postroom_verify.check(data)
    if not report.verified:  # evidence that does not hold is not handed out: it would be found out at the worst moment
        raise LedgerDamaged(
            f"This evidence would not hold: {'; '.join(report.faults)}.", hint="Run `postroom ledger verify`."
        )
    return data
