"""What can be wrong with a template or a record, said so that a stranger can mend it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from postroom.kernel.errors import BadInput


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a template's folder. ``line`` is 0 when the whole file is meant."""

    file: str
    line: int
    what: str
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.what}" + (f" {self.hint}" if self.hint else "")


@dataclass(frozen=True, slots=True)
class RecordProblem:
    """One reason a record cannot go on. ``path`` is a JSON path such as ``$.lines[2].amount``."""

    code: str
    path: str
    reason: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}" + (f" {self.hint}" if self.hint else "")


class TemplateFaults(BadInput):
    """A template's folder cannot be published; ``problems`` holds every fault found."""

    code = "template-faults"
    title = "The template has faults"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        first = str(self.problems[0])
        more = len(self.problems) - 1
        also = f" (and {more} more)" if more else ""
        super().__init__(
            f"{first}{also}",
            hint="Mend the faults named, then try again.",
            problems=[asdict(problem) for problem in self.problems],
        )


class RecordRefused(BadInput):
    """A record cannot become a document; ``problems`` holds every reason found."""

    code = "record-refused"
    title = "The record does not fit the template"

    def __init__(self, problems: Iterable[RecordProblem]) -> None:
        self.problems: tuple[RecordProblem, ...] = tuple(problems)
        first = self.problems[0]
        more = len(self.problems) - 1
        also = f" (and {more} more)" if more else ""
        super().__init__(
            f"{first.path}: {first.reason}{also}",
            hint=first.hint,
            problems=[asdict(problem) for problem in self.problems],
        )


def json_path(steps: Sequence[str | int]) -> str:
    """``["lines", 2, "amount"]`` as ``$.lines[2].amount`` (RFC 9535); odd names are quoted."""
    out = ["$"]
    for step in steps:
        if isinstance(step, int):
            out.append(f"[{step}]")
        elif step.isidentifier():
            out.append(f".{step}")
        else:
            quoted = step.replace("\\", "\\\\").replace("'", "\\'")
            out.append(f"['{quoted}']")
    return "".join(out)


def suggestion(wrong: str, known: Iterable[str]) -> str:
    """``Did you mean ...?`` when a known name is near, else the list of what there is."""
    names = sorted(known)
    near = difflib.get_close_matches(wrong, names, n=1, cutoff=0.6)
    if near:
        return f"Did you mean {near[0]!r}?"
    if not names:
        return "There is none."
    shown = ", ".join(names[:12]) + (f" (+{len(names) - 12})" if len(names) > 12 else "")
    return f"There is: {shown}."
