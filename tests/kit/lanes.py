"""The delivery slip of the golden templates, written for the lanes HTML and Word too: same contract, words, samples."""

from __future__ import annotations

import copy
import io
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from postroom.composition.pack import TemplatePack, load, load_folder, read_folder
from postroom.composition.prepare import Prepared, prepare
from postroom.composition.spec import RenderJob

GOLDEN = Path(__file__).parents[1] / "golden"
SLIP = GOLDEN / "slip"


def slip_files(lane: str) -> dict[str, bytes]:
    """The files of the slip in a lane."""
    files = read_folder(SLIP)
    if lane == "typst":
        return files
    del files["main.typ"]
    manifest = files["template.yaml"].decode()
    manifest = manifest.replace("lane: typst\nentry: main.typ\n", f"lane: {lane}\n").replace(
        "key: slip", f"key: slip-{lane}"
    )
    if lane == "html":
        for name in ("main.html", "style.css"):
            files[name] = (GOLDEN / "lanes" / name).read_bytes()
    else:
        start, end = manifest.index("codes:\n"), manifest.index("mail:\n")
        manifest = manifest[:start] + manifest[end:]  # a letter shows no symbols
        for name in [name for name in files if name.startswith("assets/")]:
            del files[name]
        files["main.docx"] = slip_docx()
    files["template.yaml"] = manifest.encode()
    return files


@cache
def slip(lane: str) -> TemplatePack:
    """The checked template."""
    return load_folder(SLIP) if lane == "typst" else load(slip_files(lane))


def prepared(lane: str, lines: int = 3, language: str = "de-AT", **changes: Any) -> Prepared:
    """A record with that many lines, ready to be rendered."""
    record = copy.deepcopy(slip(lane).samples[0][1])
    record["customer"]["language"] = language
    record["lines"] = [{"text": f"Artikel {n}", "quantity": n, "unit_price": "1.00"} for n in range(1, lines + 1)]
    net = sum(range(1, lines + 1))
    record["totals"] = {"tax": "0.00", "gross": f"{net}.00"}
    return prepare(slip(lane), record | changes)


def job_of(ready: Prepared) -> RenderJob:
    """The job a cell gets."""
    return RenderJob(ready.view, ready.codes, ready.fixed_clock)


def slip_docx(change: Callable[[Any], None] | None = None, font: str = "Postroom Sans") -> bytes:
    """A delivery slip as a writer of letters would make it in Word; ``change`` gets the document before it is saved."""
    from docx import Document
    from docx.oxml.ns import qn

    document = Document()
    for style in document.styles:
        if style.type in (1, 2):
            style.font.name = font
            fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
            for kind in list(fonts.attrib):
                del fonts.attrib[kind]
            for kind in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
                fonts.set(qn(kind), font)
    document.add_paragraph("{{ customer.name }}")
    document.add_paragraph("{%p for line in customer.address.lines %}")
    document.add_paragraph("{{ line }}")
    document.add_paragraph("{%p endfor %}")
    document.add_paragraph(
        "{{ customer.address.postal_code }} {{ customer.address.city }}, {{ customer.address.country }}"
    )
    document.add_heading("{{ document.title }}", 1)
    split = document.add_paragraph("{{ issu")  # as Word leaves it after a correction
    split.add_run("ed_").bold = True
    split.add_run("on }} {% if urgent %}{{ words.urgent }}{% endif %}")
    table = document.add_table(rows=4, cols=3)
    for cell, text in zip(
        table.rows[0].cells, ("{{ words.what }}", "{{ words.quantity }}", "{{ words.amount }}"), strict=True
    ):
        cell.text = text
    table.rows[1].cells[0].text = "{%tr for row in lines %}"
    for cell, text in zip(
        table.rows[2].cells, ("{{ row.text }}", "{{ row.quantity }}", "{{ row.amount }}"), strict=True
    ):
        cell.text = text
    table.rows[3].cells[0].text = "{%tr endfor %}"
    document.add_paragraph("{{ words.net }} {{ totals.net }} · {{ words.gross }} {{ totals.gross }}")
    document.sections[0].footer.paragraphs[0].text = "{{ document.number }}"
    if change is not None:
        change(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def opened_files(lane: str, page: str = "") -> dict[str, bytes]:
    """The slip with an open passage, which its page shows; ``page`` is shown in place of it."""
    files = slip_files(lane)
    for name in [name for name in files if name.startswith("words/")]:
        files[name] = files[name].replace(b"{", b'{"opening": "As agreed with {customer.name}.",', 1)
    opens = "passages:\n  opening: {names: {de: Anfang, en: Opening, fr: Ouverture}, word: opening}\nmail:\n"
    files["template.yaml"] = files["template.yaml"].replace(b"mail:\n", opens.encode(), 1)
    shown = page or "{{ blocks.opening }}"
    if lane == "html":
        files["main.html"] = files["main.html"].replace(b"</body>", f"<div>{shown}</div>\n</body>".encode())
    else:

        def change(document: Any) -> None:
            document.add_paragraph(shown)
            document.add_table(rows=1, cols=1).rows[0].cells[0].text = shown

        files["main.docx"] = slip_docx(change)
    return files


def opened(lane: str, said: list[dict[str, Any]] | None) -> tuple[TemplatePack, RenderJob]:
    """That template, and a letter that says its passage like this; None: as the template says it."""
    pack = load(opened_files(lane))
    record = copy.deepcopy(pack.samples[0][1])
    return pack, job_of(prepare(pack, record | ({"passages": {"opening": said}} if said is not None else {})))
