"""What runs in a cage cell to look at finished documents (P10): no Django, no database, no settings."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import pypdfium2

from postroom.cage.bench import BenchFault

#: Pixels per inch at which symbols are read: finer than what a phone sees of a printed page.
_READING = 250
_RED = (200, 30, 30)


class LookBench:
    """Jobs by ``op``, the PDF as the only blob. ``look``: pages and claims, with ``symbols`` what its symbols read.
    ``paint``: a PNG of ``page`` (from 1), ``width`` px, with ``boxes`` (mm) outlined."""

    def __init__(self, setup: dict[str, Any]) -> None:
        pass

    def run(self, job: dict[str, Any], blobs: Sequence[bytes]) -> tuple[Any, Sequence[bytes]]:
        try:
            document = pypdfium2.PdfDocument(blobs[0])
        except pypdfium2.PdfiumError as error:
            raise BenchFault("not-a-pdf", f"The bytes cannot be read as a PDF: {error}") from error
        try:
            if job["op"] == "paint":
                return _painted(document, job)
            return _seen(blobs[0], document, job), ()
        except ValueError as error:
            raise BenchFault("not-looked-at", f"The document cannot be looked at: {error}.") from error
        finally:
            document.close()


def _seen(content: bytes, document: pypdfium2.PdfDocument, job: dict[str, Any]) -> dict[str, Any]:
    from postroom.composition.checks.claims import claims
    from postroom.composition.checks.look import look

    seen: dict[str, Any] = {"pages": look(document)}
    if job.get("claims"):
        seen["claims"] = claims(content, document)
    if job.get("symbols"):
        seen["symbols"] = [one for index in range(len(document)) for one in _symbols(document[index], index + 1)]
    return seen


def _symbols(page: pypdfium2.PdfPage, number: int) -> list[dict[str, Any]]:
    import zxingcpp

    picture = page.render(scale=_READING / 72, grayscale=True).to_pil()
    found = []
    for one in zxingcpp.read_barcodes(picture):
        corners = [
            one.position.top_left,
            one.position.top_right,
            one.position.bottom_left,
            one.position.bottom_right,
        ]
        xs, ys = [corner.x for corner in corners], [corner.y for corner in corners]
        scale = 25.4 / _READING
        box = [min(xs) * scale, min(ys) * scale, (max(xs) - min(xs)) * scale, (max(ys) - min(ys)) * scale]
        kind = str(one.format).rpartition(".")[2]
        found.append({"page": number, "kind": kind, "text": one.text, "box": [round(side, 2) for side in box]})
    return found


def _painted(document: pypdfium2.PdfDocument, job: dict[str, Any]) -> tuple[dict[str, Any], Sequence[bytes]]:
    if not 1 <= job["page"] <= len(document):
        raise BenchFault("no-such-page", f"There is no page {job['page']} of {len(document)}.")
    page = document[job["page"] - 1]
    scale = job["width"] / page.get_width()
    picture = page.render(scale=scale).to_pil().convert("RGB")
    if job.get("boxes"):
        from PIL import ImageDraw

        pen = ImageDraw.Draw(picture)
        dots = scale * 72 / 25.4
        for x, y, w, h in job["boxes"]:
            edge = 0.8
            corners = ((x - edge) * dots, (y - edge) * dots, (x + w + edge) * dots, (y + h + edge) * dots)
            pen.rectangle(corners, outline=_RED, width=max(2, round(job["width"] / 400)))
    out = io.BytesIO()
    picture.quantize(128, dither=0).save(out, "PNG", optimize=False, compress_level=6)
    return {"width": picture.width, "height": picture.height}, (out.getvalue(),)
