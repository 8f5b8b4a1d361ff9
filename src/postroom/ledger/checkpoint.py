"""Signed tree heads: C2SP checkpoints of the ledger, kept as rows and noted outside the database.

A head is signed only when it continues every head signed before it (C2SP tlog-checkpoint: a log must not sign what is
inconsistent with what it signed), so a rewritten ledger ends with an error and not with a signature.
"""

from __future__ import annotations

import base64
import datetime as dt
import os

from django.db import connection, transaction

from postroom.kernel import clock, failpoints
from postroom.kernel.errors import NotFound
from postroom.kernel.home import home
from postroom.ledger import keys
from postroom.ledger.append import Act, append, note_outside
from postroom.ledger.errors import BadCheckpoint, BadCosignature, LedgerForked, LedgerKeyMissing
from postroom.ledger.models import Cosignature, Entry, SignedHead
from postroom.ledger.nodes import committed, tree
from postroom.ledger.postroom_verify import COSIGNATURE, ED25519, Head, Wrong, parse_head, parse_key, signed
from postroom.ledger.tree import Tree

#: Advisory lock: heads are signed one after the other.
_HEAD_LOCK = 0x68656164
_NEW_KEY = "ledger.key_made"
#: So much of the end of the noted heads is looked through before a head is signed; ``verify`` reads all of it.
_TAIL = 1 << 20


def newest() -> SignedHead | None:
    """The newest signed head."""
    return SignedHead.objects.order_by("-size").first()


def note(head: SignedHead) -> str:
    """The checkpoint as it is handed out: our signature, and the cosignatures of witnesses."""
    return head.note + "".join(f"{line}\n" for line in head.cosignatures.order_by("id").values_list("line", flat=True))


def make() -> SignedHead:
    """Sign the ledger as it is committed now; the newest head again when nothing was appended since.

    The first head makes the key. Raises LedgerForked, LedgerDamaged, LedgerKeyMissing; NotFound for an empty ledger.
    """
    if connection.in_atomic_block:
        raise RuntimeError("a head is signed over what is committed, so never inside a transaction")
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", (_HEAD_LOCK,))
        size, last = committed(), newest()
        if not size:
            raise NotFound("The ledger is empty.", hint="Ask again when something has happened.")
        whole = tree(size)
        for what, (old, root) in _before(last).items():
            _continue(whole, what, old, root)
        signer = _signer(last)
        if last is not None and last.size == size:
            return last
        root = whole.root
        text = f"{signer.name}\n{size}\n{base64.b64encode(root).decode()}\n"
        at = max(clock.now(), last.at) if last else clock.now()
        # before the commit: what it says is true of entries that are committed already
        note_outside(f"checkpoint {size} {root.hex()} {int(at.timestamp())}")
        failpoints.reach("after-note")
        return SignedHead.objects.create(size=size, root=root, note=signer.sign(text), key=signer.verifier_key, at=at)


def keep_up(every: float) -> SignedHead | None:
    """Sign a head if the newest is ``every`` seconds old and something was appended since. For a worker's loop.

    None when there is nothing to do, also on a host that does not hold the key.
    """
    last = newest()
    if last is not None and 0 <= (clock.now() - last.at).total_seconds() < every:
        return None
    if committed() == (last.size if last else 0):
        return None
    try:
        return make()
    except LedgerKeyMissing:
        return None


def new_key(actor: str, origin: str = "") -> keys.Signer:
    """Sign with a new key from now on. The ledger holds who changed it, and what the new one is."""
    last = newest()
    signer = keys.make(origin or (parse_head(last.note).origin if last else ""))
    with transaction.atomic():
        append(actor, [Act(_NEW_KEY, "ledger", None, {"key": signer.verifier_key})])
    return signer


def cosign(text: str, witness: str) -> list[Cosignature]:
    """Keep the lines of ``witness`` (a verifier key) in ``text``, a checkpoint of ours that it has cosigned.

    Raises BadCheckpoint, BadCosignature. Lines that are kept already are left as they are.
    """
    head, row = ours(text)
    try:
        key = parse_key(witness.strip(), COSIGNATURE)
        when = signed(head, key)
        at = dt.datetime.fromtimestamp(when or 0, dt.UTC)
    except (Wrong, OverflowError, ValueError, OSError) as error:
        raise BadCosignature(f"This cosignature is not accepted: {error}.", hint="Ask the witness again.") from error
    if when is None:
        raise BadCosignature(
            f"{key.name} has not signed this checkpoint.", hint="Check the witness's key, and the file it answered."
        )
    lines = [line for line in text.splitlines() if line.startswith(f"— {key.name} ")]
    kept = []
    for line in lines:
        if parse_head(f"{head.text}\n{line}\n").lines[0][1] == key.id:
            kept.append(
                Cosignature.objects.get_or_create(line=line, defaults={"head": row, "key": key.text, "at": at})[0]
            )
    return kept


