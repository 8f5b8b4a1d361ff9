"""Where two documents differ: the first byte, and the first page whose own content does.

Reads the plain cross-reference table that our renderers write (ISO 32000-1, 7.5.4), no more: this only makes an alarm
easier to look into, and a file of another form is told without its page.
"""

from __future__ import annotations

import re

_XREF = re.compile(rb"startxref\s+(\d+)\s+%%EOF\s*$")
_ROOT, _PAGES = re.compile(rb"/Root (\d+) 0 R"), re.compile(rb"/Pages (\d+) 0 R")
_KIDS, _CONTENTS = re.compile(rb"/Kids\s*\[([^\]]*)\]"), re.compile(rb"/Contents\s*\[?\s*(\d+) 0 R")
_REFERENCE = re.compile(rb"(\d+) 0 R")
_MOST = 5000


class _OtherForm(Exception):
    """The file is not of the form that is read here."""


def first_byte(before: bytes, after: bytes) -> int:
    """Offset of the first byte that differs; the length of the shorter one when it is the other's beginning."""
    low, high = 0, min(len(before), len(after))
    while low < high:  # halves: comparing long strings a few times is faster than a loop over bytes
        middle = (low + high + 1) // 2
        if before[low:middle] == after[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def first_page(before: bytes, after: bytes) -> int | None:
    """Number of the first page whose content differs, from 1; None when no page's own content does (a font, the
    metadata), or when one of the two is no such PDF."""
    try:
        old, new = _contents(before), _contents(after)
    except (_OtherForm, RecursionError):
        return None
    for number, (one, other) in enumerate(zip(old, new, strict=False), start=1):
        if one != other:
            return number
    return min(len(old), len(new)) + 1 if len(old) != len(new) else None


def _contents(pdf: bytes) -> list[bytes]:
    """The content of each page, as it is stored."""
    start = _XREF.search(pdf, max(0, len(pdf) - 64))
    if start is None:
        raise _OtherForm
    table = int(start[1])
    first = pdf.find(b"\n", pdf.find(b"\n", table) + 1) + 1  # after the lines `xref` and `0 n`
    root = _named(_ROOT, pdf[pdf.find(b"trailer", table) :])
    pages: list[bytes] = []
    todo = [_named(_PAGES, _object(pdf, first, root))]
    seen = 0
    while todo:
        seen += 1
        if seen > _MOST:
            raise _OtherForm
        node = _object(pdf, first, todo.pop())
        kids = _KIDS.search(node)
        if kids is not None:
            todo += [int(kid[1]) for kid in reversed(list(_REFERENCE.finditer(kids[1])))]
        else:
            pages.append(_object(pdf, first, _named(_CONTENTS, node)))
    return pages


def _named(what: re.Pattern[bytes], where: bytes) -> int:
    found = what.search(where)
    if found is None:
        raise _OtherForm
    return int(found[1])


def _object(pdf: bytes, first: int, number: int) -> bytes:
    entry = first + 20 * number
    offset = pdf[entry : entry + 10]
    if not offset.isdigit():
        raise _OtherForm
    begin = pdf.find(b"obj", int(offset)) + 3
    return pdf[begin : pdf.find(b"endobj", begin)]
