"""Two people changed one text: what each of them changed is kept, line by line, where they changed other lines."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher


def merge_bytes(base: bytes | None, mine: bytes | None, theirs: bytes | None) -> tuple[bool, bytes | None]:
    """Whether both changes go together, and the merged file (None: it is taken away).

    A file that is no text, or that one changed and the other took away, goes together only when both agree.
    """
    if mine == theirs or theirs == base:
        return True, mine
    if mine == base:
        return True, theirs
    if base is None or mine is None or theirs is None:
        return False, None
    try:
        texts = [content.decode("utf-8").splitlines(keepends=True) for content in (base, mine, theirs)]
    except UnicodeDecodeError:
        return False, None
    merged = merge(*texts)
    return (False, None) if merged is None else (True, "".join(merged).encode("utf-8"))


def merge(base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> list[str] | None:
    """The lines with both changes; None where both changed the same place in different ways.

    After diff3 (Khanna, Kunal, Pierce, "A Formal Investigation of Diff3", section 2): the stretches that stand in all
    three alike are the anchors, and between two anchors at most one side may differ from the base.
    """
    out: list[str] = []
    at = (0, 0, 0)
    for anchor in (*_anchors(base, mine, theirs), (len(base), len(mine), len(theirs), 0)):
        old, one, other = base[at[0] : anchor[0]], mine[at[1] : anchor[1]], theirs[at[2] : anchor[2]]
        if one == other or other == old:
            out += one
        elif one == old:
            out += other
        else:
            return None
        size = anchor[3]
        out += base[anchor[0] : anchor[0] + size]
        at = (anchor[0] + size, anchor[1] + size, anchor[2] + size)
    return out


def _anchors(base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> list[tuple[int, int, int, int]]:
    """Stretches that are alike in all three: where they begin in each, and how many lines."""
    in_mine, in_theirs = _places(base, mine), _places(base, theirs)
    found: list[tuple[int, int, int, int]] = []
    for line in range(len(base)):
        if line not in in_mine or line not in in_theirs:
            continue
        here = (line, in_mine[line], in_theirs[line])
        if found:
            begun, one, other, size = found[-1]
            if (begun + size, one + size, other + size) == here:
                found[-1] = (begun, one, other, size + 1)
                continue
        found.append((*here, 1))
    return found


def _places(base: Sequence[str], other: Sequence[str]) -> dict[int, int]:
    matcher = SequenceMatcher(None, base, other, autojunk=False)
    return {
        block.a + offset: block.b + offset for block in matcher.get_matching_blocks() for offset in range(block.size)
    }
