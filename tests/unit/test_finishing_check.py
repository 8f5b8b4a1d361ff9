"""Finishing steps: what publishing refuses and says, what a record's plan is, equal bytes, and files of strangers."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name, String

from kit import finishing as kit
from postroom.composition.finishing import check
from postroom.composition.problems import TemplateFaults

HEAD = "  - letterhead: {file: finish/head.pdf}\n"
TERMS = "  - append: {file: finish/terms.pdf}\n"
COPY = "  - watermark: {text: mark, mark: copy}\n"


def refused(finish: str, promises: str = "pdf/a-2b", **added: bytes) -> list[str]:
    with pytest.raises(TemplateFaults) as faults:
        kit.pack(finish, "typst", promises, **added)
    return [str(problem) for problem in faults.value.problems]


def text_of(content: bytes) -> list[str]:
    pages = pypdfium2.PdfDocument(content)
    return [page.get_textpage().get_text_range() for page in pages]


@pytest.mark.parametrize(
    ("finish", "promises", "said"),
    [
        ("  - nup: {pages: '2'}\n", "pdf/a-2a, pdf/ua-1", "no reading order"),
        ("  - nup: {pages: '3'}\n", "pdf/a-2b", "Input should be '2' or '4'"),
        ("  - attach: {file: finish/data.csv}\n", "pdf/a-2b", "PDF/A-3 only"),
        ("  - attach: {file: finish/data.csv}\n", "pdf/ua-1", "PDF/A-3 only"),
        ("  - stamp: {text: nowhere}\n", "pdf/a-2b", "There is no word 'nowhere'"),
        ("  - stamp: {text: mark, image: assets/mark.svg}\n", "pdf/a-2b", "a text (a key of the words files) or"),
        ("  - stamp: {image: assets/none.svg}\n", "pdf/a-2b", "There is no image"),
        ("  - stamp: {text: mark, when: curency}\n", "pdf/a-2b", "Did you mean 'currency'?"),
        ("  - stamp: {text: mark, colour: red}\n", "pdf/a-2b", "colour"),
        ("  - stamp: {text: mark, mark: double}\n", "pdf/a-2b", "mark"),
        ("  - stampp: {text: mark}\n", "pdf/a-2b", "stamp"),
        ("  - nup: {pages: '2'}\n  - stamp: {text: mark}\n", "pdf/a-2b", "Put it before nup"),
        (COPY + COPY, "pdf/a-2b", "stands twice"),
        (HEAD, "pdf/a-2b", "There is no file finish/head.pdf"),
    ],
)
def test_a_step_that_cannot_be_kept_is_refused_with_its_line(finish: str, promises: str, said: str) -> None:
    found = refused(finish, promises, data__csv=b"a;b\n")
    assert any(said in one and one.startswith("template.yaml:") for one in found), found


@pytest.mark.parametrize(
    ("promises", "standards", "tags", "said"),
    [
        ("pdf/a-2a, pdf/ua-1", ("a-2b",), False, "claims PDF/A-2b"),
        ("pdf/a-2a, pdf/ua-1", ("a-2a",), True, "not tagged for it"),
        ("pdf/a-2b", ("ua-1",), True, "claims no PDF/A"),
        ("pdf/a-2b", ("a-3b",), True, "claims PDF/A-3b"),
        ("pdf/a-2u", ("a-2b",), True, "claims PDF/A-2b"),
    ],
)
def test_a_file_behind_must_keep_what_the_template_promises(
    promises: str, standards: tuple[str, ...], tags: bool, said: str
) -> None:
    found = refused(TERMS, promises, terms__pdf=kit.terms(standards, tags=tags))
    assert any(said in one for one in found), found


def test_a_letterhead_needs_no_tags_as_it_becomes_a_picture() -> None:
    assert kit.pack(HEAD, "typst", "pdf/a-2a, pdf/ua-1", head__pdf=kit.letterhead(1, ("a-2u",)))


def _script(pdf: Any) -> None:
    pdf.Root["/OpenAction"] = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def _font_left_out(pdf: Any) -> None:
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    pdf.pages[0].Resources["/Font"]["/F9"] = pdf.make_indirect(font)


def _press_colours(pdf: Any) -> None:
    pdf.pages[0].contents_add(b"0 1 1 0 k 0 0 10 10 re f")


def _layers(pdf: Any) -> None:
    pdf.Root["/OCProperties"] = Dictionary(OCGs=Array(), D=Dictionary())


def _launch(pdf: Any) -> None:
    note = Dictionary(
        Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), A=Dictionary(S=Name.Launch, F=String("x"))
    )
    pdf.pages[0]["/Annots"] = Array([pdf.make_indirect(note)])


def _form(pdf: Any) -> None:
    pdf.Root["/AcroForm"] = Dictionary(Fields=Array([pdf.make_indirect(Dictionary(T=String("a")))]))


def _embedded(pdf: Any) -> None:
    pdf.attachments["x.exe"] = b"MZ"


def _outside(pdf: Any) -> None:
    stream = pikepdf.Stream(pdf, b"")
    stream["/F"] = String("http://other.example/page")
    pdf.Root["/X"] = pdf.make_indirect(stream)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_script, "does something when it is opened"),
        (_font_left_out, "The font Helvetica is not embedded"),
        (_press_colours, "press colours (CMYK)"),
        (_layers, "layers"),
        (_launch, "a script or an action"),
        (_form, "a form with fields"),
        (_embedded, "embedded files"),
        (_outside, "keeps content in another file"),
    ],
)
def test_a_hostile_letterhead_is_refused_with_what_to_do(change: Any, said: str) -> None:
    found = refused(HEAD, head__pdf=kit.changed(kit.letterhead(), change))
    assert any(said in one for one in found), found
    assert all("Save" in one or "PDF/A" in one for one in found)


def test_an_encrypted_broken_or_huge_letterhead_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    # given one with a password, one cut off, one that is no PDF, and one that is too large
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(kit.letterhead())) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="a", user="b"))
    assert "It is encrypted" in refused(HEAD, head__pdf=out.getvalue())[0]
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(kit.letterhead())) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="a", user=""))
    assert "It is encrypted" in refused(HEAD, head__pdf=out.getvalue())[0]
    assert "repaired" in refused(HEAD, head__pdf=kit.letterhead()[:-400])[0]
    assert "cannot be read" in refused(HEAD, head__pdf=b"%PDF-1.7 nothing")[0]
    assert "at most 10 MB" in refused(HEAD, head__pdf=b"%PDF" + bytes(10_000_001))[0]
    assert "24 MB" in refused(HEAD, head__pdf=bytes(200_000_000))[0]


def test_a_letterhead_that_takes_for_ever_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    # given a small file whose page unpacks to a great deal, and little time
    import zlib

    bomb = zlib.compress(b"1 1 1 rg\n" * 30_000_000, 9)

    def change(pdf: Any) -> None:
        stream = pikepdf.Stream(pdf, b"")
        stream.write(bomb, filter=Name.FlateDecode)
        pdf.pages[0]["/Contents"] = pdf.make_indirect(stream)

    monkeypatch.setattr(check, "_DEADLINE", 1.5)
    found = refused(HEAD, head__pdf=kit.changed(kit.letterhead(), change))
    assert any("could not be looked at" in one for one in found), found


def test_without_the_package_publishing_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "has_tools", lambda: False)
    assert any("pip install 'postroom[finishing]'" in one for one in refused(COPY))


def test_a_file_that_no_step_names_is_refused() -> None:
    assert "No step of finish" in refused(COPY, head__pdf=kit.letterhead())[0]


def test_a_step_is_done_where_its_rule_and_its_mark_say_so(tmp_path: Path) -> None:
    # given a stamp for euros, one for crowns, and a watermark for copies
    template = kit.pack(
        "  - stamp: {text: paid, when: {currency: EUR}}\n  - stamp: {text: mark, when: {currency: SEK}}\n" + COPY
    )
    # then the original has the first one alone, the copy the watermark too, in the recipient's words
    assert [step["text"] for step in kit.ready(template).finish] == ["Paid"]
    plan = kit.ready(template, mark="copy")
    assert [step["do"] for step in plan.finish] == ["stamp", "watermark"]
    assert plan.finish[1]["text"] == "Copy LS-2026-0042"
    # and the house library does not print the mark once more
    assert "mark" not in plan.view["document"]
    assert "mark" in kit.ready(template, mark="draft").view["document"]
    assert "Copy LS-2026-0042" in text_of(kit.finished(template, plan, tmp_path / "pack"))[0]


def test_first_and_other_pages(tmp_path: Path) -> None:
    template = kit.pack(
        "  - stamp: {text: mark, on: first}\n  - stamp: {text: paid, on: other}\n" + HEAD, head__pdf=kit.letterhead(2)
    )
    pages = text_of(kit.finished(template, kit.ready(template, lines=120), tmp_path / "pack"))
    assert len(pages) == 3
    assert ["Copy LS" in page for page in pages] == [True, False, False]
    assert ["Paid" in page for page in pages] == [False, True, True]
    assert ["Kopenhagener" in page for page in pages] == [True, False, False]
    assert ["Folgeblatt" in page for page in pages] == [False, True, True]


def test_terms_in_the_recipients_language_go_behind(tmp_path: Path) -> None:
    added = {f"terms-{tag}__pdf": kit.terms(words=50) for tag in ("en", "de", "fr")}
    template = kit.pack("  - append: {file: 'finish/terms-{language}.pdf'}\n", **added)
    plan = kit.ready(template)
    assert plan.finish[0]["file"] == "finish/terms-de.pdf"
    assert "General terms" in text_of(kit.finished(template, plan, tmp_path / "pack"))[-1]
    assert "There is no file finish/terms-fr.pdf" in " ".join(
        refused("  - append: {file: 'finish/terms-{language}.pdf'}\n", **dict(list(added.items())[:2]))
    )


def test_p5_equal_input_gives_equal_bytes(tmp_path: Path) -> None:
    steps = HEAD + "  - stamp: {text: mark}\n" + TERMS + "  - attach: {file: finish/data.csv, name: 'Daten.csv'}\n"
    added = {"head__pdf": kit.letterhead(2), "terms__pdf": kit.terms(("a-3a", "ua-1")), "data__csv": b"a;b\n"}
    template = kit.pack(steps, "typst", "pdf/a-3a, pdf/ua-1", **added)
    first = kit.finished(template, kit.ready(template, lines=60), tmp_path / "a")
    again = kit.finished(template, kit.ready(template, lines=60), tmp_path / "b")
    assert first == again
    with pikepdf.open(io.BytesIO(first)) as pdf:
        assert dict(pdf.attachments)["Daten.csv"].get_file().read_bytes() == b"a;b\n"
        assert pdf.Root.AF[0].AFRelationship == "/Supplement"


def test_sheets_hold_the_pages_in_order(tmp_path: Path) -> None:
    template = kit.pack("  - nup: {pages: '2'}\n")
    content = kit.finished(template, kit.ready(template, lines=200), tmp_path / "pack")
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert [len(page.Resources.XObject) for page in pdf.pages] == [2, 2]
        assert "/StructTreeRoot" not in pdf.Root


def test_a_letterhead_of_another_size_is_a_fault_of_the_document(tmp_path: Path) -> None:
    from postroom.cage.bench import BenchFault

    head = kit.made('#set page(paper: "us-letter")\n#set text(font: "Postroom Sans")\nHead', ("a-2u",))
    template = kit.pack(HEAD, head__pdf=head)
    with pytest.raises(BenchFault, match="612 x 792") as fault:
        kit.finished(template, kit.ready(template), tmp_path / "pack")
    assert fault.value.code == "finish-size"
