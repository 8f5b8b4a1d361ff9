"""What an e-invoice costs beside its page: the demo's invoice by its lane alone, and made, written and judged.

Both cells are measured as they run, locks and all: CPU of the renderer's process, CPU of the judges' process (schema,
rules, reading the page back), and CPU of ours for the XML and the metadata. The first invoice of a process compiles the
rules and is told apart.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import cpu
from benchmarks.figures import Figure
from benchmarks.house import say

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))  # the variants of an invoice are the tests' own

INVOICES, WARM = 200, 3
PROFILES = ("en16931", "xrechnung-cii", "xrechnung-ubl", "extended")


def run() -> Iterator[Figure]:
    """Documents per CPU-second of each kind of e-invoice beside the same page without; what it takes in times."""
    from kit.einvoices import SECTION, demo_files
    from postroom.composition.einvoice.errors import EInvoiceToolsMissing
    from postroom.composition.einvoice.tools import require_tools

    try:
        require_tools()
    except EInvoiceToolsMissing as lack:
        say(f"e-invoices left out: {lack.message} {lack.hint}")
        return
    with tempfile.TemporaryDirectory(prefix="postroom-bench-einvoice-") as aside:
        bare = _page_alone(Path(aside) / "bare", demo_files("", samples=("01",)))
        yield Figure("einvoice.page", 1 / bare, "documents per CPU-second, the page alone")
        for profile in PROFILES:
            section = SECTION.replace("profile: en16931", f"profile: {profile}")
            spent, first = _checked(Path(aside) / profile, demo_files(section, samples=("01",)))
            yield Figure(f"einvoice.{profile}", 1 / spent, "documents per CPU-second", baseline=1 / bare)
            yield Figure(f"einvoice.{profile}-times", spent / bare, "times the page alone")
            yield Figure(f"einvoice.{profile}-first", first, "CPU seconds of the first of a process")


def _cell(aside: Path, files: dict[str, bytes]) -> tuple[Any, Any]:
    """The template, and a cell of its lane."""
    from postroom.cage import Cell
    from postroom.composition import fonts
    from postroom.composition.pack import load

    pack = load(files)
    pack.unfold(aside)
    setup = {"renderer": "typst", "pack": str(aside), "fonts": str(fonts.folder())}
    return pack, Cell("render", setup, memory=2 << 30)


def _job(ready: Any) -> dict[str, Any]:
    job = {"view": ready.view, "codes": ready.codes, "fixed_clock": ready.fixed_clock}
    if ready.einvoice:
        job["attachments"] = ready.einvoice.attachments()
    return job


def _page_alone(aside: Path, files: dict[str, bytes]) -> float:
    """CPU seconds of one page: prepared here, drawn in the cell."""
    from postroom.composition.prepare import prepare

    pack, cell = _cell(aside, files)
    record = pack.samples[0][1]
    with cell:
        for _ in range(WARM):
            cell.call(_job(prepare(pack, record)))
        began = time.process_time(), cpu.of_process(cell.pid)
        for number in range(INVOICES):
            cell.call(_job(prepare(pack, record | {"number": f"INV-2026-{number}"})))
        spent = time.process_time() - began[0] + cpu.of_process(cell.pid) - began[1]
    say(f"page alone: {spent / INVOICES * 1000:.1f} ms CPU a document")
    return spent / INVOICES


def _checked(aside: Path, files: dict[str, bytes]) -> tuple[float, float]:
    """CPU seconds of one e-invoice from record to sealed PDF, and of the first, which compiles the rules."""
    from postroom.composition.einvoice import check
    from postroom.composition.einvoice.make import sealed
    from postroom.composition.prepare import prepare

    pack, cell = _cell(aside, files)
    record = pack.samples[0][1]

    def one(number: int) -> None:
        ready = prepare(pack, record | {"number": f"INV-2026-{number}"})
        answer = cell.call(_job(ready))
        assert ready.einvoice is not None
        _, problems = sealed(ready.einvoice, answer.blobs[0], ready.facts.language)
        assert not problems, problems

    with cell:
        one(0)
        judges = check._cell()
        assert judges.pid is not None
        first = cpu.of_process(judges.pid)
        for number in range(1, WARM):
            one(number)
        began = time.process_time(), cpu.of_process(cell.pid), cpu.of_process(judges.pid)
        for number in range(INVOICES):
            one(1000 + number)
        parts = (
            time.process_time() - began[0],
            cpu.of_process(cell.pid) - began[1],
            cpu.of_process(judges.pid) - began[2],
        )
        said = Path(f"/proc/{judges.pid}/status").read_text()
        memory = next(line.split()[1] for line in said.splitlines() if line.startswith("VmHWM"))
        check.close_cell()
    told = ", ".join(
        f"{name} {part / INVOICES * 1000:.1f} ms" for name, part in zip(("here", "page", "judges"), parts, strict=True)
    )
    say(f"{aside.name}: {told}; judges at most {int(memory) // 1024} MB")
    return sum(parts) / INVOICES, first
