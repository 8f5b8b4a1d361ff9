"""The lines of a file that differs, as pages show them side by side."""

from __future__ import annotations

from postroom.composition.diff import FileDiff
from postroom.web.pages.life import DiffLine


def lines_of(one: FileDiff) -> tuple[DiffLine, ...]:
    """Each line with its number before and after; an empty number where it is not there."""
    return tuple(
        DiffLine(
            kind=line.kind,
            left=str(line.left or ""),
            before=line.before,
            right=str(line.right or ""),
            after=line.after,
        )
        for line in one.lines
    )
