"""The built-in renderers keep the contract of renderers."""

from __future__ import annotations

import copy
from functools import cache
from pathlib import Path

import pypdfium2
import pytest

from postroom.cage.bench import BenchFault
from postroom.cage.keeper import as_text
from postroom.composition import fonts as print_fonts
from postroom.composition.bench import RenderBench
from postroom.composition.pack import TemplatePack, load, load_folder
from postroom.composition.prepare import Prepared, prepare
from postroom.composition.spec import RenderFault, RenderJob
from postroom.plugins.renderers.typst import TypstRenderer, count_pages
from postroom.testing.renderers import RendererContract

SLIP = Path(__file__).parents[1] / "golden" / "slip"


@cache
def slip() -> TemplatePack:
    return load_folder(SLIP)


def prepared(lines: int = 3, language: str = "de-AT") -> Prepared:
    """A record with that many lines, ready to be rendered."""
    record = copy.deepcopy(slip().samples[0][1])
    record["customer"]["language"] = language
    record["lines"] = [{"text": f"Artikel {n}", "quantity": n, "unit_price": "1.00"} for n in range(1, lines + 1)]
    net = sum(range(1, lines + 1))
    record["totals"] = {"tax": "0.00", "gross": f"{net}.00"}
    return prepare(slip(), record)


def made_job(ready: Prepared) -> RenderJob:
    return RenderJob(ready.view, ready.codes, ready.fixed_clock)


def said_in(words: str) -> RenderJob:
    """A job whose passage says that."""
    job = made_job(prepared())
    tree = [{"kind": "paragraph", "children": [{"kind": "text", "text": words}]}]
    return RenderJob({**job.view, "blocks": {"opening": tree}}, job.codes, job.fixed_clock)


def unfolded(folder: Path, **changes: bytes) -> Path:
    """The template unfolded; ``main=b".."`` replaces main.typ after it was checked."""
    slip().unfold(folder)
    for name, content in changes.items():
        (folder / f"{name}.typ").write_bytes(content)
    return folder


