"""Why a cell died, in words a template's author can use."""

from __future__ import annotations

import signal

from postroom.cage.words import Fault

_MEMORY_WORDS = ("memory allocation of", "out of memory", "bad_alloc", "MemoryError", "capacity overflow")


def obituary(code: int | None, last: str, deadline: float, memory: int) -> Fault:
    """The fault of the job during which the cell ended. ``code``: exit code, negative for a signal, None when the
    keeper stopped it at the deadline; ``last``: its last line on standard error."""
    if code is None or code == -signal.SIGXCPU:
        return Fault(
            "deadline",
            f"The work was stopped after {deadline:g} seconds.",
            "Look for an endless loop or for much more data than usual.",
        )
    said = f' It said: "{last}".' if last else ""
    if any(word in last for word in _MEMORY_WORDS):
        return Fault(
            "memory",
            f"The work needed more than {memory >> 20} MiB of memory and was stopped.",
            "Look for a list, a range or a text that grows without end.",
        )
    if code == -signal.SIGKILL:
        return Fault(
            "crashed",
            "The cell was killed from outside, twice for the same job.",
            "The kernel does that when the machine runs out of memory: run fewer workers or add memory.",
        )
    cause = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    return Fault(
        "crashed",
        f"The work crashed its process ({cause}).{said}",
        "Deep nesting and memory limits end this way; try with less data, and report it if it stays.",
    )
