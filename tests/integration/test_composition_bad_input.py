"""What authors and business systems hand in by mistake: signs without a font, broken pictures, tables without end."""

from __future__ import annotations

import copy
import io
import json
import resource
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from kit.lanes import job_of, slip_docx, slip_files
from postroom.cage import Cell, JobFailed, JobStopped
from postroom.composition import fonts
from postroom.composition.pack import TemplatePack, load, read_folder
from postroom.composition.prepare import Prepared, prepare
from postroom.composition.problems import Problem, RecordRefused, TemplateFaults
from postroom.composition.rasters import raster_fault
from postroom.kernel.registry import provider
from servers import missing

LANES = ("typst", "html", "word")
PAGES = {"typst": "main.typ", "html": "main.html", "word": "main.docx"}
ROWS = 50_000


def refused(files: dict[str, bytes]) -> list[Problem]:
    with pytest.raises(TemplateFaults) as caught:
        load(files)
    return list(caught.value.problems)


@contextmanager
def caged(pack: TemplatePack, folder: Path, *, deadline: float = 30, memory: int = 2 << 30) -> Iterator[Any]:
    """A function that makes a document of the pack in the lane's own cell."""
    renderer = provider("renderers", pack.lane)
    if renderer.missing():
        missing(renderer.missing())
    needs = renderer.needs()
    pack.unfold(folder)
    setup = {"renderer": pack.lane, "pack": str(folder), "fonts": str(fonts.folder())}
    memory = max(memory, needs.memory)
    with Cell("render", setup, deadline=deadline, memory=memory, read=needs.read, scratch=needs.scratch) as cell:

        def make(ready: Prepared) -> Any:
            job = job_of(ready)
            return cell.call({"view": job.view, "codes": job.codes, "fixed_clock": job.fixed_clock})

        yield make


# -- signs


def with_sign(lane: str, where: str, sign: str) -> tuple[dict[str, bytes], str]:
    """The slip with a sign in its words, its sample or its page; and the file it is in."""
    files = slip_files(lane)
    name = {"words": "words/de.json", "sample": "samples/01.json", "page": PAGES[lane]}[where]
    if where == "page":
        added = {"typst": f'\n#if flag("urgent") [{sign}]', "html": f"\n{{% if view.urgent %}}<p>{sign}{{% endif %}}"}
        files[name] = (
            slip_docx(lambda document: document.add_paragraph(sign))
            if lane == "word"
            else files[name] + added[lane].encode()
        )
    else:
        told = json.loads(files[name])
        told["title" if where == "words" else "note"] = f"Nr. {{number}} {sign}" if where == "words" else sign
        files[name] = json.dumps(told).encode()
    return files, name


@pytest.mark.parametrize(("sign", "called"), [("ქ", "GEORGIAN"), ("ሀ", "ETHIOPIC"), ("𓀀", "HIEROGLYPH")])
@pytest.mark.parametrize("where", ["words", "sample", "page"])
@pytest.mark.parametrize("lane", LANES)
def test_a_sign_that_no_font_has_is_named_before_publishing(lane: str, where: str, sign: str, called: str) -> None:
    # given a sign that neither the house nor what stands in has a font for, in a branch of a page that no sample takes
    files, name = with_sign(lane, where, sign)
    (problem,) = refused(files)
    # then file, sign and the way out are told
    assert problem.file == name and called in problem.what and "postroom fonts add" in problem.hint
    assert problem.line or where != "page"


