"""The Word lane: what is refused at publishing, with the paragraph, and what a hostile letter achieves (nothing)."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kit.lanes import job_of, prepared, slip, slip_docx, slip_files
from postroom.cage import Cell, JobFailed, JobStopped
from postroom.composition import fonts
from postroom.composition.pack import load
from postroom.composition.problems import Problem, TemplateFaults
from postroom.plugins.renderers import _docx, word
from postroom.plugins.renderers._office import program
from postroom.plugins.renderers.word import WordRenderer
from servers import missing

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def refused(content: bytes) -> list[Problem]:
    """The faults of the slip with that letter."""
    with pytest.raises(TemplateFaults) as caught:
        load(slip_files("word") | {"main.docx": content})
    return list(caught.value.problems)


def repacked(content: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    """The letter with its parts changed."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return out.getvalue()


def written(xml: str) -> bytes:
    """The letter with XML put before its section's end, as the last paragraph."""

    def change(parts: dict[str, bytes]) -> None:
        body = parts["word/document.xml"].decode()
        at = body.rindex("<w:sectPr")
        parts["word/document.xml"] = (body[:at] + xml + body[at:]).encode()

    return repacked(slip_docx(), change)


def related(kind: str, target: str) -> bytes:
    """The letter with a relation out of the document."""

    def change(parts: dict[str, bytes]) -> None:
        name = "word/_rels/document.xml.rels"
        one = f'<Relationship Id="rIdX" Type="{_REL}/{kind}" Target="{target}" TargetMode="External"/>'
        parts[name] = parts[name].replace(b"</Relationships>", one.encode() + b"</Relationships>")

    xml = f'<w:p><w:r><w:t>Logo</w:t></w:r><w:r><w:object r:id="rIdX" xmlns:r="{_REL}"/></w:r></w:p>'
    return repacked(written(xml), change)


def added(name: str, content: bytes = b"x") -> bytes:
    """The letter with one more part."""
    return repacked(slip_docx(), lambda parts: parts.update({name: content}))


def paragraph(text: str) -> Callable[[Any], None]:
    """A change that adds a paragraph."""
    return lambda document: document.add_paragraph(text)


@pytest.fixture
def office() -> None:
    if WordRenderer.missing():
        missing(WordRenderer.missing())


@contextmanager
def caged(folder: Path, content: bytes, *, deadline: float = 20) -> Iterator[Cell]:
    """A cell with a letter that nobody checked."""
    slip("word").unfold(folder)
    (folder / "main.docx").write_bytes(content)
    needs = WordRenderer.needs()
    setup = {"renderer": "word", "pack": str(folder), "fonts": str(fonts.folder())}
    with Cell("render", setup, deadline=deadline, memory=needs.memory, read=needs.read, scratch=needs.scratch) as cell:
        yield cell


def made(cell: Cell, **changes: Any) -> Any:
    job = job_of(prepared("word", **changes))
    return cell.call({"view": job.view, "codes": job.codes, "fixed_clock": job.fixed_clock})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{{ custmer.name }}", "Did you mean 'customer'"),
        ("{{ customer.nam }}", "Did you mean 'name'"),
        ("{{ lines }}", "is a list and cannot be shown"),
        ("{%p for row in lines %}", "end of template"),
        ("{{ customer.name }", "unexpected '}'"),
        ("{{ words.dew }}", "no word 'dew'"),
        ("{{ \u201cx\u201d.__class__() }}", "may not use 'call'"),
        ("{{ customer|attr('x') }}", "no filter 'attr'"),
        ("{{ customer.__class__ }}", "no field 'customer.__class__'"),
        ("{% set x = 1 %}", "may not set variables"),
        ("{{ 9 ** 9 ** 9 }}", "may not use 'pow'"),
        ("ქ", "no font of the template has"),
    ],
)
def test_a_fault_names_the_paragraph_and_the_field(text: str, says: str) -> None:
    told = refused(slip_docx(paragraph(text)))
    count = len(list(_docx.paragraphs("word/document.xml", _tree(slip_docx(paragraph(text))))))
    problem = next(problem for problem in told if says in str(problem))
    assert problem.file == "main.docx" and problem.hint
    if "end of template" not in says:
        assert problem.line == count and f"Paragraph {count} " in problem.what, told


