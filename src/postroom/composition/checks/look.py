"""What stands on the pages of a finished PDF, in mm from a page's upper left corner. Runs in a cell (P10).

A run is a piece of text in one font; the drawing order of a page is kept. Everything is plain JSON, so that it leaves
the cell as it is: ``pages`` of ``{"w", "h", "runs", "shapes", "images"}``.
"""

from __future__ import annotations

import ctypes
import hashlib
import math
from collections.abc import Iterator
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

MM = 25.4 / 72
#: Text may reach over the edge of what clips it by so much (mm): descenders and side bearings do.
_OVER = 0.35
_DEEP = 6
_MOST_OBJECTS = 200_000

Matrix = tuple[float, float, float, float, float, float]
Box = tuple[float, float, float, float]
_SAME: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def look(document: pypdfium2.PdfDocument) -> list[dict[str, Any]]:
    """All pages. Raises ValueError where a page holds more than can be looked at."""
    pages = []
    fonts: dict[int, tuple[str, bool]] = {}
    for index in range(len(document)):
        page = document[index]
        pages.append(_Page(page, fonts).seen())
        page.close()
    return pages


class _Page:
    def __init__(self, page: pypdfium2.PdfPage, fonts: dict[int, tuple[str, bool]]) -> None:
        self.page, self.text = page, page.get_textpage()
        self.left, self.bottom, self.right, self.top = page.get_bbox()
        self.fonts = fonts
        self.runs: list[list[Any]] = []
        self.shapes: list[list[Any]] = []
        self.images: list[list[Any]] = []
        self.count = 0

    def seen(self) -> dict[str, Any]:
        try:
            for thing, matrix in self._things():
                kind = pdfium.FPDFPageObj_GetType(thing)
                if kind == pdfium.FPDF_PAGEOBJ_TEXT:
                    self._run(thing, matrix)
                elif kind == pdfium.FPDF_PAGEOBJ_PATH:
                    self._shape(thing, matrix)
                elif kind == pdfium.FPDF_PAGEOBJ_IMAGE:
                    self._image(thing, matrix)
        finally:
            self.text.close()
        size = {"w": _mm(self.right - self.left), "h": _mm(self.top - self.bottom)}
        return {**size, "runs": self.runs, "shapes": self.shapes, "images": self.images}

    def _things(self) -> Iterator[tuple[Any, Matrix]]:
        """Objects of the page and, within them, those of its forms, in the order they are drawn."""
        raw = self.page.raw
        for index in range(pdfium.FPDFPage_CountObjects(raw)):
            yield from self._inside(pdfium.FPDFPage_GetObject(raw, index), _SAME, 0)

    def _inside(self, thing: Any, matrix: Matrix, depth: int) -> Iterator[tuple[Any, Matrix]]:
        self.count += 1
        if self.count > _MOST_OBJECTS:
            raise ValueError(f"a page of more than {_MOST_OBJECTS} objects")
        if pdfium.FPDFPageObj_GetType(thing) != pdfium.FPDF_PAGEOBJ_FORM or depth >= _DEEP:
            yield thing, matrix
            return
        own = pdfium.FS_MATRIX()
        inner = matrix
        if pdfium.FPDFPageObj_GetMatrix(thing, own):
            inner = _times((own.a, own.b, own.c, own.d, own.e, own.f), matrix)
        for index in range(max(0, pdfium.FPDFFormObj_CountObjects(thing))):
            yield from self._inside(pdfium.FPDFFormObj_GetObject(thing, index), inner, depth + 1)

    def _box(self, thing: Any, matrix: Matrix) -> Box | None:
        """Left, top, width, height in mm from the upper left corner."""
        found = [ctypes.c_float() for _ in range(4)]
        if not pdfium.FPDFPageObj_GetBounds(thing, *found):
            return None
        left, bottom, right, top = (one.value for one in found)
        return self._placed(left, bottom, right, top, matrix)

    def _placed(self, left: float, bottom: float, right: float, top: float, matrix: Matrix) -> Box:
        if matrix is not _SAME:
            a, b, c, d, e, f = matrix
            xs, ys = [], []
            for x, y in ((left, bottom), (left, top), (right, bottom), (right, top)):
                xs.append(a * x + c * y + e)
                ys.append(b * x + d * y + f)
            left, right, bottom, top = min(xs), max(xs), min(ys), max(ys)
        return _mm(left - self.left), _mm(self.top - top), _mm(right - left), _mm(top - bottom)

    def _run(self, thing: Any, matrix: Matrix) -> None:
        length = pdfium.FPDFTextObj_GetText(thing, self.text.raw, None, 0)
        if length <= 2:
            return
        buffer = ctypes.create_string_buffer(length)
        pdfium.FPDFTextObj_GetText(thing, self.text.raw, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), length)
        text = buffer.raw[: length - 2].decode("utf-16-le", "replace").replace("\r\n", " ")
        text = text.replace("\x02", "-")  # pdfium's sign for a hyphen at which a line breaks
        box = self._box(thing, matrix)
        if box is None or not text.strip():
            return
        name, embedded = self._font(thing)
        size, own = ctypes.c_float(), pdfium.FS_MATRIX()
        pdfium.FPDFTextObj_GetFontSize(thing, size)
        grown = 1.0
        if pdfium.FPDFPageObj_GetMatrix(thing, own):
            _, _, c, d, _, _ = _times((own.a, own.b, own.c, own.d, own.e, own.f), matrix)
            grown = math.hypot(c, d)
        cut = self._cut(thing, box, matrix)
        colour = _colour(thing)
        self.runs.append([text, *box, name, round(size.value * grown, 2), colour, embedded, cut])

    def _font(self, thing: Any) -> tuple[str, bool]:
        font = pdfium.FPDFTextObj_GetFont(thing)
        if not font:
            return "", False
        address = ctypes.cast(font, ctypes.c_void_p).value or 0
        known = self.fonts.get(address)
        if known is None:
            buffer = ctypes.create_string_buffer(200)
            pdfium.FPDFFont_GetBaseFontName(font, buffer, 200)
            name = buffer.value.decode("utf-8", "replace")
            if name[6:7] == "+":  # the tag of a subset (ISO 32000-1, 9.6.4)
                name = name[7:]
            known = name, pdfium.FPDFFont_GetIsEmbedded(font) == 1
            self.fonts[address] = known
        return known

    def _cut(self, thing: Any, box: Box, matrix: Matrix) -> bool:
        """Whether a clipping path leaves a part of it unseen."""
        clip = pdfium.FPDFPageObj_GetClipPath(thing)
        if not clip:
            return False
        x, y, w, h = box
        for index in range(max(0, pdfium.FPDFClipPath_CountPaths(clip))):
            xs, ys = [], []
            for number in range(max(0, min(200, pdfium.FPDFClipPath_CountPathSegments(clip, index)))):
                segment = pdfium.FPDFClipPath_GetPathSegment(clip, index, number)
                px, py = ctypes.c_float(), ctypes.c_float()
                if segment and pdfium.FPDFPathSegment_GetPoint(segment, px, py):
                    xs.append(px.value)
                    ys.append(py.value)
            if not xs:
                continue
            cx, cy, cw, ch = self._placed(min(xs), min(ys), max(xs), max(ys), matrix)
            if x < cx - _OVER or y < cy - _OVER or x + w > cx + cw + _OVER or y + h > cy + ch + _OVER:
                return True
        return False

    def _shape(self, thing: Any, matrix: Matrix) -> None:
        box = self._box(thing, matrix)
        if box is not None:
            self.shapes.append([*box, _colour(thing), max(0, pdfium.FPDFPath_CountSegments(thing))])

    def _image(self, thing: Any, matrix: Matrix) -> None:
        box = self._box(thing, matrix)
        if box is None:
            return
        length = pdfium.FPDFImageObj_GetImageDataRaw(thing, None, 0)
        buffer = ctypes.create_string_buffer(max(1, length))
        pdfium.FPDFImageObj_GetImageDataRaw(thing, buffer, length)
        self.images.append([*box, hashlib.sha256(buffer.raw[:length]).hexdigest()[:16]])


def _colour(thing: Any) -> str:
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    if not pdfium.FPDFPageObj_GetFillColor(thing, red, green, blue, alpha):
        return ""
    return f"#{red.value:02x}{green.value:02x}{blue.value:02x}"


def _mm(points: float) -> float:
    return round(points * MM, 2)


def _times(one: Matrix, other: Matrix) -> Matrix:
    """``one`` first, then ``other`` (ISO 32000-1, 8.3.4)."""
    a, b, c, d, e, f = one
    p, q, r, s, t, u = other
    return (a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u)
