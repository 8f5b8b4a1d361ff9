"""Each lane beside its bare engine, and the HTML lane beside WeasyPrint, on the same delivery slip of twelve lines; and
the Typst lane with charts, on the starter of a production report.

A lane is measured in its cell, locks and all, from plain data to a finished document: CPU of the cell's process. The
bare engine gets what the lane would hand it, ready filled in, and does nothing else; WeasyPrint gets the very HTML that
PlutoPrint gets, with the same stylesheet, images and fonts, one process kept warm.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks import cpu
from benchmarks.figures import Figure
from benchmarks.house import say

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))  # the slip in three lanes is the tests' own

OURS, THEIRS, LETTERS, CHARTS, WARM = 300, 25, 25, 60, 3
_LINES = 12
_CUTS = (
    ("Postroom Sans", 400, "PostroomSans-Regular.ttf"),
    ("Postroom Sans", 500, "PostroomSans-Medium.ttf"),
    ("Postroom Sans", 700, "PostroomSans-Bold.ttf"),
    ("Postroom Mono", 400, "PostroomMono-Regular.ttf"),
    ("Postroom Mono", 500, "PostroomMono-Medium.ttf"),
)


def run() -> Iterator[Figure]:
    """Documents per CPU-second of each lane, its engine's, and what the wrapping costs."""
    from kit.lanes import job_of, prepared, slip
    from postroom.kernel.registry import provider

    with tempfile.TemporaryDirectory(prefix="postroom-bench-lanes-") as aside:
        jobs = {
            lane: [job_of(prepared(lane, _LINES, note=f"Note {number}")) for number in range(count)]
            for lane, count in (("typst", OURS), ("html", OURS), ("word", LETTERS))
        }
        typst = _lane(slip("typst"), Path(aside) / "typst", jobs["typst"], OURS)
        bare = _bare_typst(Path(aside) / "typst", jobs["typst"], OURS)
        yield Figure("lanes.typst", 1 / typst, "documents per CPU-second", baseline=1 / bare)
        yield from _charts(Path(aside) / "charts")
        html = _lane(slip("html"), Path(aside) / "html", jobs["html"], OURS)
        bare, weasy = _bare_html(Path(aside), jobs["html"])
        yield Figure("lanes.html", 1 / html, "documents per CPU-second", baseline=1 / bare)
        yield Figure("lanes.weasyprint", 1 / weasy, "documents per CPU-second, same HTML, PDF/A-2b")
        yield Figure("lanes.times-weasyprint", weasy / html, "times", ">=10", gate=True)
        lack = provider("renderers", "word").missing()
        if lack:
            say(f"word lane left out: {lack}")
            return
        word = _lane(slip("word"), Path(aside) / "word", jobs["word"], LETTERS)
        yield Figure("lanes.word", 1 / word, "documents per CPU-second", baseline=1 / _bare_word(jobs["word"]))


def _charts(folder: Path) -> Iterator[Figure]:
    """A page with bars, a line and shares of a whole, beside the bare engine, with both its promises."""
    from kit.gallery import pack_of
    from kit.lanes import job_of
    from postroom.composition.prepare import prepare

    pack = pack_of("production-report")
    jobs = [job_of(prepare(pack, record)) for _, record in pack.samples]
    ours = _lane(pack, folder, jobs, CHARTS)
    bare = _bare_typst(folder, jobs, CHARTS, ["a-2b", "ua-1"])
    yield Figure("lanes.charts", 1 / ours, "documents per CPU-second", baseline=1 / bare)


def _lane(pack: Any, folder: Path, jobs: list[Any], count: int) -> float:
    """CPU seconds of one document in a cell; the pack is unfolded into ``folder``."""
    from postroom.cage import Cell
    from postroom.composition import fonts
    from postroom.kernel.registry import provider

    pack.unfold(folder)
    needs = provider("renderers", pack.lane).needs()
    setup = {"renderer": pack.lane, "pack": str(folder), "fonts": str(fonts.folder())}
    with Cell("render", setup, memory=max(2 << 30, needs.memory), read=needs.read, scratch=needs.scratch) as cell:
        plain = [{"view": job.view, "codes": job.codes, "fixed_clock": job.fixed_clock} for job in jobs]
        for job in plain[:WARM]:
            cell.call(job)
        pid = cell.pid
        assert pid is not None
        began = cpu.of_process(pid)
        for number in range(count):
            cell.call(plain[number % len(plain)])
        spent = (cpu.of_process(pid) - began) / count
        said = Path(f"/proc/{pid}/status").read_text()
        memory = next(line.split()[1] for line in said.splitlines() if line.startswith("VmHWM"))
    say(f"{pack.key}, {pack.lane}: {spent * 1000:.1f} ms CPU a document, at most {int(memory) // 1024} MB")
    return spent


