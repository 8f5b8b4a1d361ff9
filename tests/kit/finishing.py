"""The delivery slip with finishing steps, and the files it is finished with, made by Typst as a studio would."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from typing import Any

import pikepdf
import typst

from kit.lanes import slip_files
from postroom.composition import fonts
from postroom.composition.pack import TemplatePack, load
from postroom.composition.prepare import Prepared, prepare

_HEAD = """
#set page(paper: "a4", margin: 12mm)
#set text(font: "Postroom Sans", 9pt, fill: rgb("#1f4e79"))
#rect(width: 100%, height: 14mm, fill: rgb("#dbe7f3"))[*Holm Druck* --- Kopenhagener Allee 4]
#place(bottom, [Sitz der Gesellschaft: Flensburg])
"""
_TERMS = """
#set document(title: [Terms])
#set page(paper: "a4", margin: 25mm)
#set text(font: "Postroom Sans", 9pt, lang: "en")
= General terms
#lorem(PARAGRAPHS)
#link("https://holm.example/terms")[Online]
#table(columns: 2, table.header([Part], [Days]), [Delivery], [14], [Return], [30])
"""


@cache
def made(source: str, standards: tuple[str, ...] = ("a-2a", "ua-1"), tags: bool = True) -> bytes:
    """A PDF as others make it."""
    fonts_only = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(fonts.folder())])
    compiler = typst.Compiler(source.encode(), font_paths=fonts_only)
    named: Any = list(standards)
    return compiler.compile(format="pdf", pdf_standards=named, timestamp=0, pdf_tags=tags)


def letterhead(pages: int = 1, standards: tuple[str, ...] = ("a-2a", "ua-1")) -> bytes:
    """A letterhead; with a second page, one for the pages that follow."""
    if "ua-1" in standards:
        return made('#set document(title: "Head")\n' + _HEAD + "#pagebreak()\nFolgeblatt" * (pages - 1), standards)
    return made(_HEAD + "#pagebreak()\nFolgeblatt" * (pages - 1), standards)


def terms(standards: tuple[str, ...] = ("a-2a", "ua-1"), words: int = 900, tags: bool = True) -> bytes:
    """General terms."""
    return made(_TERMS.replace("PARAGRAPHS", str(words)), standards, tags)


def changed(content: bytes, change: Any) -> bytes:
    """The file after ``change(pdf)``."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        change(pdf)
        out = io.BytesIO()
        pdf.save(out)
        return out.getvalue()


def files(finish: str, lane: str = "typst", promises: str = "pdf/a-2b", **added: bytes) -> dict[str, bytes]:
    """The slip's files with ``finish:`` and promises; ``added`` go below ``finish/``, __ for the dot."""
    found = slip_files(lane)
    manifest = found["template.yaml"].decode().replace("promises: [pdf/a-2b]", f"promises: [{promises}]")
    found["template.yaml"] = f"{manifest}finish:\n{finish}".encode()
    for tag in ("en", "de", "fr"):
        name = f"words/{tag}.json"
        found[name] = found[name][:-2] + b', "mark": "Copy {number}", "paid": "Paid"}\n'
    return found | {f"finish/{name.replace('__', '.')}": content for name, content in added.items()}


def pack(finish: str, lane: str = "typst", promises: str = "pdf/a-2b", **added: bytes) -> TemplatePack:
    """The checked template. Raises TemplateFaults."""
    return load(files(finish, lane, promises, **added))


def ready(template: TemplatePack, mark: str = "", lines: int = 3) -> Prepared:
    """A record of it with so many lines."""
    record = dict(template.samples[0][1])
    record["lines"] = [{"text": f"Artikel {n}", "quantity": n, "unit_price": "1.00"} for n in range(1, lines + 1)]
    net = sum(range(1, lines + 1))
    record["totals"] = {"tax": "0.00", "gross": f"{net}.00"}
    return prepare(template, record, mark=mark)


def finished(template: TemplatePack, prepared: Prepared, folder: Path) -> bytes:
    """The document as a cell makes it, without the cell."""
    from postroom.composition.bench import RenderBench

    if not folder.exists():
        template.unfold(folder)
    bench = RenderBench({"renderer": template.lane, "pack": str(folder), "fonts": str(fonts.folder())})
    job = {"view": prepared.view, "codes": prepared.codes, "fixed_clock": prepared.fixed_clock}
    _, (content,) = bench.run({**job, "finish": list(prepared.finish)}, ())
    return content