def _tree(content: bytes) -> Any:
    return _docx.tree_of("word/document.xml", _docx.parts_of(content)["word/document.xml"])


def test_a_field_split_over_runs_is_one_field_for_the_check_too() -> None:
    # given a misspelt field that Word has split in the middle
    def change(document: Any) -> None:
        split = document.add_paragraph("{{ cust")
        split.add_run("omer.na").bold = True
        split.add_run("me2 }}")

    (problem,) = refused(slip_docx(change))
    assert "'customer.name2'" in problem.what and "Did you mean 'name'" in problem.hint


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (
            written('<w:p><w:ins w:author="Ada" w:id="1"><w:r><w:t>new</w:t></w:r></w:ins></w:p>'),
            "tracked change by Ada",
        ),
        (written('<w:p><w:del w:id="1"><w:r><w:delText>old</w:delText></w:r></w:del></w:p>'), "tracked change"),
        (written('<w:p><w:r><w:instrText>INCLUDEPICTURE "http://x/a.png"</w:instrText></w:r></w:p>'), "INCLUDEPICTURE"),
        (written('<w:p><w:r><w:instrText>DDEAUTO cmd "/c calc"</w:instrText></w:r></w:p>'), "DDEAUTO"),
        (written('<w:p><w:fldSimple w:instr="DATE"><w:r><w:t>1</w:t></w:r></w:fldSimple></w:p>'), "Word field DATE"),
        (related("image", "http://192.0.2.1/pixel.png"), "'http://192.0.2.1/pixel.png' outside the document (image)"),
        (related("image", "file:///etc/passwd"), "'file:///etc/passwd' outside the document"),
        (related("attachedTemplate", "\\\\192.0.2.1\\share\\a.dotm"), "(attachedTemplate)"),
        (related("hyperlink", "file:///etc/passwd"), "(hyperlink)"),
        (added("word/vbaProject.bin"), "a macro"),
        (added("word/embeddings/oleObject1.bin"), "an embedded object"),
        (added("word/activeX/activeX1.xml", b"<a/>"), "an ActiveX control"),
        (added("word/afchunk1.mht"), "an embedded file"),
        (added("../../etc/cron.d/x"), "a part called"),
        (added("word/media/a.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'), "<script>"),
        (added("word/x.xml", b'<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a>&c;</a>'), "document type"),
        (
            added("word/x.xml", "<?xml version='1.0' encoding='UTF-16'?><!DOCTYPE a><a/>".encode("utf-16")),
            "document type",
        ),
        (added("word/x.xml", b"<a>" * 300 + b"</a>" * 300), "nested too deeply"),
        (added("word/bomb.bin", bytes(101_000_000)), "unpacks to more than"),
        (b"PK\x03\x04 no zip", "no Word document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "no Word document"),
        (slip_docx(font="Calibri"), "font 'Calibri'"),
    ],
)
def test_p10_what_a_letter_may_not_hold_is_named(content: bytes, says: str) -> None:
    told = refused(content)
    assert any(says in problem.what and problem.hint for problem in told), told


def test_an_external_picture_is_told_with_its_paragraph() -> None:
    (problem,) = refused(related("image", "http://192.0.2.1/pixel.png"))
    assert problem.line and problem.what.startswith(f'Paragraph {problem.line} ("Logo") refers to')


def test_a_document_with_macros_under_another_name_is_refused() -> None:
    def change(parts: dict[str, bytes]) -> None:
        plain, macro = b"wordprocessingml.document.main", b"ms-word.document.macroEnabled.main"
        parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(plain, macro)

    told = refused(repacked(slip_docx(), change))
    assert any("a macro" in problem.what for problem in told)


def test_links_for_the_reader_are_kept() -> None:
    load(slip_files("word") | {"main.docx": related("hyperlink", "https://holm.example/")})


def test_symbols_are_refused_because_the_lane_shows_none() -> None:
    files = slip_files("word")
    files["template.yaml"] = files["template.yaml"].replace(
        b"mail:\n", b'codes:\n  pay: {kind: qr, text: "{number}"}\nmail:\n'
    )
    with pytest.raises(TemplateFaults, match="shows no symbols, such as 'pay'"):
        load(files)


def test_p10_planted_what_nobody_checked_is_neither_read_nor_fetched(office: None, tmp_path: Path) -> None:
    # given a letter that came past the checks, with a picture and a template on other machines
    content = written('<w:p><w:r><w:instrText>INCLUDETEXT "/etc/passwd"</w:instrText></w:r></w:p>')
    with caged(tmp_path / "pack", content) as cell:
        text = _text(made(cell).blobs[0])
    assert "root:" not in text and "Lieferschein" in text
    with caged(tmp_path / "other", related("attachedTemplate", "http://127.0.0.1:9/a.dotm")) as cell:
        assert made(cell).value["pages"] == 1


def test_p10_an_unchecked_template_cannot_reach_python(office: None, tmp_path: Path) -> None:
    with caged(tmp_path / "pack", slip_docx(paragraph("[{{ customer.__class__.__mro__ }}]"))) as cell:
        assert "[]" in _text(made(cell).blobs[0])
    with caged(tmp_path / "other", slip_docx(paragraph("{{ customer.name.upper() }}"))) as cell:
        with pytest.raises(JobFailed) as caught:
            made(cell)
        assert caught.value.context["fault"] == "page-fault" and "paragraph" in caught.value.context["where"]


def _text(content: bytes) -> str:
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    return "".join(page.get_textpage().get_text_range() for page in document)


def test_p10_a_letter_that_takes_too_long_ends_with_its_libreoffice(office: None, tmp_path: Path) -> None:
    # given a letter whose rows are each with each, more than can be set in a second
    loops = paragraph("{% for a in lines %}{% for b in lines %}{{ a.text }} {{ b.text }} {% endfor %}{% endfor %}")
    with caged(tmp_path / "pack", slip_docx(loops), deadline=1.5) as cell:
        made(cell, lines=1)
        pid, folder = cell.pid, _folder_of(cell)
        began = time.monotonic()
        with pytest.raises(JobStopped):
            made(cell, lines=200)
        # then the cell is gone at the deadline with all that was in it, profile and half-made letter too
        assert time.monotonic() - began < 20
        assert pid is not None and not Path(f"/proc/{pid}").exists() and not folder.exists()
        # and the next letter is made by a fresh one
        assert made(cell, lines=1).value["pages"] == 1


def _folder_of(cell: Cell) -> Path:
    return Path(f"/proc/{cell.pid}/cwd").readlink()


def test_a_cell_is_replaced_after_a_number_of_letters(
    office: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given the bench with a renderer that is worn after its first letter
    from postroom.composition.bench import RenderBench

    assert word.LIFE >= 50
    bench = RenderBench.__new__(RenderBench)
    renderer = WordRenderer.__new__(WordRenderer)
    renderer.worn = True
    bench._renderer = renderer
    assert bench.worn


def test_without_libreoffice_the_lane_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # given a machine without it
    monkeypatch.setattr("postroom.plugins.renderers.word.program", lambda: None)
    from postroom.project.doctor import lanes

    # then the lane and the doctor name it, and loading a template still works
    (finding,) = [finding for finding in lanes() if finding.what == "lane word"]
    assert finding.state == "note" and "libreoffice-writer" in finding.told
    load(slip_files("word"))
    from postroom.composition.spec import RenderFault

    with pytest.raises(RenderFault, match="LibreOffice is not installed") as caught:
        WordRenderer(str(tmp_path), str(fonts.folder()))
    assert caught.value.code == "lane-not-installed"


def test_a_record_goes_all_the_way_to_a_stored_letter(office: None, starters: list[str], tmp_path: Path) -> None:
    from kit.runs import through, write
    from postroom.composition.actions.publish_template import publish_template
    from postroom.documents.models import Version
    from postroom.identity.actor import SYSTEM

    assert program()
    version = publish_template(SYSTEM, slip_files("word"))
    through(write(tmp_path, [slip("word").samples[0][1]]), "slip-word")
    (stored,) = Version.objects.filter(document__kind="slip-word")
    assert version.lane == "word" and not stored.reproducible and stored.engine.startswith("libreoffice ")
