"""What came of making documents again: how many of each outcome, by template version, and each difference."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

#: same: equal bytes. different: other bytes, or none. stored_only: nobody promised they could be made again, or an
#: upgrade that was accepted since makes others. destroyed: the key of bytes or data is gone, on purpose. damaged: what
#: is stored cannot be read.
SAME, DIFFERENT, STORED_ONLY, DESTROYED, DAMAGED = "same", "different", "stored_only", "destroyed", "damaged"
OUTCOMES = (SAME, DIFFERENT, STORED_ONLY, DESTROYED, DAMAGED)


@dataclass(frozen=True, slots=True)
class Difference:
    """A document that does not come out as it is stored. ``page`` counts from 1; ``then`` and ``now`` name what made
    it and what makes documents today."""

    document_id: uuid.UUID
    template: str
    why: str
    first_byte: int | None = None
    page: int | None = None
    then: str = ""
    now: str = ""

    def told(self) -> str:
        where = f"from byte {self.first_byte} on" if self.first_byte is not None else ""
        page = f"page {self.page}" if self.page else ""
        place = ", ".join(part for part in (where, page) if part)
        changed = f" Made with {self.then}; now there is {self.now}." if self.then != self.now else f" {self.now}."
        made = f"{self.why} ({place})." if place else f"{self.why}."
        return f"Document {self.document_id} of {self.template}: {made}{changed if self.now else ''}"

    def as_json(self) -> dict[str, Any]:
        return {
            "document": str(self.document_id),
            "template": self.template,
            "why": self.why,
            "first_byte": self.first_byte,
            "page": self.page,
            "made_with": self.then,
            "now": self.now,
        }


@dataclass(slots=True)
class Report:
    """``by_version``: the outcomes of each template version, by its name such as ``invoice 3``."""

    seed: int
    wanted: int
    run: str = ""
    by_version: dict[str, Counter[str]] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    interrupted: bool = False

    def count(self, version: str, outcome: str) -> None:
        self.by_version.setdefault(version, Counter())[outcome] += 1

    def total(self, outcome: str) -> int:
        return sum(counts[outcome] for counts in self.by_version.values())

    @property
    def seen(self) -> int:
        return sum(sum(counts.values()) for counts in self.by_version.values())

    @property
    def reproducible(self) -> bool:
        """Whether nothing came out otherwise than it is stored."""
        return not self.differences and not self.faults

    def counts(self) -> dict[str, dict[str, int]]:
        return {
            version: {outcome: counts[outcome] for outcome in OUTCOMES}
            for version, counts in sorted(self.by_version.items())
        }

    def as_json(self) -> dict[str, Any]:
        return {
            "reproducible": self.reproducible,
            "interrupted": self.interrupted,
            "seed": self.seed,
            "wanted": self.wanted,
            "seen": self.seen,
            **({"run": self.run} if self.run else {}),
            **{outcome: self.total(outcome) for outcome in OUTCOMES},
            "templates": self.counts(),
            "faults": self.faults,
            "differences": [one.as_json() for one in self.differences],
        }
