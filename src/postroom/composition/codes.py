"""Symbols (QR, Code 128, ...) made by zxing-cpp and drawn as one compact SVG path.

The binding's own SVG writer takes longer than the encoder; the bit matrix is there in microseconds. Rows of dark
modules become rectangles of one path, so that no viewer shows seams between them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import compress
from operator import eq
from typing import NamedTuple

import zxingcpp

from postroom.composition import qr
from postroom.composition.formats import NotShowable

_FORMATS = {
    "code128": zxingcpp.BarcodeFormat.Code128,
    "datamatrix": zxingcpp.BarcodeFormat.DataMatrix,
    "ean13": zxingcpp.BarcodeFormat.EAN13,
    "ean8": zxingcpp.BarcodeFormat.EAN8,
    "pdf417": zxingcpp.BarcodeFormat.PDF417,
    "aztec": zxingcpp.BarcodeFormat.Aztec,
}
PLACE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z_][A-Za-z0-9_-]*)*)\}")
_DARK = re.compile(rb"\x00+")
_EAN = {"ean13": re.compile(r"[0-9]{12,13}"), "ean8": re.compile(r"[0-9]{7,8}")}
_DIGITS = {"ean13": "12 or 13", "ean8": "7 or 8"}
#: IG QR-bill 2.3, style guide 3.4: the symbol is 46 mm wide, the cross on a white field of 7 mm is drawn in its middle.
_SWISS_SIDE, _CROSS = 46.0, 7.0


def symbol(kind: str, text: str) -> str:
    """SVG text of the symbol, quiet zone included, one unit per module. Raises NotShowable."""
    if kind in _EAN and not _EAN[kind].fullmatch(text):
        what = f"{text!r} is not an {_called(kind)} number."
        raise NotShowable(f"not-{kind}", what, f"Write its {_DIGITS[kind]} digits.")
    if kind == "epc":
        return symbol("qr", text)
    if kind == "swiss":
        return _with_cross(symbol("qr", text))
    try:
        if kind == "qr":
            return _drawn_qr(qr.modules(text))
        made = zxingcpp.create_barcode(text, _FORMATS[kind])
    except (ValueError, RuntimeError) as error:
        if kind in _EAN:
            what = f"{text!r} is not an {_called(kind)} number: {error}."
            raise NotShowable(f"not-{kind}", what, "Check its digits.") from error
        raise NotShowable(
            "code-impossible",
            f"No {kind} symbol can be made of these {len(text)} characters: {error}.",
            "Shorten the text, or choose a kind of symbol that can hold it.",
        ) from error
    return _drawn(made.to_image(scale=1))


def _called(kind: str) -> str:
    return f"EAN-{kind.removeprefix('ean')}"


def _with_cross(drawn: str) -> str:
    """The symbol without its quiet zone and with the Swiss cross, so that a width of 46 mm gives the exact geometry.

    The cross hides less than a sixth of a percent of what level M can mend for each module; readers expect it.
    """
    found = [tuple(map(int, one)) for one in _RUN.findall(drawn)]
    left, top = min(x for x, _, _, _ in found), min(y for _, y, _, _ in found)
    side = max(x + wide for x, _, wide, _ in found) - left
    unit = side / _SWISS_SIDE
    middle_x, middle_y = left + side / 2, top + side / 2

    def box(wide: float, tall: float, fill: str) -> str:
        w, t = wide * unit, tall * unit
        return (
            f'<rect x="{middle_x - w / 2:.4f}" y="{middle_y - t / 2:.4f}" '
            f'width="{w:.4f}" height="{t:.4f}" fill="{fill}"/>'
        )

    # White field 7 mm, black square 6 mm, arms of the cross 3.9 mm by 1.17 mm (SIX, file CH-Kreuz_7mm).
    cross = box(_CROSS, _CROSS, "#fff") + box(6, 6, "#000") + box(1.17, 3.9, "#fff") + box(3.9, 1.17, "#fff")
    path = drawn[drawn.index("<path") : drawn.index("</svg>")]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{side}" height="{side}" '
        f'viewBox="{left} {top} {side} {side}">{path}{cross}</svg>'
    )


_RUN = re.compile(r"M(\d+) (\d+)h(\d+)v(\d+)H")


class _Runs(dict[tuple[int, int], str]):
    """The path of a run of dark modules of one height, ``Y`` standing for its row; made once for each run."""

    def __init__(self, tall: int) -> None:
        super().__init__()
        self._tall = tall

    def __missing__(self, run: tuple[int, int]) -> str:
        start, end = run
        path = self[run] = f"M{start} Yh{end - start}v{self._tall}H{start}z"
        return path


_RUNS = [_Runs(tall) for tall in range(4)]


def _drawn(image: zxingcpp.Image) -> str:
    height, width = image.shape
    return _svg(width, height, _path(bytes(memoryview(image)), width, 0))  # type: ignore[arg-type]  # a buffer


def _path(flat: bytes, width: int, top: int) -> str:
    """The dark modules of the rows in ``flat``, the first of which stands at ``top``; equal rows are drawn as one."""
    path: list[str] = []
    y, height = 0, len(flat) // width
    while y < height:
        row = flat[y * width : (y + 1) * width]
        tall = 1
        while flat[(y + tall) * width : (y + tall + 1) * width] == row:
            tall += 1
        runs = _RUNS[tall] if tall < len(_RUNS) else _Runs(tall)
        path.append("".join([runs[run.span()] for run in _DARK.finditer(row)]).replace("Y", str(top + y)))
        y += tall
    return "".join(path)


def _svg(width: int, height: int, path: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f'<path d="{path}"/></svg>'
    )


class _Places(NamedTuple):
    """Every module of a QR code, row by row, and the texts before and after the length of a run that begins there."""

    numbers: range
    heads: list[str]
    tails: list[str]


@lru_cache(maxsize=6)  # those of version 40 are 2.5 MB
def _places(width: int) -> _Places:
    numbers = range((width - 2 * qr.QUIET) * width)
    back = [f"v1H{x}z" for x in range(width)]  # one text for each column: few enough to stay in the processor's cache
    heads = [f"M{at % width} {at // width + qr.QUIET}h" for at in numbers]
    return _Places(numbers, heads, [back[at % width] for at in numbers])


_LENGTHS = [str(length) for length in range(200)]  # no run is longer than the side of version 40, 177
_ONES = bytes(sign == ord("1") for sign in range(256))


def _drawn_qr(made: qr.Modules) -> str:
    """The same picture as ``_drawn`` makes, in a third of its time: where dark begins and ends is found for the whole
    symbol at once, as two neighbours that differ."""
    bits, width = made
    places = _places(width)
    count = len(places.numbers)
    text = f"{bits:0{count}b}"
    rows = [text[at : at + width] for at in range(0, count, width)]
    if any(map(eq, rows, rows[1:])):  # hardly ever
        return _svg(width, width, _path(text.encode().translate(_GREY), width, qr.QUIET))
    edges = f"{bits ^ bits >> 1:0{count}b}".encode().translate(_ONES)
    at = compress(places.numbers, edges)
    heads, tails = places.heads, places.tails
    runs = [f"{heads[begin]}{_LENGTHS[end - begin]}{tails[begin]}" for begin, end in zip(at, at, strict=True)]
    return _svg(width, width, "".join(runs))


_GREY = bytes(0 if sign == ord("1") else 255 for sign in range(256))
