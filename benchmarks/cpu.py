"""CPU time and memory of processes that are not ours to instrument, from the kernel.

A process's CPU clock (clock_getcpuclockid(3)) counts nanoseconds of all its threads; ``/proc/PID/stat`` counts ticks
of 10 ms and is used where processes come and go.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def of_process(pid: int) -> float:
    """CPU seconds (user and system) of a living process."""
    return time.clock_gettime((~pid << 3) | 2)


def of_processes(pids: Iterable[int | None]) -> float:
    """CPU seconds of several living processes together."""
    return sum(of_process(pid) for pid in pids if pid is not None)


def of_family(pid: int) -> float:
    """CPU seconds of a process, its living children and the dead ones it has waited for: a whole PostgreSQL."""
    ticks = sum(_stat(pid)[11:15])
    for child in children(pid):
        try:
            ticks += sum(_stat(child)[11:13])
        except (FileNotFoundError, ProcessLookupError):  # it has ended; its parent counts it from now on
            continue
    return ticks / _TICK


def children(pid: int) -> list[int]:
    """Direct children of a process."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(word) for word in (task / "children").read_text().split()]
    return found


def descendants(pid: int) -> list[int]:
    """Children, their children, and so on."""
    found: list[int] = []
    for child in children(pid):
        try:
            found += [child, *descendants(child)]
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def peak_memory(pid: int) -> float:
    """Highest resident size in MiB. Not ``ru_maxrss``, which starts at the parent's size on Linux."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise ProcessLookupError(pid)


def command(pid: int) -> str:
    """The command line of a process."""
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")


def _stat(pid: int) -> list[int]:
    """Fields of /proc/PID/stat from the fourth on (proc(5)); 11 to 14 are utime, stime, cutime, cstime."""
    text = Path(f"/proc/{pid}/stat").read_text()
    return [0, 0] + [int(word) for word in text[text.rindex(")") + 4 :].split()][0:14]