class TestTypst(RendererContract):
    renderer_class = TypstRenderer

    @pytest.fixture
    def pack(self, tmp_path: Path) -> Path:
        return unfolded(tmp_path / "pack")

    @pytest.fixture
    def faulty_pack(self, tmp_path: Path) -> Path:
        return unfolded(tmp_path / "faulty", main=b'#import "postroom.typ": *\n\n#nonsense')

    @pytest.fixture
    def fonts(self) -> Path:
        return print_fonts.folder()

    @pytest.fixture
    def job(self) -> RenderJob:
        return made_job(prepared())

    @pytest.fixture
    def other_job(self) -> RenderJob:
        return made_job(prepared(5))

    @pytest.fixture
    def passages(self, tmp_path: Path) -> tuple[Path, RenderJob, RenderJob]:
        pack = unfolded(tmp_path / "said", main=b'#import "postroom-block.typ": *\n#content-block("opening")')
        return pack, said_in("Thank you."), said_in("Thank you for waiting.")

    def test_p5_texts_give_the_same_bytes_as_values(self, pack: Path, fonts: Path) -> None:
        bench = RenderBench({"renderer": "typst", "pack": str(pack), "fonts": str(fonts)})
        ready = prepared()
        job = {"view": ready.view, "codes": ready.codes, "fixed_clock": ready.fixed_clock}
        texts = (as_text(ready.view), as_text(ready.codes))
        assert bench.run({"fixed_clock": ready.fixed_clock}, texts) == bench.run(job, ())

    @pytest.mark.parametrize("lines", [1, 60, 200])
    def test_pages_are_counted_as_a_pdf_reader_counts_them(self, renderer: TypstRenderer, lines: int) -> None:
        made = renderer.render(made_job(prepared(lines)))
        assert made.pages == len(pypdfium2.PdfDocument(made.content))
        assert (lines > 50) == (made.pages > 1)

    def test_the_page_shows_the_view_and_carries_title_language_and_date(self, renderer: TypstRenderer) -> None:
        # given a French recipient
        made = renderer.render(made_job(prepared(language="fr-CH")))
        # when a reader opens the document
        document = pypdfium2.PdfDocument(made.content)
        text = document[0].get_textpage().get_text_range()
        # then the words are French, and the file says what it is
        assert "Bon de livraison LS-2026-0042" in text and "Total" in text and "Autriche" in text
        assert "Page 1 sur 1" in text
        assert document.get_metadata_dict()["Title"] == "Bon de livraison LS-2026-0042"
        assert document.get_metadata_dict()["CreationDate"].startswith("D:20261112120000")
        assert b"/Lang(fr-CH)" in made.content

    def test_a_document_is_tagged_for_screen_readers(self, renderer: TypstRenderer) -> None:
        assert b"/StructTreeRoot" in renderer.render(made_job(prepared())).content

    @pytest.mark.parametrize(
        ("page", "code", "where", "says"),
        [
            (b"#nonsense", "page-fault", "main.typ:2:2", "unknown variable"),
            (b'#slot("lines")', "page-fault", "main.typ:2:2", "use flag or count"),
            (b"= 1\n#sys.inputs.nope", "page-fault", "main.typ:3:13", "nope"),
            ("漢".encode(), "missing-glyph", "main.typ:2:1", "漢"),
            (b'#text(font: "Postroom Sanz")[x]', "unknown-font", "main.typ:2:13", "postroom sanz"),
            (b'#import "@preview/cetz:0.3.0"', "package-refused", "main.typ:2:9", "nothing is fetched"),
            (b'#read("/../../etc/passwd")', "page-fault", "main.typ:2:7", ""),
            (b"#(", "page-fault", "main.typ:2:2", "unclosed"),
            (b"#let f() = f()\n#f()", "page-fault", "main.typ:2:12", "depth"),
        ],
    )
    def test_a_fault_is_told_with_its_place(
        self, tmp_path: Path, fonts: Path, page: bytes, code: str, where: str, says: str
    ) -> None:
        root = unfolded(tmp_path / "bad", main=b'#import "postroom.typ": *\n' + page)
        with pytest.raises(RenderFault) as caught:
            TypstRenderer(str(root), str(fonts)).render(made_job(prepared()))
        fault = caught.value
        assert (fault.code, fault.where) == (code, where), (str(fault), fault.where)
        assert says in str(fault) and fault.hint

    def test_a_broken_promise_is_a_fault(self, tmp_path: Path, fonts: Path) -> None:
        # given a page that promises PDF/UA and has an image without a text for those who cannot see it
        files = dict(slip().files)
        files["template.yaml"] = files["template.yaml"].replace(b"[pdf/a-2b]", b"[pdf/a-2a, pdf/ua-1]")
        files["main.typ"] = files["main.typ"].replace(b', alt: "Payment code"', b"")
        load(files).unfold(tmp_path / "ua")
        with pytest.raises(RenderFault) as caught:
            TypstRenderer(str(tmp_path / "ua"), str(fonts)).render(made_job(prepared()))
        assert caught.value.code == "promise-broken" and "alt text" in str(caught.value)

    def test_what_is_no_typst_document_has_no_page_count(self) -> None:
        with pytest.raises(RenderFault, match="page tree"):
            count_pages(b"%PDF-1.7\nstartxref\n9\n%%EOF")


def test_the_bench_gives_pages_and_the_document(tmp_path: Path) -> None:
    # given the bench as a cage cell makes it
    setup = {"renderer": "typst", "pack": str(unfolded(tmp_path / "pack")), "fonts": str(print_fonts.folder())}
    bench = RenderBench(setup)
    ready = prepared()
    # when a job comes in
    value, blobs = bench.run({"view": ready.view, "codes": ready.codes, "fixed_clock": ready.fixed_clock}, ())
    # then the answer is plain and the document its only attachment
    assert value == {"pages": 1, "media_type": "application/pdf"}
    assert len(blobs) == 1 and blobs[0].startswith(b"%PDF-")


def test_the_bench_tells_the_pages_fault(tmp_path: Path) -> None:
    root = unfolded(tmp_path / "pack", main=b"#nonsense")
    bench = RenderBench({"renderer": "typst", "pack": str(root), "fonts": str(print_fonts.folder())})
    ready = prepared()
    with pytest.raises(BenchFault) as caught:
        bench.run({"view": ready.view, "codes": ready.codes, "fixed_clock": ready.fixed_clock}, ())
    assert caught.value.where == "main.typ:1:2"


def test_p10_the_bench_loads_no_framework() -> None:
    import subprocess
    import sys

    probe = "import sys, postroom.composition.bench, postroom.plugins.renderers.typst as t; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True, timeout=60)
    heavy = {"django", "babel", "jinja2", "pydantic", "psycopg", "zxingcpp", "jsonschema_rs"}
    assert not heavy & set(ran.stdout.split())
