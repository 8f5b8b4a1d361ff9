"""One thing the examination saw."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """``state``: ok, note (works without) or wrong (mend it)."""

    what: str
    state: Literal["ok", "note", "wrong"]
    told: str
    hint: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)
