"""A hostile template of the Typst lane, and what every lane tells of one: contained, and explained (P10).

The HTML lane's attacks are in test_lane_html, those of Word in test_lane_word, the cage's locks in test_cage_locks.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kit.lanes import job_of, prepared, slip, slip_docx, slip_files
from postroom.cage import Cell, JobFailed, JobStopped, spawn
from postroom.composition import fonts
from postroom.composition.pack import load
from postroom.composition.problems import TemplateFaults
from postroom.kernel.registry import provider
from servers import missing

SECRET = "the-secret-of-the-house-4711"
BEGIN = '#import "postroom.typ": *\n'


class Unlocked(Cell):
    """A planted fault: the same cell without the lock on files."""

    def _command(self, channel: int) -> list[str]:
        script = (
            "import sys; from postroom.cage import cell; from postroom.cage.locks import landlock; "
            "landlock.restrict = lambda read, notes, **_: False; cell.main(sys.argv[1:])"
        )
        return [*spawn.python(), "-c", script, str(channel), str(os.getpid())]


@contextmanager
def caged(
    folder: Path, page: str, *, deadline: float = 20, memory: int = 2 << 30, kind: type[Cell] = Cell, **files: bytes
) -> Iterator[Any]:
    """A function that makes a document in a cell from a page that nobody checked."""
    slip("typst").unfold(folder)
    (folder / "main.typ").write_text(BEGIN + page)
    for name, content in files.items():
        (folder / "assets" / name.replace("__", ".")).write_bytes(content)
    setup = {"renderer": "typst", "pack": str(folder), "fonts": str(fonts.folder())}
    with kind("render", setup, deadline=deadline, memory=memory) as cell:

        def make(**changes: Any) -> Any:
            job = job_of(prepared("typst", **changes))
            return cell.call({"view": job.view, "codes": job.codes, "fixed_clock": job.fixed_clock})

        yield make


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A file that no template has any business with."""
    path = tmp_path / "outside" / "secret.txt"
    path.parent.mkdir()
    path.write_text(SECRET)
    return path


@pytest.mark.parametrize(
    "page",
    [
        '#read("/etc/passwd")',
        '#read("../outside/secret.txt")',
        '#read("../../../../../../etc/passwd")',
        '#read("/../outside/secret.txt")',
        '#read("link.txt")',
        '#include "link.txt"',
        '#image("../outside/secret.txt")',
        '#json("/proc/self/environ")',
        '#plugin("../outside/secret.txt")',
        '#import "@preview/cetz:0.3.0"',
        '#import "@local/house:1.0.0"',
        '#bibliography("../outside/secret.txt")',
    ],
)
def test_p10_no_file_outside_the_template_is_read_and_the_place_is_told(
    page: str, outside: Path, tmp_path: Path
) -> None:
    # given a page that came past the checks, and a link out of the template beside it
    with caged(tmp_path / "pack", page) as make:
        (tmp_path / "pack" / "link.txt").symlink_to(outside)
        # when a document is made, then it is refused with its line, and nothing of the file is in what is said
        with pytest.raises(JobFailed) as caught:
            make()
        told = caught.value
        assert told.context["where"].startswith("main.typ:2:") and told.hint, (told.message, told.context)
        assert SECRET not in f"{told.message} {told.hint}" and "root:" not in told.message


def test_p10_planted_without_the_lock_on_files_the_link_is_followed(outside: Path, tmp_path: Path) -> None:
    with caged(tmp_path / "pack", '#read("link.txt")', kind=Unlocked) as make:
        (tmp_path / "pack" / "link.txt").symlink_to(outside)
        assert make().value["pages"] == 1


@pytest.mark.parametrize(
    ("image", "shown"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>x()</script><rect width="9"'
         b' height="9"/></svg>', True),
        (b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/passwd" width="9"'
         b' height="9"/></svg>', False),
        (b'<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;'
         b'&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]><svg xmlns="http://www.w3.org/2000/svg"'
         b' width="9" height="9"><text>&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;</text></svg>', False),
        (b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">' + b"<g>" * 5000 + b"</g>" * 5000 + b"</svg>",
         False),
    ],
    ids=["script", "file", "entities", "depth"],
)  # fmt: skip
def test_p10_a_drawing_that_nobody_checked_does_nothing(image: bytes, shown: bool, tmp_path: Path) -> None:
    # given a drawing that asks, fetches, or swells (the checks refuse each of them, test_lane_html)
    page = '#if flag("note") { asset("bad.svg", width: 9mm, alt: "x") }\nx'
    with socket.create_server(("127.0.0.1", 0)) as server:
        image = image.replace(b"file:///etc/passwd", f"http://127.0.0.1:{server.getsockname()[1]}/x".encode())
        with caged(tmp_path / "pack", page, deadline=10, bad__svg=image) as make:
            # when a document shows it, then it is made without a question to anybody, or is refused
            try:
                assert make(note="now").value["pages"] == 1
            except (JobFailed, JobStopped) as stopped:
                assert not shown and stopped.hint and stopped.message
            # and the next one is made
            assert make().value["pages"] == 1
        server.settimeout(0.2)
        with pytest.raises(TimeoutError):
            server.accept()


