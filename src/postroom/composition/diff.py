"""What is different between two states of a template: file by file, line by line, unified or side by side."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

#: Lines of a file that are compared; a longer one is told of by its size.
_MOST = 20_000


@dataclass(frozen=True, slots=True)
class Line:
    """One row of two columns. ``left`` and ``right`` are numbers from 1, 0 where a side has no such line."""

    kind: Literal["same", "changed", "added", "removed", "gap"]
    left: int = 0
    before: str = ""
    right: int = 0
    after: str = ""


@dataclass(frozen=True, slots=True)
class FileDiff:
    """One file that is not the same. ``binary``: there are no lines to show. Sizes are bytes, -1 where
    it is not there."""

    name: str
    kind: Literal["added", "removed", "changed"]
    binary: bool
    size_before: int
    size_after: int
    lines: tuple[Line, ...] = ()
    added: int = 0
    removed: int = 0


def diff_files(before: Mapping[str, bytes], after: Mapping[str, bytes], context: int = 3) -> list[FileDiff]:
    """The files that differ, by name."""
    names = sorted(before.keys() | after.keys())
    return [
        _file(name, before.get(name), after.get(name), context) for name in names if before.get(name) != after.get(name)
    ]


def unified(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> str:
    """The same as text for terminals and programs, in the form ``patch`` reads; pictures are named only."""
    out: list[str] = []
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        texts = _text(old), _text(new)
        if texts[0] is None or texts[1] is None:
            out.append(f"Binary file {name} differs\n")
            continue
        sides = [text.splitlines(keepends=True) for text in texts if text is not None]
        names = (f"a/{name}" if old is not None else "/dev/null", f"b/{name}" if new is not None else "/dev/null")
        for line in difflib.unified_diff(sides[0], sides[1], *names):
            out.append(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")
    return "".join(out)


def _file(name: str, old: bytes | None, new: bytes | None, context: int) -> FileDiff:
    kind: Literal["added", "removed", "changed"] = "added" if old is None else "removed" if new is None else "changed"
    sizes = (-1 if old is None else len(old), -1 if new is None else len(new))
    before, after = _text(old), _text(new)
    if before is None or after is None:
        return FileDiff(name, kind, True, *sizes)
    left, right = before.splitlines(), after.splitlines()
    if max(len(left), len(right)) > _MOST:
        return FileDiff(name, kind, True, *sizes)
    lines = tuple(_rows(left, right, context))
    added = sum(1 for line in lines if line.kind in ("added", "changed"))
    removed = sum(1 for line in lines if line.kind in ("removed", "changed"))
    return FileDiff(name, kind, False, *sizes, lines, added, removed)


def _rows(left: list[str], right: list[str], context: int) -> Iterator[Line]:
    groups = difflib.SequenceMatcher(None, left, right, autojunk=False).get_grouped_opcodes(context)
    for number, group in enumerate(groups):
        if number or group[0][1] or group[0][3]:
            yield Line("gap", group[0][1] + 1, "", group[0][3] + 1, "")
        for tag, a, b, c, d in group:
            if tag == "equal":
                for offset in range(b - a):
                    yield Line("same", a + offset + 1, left[a + offset], c + offset + 1, right[c + offset])
                continue
            both = min(b - a, d - c)
            for offset in range(both):
                yield Line("changed", a + offset + 1, left[a + offset], c + offset + 1, right[c + offset])
            for at in range(a + both, b):
                yield Line("removed", at + 1, left[at])
            for at in range(c + both, d):
                yield Line("added", 0, "", at + 1, right[at])


def _text(content: bytes | None) -> str | None:
    """The text of a file; None of one that is none."""
    if content is None:
        return ""
    if b"\0" in content:
        return None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return None
