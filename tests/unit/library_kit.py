"""What the tests of the house library share: the specimen, changed pages of it, and two readers of symbols."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pypdfium2
import zxingcpp
from PIL import Image

from postroom.composition import fonts
from postroom.composition.pack import TemplatePack, load, load_folder
from postroom.composition.prepare import Prepared, prepare
from postroom.composition.spec import Rendered, RenderJob
from postroom.plugins.renderers.typst import TypstRenderer
from servers import missing

SPECIMEN = Path(__file__).parents[1] / "golden" / "specimen"


@cache
def specimen() -> TemplatePack:
    """The template that uses everything of the library."""
    return load_folder(SPECIMEN)


def sample(name: str) -> dict[str, Any]:
    """A sample of it, by the beginning of its name."""
    return next(record for path, record in specimen().samples if path.startswith(f"samples/{name}"))


def changed(files: Mapping[str, bytes]) -> TemplatePack:
    """The specimen with other files."""
    return load({**specimen().files, **files})


def printed(pack: TemplatePack, record: dict[str, Any], folder: Path, **options: Any) -> tuple[Rendered, Prepared]:
    """One document of a record."""
    pack.unfold(folder, options.get("brand"))
    ready = prepare(pack, record, **options)
    renderer = TypstRenderer(str(folder), str(fonts.folder()))
    return renderer.render(RenderJob(ready.view, ready.codes, ready.fixed_clock)), ready


def texts(content: bytes) -> list[str]:
    """The text of each page."""
    document = pypdfium2.PdfDocument(content)
    return [page.get_textpage().get_text_bounded().replace("\r\n", "\n") for page in document]


def pictures(content: bytes, scale: float = 4) -> list[Image.Image]:
    """Each page as a picture."""
    return [page.render(scale=scale).to_pil().convert("L") for page in pypdfium2.PdfDocument(content)]


def by_zxing(image: Image.Image) -> set[str]:
    """What zxing-cpp reads."""
    return {found.text for found in zxingcpp.read_barcodes(image)}


def by_another(image: Image.Image) -> set[str]:
    """What zbar reads (QR, EAN, Code 128), and libdmtx (DataMatrix) of what zxing-cpp calls one: each symbol by itself,
    as libdmtx searches a whole page for seconds."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # it compares versions with distutils
            from pylibdmtx import pylibdmtx
        from pyzbar import pyzbar
    except ImportError as error:
        missing(f"No second reader: {error}. Debian: libzbar0 libdmtx0b.")
    read: list[bytes] = []
    for found in zxingcpp.read_barcodes(image):
        at = found.position
        corners = (at.top_left, at.top_right, at.bottom_left, at.bottom_right)
        across, down = [corner.x for corner in corners], [corner.y for corner in corners]
        piece = image.crop((min(across) - 30, min(down) - 30, max(across) + 30, max(down) + 30))
        if found.format == zxingcpp.BarcodeFormat.DataMatrix:
            read += [one.data for one in pylibdmtx.decode(piece, timeout=30_000, max_count=1)]
        else:
            read += [one.data for one in pyzbar.decode(piece)]
    return {one.decode() for one in read}
