"""What comes back for each record or input, in order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Mapped:
    """A record in the shape of the data contract (not yet validated against it)."""

    result: dict[str, Any]


@dataclass(frozen=True, slots=True)
class MapFault:
    """Why one record is set aside: ``path`` in the contract's shape (``lines[3].text``), ``expression`` as written."""

    path: str
    expression: str
    reason: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Why:
    """One row that was hit: ``row`` counts from 1; ``inputs`` are the values that were looked at, ``cells`` the
    conditions they met."""

    table: str
    row: int
    description: str
    inputs: dict[str, Any]
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Decision:
    """``outputs``: of the first row hit, ``{}`` when none was; ``all``: of each row hit (policy ``collect``);
    ``explanation``: the rows hit, in the order of the tables."""

    outputs: dict[str, Any]
    all: tuple[dict[str, Any], ...] = ()
    explanation: tuple[Why, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class DecisionFault:
    """Why one input could not be decided. ``path`` names the input."""

    path: str
    reason: str
    hint: str = ""