def ours(text: str) -> tuple[Head, SignedHead]:
    """A checkpoint that was handed out, held against the row it was made from. Raises BadCheckpoint."""
    head = _parsed(text)
    row = SignedHead.objects.filter(size=head.size).first()
    if row is None or not row.note.startswith(head.text + "\n"):
        raise BadCheckpoint(
            f"This ledger has signed no head of {head.size} entries like this one.",
            hint="Compare the origin and the root with `postroom ledger checkpoint`.",
        )
    return head, row


def since(text: str) -> tuple[str, ...]:
    """What speaks against the ledger being the continuation of the checkpoint ``text``, which was kept elsewhere.

    Raises BadCheckpoint when it was not signed by a key of this ledger.
    """
    head = _parsed(text)
    known = set(SignedHead.objects.values_list("key", flat=True))
    mine = keys.load()
    known |= {mine.verifier_key} if mine else set()
    try:
        if not any(signed(head, parse_key(key, ED25519)) is not None for key in known):
            raise Wrong("no key of this ledger has signed it")
    except Wrong as error:
        raise BadCheckpoint(
            f"This checkpoint is not ours: {error}.", hint="Check that it is of this installation, and unchanged."
        ) from error
    return tuple(against(tree(), f"the checkpoint of {head.size} entries", head.size, head.root))


def against(whole: Tree, what: str, size: int, root: bytes) -> list[str]:
    """The sentence that says how ``whole`` contradicts a head, if it does."""
    if size > whole.size:
        return [f"entries {whole.size + 1} to {size} were cut off: {what} has them"]
    if whole.root_at(size) != root:
        return [f"history was rewritten: the first {size} entries are not those of {what}"]
    return []


def _parsed(text: str) -> Head:
    try:
        return parse_head(text)
    except Wrong as error:
        raise BadCheckpoint(f"This is no checkpoint: {error}.", hint="Hand in the file as it was given out.") from error


def _continue(whole: Tree, what: str, size: int, root: bytes) -> None:
    for fault in against(whole, what, size, root):
        raise LedgerForked(
            f"Nothing is signed: {fault}.",
            hint="Run `postroom ledger verify`. After restoring an older backup, sign with `postroom ledger key --new`"
            " on a fresh home folder, and tell whoever keeps your checkpoints.",
        )


def _before(last: SignedHead | None) -> dict[str, tuple[int, bytes]]:
    """The newest heads that were signed before, of the database and of the file outside it."""
    found = {"the newest signed head": (last.size, bytes(last.root))} if last else {}
    path = home().ledger_heads
    try:
        with path.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL))
            noted = noted_heads(file.read().decode("ascii", "replace").splitlines())
    except (FileNotFoundError, IsADirectoryError):
        noted = []
    if noted:
        found[f"a head noted in {path.name}"] = max(noted)
    return found


def noted_heads(lines: list[str]) -> list[tuple[int, bytes]]:
    """Signed heads among the noted lines. A torn line is passed over."""
    found = []
    for line in lines:
        words = line.split(" ")
        if len(words) == 4 and words[0] == "checkpoint" and words[1].isdigit() and len(words[2]) == 64:
            found.append((int(words[1]), bytes.fromhex(words[2])))
    return found


def _signer(last: SignedHead | None) -> keys.Signer:
    """The key that may sign now: that of the newest head, or one the ledger was told of since."""
    mine = keys.load()
    if last is None:
        return mine or keys.make()
    if mine is not None:
        told = Entry.objects.filter(act=_NEW_KEY, seq__gt=last.size, facts__key=mine.verifier_key)
        if mine.verifier_key == last.key or told.exists():
            return mine
    raise key_elsewhere(last)


def key_elsewhere(last: SignedHead | None = None) -> LedgerKeyMissing:
    """The error for a home folder that does not hold the key of the newest head."""
    last = last or newest()
    whose = f"is signed by the key {last.key.rpartition('+')[0]}" if last else "has no key yet"
    return LedgerKeyMissing(
        f"The ledger {whose}, and {keys.place()} "
        + ("holds another one." if keys.place().exists() else "does not exist."),
        hint="Do this on the host that has the key, put it back from a backup, or sign with a new one:"
        " `postroom ledger key --new`.",
    )