@pytest.mark.parametrize(
    ("work", "faults"),
    [
        ("#while true {}", {"page-fault"}),
        ("#let f() = f()\n#f()", {"page-fault"}),
        ("#let n = 0\n#for a in range(100000) { for b in range(100000) { n += 1 } }\n#n", {"deadline"}),
        ("#let all = range(900000000)\n#all.len()", {"memory"}),
        ('#let all = "x" * 5000000000\n#all.len()', {"memory", "page-fault"}),
        ("#let all = ()\n#for a in range(100000000) { all.push(range(1000)) }", {"memory", "deadline"}),
        ("#for a in range(200000) { pagebreak(); [x] }", {"memory", "deadline", "page-fault"}),
    ],
    ids=["endless", "itself", "hours", "list", "text", "growing", "pages"],
)
def test_p10_work_without_end_costs_its_own_document_and_says_what_it_was(
    work: str, faults: set[str], tmp_path: Path
) -> None:
    # given a page that does it for some records only
    page = '#if flag("note") [\n' + work + "\n]\nx"
    with caged(tmp_path / "pack", page, deadline=6, memory=768 << 20) as make:
        assert make().value["pages"] == 1
        with pytest.raises((JobFailed, JobStopped)) as caught:
            make(note="now")
        # then the reason is one that an author can act on, and the next document is made
        assert caught.value.context["fault"] in faults, (caught.value.message, caught.value.context)
        assert caught.value.hint
        assert make().value["pages"] == 1


def hostile(lane: str) -> dict[str, bytes]:
    """A template that tries several things at once."""
    files = slip_files(lane)
    if lane == "typst":
        files["main.typ"] += b'\n#read("/etc/passwd")\n#sys.inputs.view\n#image("http://192.0.2.1/x.png")\n'
    elif lane == "html":
        files["main.html"] += b"\n<script>x()</script>\n<img src='file:///etc/passwd'>\n{{ view.__class__ }}\n"
    else:

        def change(document: Any) -> None:
            for text in ("{{ customer.__class__ }}", "{% set x = 1 %}", "{{ lines|attr('x') }}"):
                document.add_paragraph(text)

        files["main.docx"] = slip_docx(change)
    return files


@pytest.mark.parametrize("lane", ["typst", "html", "word"])
def test_p10_every_attack_of_a_template_is_told_with_its_place_and_what_to_do(lane: str) -> None:
    with pytest.raises(TemplateFaults) as caught:
        load(hostile(lane))
    told = caught.value.problems
    assert len(told) >= 3
    assert all(problem.line and problem.what and problem.hint for problem in told), told


@pytest.mark.parametrize("lane", ["typst", "html", "word"])
def test_p10_a_hostile_template_is_refused_at_the_desk_with_its_places(
    lane: str, db: str, user_of: Any, tmp_path: Path
) -> None:
    from desk_kit import desk_of, said
    from postroom.composition import drafts
    from postroom.identity.actor import SYSTEM

    if lack := provider("renderers", lane).missing():
        missing(lack)
    # given a draft of it, pushed by somebody
    files = hostile(lane)
    draft = drafts.begin(SYSTEM, f"slip-{lane}" if lane != "typst" else "slip", "Slip")
    draft = drafts.save(SYSTEM, draft.pk, files, 0)
    # when its author looks at it, then every place is named; when it is sent on, it is refused
    author = desk_of(user_of)("author")
    page = said(author.get(f"/templates/drafts/{draft.pk}/"))
    for problem in drafts.check(draft):
        assert f"{problem.file}:{problem.line}" in page, problem
    refusal = author.post(f"/templates/drafts/{draft.pk}/send/", {"note": "x"})
    assert "main." in said(author.get(refusal["Location"])) and drafts.find(draft.pk).state == "draft"


def test_p10_no_value_of_a_record_can_become_source(tmp_path: Path) -> None:
    # given values that are source in one lane or another
    from postroom.composition.prepare import prepare

    note = '#read("/etc/passwd") {{ view }} <script>x</script> #panic() \\ *bold* $x$ ]'
    for lane, page in (("typst", '#slot("note")'), ("html", "<p>{{ view.note }}</p>")):
        record = json.loads(json.dumps(slip(lane).samples[0][1])) | {"note": note}
        slip(lane).unfold(tmp_path / lane)
        main = tmp_path / lane / ("main.typ" if lane == "typst" else "main.html")
        main.write_text((BEGIN if lane == "typst" else "") + page)
        setup = {"renderer": lane, "pack": str(tmp_path / lane), "fonts": str(fonts.folder())}
        with Cell("render", setup, scratch=1 << 16) as cell:
            job = job_of(prepare(slip(lane), record))
            made = cell.call({"view": job.view, "codes": job.codes, "fixed_clock": job.fixed_clock}).blobs[0]
        # then it is printed as it stands
        import pypdfium2

        text = "".join(each.get_textpage().get_text_range() for each in pypdfium2.PdfDocument(made))
        assert "".join(note.split()) in "".join(text.split())
