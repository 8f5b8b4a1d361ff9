"""Records with the same causes form a group; each group is one line of what an approver signs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

from postroom.composition.checks.compare import Cause

IDENTICAL, CHANGED, UNMADE, MENDED, NEITHER, WAITING = "identical", "changed", "unmade", "mended", "neither", "waiting"
#: What may come of a record: the new version makes the same page, another one, none where the old one did, one where
#: the old one did not, none as before.
OUTCOMES = (WAITING, IDENTICAL, CHANGED, UNMADE, MENDED, NEITHER)
_SHOWN = 3


def group_of(outcome: str, causes: Sequence[Cause]) -> str:
    """The key of a record's group: equal for equal causes, whatever the order they were found in."""
    told = sorted(json.dumps(cause, sort_keys=True) for cause in causes)
    return hashlib.sha256(f"{outcome} {told}".encode()).hexdigest()[:16]


def grouped(cases: Iterable[Any]) -> list[dict[str, Any]]:
    """Groups of cases (``outcome``, ``group``, ``causes``, ``position``), the largest first, identical ones before all:
    ``{"key", "outcome", "causes", "count", "first"}``; ``first`` are positions of cases to look at."""
    found: dict[str, dict[str, Any]] = {}
    for case in cases:
        one = found.setdefault(
            case.group,
            {"key": case.group, "outcome": case.outcome, "causes": case.causes, "count": 0, "first": []},
        )
        one["count"] += 1
        if len(one["first"]) < _SHOWN:
            one["first"].append(case.position)
    return sorted(found.values(), key=lambda one: (one["outcome"] != IDENTICAL, -one["count"], one["key"]))
