"""What this thread or task is working on, as ids: every line of the log carries them (docs/metrics.md).

Only ids and names of our own making may be marks. A value of a record, a person's name or an address never is.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

#: What may be marked, in the order in which a line of the log tells it.
NAMES = ("request", "run", "chunk", "record", "document", "delivery", "destination")
_NOTHING: dict[str, str] = {}
_marks: ContextVar[dict[str, str]] = ContextVar("postroom_marks", default=_NOTHING)


@contextmanager
def marks(**ids: object) -> Iterator[None]:
    """Mark what is worked on until the end of the block: ``with marks(run=run.pk, chunk=chunk_id):``.

    Inner marks join the outer ones. None marks nothing. Usable as a decorator too. Raises KeyError for other names.
    """
    unknown = [name for name in ids if name not in NAMES]
    if unknown:
        raise KeyError(unknown[0])
    token = _marks.set({**_marks.get(), **{name: str(value) for name, value in ids.items() if value is not None}})
    try:
        yield
    finally:
        _marks.reset(token)


def mark(**ids: object) -> None:
    """Change the marks of the innermost block, for what is known only within it; None takes a mark away."""
    for name in ids:
        if name not in NAMES:
            raise KeyError(name)
    kept = {name: value for name, value in _marks.get().items() if name not in ids}
    _marks.set({**kept, **{name: str(value) for name, value in ids.items() if value is not None}})


def present() -> dict[str, str]:
    """The marks of this moment, in order."""
    found = _marks.get()
    return {name: found[name] for name in NAMES if name in found}
