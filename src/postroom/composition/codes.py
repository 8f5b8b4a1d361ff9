"""Symbols (QR, Code 128, ...) made by zxing-cpp and drawn as one compact SVG path.

The binding's own SVG writer takes longer than the encoder; the bit matrix is there in microseconds. Rows of dark
modules become rectangles of one path, so that no viewer shows seams between them.
"""

from __future__ import annotations

import re

import zxingcpp

from postroom.composition.formats import NotShowable

_FORMATS = {
    "qr": zxingcpp.BarcodeFormat.QRCode,
    "code128": zxingcpp.BarcodeFormat.Code128,
    "datamatrix": zxingcpp.BarcodeFormat.DataMatrix,
    "ean13": zxingcpp.BarcodeFormat.EAN13,
    "pdf417": zxingcpp.BarcodeFormat.PDF417,
    "aztec": zxingcpp.BarcodeFormat.Aztec,
}
PLACE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z_][A-Za-z0-9_-]*)*)\}")
_DARK = re.compile(rb"\x00+")
_EAN13 = re.compile(r"[0-9]{12,13}")


def symbol(kind: str, text: str) -> str:
    """SVG text of the symbol, quiet zone included, one unit per module. Raises NotShowable."""
    if kind == "ean13" and not _EAN13.fullmatch(text):
        raise NotShowable("not-ean13", f"{text!r} is not an EAN-13 number.", "Write its 12 or 13 digits.")
    try:
        # Error correction M: what payment codes ask for (EPC069-12, section 2), and enough for a printed page.
        made = (
            zxingcpp.create_barcode(text, _FORMATS[kind], ec_level="M")
            if kind == "qr"
            else zxingcpp.create_barcode(text, _FORMATS[kind])
        )
    except (ValueError, RuntimeError) as error:
        if kind == "ean13":
            raise NotShowable(
                "not-ean13", f"{text!r} is not an EAN-13 number: {error}.", "Check its digits."
            ) from error
        raise NotShowable(
            "code-impossible",
            f"No {kind} symbol can be made of these {len(text)} characters: {error}.",
            "Shorten the text, or choose a kind of symbol that can hold it.",
        ) from error
    return _drawn(made.to_image(scale=1))


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
    flat = bytes(memoryview(image))  # type: ignore[arg-type]  # a buffer, though its stub does not say so
    path: list[str] = []
    y = 0
    while y < height:
        row = flat[y * width : (y + 1) * width]
        tall = 1
        while flat[(y + tall) * width : (y + tall + 1) * width] == row:
            tall += 1
        runs = _RUNS[tall] if tall < len(_RUNS) else _Runs(tall)
        path.append("".join([runs[run.span()] for run in _DARK.finditer(row)]).replace("Y", str(y)))
        y += tall
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f'<path d="{"".join(path)}"/></svg>'
    )
