"""The HTML lane: what is refused at publishing, and what a hostile page achieves all the same (nothing)."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kit.lanes import job_of, prepared, slip, slip_files
from postroom.cage import Cell, JobFailed, JobStopped
from postroom.composition import fonts
from postroom.composition.pack import load
from postroom.composition.problems import Problem, TemplateFaults
from postroom.plugins.renderers._html_page import fill, running


def refused(page: str, **files: bytes) -> list[Problem]:
    """The faults of the slip with that page."""
    with pytest.raises(TemplateFaults) as caught:
        load(slip_files("html") | {"main.html": page.encode()} | {k.replace("__", "."): v for k, v in files.items()})
    return list(caught.value.problems)


@contextmanager
def caged(folder: Path, page: str, *, deadline: float = 20, memory: int = 2 << 30, **files: bytes) -> Iterator[Any]:
    """A function that makes a document in a cell from a page that nobody checked."""
    slip("html").unfold(folder)
    (folder / "main.html").write_text(page)
    for name, content in files.items():
        (folder / "assets" / name.replace("__", ".")).write_bytes(content)
    setup = {"renderer": "html", "pack": str(folder), "fonts": str(fonts.folder())}
    with Cell("render", setup, deadline=deadline, memory=memory, scratch=1 << 16) as cell:

        def make(**changes: Any) -> Any:
            job = job_of(prepared("html", **changes))
            return cell.call({"view": job.view, "codes": job.codes, "fixed_clock": job.fixed_clock})

        yield make


@pytest.mark.parametrize(
    ("page", "says"),
    [
        ("\n{{ view.custmer.name }}", "no field 'view.custmer'"),
        ("\n{{ view.customer.nam }}", "Did you mean 'name'"),
        ("\n{{ view.lines }}", "is a list and cannot be shown"),
        ("\n{% for row in view.lines %}{{ row.quantty }}{% endfor %}", "Did you mean 'quantity'"),
        ("\n{{ words.dew }}", "no word 'dew'"),
        ("\n{{ codes.pai }}", "Did you mean 'pay'"),
        ("\n{% if view.note %}", "end of template"),
        ("\n{{ view.__class__ }}", "no field 'view.__class__'"),
        ("\n{{ ''.__class__.__mro__[1].__subclasses__() }}", "may not use 'call'"),
        ("\n{{ view|attr('__class__') }}", "no filter 'attr'"),
        ("\n{{ '{0.__class__}'.format(view) }}", "may not use 'call'"),
        ("\n{{ '%s'|format(view) }}", "no filter 'format'"),
        ("\n{{ 'x' * 1000000000 }}", "may not use 'mul'"),
        ("\n{% for n in range(10 ** 9) %}{% endfor %}", "may not use"),
        ("\n{% macro m() %}{{ m() }}{% endmacro %}", "may not use 'macro'"),
        ("\n{% include '/etc/passwd' %}", "may not use 'include'"),
        ("\n{% import 'os' as os %}", "may not use 'import'"),
        ("\n<script>fetch('http://x')</script>", "holds <script>"),
        ("\n<iframe src='file:///etc/passwd'></iframe>", "holds <iframe>"),
        ("\n<img src='file:///etc/passwd'>", "cannot have"),
        ("\n<img src='../../etc/passwd'>", "cannot have"),
        ("\n<img src='assets/../template.yaml'>", "cannot have"),
        ("\n<img src='http://192.0.2.1/pixel.png'>", "cannot have"),
        ("\n<img src='assets/marc.svg'>", "Did you mean 'assets/mark.svg'"),
        ("\n<img src='codes/paid.svg'>", "declares no code 'paid'"),
        ("\n<img src='data:image/svg+xml;base64,PHN2Zz4='>", "cannot have"),
        ("\n<img src='assets/mark.svg' onerror='x()'>", "handler 'onerror'"),
        ("\n<a href='javascript:x()'>x</a>", "A link leads to"),
        ("\n<style>@import 'http://x/a.css';</style>", "cannot have"),
        ("\n<style>p { background: url(file:///etc/passwd) }</style>", "cannot have"),
        ("\n<style>@font-face { font-family: x; src: url(assets/mark.svg) }</style>", "font of its own"),
        ("\n<style>p { font-family: 'Postroom Sanz' }</style>", "Did you mean 'Postroom Sans'"),
        ("\n<p>ქ</p>", "no font of the template has"),
    ],
)
def test_p10_what_a_page_may_not_do_is_told_with_its_line(page: str, says: str) -> None:
    told = refused(page)
    assert all(problem.file == "main.html" and problem.line for problem in told), told
    assert any(says in str(problem) for problem in told), told


@pytest.mark.parametrize(
    ("image", "says"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>x()</script></svg>', "<script>"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>', "onload"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>', "file:///etc/passwd"),
        (b'<!DOCTYPE svg [<!ENTITY a "aaa">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>', "entities"),
        (b"<html/>", "no SVG"),
        (b"\x89PNG", "no SVG"),
    ],
)
@pytest.mark.parametrize("lane", ["typst", "html"])
def test_an_image_with_more_than_a_picture_is_refused_in_every_lane(lane: str, image: bytes, says: str) -> None:
    with pytest.raises(TemplateFaults) as caught:
        load(slip_files(lane) | {"assets/mark.svg": image})
    (problem,) = caught.value.problems
    assert problem.file == "assets/mark.svg" and says in problem.what and problem.hint


def test_a_file_of_another_lane_is_refused() -> None:
    with pytest.raises(TemplateFaults) as caught:
        load(slip_files("html") | {"main.typ": b""})
    assert "lane html holds no such file" in str(caught.value)


def test_a_lane_that_is_not_there_is_named_with_a_suggestion() -> None:
    files = slip_files("html")
    files["template.yaml"] = files["template.yaml"].replace(b"lane: html", b"lane: htlm")
    with pytest.raises(TemplateFaults, match="no lane 'htlm'") as caught:
        load(files)
    assert caught.value.problems[0].line == 3 and "html" in caught.value.problems[0].hint


@pytest.mark.parametrize(
    "asked",
    [
        "file:///etc/passwd",
        "/etc/passwd",
        "../../../etc/passwd",
        "http://127.0.0.1:1/x",
        "assets/link.svg",
        "template.yaml",
    ],
)
@pytest.mark.parametrize(
    "how", ['<img src="{}">', '<link rel="stylesheet" href="{}">', "<style>p{{background:url({})}}</style><p>x"]
)
def test_p10_planted_what_nobody_checked_is_still_not_read(tmp_path: Path, asked: str, how: str) -> None:
    # given a page that came past the checks, and a link out of the template beside its images
    (tmp_path / "secret.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    with caged(tmp_path / "pack", how.format(asked)) as make:
        (tmp_path / "pack" / "assets" / "late.svg").symlink_to(tmp_path / "secret.svg")
        # when a document is made, then it is refused by name and the cell lives on
        with pytest.raises(JobFailed) as caught:
            make()
    assert caught.value.context["fault"] == "resource-refused" and "nothing is fetched" in caught.value.message


def test_p10_a_link_in_the_folder_is_not_followed(tmp_path: Path) -> None:
    slip("html").unfold(tmp_path / "pack")
    (tmp_path / "secret.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    (tmp_path / "pack" / "assets" / "link.svg").symlink_to(tmp_path / "secret.svg")
    (tmp_path / "pack" / "main.html").write_text('<img src="assets/link.svg">')
    setup = {"renderer": "html", "pack": str(tmp_path / "pack"), "fonts": str(fonts.folder())}
    job = job_of(prepared("html"))
    with Cell("render", setup, scratch=1 << 16) as cell, pytest.raises(JobFailed, match=r"assets/link\.svg"):
        cell.call({"view": job.view, "codes": job.codes, "fixed_clock": job.fixed_clock})


def test_p10_a_value_cannot_make_the_page_ask_for_a_file(tmp_path: Path) -> None:
    with caged(tmp_path / "pack", '<img src="{{ view.note }}">') as make, pytest.raises(JobFailed) as caught:
        make(note="file:///etc/passwd")
    assert caught.value.context["fault"] == "resource-refused"


def test_a_value_is_escaped_in_text_and_in_styles(tmp_path: Path) -> None:
    with caged(tmp_path / "pack", "<p>{{ view.note }}</p>") as make:
        assert make(note="<img src='http://x/'>").value["pages"] == 1
    assert running('Seite {page} "}</style>') == (
        '"Seite " counter(page) " \\000022\\00007d\\00003c\\00002fstyle\\00003e"'
    )
    assert fill("Dear {name}, {other}", name="<b>") == "Dear <b>, {other}"


def test_p10_a_page_that_loops_costs_its_own_document(tmp_path: Path) -> None:
    # a thousand million turns that write nothing: no machine is done with them in time
    loops = "".join(f"{{% for {name} in view.lines %}}" for name in "abcd")
    page = f"<p>{{{{ view.lines[0].text }}}}</p>{loops}{'{% endfor %}' * 4}"
    with caged(tmp_path / "pack", page, deadline=4) as make:
        with pytest.raises(JobStopped):
            make(lines=190)
        assert make(lines=2).value["pages"] == 1


def test_p10_an_image_that_unpacks_to_gigabytes_costs_its_own_document(tmp_path: Path) -> None:
    # given a PNG of 30,000 x 30,000 pixels in a few kilobytes
    def chunk(kind: bytes, content: bytes) -> bytes:
        body = kind + content
        return len(content).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")

    side = 30_000
    header = side.to_bytes(4, "big") * 2 + b"\x08\x00\x00\x00\x00"
    packer = zlib.compressobj(9)
    row = bytes(side + 1)
    data = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    with caged(tmp_path / "pack", '{% if view.note %}<img src="assets/bomb.png">{% endif %}x', bomb__png=bomb) as make:
        # when it is drawn, then the document is lost or has no picture, and the next one is made
        try:
            make(note="now")
        except (JobFailed, JobStopped) as stopped:
            assert stopped.hint
        assert make().value["pages"] == 1


def test_a_record_goes_all_the_way_to_a_stored_document(starters: list[str], tmp_path: Path) -> None:
    from kit.runs import through, write
    from postroom.composition.actions.publish_template import publish_template
    from postroom.documents.models import Version
    from postroom.identity.actor import SYSTEM

    # given the published template
    version = publish_template(SYSTEM, slip_files("html"))
    assert version.lane == "html" and publish_template(SYSTEM, slip_files("html")).pk == version.pk
    # when its sample is run
    through(write(tmp_path, [slip("html").samples[0][1]]), "slip-html")
    # then one reproducible document is stored
    (stored,) = Version.objects.filter(document__kind="slip-html")
    assert stored.reproducible and stored.pages >= 1


def test_a_promise_that_the_lane_cannot_keep_is_refused(starters: list[str]) -> None:
    from postroom.composition.actions.publish_template import publish_template
    from postroom.identity.actor import SYSTEM

    files = slip_files("html")
    files["template.yaml"] = files["template.yaml"].replace(b"[pdf/a-2b]", b"[pdf/a-2b, pdf/ua-1]")
    with pytest.raises(TemplateFaults, match=r"html cannot keep the promise 'pdf/ua-1'"):
        publish_template(SYSTEM, files)
