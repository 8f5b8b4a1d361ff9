"""What runs in the studio's cell: the page as it would be made, as a picture, and what stands where on it (P10).

The document itself is drawn, not a likeness of it: what breaks a promise breaks it here too. No Django, no database.
"""

from __future__ import annotations

import ctypes
import io
import json
from collections.abc import Sequence
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from postroom.cage.bench import BenchFault
from postroom.composition.bench import RenderBench
from postroom.composition.marking import MARK, values_of

_MOST_RUNS = 3000
#: The one lane whose library can say where a value stands.
_MARKS = "typst"
#: Values that are looked for by their text, and fields that one of them may be.
_MOST_VALUES, _MOST_NAMES = 500, 8
_Box = tuple[float, float, float, float]
#: After so many readings of changed files the cell goes, with whatever an engine kept of them.
_MOST_READ = 500
#: What a document depends on.
_DEPENDS = ("edition", "view", "codes", "fixed_clock", "finish")


class PreviewBench:
    """``setup`` as for RenderBench, and ``marked``: the same template with a library that says what stands where."""

    def __init__(self, setup: dict[str, Any]) -> None:
        self._setup = setup
        self._page = RenderBench(setup)
        self._marked: RenderBench | None = None
        self._stale, self._read = False, 0
        self._last: tuple[str, dict[str, Any], bytes] | None = None

    @property
    def worn(self) -> bool:
        """Whether the next job is better done by a fresh cell."""
        return self._page.worn or self._read >= _MOST_READ

    def run(self, job: dict[str, Any], blobs: Sequence[bytes]) -> tuple[dict[str, Any], Sequence[bytes]]:
        """``pages``: those (from 1) to draw, ``width`` px wide; gives ``{"pages", "sizes", "drawn"}`` and a JPEG for
        each one drawn. ``map``: gives ``{"marks", "runs"}`` of the first 20 pages instead. ``edition``: a number that
        is another one when any file is: what was made of the same edition and data is drawn again, not made again.
        ``changed``: the template's files are others than those that were read; the engine itself (LibreOffice, fonts)
        stays. Raises BenchFault."""
        self._stale = self._stale or bool(job.get("changed"))
        if self._stale:  # until it was read without a fault
            self._page, self._marked = RenderBench(self._setup), None
            self._stale, self._read = False, self._read + 1
        if job.get("map"):
            return self._mapped(job), ()
        made, content = self._made(job)
        if made["media_type"] != "application/pdf":
            raise BenchFault("no-picture", f"{made['media_type']} has no pages to show.", "Download it instead.")
        with _Opened(content) as document:
            wanted = [page for page in job["pages"] if 1 <= page <= len(document)] or [1]
            sizes = [document.get_page_size(index) for index in range(min(len(document), 200))]
            drawn = [_picture(document[page - 1], job["width"]) for page in wanted]
        return {"pages": made["pages"], "sizes": sizes, "drawn": wanted}, drawn

    def _made(self, job: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
        """The document: the one made last where nothing it depends on is different. LibreOffice takes a tenth of a
        second for a letter, and would make it twice for each key: once for its picture, once for what stands where."""
        asked = json.dumps([job.get(name) for name in _DEPENDS], sort_keys=True)
        if self._last is not None and self._last[0] == asked:
            return self._last[1:]
        self._last = None
        made, (content,) = self._page.run(job, ())
        self._last = (asked, made, content)
        return made, content

    def _mapped(self, job: dict[str, Any]) -> dict[str, Any]:
        if self._setup["renderer"] != _MARKS:
            _, content = self._made({**job, "finish": None})
        else:
            if self._marked is None:
                self._marked = RenderBench({**self._setup, "pack": self._setup["marked"]})
            _, (content,) = self._marked.run({**job, "finish": None}, ())
        marks: list[list[Any]] = []
        runs: list[list[Any]] = []
        with _Opened(content) as document:
            for index in range(min(len(document), 20)):
                page = document[index]
                width, height = page.get_size()
                text = page.get_textpage()
                found = _links(document, page) if self._setup["renderer"] == _MARKS else _values(text, job["view"])
                marks += [[index + 1, *_share(box, width, height), what] for what, box in found]
                for number in range(min(text.count_rects(), _MOST_RUNS - len(runs))):
                    box = text.get_rect(number)
                    runs.append([index + 1, *_share(box, width, height), text.get_text_bounded(*box).strip()])
                text.close()
        return {"marks": marks, "runs": runs}


class _Opened:
    """A PDF that is closed again, whatever happens."""

    def __init__(self, content: bytes) -> None:
        self._document = pypdfium2.PdfDocument(content)

    def __enter__(self) -> Any:
        return self._document

    def __exit__(self, *exc: object) -> None:
        self._document.close()


def _picture(page: Any, width: int) -> bytes:
    """A JPEG without loss of colour resolution: 13 ms for a page where a PNG takes 60, and text stays sharp."""
    picture = page.render(scale=width / page.get_width()).to_pil()
    out = io.BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=92, subsampling=0)
    return out.getvalue()


def _share(box: Sequence[float], width: float, height: float) -> list[float]:
    """Left, top, width and height as shares of the page; ``box`` is left, bottom, right, top in points."""
    left, bottom, right, top = box
    return [
        round(left / width, 5),
        round((height - top) / height, 5),
        round((right - left) / width, 5),
        round((top - bottom) / height, 5),
    ]


def _links(document: Any, page: Any) -> list[tuple[str, tuple[float, float, float, float]]]:
    """Marks of a page with their boxes."""
    found = []
    place, link, box = ctypes.c_int(0), pdfium.FPDF_LINK(), pdfium.FS_RECTF()
    while pdfium.FPDFLink_Enumerate(page, ctypes.byref(place), ctypes.byref(link)):
        action = pdfium.FPDFLink_GetAction(link)
        size = pdfium.FPDFAction_GetURIPath(document, action, None, 0) if action else 0
        if not size:
            continue
        buffer = ctypes.create_string_buffer(size)
        pdfium.FPDFAction_GetURIPath(document, action, buffer, size)
        address = buffer.value.decode("utf-8", "replace")
        if address.startswith(MARK) and pdfium.FPDFLink_GetAnnotRect(link, ctypes.byref(box)):
            found.append((address.removeprefix(MARK), (box.left, box.bottom, box.right, box.top)))
    return found


def _values(text: Any, view: dict[str, Any]) -> list[tuple[str, _Box]]:
    """What of a view stands on a page, with its boxes. Longer texts go first, so that a number within another text is
    not taken for a value of its own. Texts that several fields have are theirs in turn where each is shown once."""
    whole = text.get_text_range()
    taken = bytearray(len(whole))
    found: list[tuple[str, _Box]] = []
    for shown, names in values_of(view).items():
        if len(found) >= _MOST_VALUES or shown not in whole:
            continue
        searcher = text.search(shown, match_case=True, match_whole_word=shown[0].isalnum() and shown[-1].isalnum())
        places: list[tuple[int, int]] = []
        while (place := searcher.get_next()) is not None:
            start, count = place
            if not any(taken[start : start + count]):
                taken[start : start + count] = b"\1" * count
                places.append((start, count))
        searcher.close()
        in_turn = len(places) == len(names)
        for number, (start, count) in enumerate(places):
            kind, _, first = names[0].partition("/")
            either = "|".join([first, *(name.partition("/")[2] for name in names[1:_MOST_NAMES])])
            what = names[number] if in_turn else f"{kind}/{either}"
            found += [(what, text.get_rect(at)) for at in range(text.count_rects(start, count))]
    return found
