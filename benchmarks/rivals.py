"""The same invoices by other ways: WeasyPrint (HTML to PDF/A-2b) and Chromium (HTML to PDF), beside the whole pipeline.

The rivals get every advantage: ready texts and a drawn symbol, one process kept warm, the page as the plain HTML twin
of the Typst page (same texts, same fonts, same symbol), and nothing to do but write the file: no checks, no storing, no
rows, no ledger. Chromium writes no PDF/A at all. CPU is of whole processes, Chromium's with all its children.
"""

from __future__ import annotations

import io
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import cpu, papers
from benchmarks.figures import Figure
from benchmarks.house import house, publish, say
from postroom.demo.company import TEMPLATES
from postroom.kernel.home import Home

OURS, THEIRS, WARM = 200, int(os.environ.get("BENCH_RIVALS_DOCUMENTS", "30")), 3

_PAGE = Path(__file__).with_name("rival_invoice.html")
#: Those of the Typst page: family, weight, file.
_CUTS = (
    ("Postroom Sans", 400, "PostroomSans-Regular.ttf"),
    ("Postroom Sans", 500, "PostroomSans-Medium.ttf"),
    ("Postroom Sans", 600, "PostroomSans-SemiBold.ttf"),
    ("Postroom Serif", 400, "PostroomSerif-Regular.ttf"),
    ("Postroom Serif", 600, "PostroomSerif-SemiBold.ttf"),
    ("Postroom Mono", 400, "PostroomMono-Regular.ttf"),
)


def run() -> Iterator[Figure]:
    """Documents per CPU-second of each, and how many times ours is theirs."""
    missing = _missing()
    if missing:
        raise RuntimeError(f"the rivals bench needs {', '.join(missing)} (requirements/dev.in, and a Chromium)")
    with house(chunk_size=str(OURS)) as home:
        from postroom.project.install import install_starters

        publish(papers.invoice_pack())
        install_starters()
        ours = 1 / _ours(home)
        pages = _pages(home)
        weasy = 1 / _weasyprint(pages)
        chrome = 1 / _chromium(pages)
    yield Figure("rivals.pipeline", ours, "invoices per CPU-second, whole", ">=60")
    yield Figure("rivals.weasyprint", weasy, "invoices per CPU-second, rendering alone")
    yield Figure("rivals.chromium", chrome, "invoices per CPU-second, rendering alone")
    yield Figure("rivals.times-weasyprint", ours / weasy, "times", ">=8", gate=True)
    yield Figure("rivals.times-chromium", ours / chrome, "times", ">=3", gate=True)


def _missing() -> list[str]:
    from importlib.util import find_spec

    lacking = [name for name in ("weasyprint", "playwright") if find_spec(name) is None]
    return lacking if _browser() else [*lacking, "chromium"]


def _browser() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def _ours(home: Home) -> float:
    """CPU seconds of all our processes for one invoice, from the parcel to the commit. PostgreSQL has its own row in
    the pipeline's bench."""
    from benchmarks import pipeline

    first = papers.write_lines(home.work / "warm.jsonl", papers.foreign_invoices(pipeline.WARM, first=500_000))
    data = papers.write_lines(home.work / "ours.jsonl", papers.foreign_invoices(OURS))
    say(f"ours: {OURS} invoices")
    for chunk in pipeline._carried(pipeline._started(first)):
        pipeline._compose(chunk)
    before = _all()
    for chunk in pipeline._carried(pipeline._started(data)):
        pipeline._compose(chunk)
    return (_all() - before) / OURS


def _all() -> float:
    """This process and its children but the database, whose postmaster is nobody's child here."""
    return time.process_time() + cpu.of_processes(cpu.children(os.getpid()))


def _pages(home: Home) -> list[str]:
    """The HTML twins, made beforehand."""
    import jinja2
    from markupsafe import Markup

    from postroom import rules
    from postroom.composition import fonts
    from postroom.composition.prepare import prepare
    from postroom.composition.queries import live_pack, newest_version

    pack = live_pack(newest_version("invoice").pk).pack
    mapping = rules.compile_mapping(papers.MAPPING, contract=pack.contract_schema)
    folder = fonts.folder()
    logo = TEMPLATES / "invoice" / "assets" / "logo.svg"
    template = jinja2.Environment(autoescape=True).from_string(_PAGE.read_text("utf-8"))
    made = []
    records = list(papers.foreign_invoices(WARM + THEIRS, first=700_000))
    for mapped in rules.map_records(mapping, records):
        assert isinstance(mapped, rules.Mapped), mapped
        one = prepare(pack, mapped.result)
        (symbol,) = one.codes.values()
        made.append(
            template.render(
                v=one.view,
                w=one.view["words"],
                symbol=Markup(symbol),
                fonts=[(family, weight, (folder / name).as_uri()) for family, weight, name in _CUTS],
                logo=logo.as_uri(),
            )
        )
    return made


def _weasyprint(pages: list[str]) -> float:
    """CPU seconds of one page, with the fonts read and subset as for any document."""
    import logging

    import weasyprint  # type: ignore[import-untyped]
    from weasyprint.text.fonts import FontConfiguration  # type: ignore[import-untyped]

    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    fonts = FontConfiguration()

    def render(page: str) -> bytes:
        made: bytes | None = weasyprint.HTML(string=page).write_pdf(pdf_variant="pdf/a-2b", font_config=fonts)
        assert made is not None
        return made

    return _timed("WeasyPrint", pages, render, time.process_time, archive=True)


def _chromium(pages: list[str]) -> float:
    """CPU seconds of one page in a browser and a tab that stay open."""
    from playwright.sync_api import sync_playwright

    folder = Path(tempfile.mkdtemp(prefix="postroom-bench-chromium-"))
    try:
        with sync_playwright() as play:
            browser = play.chromium.launch(
                executable_path=_browser(), args=["--no-sandbox", "--disable-background-networking"]
            )
            tab = browser.new_page()

            def render(page: str) -> bytes:
                path = folder / "page.html"  # a file, so that it may read the fonts
                path.write_text(page, "utf-8")
                tab.goto(path.as_uri())
                return bytes(tab.pdf(prefer_css_page_size=True))

            # Its own processes only: the driver between us and the browser is left out, in its favour.
            def spent() -> float:
                return cpu.of_processes(pid for pid in cpu.descendants(os.getpid()) if "chrom" in _program(pid))

            try:
                return _timed("Chromium", pages, render, spent, archive=False)
            finally:
                browser.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _program(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/exe").readlink().name
    except OSError:
        return ""


def _timed(
    name: str, pages: list[str], render: Callable[[str], bytes], spent: Callable[[], float], *, archive: bool
) -> float:
    import pypdf

    say(f"{name}: {THEIRS} invoices")
    kept = os.environ.get("BENCH_RIVALS_KEEP")  # a folder, to look at what they made
    for page in pages[:WARM]:
        first = render(page)
        if kept:
            (Path(kept) / f"{name}.pdf").write_bytes(first)
        made = pypdf.PdfReader(io.BytesIO(first))
        assert len(made.pages) == 1, f"{name} made {len(made.pages)} pages of an invoice"
        assert not archive or "/OutputIntents" in str(made.root_object), f"{name} made no PDF/A"
    before = spent()
    for page in pages[WARM:]:
        render(page)
    return (spent() - before) / (len(pages) - WARM)
