"""What this host tells: its disk, and the processes of this home with what they use."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from postroom.kernel import clock
from postroom.kernel.backup import LAST_BACKUP
from postroom.kernel.home import home
from postroom.project.metrics.meters import Living
from postroom.project.metrics.rows import Sample


@dataclass(frozen=True, slots=True)
class _Process:
    parent: int
    cpu: float
    memory: int


def samples(living: Iterable[Living]) -> Iterator[Sample]:
    """Disk, backup, processes. What cannot be read is absent."""
    try:
        yield "disk_free_bytes", (), shutil.disk_usage(home().vault).free
        yield "vault_bytes", (), _bytes_below(home().vault)
    except OSError:  # the folder is away: its numbers are absent, the others are told
        pass
    age = _backup_age()
    if age is not None:
        yield "backup_age_seconds", (), age
    yield from _processes(living)


def _bytes_below(folder: Path) -> int:
    total = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                total += _bytes_below(Path(entry.path))
            elif entry.is_file(follow_symlinks=False):
                total += entry.stat().st_size
    return total


def _backup_age() -> float | None:
    try:
        made = dt.datetime.fromisoformat((home().root / LAST_BACKUP).read_text("ascii").strip())
        return max(0.0, (clock.now() - made).total_seconds())
    except (OSError, ValueError, TypeError):
        return None


def _processes(living: Iterable[Living]) -> Iterator[Sample]:
    """Each with its children (the cells of a composing worker), and those that it has seen end."""
    table = _table()
    children: dict[int, list[int]] = {}
    for pid, process in table.items():
        children.setdefault(process.parent, []).append(pid)
    owners = {who.pid for who in living}
    cpu: dict[str, float] = {}
    memory: dict[str, int] = {}
    for who in living:
        todo = [who.pid]
        while todo:
            pid = todo.pop()
            found = table.get(pid)
            if found is not None:
                cpu[who.name] = cpu.get(who.name, 0.0) + found.cpu
                memory[who.name] = memory.get(who.name, 0) + found.memory
            todo += [child for child in children.get(pid, []) if child not in owners]
    for name in memory:
        yield "process_cpu_seconds_total", (name,), cpu[name]
        yield "process_memory_bytes", (name,), memory[name]


def _table() -> dict[int, _Process]:
    """All processes of the host (Linux; elsewhere none), from their ``stat``: see proc(5)."""
    tick, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    found: dict[int, _Process] = {}
    for entry in os.scandir("/proc") if Path("/proc/self/stat").exists() else ():
        if not entry.name.isdecimal():
            continue
        try:
            fields = Path(entry.path, "stat").read_text("ascii", "replace").rpartition(")")[2].split()
            used = sum(int(field) for field in fields[11:15])  # its own and that of children it has waited for
            found[int(entry.name)] = _Process(int(fields[1]), used / tick, int(fields[21]) * page)
        except (OSError, ValueError, IndexError):
            continue  # it ended meanwhile
    return found