@pytest.mark.parametrize("lane", LANES)
def test_a_font_that_lacks_a_sign_is_helped_out_by_the_next_one(lane: str, tmp_path: Path) -> None:
    # given a Greek capital that the typewriter face lacks
    sign = "Ά"
    assert sign not in fonts.coverage(("Postroom Mono",))
    files = slip_files(lane)
    named = b"fonts: [Postroom Sans, Postroom Mono]"
    assert named in files["template.yaml"]
    text = files["samples/01.json"].replace(b'"customer"', f'"note": "{sign}lpha", "customer"'.encode(), 1)
    if lane == "word":
        files["main.docx"] = slip_docx(lambda document: document.add_paragraph("{{ note }}"), font="Postroom Mono")
    else:
        for page in ("style.css", "main.html", "main.typ"):
            if page in files:
                files[page] = files[page].replace(b"Postroom Sans", b"Postroom Mono")
        if lane == "typst":
            files["main.typ"] += b'\n#slot("note")'
        else:
            files["main.html"] = files["main.html"].replace(b"</body>", b"<p>{{ view.note }}</p></body>")
    files["samples/01.json"] = json.dumps(json.loads(text)).encode()
    # when the template names that face alone, then the record is refused, with the family that would help
    alone = {**files, "template.yaml": files["template.yaml"].replace(named, b"fonts: [Postroom Mono]")}
    told = refused(alone)
    assert any("$.note" in one.what and "Add 'Postroom Sans' to fonts:" in one.hint for one in told), told
    # when it names that one too, then the sign is on the page, in the face that has it
    files["template.yaml"] = files["template.yaml"].replace(named, b"fonts: [Postroom Mono, Postroom Sans]")
    pack = load(files)
    with caged(pack, tmp_path / "pack") as make:
        made = make(prepare(pack, pack.samples[0][1])).blobs[0]
    read = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(made))
    with pikepdf.open(io.BytesIO(made)) as opened:
        named_in = {
            str(one["/BaseFont"])
            for one in opened.objects
            if isinstance(one, pikepdf.Dictionary) and "/BaseFont" in one
        }
    assert f"{sign}lpha" in read
    assert any("Sans" in one for one in named_in) and any("Mono" in one for one in named_in), named_in


# -- pictures


def picture(kind: str, mode: str = "RGB", side: int = 40, **more: Any) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((side, side), 60).convert(mode).save(out, kind, **more)
    return out.getvalue()


def animated(kind: str) -> bytes:
    frames = [Image.new("RGB", (30, 30), (shade, 0, 0)) for shade in (0, 200)]
    out = io.BytesIO()
    frames[0].save(out, kind, save_all=True, append_images=frames[1:], duration=200, loop=0)
    return out.getvalue()


def enormous() -> bytes:
    """A PNG that says it is 30,000 dots wide and high."""
    head = b"IHDR" + (30_000).to_bytes(4, "big") * 2 + b"\x08\x00\x00\x00\x00"
    return b"\x89PNG\r\n\x1a\n" + (13).to_bytes(4, "big") + head + zlib.crc32(head).to_bytes(4, "big")


def spoilt(content: bytes) -> bytes:
    """One byte in the middle is another one."""
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 0xFF]) + content[middle + 1 :]


PICTURES = {
    "press.jpg": (picture("JPEG", "CMYK"), "made for a press (CMYK)"),
    "moving.png": (animated("PNG"), "is animated"),
    "half.png": (picture("PNG")[:600], "cut off"),
    "half.jpg": (picture("JPEG")[:400], "cut off"),
    "spoilt.png": (spoilt(picture("PNG")), "is damaged"),
    "large.png": (enormous(), "30,000 × 30,000 dots"),
}


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("lane", LANES)
def test_a_picture_that_would_not_print_is_named_in_every_lane(lane: str, name: str) -> None:
    content, says = PICTURES[name]
    files = slip_files(lane)
    if lane == "word":
        whole = picture("PNG")
        letter = slip_docx(lambda document: document.add_picture(io.BytesIO(whole)))
        files["main.docx"] = _exchanged(letter, whole, content)
        file = "main.docx"
    else:
        file = f"assets/{name}"
        files[file] = content
    (problem,) = refused(files)
    assert problem.file == file and says in problem.what and problem.hint


