"""What runs in a cage cell to find where two pages differ (P10): no Django, no database, no settings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pypdfium2
from PIL import Image, ImageChops

from postroom.cage.bench import BenchFault

#: Pages are compared at this width, in cells of so many pixels; lighter differences than that are no difference.
_WIDTH, _CELL, _LEAST = 620, 10, 24
#: Side of a page in the answer's units.
UNITS = 1000


class PairBench:
    """Jobs: ``page`` (from 1), two PDFs as blobs. The answer: ``pages`` of each, ``boxes`` (x, y, width, height) in
    thousandths of the second page's width, or of the first's where the second has no such page."""

    def __init__(self, setup: dict[str, Any]) -> None:
        pass

    def run(self, job: dict[str, Any], blobs: Sequence[bytes]) -> tuple[dict[str, Any], Sequence[bytes]]:
        counts, pictures = [], []
        for content in blobs:
            try:
                document = pypdfium2.PdfDocument(content)
            except pypdfium2.PdfiumError as error:
                raise BenchFault("not-a-pdf", f"The bytes cannot be read as a PDF: {error}") from error
            try:
                counts.append(len(document))
                if 1 <= job["page"] <= len(document):
                    page = document[job["page"] - 1]
                    pictures.append(page.render(scale=_WIDTH / page.get_width(), grayscale=True).to_pil().convert("L"))
            finally:
                document.close()
        boxes = differences(*pictures) if len(pictures) == 2 else []
        return {"pages": counts, "boxes": boxes}, ()


def differences(before: Image.Image, after: Image.Image) -> list[list[int]]:
    """Boxes around what differs; what lies close together is one box."""
    size = max(before.width, after.width), max(before.height, after.height)
    both = []
    for picture in (before, after):
        sheet = Image.new("L", size, 255)
        sheet.paste(picture)
        both.append(sheet)
    told = ImageChops.difference(*both).point(lambda value: 255 if value >= _LEAST else 0)
    columns, rows = -(-size[0] // _CELL), -(-size[1] // _CELL)
    grid = told.resize((columns, rows), Image.Resampling.BOX).tobytes()
    marked = {(at % columns, at // columns) for at, value in enumerate(grid) if value}
    unit = UNITS / after.width
    return sorted(
        [round(value * _CELL * unit) for value in (left, top, right - left + 1, bottom - top + 1)]
        for left, top, right, bottom in _clusters(marked)
    )


def _clusters(marked: set[tuple[int, int]]) -> list[tuple[int, int, int, int]]:
    """Marked cells that lie within two cells of each other, as rectangles."""
    found = []
    left = set(marked)
    while left:
        todo, mine = [left.pop()], []
        while todo:
            x, y = todo.pop()
            mine.append((x, y))
            near = {(x + dx, y + dy) for dx in range(-3, 4) for dy in range(-1, 2)} & left
            left -= near
            todo += near
        xs, ys = [x for x, _ in mine], [y for _, y in mine]
        found.append((min(xs), min(ys), max(xs), max(ys)))
    return found
