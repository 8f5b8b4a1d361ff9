"""Proofs in the form others can check: C2SP tlog-proof of one entry, and consistency of two heads."""

from __future__ import annotations

import base64

from postroom.kernel.errors import NotFound
from postroom.ledger.canonical import entry_bytes
from postroom.ledger.errors import LedgerDamaged
from postroom.ledger.models import Entry, SignedHead
from postroom.ledger.nodes import tree
from postroom.ledger.postroom_verify import PROOF, included
from postroom.ledger.tree import Tree


def written(entry: Entry) -> bytes:
    """The entry as it was hashed."""
    return entry_bytes(entry.seq, entry.at, entry.actor, entry.act, entry.kind, entry.object_id, entry.facts)


def prove(entry: Entry, whole: Tree, root: bytes, checkpoint: str) -> str:
    """That ``entry`` is a leaf under ``checkpoint``, with the entry itself as extra data. Raises LedgerDamaged."""
    index = entry.seq - 1
    path = whole.inclusion(index)
    if not included(bytes(entry.leaf), index, whole.size, path, root):
        raise LedgerDamaged(f"Entry {entry.seq} is not under the signed head.", hint="Run `postroom ledger verify`.")
    extra = base64.b64encode(written(entry)).decode()
    hashes = "".join(f"{base64.b64encode(step).decode()}\n" for step in path)
    return f"{PROOF}\nextra {extra}\nindex {index}\n{hashes}\n{checkpoint}"


def prove_number(seq: int, head: SignedHead, checkpoint: str) -> str:
    """The proof of entry ``seq``. Raises NotFound when the head does not reach it."""
    entry = Entry.objects.filter(seq=seq).first()
    if entry is None or seq > head.size:
        raise NotFound(
            f"There is no entry {seq} under the newest checkpoint.", hint="Run `postroom ledger checkpoint`."
        )
    return prove(entry, tree(head.size), bytes(head.root), checkpoint)


def consistency(old: int, head: SignedHead) -> list[str]:
    """Base64 lines that show: the first ``old`` entries are the beginning of ``head`` (RFC 9162, section 2.1.4)."""
    return [base64.b64encode(step).decode() for step in tree(head.size).consistency(old)]