def _exchanged(letter: bytes, old: bytes, new: bytes) -> bytes:
    """The letter with other bytes in place of its picture."""
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(letter)) as before, zipfile.ZipFile(out, "w") as after:
        for part in before.namelist():
            content = before.read(part)
            after.writestr(part, new if content == old else content)
    assert new in out.getvalue()
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("logo.png", animated("GIF"), "no PNG file but GIF"),
        ("logo.jpg", picture("WEBP"), "no JPG file but WEBP"),
        ("logo.jpeg", picture("TIFF"), "no JPEG file but TIFF"),
        ("logo.png", b"", "no PNG file."),
    ],
)
def test_a_picture_of_another_kind_under_that_name_is_told_by_its_kind(name: str, content: bytes, says: str) -> None:
    (problem,) = refused(slip_files("typst") | {f"assets/{name}": content})
    assert says in problem.what and problem.hint


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "P", "1", "LA"])
def test_pictures_of_every_ordinary_kind_pass(mode: str) -> None:
    assert raster_fault(picture("PNG", mode)) is None
    if mode in ("RGB", "L"):
        assert raster_fault(picture("JPEG", mode, progressive=True)) is None
        assert raster_fault(picture("JPEG", mode) + b"\0" * 16) is None


def test_a_folder_with_a_huge_picture_is_refused_unread(tmp_path: Path) -> None:
    # given a template whose scan has 200 MB, and one that is larger than any memory (both take no room on the disk)
    for size in (200 << 20, 4 << 40):
        folder = tmp_path / str(size)
        (folder / "assets").mkdir(parents=True)
        for name, content in slip_files("typst").items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        with (folder / "assets" / "scan.png").open("wb") as scan:
            scan.truncate(size)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        # then it is told by name and size, and was never read
        with pytest.raises(TemplateFaults, match=r"assets/scan\.png") as caught:
            read_folder(folder)
        assert "24 MB" in caught.value.problems[0].what and caught.value.problems[0].hint
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


# -- tables


def endless(lane: str, most: int) -> tuple[TemplatePack, dict[str, Any]]:
    """The slip whose contract lets so many rows pass, and a record of 50,000."""
    files = slip_files(lane)
    contract = json.loads(files["contract.json"])
    contract["properties"]["lines"]["maxItems"] = most
    files["contract.json"] = json.dumps(contract).encode()
    pack = load(files)
    record = copy.deepcopy(pack.samples[0][1])
    record["lines"] = [{"text": f"Artikel {n}", "quantity": 1, "unit_price": "1.00"} for n in range(ROWS)]
    record["totals"] = {"tax": "0.00", "gross": f"{ROWS}.00"}
    return pack, record


def test_a_contract_says_how_many_rows_fit(tmp_path: Path) -> None:
    pack, record = endless("typst", 200)
    with pytest.raises(RecordRefused) as caught:
        prepare(pack, record)
    assert [problem.path for problem in caught.value.problems] == ["$.lines"]
    assert "200" in caught.value.problems[0].reason


@pytest.mark.slow
@pytest.mark.parametrize(("lane", "deadline"), [("typst", 20), ("html", 40), ("word", 10)])
def test_p10_fifty_thousand_rows_become_a_document_or_are_told_and_the_next_one_is_made(
    lane: str, deadline: float, tmp_path: Path
) -> None:
    # given a template that lets them pass, in a cell that may use so much memory and time
    pack, record = endless(lane, ROWS)
    ready = prepare(pack, record)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with caged(pack, tmp_path / "pack", deadline=deadline, memory=1 << 30) as make:
        # when it is made, then there is a document with every row, or a reason that an author understands
        try:
            made = make(ready)
            assert made.value["pages"] > 500
        except (JobFailed, JobStopped) as stopped:
            assert stopped.context["fault"] in ("memory", "deadline", "page-too-long"), stopped.message
            assert stopped.hint
        # and the next one is made, and what feeds the cell has not grown with the work of the cell
        assert make(prepare(pack, pack.samples[0][1])).value["pages"] >= 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000


# -- circles


def test_content_blocks_of_a_folder_cannot_run_in_circles() -> None:
    files = slip_files("typst")
    files["template.yaml"] = files["template.yaml"].replace(b"mail:\n", b"blocks: [one, two]\nmail:\n")
    for key, other in (("one", "two"), ("two", "one")):
        for tag in ("en", "de", "fr"):
            files[f"blocks/{key}.{tag}.json"] = json.dumps([{"kind": "block", "key": other}]).encode()
    told = refused(files)
    assert {problem.file for problem in told} >= {"blocks/one.en.json", "blocks/two.de.json"}
    assert all(problem.hint for problem in told)
