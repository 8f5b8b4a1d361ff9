"""A composing process tells the garbage collector, once, that what it has loaded stays.

Without this each full collection walks all of Django, the templates and the ledger's tables: 70 us a document for
nothing. What is made after the first chunk is looked at as before, so memory stays flat.
"""

from __future__ import annotations

import gc

#: So many new objects before the young ones are looked at, a few records' worth: hardly any of them is ever part of a
#: circle, and by 700, as the interpreter has it, each record was walked several times while it was in hand.
_YOUNG = 20_000

_settled = False


def settle() -> None:
    """After the first chunk: all modules are in, no work is in hand. Free afterwards."""
    global _settled
    if _settled:
        return
    _settled = True
    gc.collect()  # what is garbage now would be kept for ever
    gc.freeze()
    gc.set_threshold(_YOUNG, *gc.get_threshold()[1:])
