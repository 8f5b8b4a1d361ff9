"""What runs in a cage cell to turn a page of a PDF into a picture (P10): no Django, no database, no settings.

pdfium is fast, written in C++ and not safe for threads; in a cell of its own a broken file costs one picture.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import pypdfium2

from postroom.cage.bench import BenchFault


class PageBench:
    """Jobs: ``page`` (from 1) and ``width`` in px, the PDF as the only blob; the answer is a PNG and its size."""

    def __init__(self, setup: dict[str, Any]) -> None:
        pass

    def run(self, job: dict[str, Any], blobs: Sequence[bytes]) -> tuple[dict[str, Any], Sequence[bytes]]:
        try:
            document = pypdfium2.PdfDocument(blobs[0])
        except pypdfium2.PdfiumError as error:
            raise BenchFault(
                "not-a-pdf", f"The bytes cannot be read as a PDF: {error}", "Download the original."
            ) from error
        try:
            if not 1 <= job["page"] <= len(document):
                raise BenchFault("no-such-page", f"There is no page {job['page']} of {len(document)}.")
            page = document[job["page"] - 1]
            picture = page.render(scale=job["width"] / page.get_width()).to_pil()
        finally:
            document.close()
        out = io.BytesIO()
        picture.convert("RGB").quantize(128, dither=0).save(out, "PNG", optimize=False, compress_level=6)
        return {"width": picture.width, "height": picture.height}, (out.getvalue(),)
