"""The steps of one document, carried out in the cell that set its page.

Equal input gives equal bytes (P5): the file's identifier follows from its content, and nothing says when this was.
What the page claims of itself (XMP, output intent, tags) is left as it stands; publishing has seen to it that the steps
keep it true.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

try:
    import pikepdf
    from pikepdf import Pdf
except ImportError:  # the extra is not installed; said by whoever is asked to finish something
    _THERE = False
else:
    _THERE = True
    from postroom.composition.finishing.artifact import Picture, picture_of, place
    from postroom.composition.finishing.drawn import Drawer
    from postroom.composition.finishing.embedding import embed
    from postroom.composition.finishing.joining import join
    from postroom.composition.finishing.sheets import impose

from postroom.composition.finishing.errors import INSTALL, MISSING
from postroom.composition.spec import Rendered, RenderFault

#: Points by which a letterhead may differ from the page it lies under: a programme's idea of A4 is not another's.
_NEARLY = 3.0


class Finisher:
    """Finishes the documents of one template; its files are read once."""

    def __init__(self, pack: str, fonts: str) -> None:
        if not _THERE:
            raise RenderFault("finishing-tools-missing", MISSING, INSTALL)
        self._root = Path(pack).resolve()
        manifest = yaml.load((self._root / "template.yaml").read_bytes(), Loader=yaml.BaseLoader)  # noqa: S506  (texts)
        named = [promise.removeprefix("pdf/") for promise in manifest.get("promises", ["pdf/a-2b"])]
        self._tagged = any(one.startswith("ua") or (one[:2] == "a-" and one.endswith("a")) for one in named)
        archival = next((one for one in named if one.startswith("a-")), "a-2u")
        part = archival[2]
        standard = {"1": "a-1b", "2": "a-2u", "3": "a-3u", "4": "a-4"}[part]
        self._drawer = Drawer(pack, fonts, standard)
        self._files: dict[str, Pdf] = {}
        self._heads: dict[tuple[str, int], tuple[Pdf, Picture]] = {}

    def finish(self, made: Rendered, steps: Iterable[dict[str, Any]], clock: int) -> Rendered:
        """The document with every step done, in order; ``clock`` is its own day. Raises RenderFault."""
        try:
            with Pdf.open(io.BytesIO(made.content)) as pdf:
                for step in steps:
                    self._do(pdf, step, clock)
                return Rendered(saved(pdf), made.media_type, len(pdf.pages))
        except pikepdf.PdfError as error:
            raise RenderFault("finish-failed", f"The document cannot be finished: {error}.", "Report this.") from error

    def _do(self, pdf: Pdf, step: dict[str, Any], clock: int) -> None:
        match step["do"]:
            case "letterhead":
                self._letterhead(pdf, step)
            case "stamp" | "watermark":
                self._draw(pdf, step)
            case "append":
                join(pdf, self._open(step["file"]), tagged=self._tagged)
            case "nup":
                impose(pdf, int(step["pages"]), step["sheet"])
            case "attach":
                embed(pdf, self._bytes(step["file"]), step, clock)
            case other:
                raise RenderFault("finish-unknown", f"There is no step {other!r}.", "Publish the template again.")

    def _letterhead(self, pdf: Pdf, step: dict[str, Any]) -> None:
        last = len(self._open(step["file"]).pages) - 1
        forms: dict[int, Any] = {}
        for number, page in _pages(pdf, step["on"]):
            which = 0 if number == 0 else last
            picture = self._head(step["file"], which)
            width, height, origin = _size(page)
            if abs(width - picture.width) > _NEARLY or abs(height - picture.height) > _NEARLY:
                what = f"Page {number + 1} has {width:.0f} x {height:.0f} points, the letterhead {step['file']} has "
                hint = "Make the letterhead in the size of the page, or say on: first."
                raise RenderFault("finish-size", f"{what}{picture.width:.0f} x {picture.height:.0f}.", hint)
            if which not in forms:
                forms[which] = pdf.copy_foreign(picture.form)
            place(pdf, page, forms[which], origin, above=False, subtype="Background")

    def _draw(self, pdf: Pdf, step: dict[str, Any]) -> None:
        above = step["do"] == "stamp"
        forms: dict[tuple[float, float], Any] = {}
        for _, page in _pages(pdf, step["on"]):
            width, height, origin = _size(page)
            key = round(width, 2), round(height, 2)
            if key not in forms:
                forms[key] = pdf.copy_foreign(self._drawer.draw(step, *key).form)
            place(pdf, page, forms[key], origin, above=above, subtype="Watermark")

    def _head(self, name: str, number: int) -> Picture:
        if (name, number) not in self._heads:
            source = Pdf.open(io.BytesIO(self._bytes(name)))
            self._heads[name, number] = source, picture_of(source, number)
        return self._heads[name, number][1]

    def _open(self, name: str) -> Pdf:
        if name not in self._files:
            self._files[name] = Pdf.open(io.BytesIO(self._bytes(name)))
        return self._files[name]

    def _bytes(self, name: str) -> bytes:
        path = (self._root / name).resolve()
        if not path.is_relative_to(self._root) or not path.is_file():
            raise RenderFault("finish-file", f"{name} is not in the template.", "Publish the template again with it.")
        return path.read_bytes()


def saved(pdf: Pdf) -> bytes:
    """The file. Streams stay as they are packed; metadata can be read as it stands (ISO 19005-2, 6.6.2)."""
    out = io.BytesIO()
    pdf.save(
        out,
        deterministic_id=True,
        compress_streams=False,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
        object_stream_mode=pikepdf.ObjectStreamMode.disable,
        fix_metadata_version=False,
    )
    return out.getvalue()


def _pages(pdf: Pdf, on: str) -> Iterable[tuple[int, Any]]:
    for number, page in enumerate(pdf.pages):
        if on == "all" or (on == "first") == (number == 0):
            yield number, page


def _size(page: Any) -> tuple[float, float, str]:
    """Width and height of a page as it is seen, and the matrix that puts its lower left corner to the origin."""
    left, bottom, right, top = (float(side) for side in page.cropbox)
    width, height = right - left, top - bottom
    match int(page.obj.get("/Rotate", 0)) % 360:
        case 90:
            return height, width, f"0 1 -1 0 {right:.4f} {bottom:.4f}"
        case 180:
            return width, height, f"-1 0 0 -1 {right:.4f} {top:.4f}"
        case 270:
            return height, width, f"0 -1 1 0 {left:.4f} {top:.4f}"
        case _:
            return width, height, f"1 0 0 1 {left:.4f} {bottom:.4f}"