def _timed(name: str, count: int, make: Callable[[int], object]) -> float:
    for number in range(WARM):
        make(number)
    began = time.process_time()
    for number in range(count):
        make(number)
    spent = (time.process_time() - began) / count
    say(f"{name}: {spent * 1000:.1f} ms CPU a document")
    return spent


def _bare_typst(folder: Path, jobs: list[Any], count: int, standards: Sequence[Any] = ("a-2b",)) -> float:
    import json

    import typst

    from postroom.composition import fonts

    compiler = typst.Compiler(
        str(folder / "postroom-entry.typ"),
        root=str(folder),
        font_paths=typst.Fonts(False, False, [str(fonts.folder())]),
    )
    inputs = [{"view": json.dumps(job.view), "codes": json.dumps(job.codes)} for job in jobs]
    return _timed(
        "bare Typst",
        count,
        lambda number: compiler.compile(
            format="pdf", sys_inputs=inputs[number % len(inputs)], pdf_standards=[*standards], timestamp=0
        ),
    )


def _bare_html(aside: Path, jobs: list[Any]) -> tuple[float, float]:
    """CPU seconds of PlutoPrint and of WeasyPrint for the pages that the lane fills in."""
    import logging

    import plutoprint
    import weasyprint  # type: ignore[import-untyped]
    from weasyprint.text.fonts import FontConfiguration  # type: ignore[import-untyped]
    from weasyprint.urls import URLFetcherResponse  # type: ignore[import-untyped]

    from postroom.composition import fonts
    from postroom.plugins.renderers.html import HtmlRenderer, _fetcher

    renderer = HtmlRenderer(str(aside / "html"), str(fonts.folder()))
    pages = [(renderer._filled(job), job.codes) for job in jobs]

    def pluto(number: int) -> bytes:
        page, codes = pages[number % len(pages)]
        book = plutoprint.Book(plutoprint.PAGE_SIZE_A4)
        book.custom_resource_fetcher = _fetcher(renderer._files, codes)
        book.load_html(page, user_style=renderer._style, base_url="pack:/")
        out = io.BytesIO()
        book.write_to_pdf_stream(out)
        return out.getvalue()

    for name in ("weasyprint", "fontTools"):
        logging.getLogger(name).setLevel(logging.ERROR)
    configured = FontConfiguration()
    rules = "".join(
        f'@font-face{{font-family:"{family}";font-weight:{weight};src:url({(fonts.folder() / file).as_uri()})}}'
        for family, weight, file in _CUTS
    )
    kinds = {"css": "text/css", "svg": "image/svg+xml"}

    def fetch(url: str, *_: object, **__: object) -> Any:
        if url.startswith("file:"):
            return URLFetcherResponse(url, (fonts.folder() / url.rpartition("/")[2]).read_bytes())
        name, codes = url.removeprefix("pack:/"), jobs[0].codes
        held = codes[name[6:-4]].encode() if name.startswith("codes/") else renderer._files[name]
        return URLFetcherResponse(url, held, headers={"Content-Type": kinds[name.rpartition(".")[2]]})

    style = weasyprint.CSS(string=rules, font_config=configured, url_fetcher=fetch)

    def weasy(number: int) -> bytes:
        page = weasyprint.HTML(string=pages[number % len(pages)][0], base_url="pack:/", url_fetcher=fetch)
        made: bytes | None = page.write_pdf(pdf_variant="pdf/a-2b", stylesheets=[style], font_config=configured)
        assert made is not None
        return made

    return _timed("bare PlutoPrint", OURS, pluto), _timed("WeasyPrint", THEIRS, weasy)


def _bare_word(jobs: list[Any]) -> float:
    """CPU seconds of LibreOffice for letters that are filled in already, in a fresh process: it wants its fonts named
    before anything else has looked for some, and it does not like to end with the interpreter that called it."""
    from kit.lanes import slip_docx
    from postroom.plugins.renderers._docx_fill import WordTemplate

    template = WordTemplate(slip_docx(), "main.docx")
    with tempfile.TemporaryDirectory(prefix="postroom-bench-letters-") as aside:
        for number, job in enumerate(jobs):
            (Path(aside) / f"{number}.docx").write_bytes(template.filled(job))
        told = subprocess.run(
            [sys.executable, "-c", _LETTERS, aside, str(LETTERS)],
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
    say(f"bare LibreOffice: {float(told.stdout) * 1000:.1f} ms CPU a document")
    return float(told.stdout)


_LETTERS = """
import os, pathlib, sys, time
from postroom.composition import fonts
from postroom.plugins.renderers._office import Office
letters = [path.read_bytes() for path in pathlib.Path(sys.argv[1]).glob("*.docx")]
office = Office(fonts.folder(), "Postroom Sans")
for letter in letters[:3]:
    office.pdf(letter, ("pdf/a-2b",))
began = time.process_time()
for number in range(int(sys.argv[2])):
    office.pdf(letters[number % len(letters)], ("pdf/a-2b",))
print((time.process_time() - began) / int(sys.argv[2]), flush=True)
os._exit(0)
"""
