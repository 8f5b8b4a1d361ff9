"""The bare Typst renderer in a process of its own: the same pages from ready texts and a QR code, nothing kept.

``python -m benchmarks.bare PACK FONTS STANDARDS JOBS`` reads one number a line from standard input, renders that many
of the jobs it has not rendered yet, and answers with the bytes made. Jobs are lines of JSON: the view and the drawn
symbols as texts, the clock. What draws the symbol is part of ours and not of the bare renderer.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import typst


def main(pack: str, fonts: str, standards: str, jobs: str) -> None:
    """Serve until standard input ends."""
    compiler = typst.Compiler(
        str(Path(pack) / "postroom-entry.typ"),
        root=pack,
        font_paths=typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[fonts]),
        package_path=f"{pack}/none",
        package_cache_path=f"{pack}/none",
    )
    wanted: list[Any] = [name.removeprefix("pdf/") for name in standards.split(",")]
    ready = iter([tuple(json.loads(line)) for line in Path(jobs).read_text("utf-8").splitlines()])
    print("ready", flush=True)
    for line in sys.stdin:
        made = 0
        for _ in range(int(line)):
            view, codes, clock = next(ready)
            inputs = {"view": view, "codes": codes}
            content = compiler.compile(format="pdf", sys_inputs=inputs, pdf_standards=wanted, timestamp=clock)
            assert isinstance(content, bytes)
            made += len(content)
        print(made, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
