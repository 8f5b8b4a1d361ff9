"""What can be wrong with the ledger, its signatures and what is held against it."""

from __future__ import annotations

from postroom.kernel.errors import BadInput, Conflict, Damaged


class LedgerDamaged(Damaged):
    """Entries are missing, or the rows of the tree do not fit them."""

    code = "ledger-damaged"
    title = "The ledger is damaged"


class LedgerForked(Damaged):
    """The ledger contradicts a head that was signed before: history was changed after the fact."""

    code = "ledger-forked"
    title = "The ledger contradicts what was signed"


class LedgerKeyMissing(Conflict):
    """The ledger is signed by a key this home folder does not hold."""

    code = "ledger-key-missing"
    title = "The ledger's key is not here"


class BadCheckpoint(BadInput):
    """This is no signed head of this ledger."""

    code = "bad-checkpoint"
    title = "This is not a checkpoint of this ledger"


class BadCosignature(BadInput):
    """A witness's line that does not hold."""

    code = "bad-cosignature"
    title = "The cosignature does not hold"
