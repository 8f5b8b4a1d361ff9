"""The meters of all processes of this home, living and dead, as one sum.

Numbers of the dead are folded into ``gone.json``, so that a counter never falls and files do not pile up. The fold is
one rename: the new sums name the files they contain, and a file that is named counts no second time, whether or not it
was removed before somebody died.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from postroom.kernel.home import home
from postroom.kernel.locks import FileLock
from postroom.kernel.meters import SUFFIX, folder, read_page, started_at
from postroom.project.metrics.catalogue import BY_NAME, GAUGE

_GONE = "gone.json"


@dataclass(frozen=True, slots=True)
class Living:
    """A process of this home that keeps meters."""

    name: str
    pid: int


@dataclass(frozen=True, slots=True)
class Metered:
    """Sums of all processes by key (``kernel.meters.key_of``), and who lives."""

    numbers: dict[str, float]
    living: tuple[Living, ...]


def gather_meters() -> Metered:
    """Read every file once, and fold those of the dead. One process at a time."""
    place = folder()
    if not place.is_dir():
        return Metered({}, ())
    with FileLock(home().locks / "metrics.lock").holding(timeout=10):
        gone, folded = _gone(place)
        numbers: dict[str, float] = {}
        living: list[Living] = []
        dead: list[Path] = []
        for path in sorted(place.glob(f"*{SUFFIX}")):
            if path.name in folded:
                continue
            who = _alive(path)
            if who:
                living.append(who)
                _add(numbers, read_page(path.read_bytes()))
            else:
                _add(gone, read_page(path.read_bytes()), lasting=True)
                dead.append(path)
        if dead or folded:
            left = [name for name in folded if (place / name).exists()]
            _write(place, gone, [*left, *(path.name for path in dead)])
            for name in (*left, *(path.name for path in dead)):
                (place / name).unlink(missing_ok=True)
        _add(numbers, gone)
    return Metered(numbers, tuple(living))


def _gone(place: Path) -> tuple[dict[str, float], list[str]]:
    """Sums of the dead, and the files they already contain."""
    try:
        kept: dict[str, Any] = json.loads((place / _GONE).read_text("utf-8"))
        return dict(kept["numbers"]), list(kept["folded"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return {}, []


def _write(place: Path, numbers: dict[str, float], folded: list[str]) -> None:
    fresh = place / f".{_GONE}.{os.getpid()}"
    fresh.write_text(json.dumps({"numbers": numbers, "folded": folded}), "utf-8")
    fresh.replace(place / _GONE)


def _alive(path: Path) -> Living | None:
    """Who writes this file, if they live: ``NAME.PID.START.NUMBER.meters``."""
    try:
        name, pid, start, _ = path.name.removesuffix(SUFFIX).rsplit(".", 3)
        number = int(pid)
    except ValueError:
        return None
    return Living(name, number) if (started_at(number) or "gone") == start else None


def _add(sums: dict[str, float], more: dict[str, float], *, lasting: bool = False) -> None:
    """``lasting``: only what still counts when its process is gone; what a process holds ends with it."""
    for key, value in more.items():
        if lasting and _kind(key) == GAUGE:
            continue
        sums[key] = sums.get(key, 0.0) + value


def _kind(key: str) -> str:
    try:
        return BY_NAME[json.loads(key)[0]].kind
    except (ValueError, KeyError, IndexError, TypeError):
        return ""
