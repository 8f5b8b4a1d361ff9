"""What runs in a cell to look at a PDF of somebody else before a template with it is published (P10)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from postroom.cage.bench import BenchFault
from postroom.composition.finishing.errors import INSTALL, MISSING


class LookBench:
    """A job is a PDF; the answer what ``preflight`` says of it."""

    def __init__(self, setup: dict[str, Any]) -> None:
        try:
            import pikepdf  # noqa: F401
        except ImportError as error:
            raise BenchFault("finishing-tools-missing", MISSING, INSTALL) from error

    def run(self, job: dict[str, Any], blobs: Sequence[bytes]) -> tuple[dict[str, Any], Sequence[bytes]]:
        """``preflight`` of the one blob."""
        from postroom.composition.finishing.preflight import preflight

        return preflight(blobs[0]), ()


class MergeBench(LookBench):
    """A job is several PDFs; the answer one."""

    def run(self, job: dict[str, Any], blobs: Sequence[bytes]) -> tuple[dict[str, Any], Sequence[bytes]]:
        """The blobs as one. Raises BenchFault ``not-mergeable``, naming the first that does not fit."""
        import io

        from pikepdf import Pdf

        from postroom.composition.finishing.apply import saved
        from postroom.composition.finishing.check import unkept
        from postroom.composition.finishing.joining import join
        from postroom.composition.finishing.preflight import preflight

        seen = [preflight(one, own=True) for one in blobs]
        first = seen[0]
        claimed = [f"pdf/a-{first['part']}{first['level']}"] if first["part"] else []
        claimed += [f"pdf/ua-{first['ua']}"] if first["ua"] else []
        for number, one in enumerate(seen, 1):
            for what, hint in one["faults"]:
                raise BenchFault("not-mergeable", f"Document {number}: {what}", hint)
            for claim in claimed:
                if unkept(claim, one, behind=True):
                    what = f"Document {number} does not claim {claim}, as the first one does."
                    raise BenchFault("not-mergeable", what, "Merge documents of templates with the same promises.")
        with Pdf.open(io.BytesIO(blobs[0])) as pdf:
            for content in blobs[1:]:
                with Pdf.open(io.BytesIO(content)) as other:
                    join(pdf, other, tagged=bool(first["tagged"]))
            return {"pages": len(pdf.pages)}, (saved(pdf),)
