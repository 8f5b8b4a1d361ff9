"""What is refused before it is stored, with all its problems at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from postroom.kernel.errors import BadInput


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend. ``where`` is a field, or table, row and column; ``line`` and ``column`` count from 1, 0 when
    unknown."""

    where: str
    reason: str
    hint: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        place = f"line {self.line}" if self.line else ""
        place += f", column {self.column}" if self.line and self.column else ""
        said = f"{self.reason} {self.hint}".strip()
        return ": ".join(part for part in (place, self.where, said) if part)


class _Refused(BadInput):
    noun = "file"

    def __init__(self, problems: Sequence[Problem], **context: Any) -> None:
        self.problems = tuple(problems)
        listed = "\n".join(f"  {problem}" for problem in self.problems)
        count = "one problem" if len(self.problems) == 1 else f"{len(self.problems)} problems"
        super().__init__(
            f"The {self.noun} has {count}:\n{listed}",
            hint="Mend what is named and try again; nothing was stored.",
            problems=[asdict(problem) for problem in self.problems],
            **context,
        )


class MappingRefused(_Refused):
    """A mapping file that would not work, or not safely."""

    code = "mapping-refused"
    title = "The mapping cannot be used"
    noun = "mapping"


class TableRefused(_Refused):
    """A decision table that would not work, or would silently decide nothing."""

    code = "table-refused"
    title = "The decision table cannot be used"
    noun = "decision table"
