"""Values of a document by their path, and what a symbol says: what assertions are filled with."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import zxingcpp
from PIL import Image, ImageDraw

from postroom.composition.codes import PLACE

_RUN = re.compile(r"M(\d+) (\d+)h(\d+)v(\d+)H")
_BOX = re.compile(r'viewBox="([0-9.-]+) ([0-9.-]+) ([0-9.-]+) ([0-9.-]+)"')
_QUIET, _SCALE = 8, 4


def texts_at(view: Any, path: str) -> list[str]:
    """The texts at a path of the view; ``lines[].amount``, or ``lines.amount``, gives one for each row."""
    here = [view]
    for step in path.replace("[]", "").split("."):
        here = [
            inner[step]
            for one in here
            for inner in (one if isinstance(one, list) else [one])
            if isinstance(inner, dict) and inner.get(step) is not None
        ]
    flat = [inner for one in here for inner in (one if isinstance(one, list) else [one])]
    return [str(one) for one in flat if isinstance(one, str | int | float) and not isinstance(one, bool) and str(one)]


def filled(text: str, view: Mapping[str, Any]) -> str | None:
    """The text with its ``{path}`` as shown; None where this record lacks one of them."""
    found: list[str] = []
    end = 0
    for place in PLACE.finditer(text):
        values = texts_at(view, place[1])
        if not values:
            return None
        found += [text[end : place.start()], values[0]]
        end = place.end()
    return "".join((*found, text[end:]))


def strings_of(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a view with its path; the steps of a list are left out of it: ``lines.text``."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from strings_of(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for inner in value:
            yield from strings_of(inner, path)
    elif isinstance(value, str) and value:
        yield path, value


def read_symbol(svg: str) -> str | None:
    """What a symbol made by ``codes.symbol`` reads: its modules are drawn and read back; None when no reader can."""
    box = _BOX.search(svg)
    if box is None:
        return None
    left, top, wide, tall = (float(one) for one in box.groups())
    size = (int(wide + 2 * _QUIET) * _SCALE, int(tall + 2 * _QUIET) * _SCALE)
    picture = Image.new("L", size, 255)
    pen = ImageDraw.Draw(picture)
    for found in _RUN.finditer(svg):
        x, y, w, h = (int(one) for one in found.groups())
        x0, y0 = (x - left + _QUIET) * _SCALE, (y - top + _QUIET) * _SCALE
        pen.rectangle((x0, y0, x0 + w * _SCALE - 1, y0 + h * _SCALE - 1), fill=0)
    symbols = zxingcpp.read_barcodes(picture)
    return symbols[0].text if symbols else None
