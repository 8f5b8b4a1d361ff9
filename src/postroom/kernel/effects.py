"""Steps that decide and effects that do, apart from each other.

A protocol (``delivery/protocol.py``, ``production/protocol.py``) is a generator: it yields what it wants done and is
handed the answer, or the error, exactly there. It touches no database, file, socket or clock itself. ``run`` carries it
through with real parts; ``tests/simulation`` carries the same generator through with modelled ones, stops it between
any two effects and never lets it go on, which is what a crash is.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Effect(Generic[T]):
    """Something to be done outside, whose answer is a ``T``: ``answer = yield from Claim("letters")``."""

    __slots__ = ()

    def __iter__(self) -> Generator[Effect[Any], Any, T]:
        answer: T = yield self
        return answer


Steps = Generator[Effect[Any], Any, T]
Handlers = Mapping[type[Effect[Any]], Callable[[Any], Any]]


def run(steps: Steps[T], handlers: Handlers) -> T:
    """Carry ``steps`` through: each effect goes to its handler, and what the handler raises is raised in the steps."""
    try:
        effect = next(steps)
        while True:
            try:
                answer = handlers[type(effect)](effect)
            except BaseException as error:  # broad: every error belongs to the step that asked; most pass through it
                effect = steps.throw(error)
            else:
                effect = steps.send(answer)
    except StopIteration as done:
        result: T = done.value
        return result
