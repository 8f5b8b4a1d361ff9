"""The whole pipeline around the Typst renderer, beside the bare renderer on the same invoices, taken in turns.

One worker's work is done in this process: read the parcel, map, validate, format, render in the cage, store, write
rows and ledger. Delivery is a bench of its own. Both renderers take turns of one chunk, so that a busy machine
disturbs both alike, and the turn with the median ratio counts.

What is above the bare renderer is told twice. As a share everything counts: what the invoice's payment symbol and the
words of its mail take, the cage, the cell's own excess. In milliseconds the stages of the budget count, read off this
process's clock and not off the difference of two figures twenty times as large (ADR 0045); what is left out of them has
rows of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import cpu, papers
from benchmarks.figures import Figure
from benchmarks.house import house, postmaster, publish, say
from postroom.cage import spawn
from postroom.kernel.home import Home

CHUNK, CHUNKS, WARM = 200, 8, 100


def run() -> Iterator[Figure]:
    """CPU per document, ours, the bare renderer's and PostgreSQL's."""
    with house(chunk_size=str(CHUNK)) as home:
        from postroom.project.install import install_starters

        publish(papers.invoice_pack())
        install_starters()
        yield from _measure(home)


def _measure(home: Home) -> Iterator[Figure]:
    from postroom.composition import compose, fonts
    from postroom.composition.queries import live_pack, newest_version
    from postroom.production import heap
    from postroom.rules.evaluator import shared

    live = live_pack(newest_version("invoice").pk)
    count = CHUNK * CHUNKS
    data = papers.write_lines(home.work / "invoices.jsonl", papers.foreign_invoices(count))
    warm = papers.write_lines(home.work / "warm.jsonl", papers.foreign_invoices(WARM, first=500_000))
    jobs = home.work / "jobs.jsonl"
    jobs.write_text("".join(f"{job}\n" for path in (warm, data) for job in _jobs(live.pack, path)), "utf-8")
    with _bare(str(live.folder), str(fonts.folder()), ",".join(live.version.promises), jobs) as (bare, render):
        say(f"warming up with {WARM} invoices")
        render(WARM)
        for chunk in _carried(_started(warm)):
            _compose(chunk)
        heap.settle()  # as a worker does after its first chunk
        cell = compose._cell(live, ()).pid
        evaluator = shared()._cell
        rules = evaluator.pid if evaluator else None
        assert cell is not None
        database = postmaster(home)

        say(f"{CHUNKS} turns of {CHUNK} invoices, bare and whole")
        _introduce(data)
        apart = _apart()
        run = _started(data)
        before = _now(os.getpid(), cell, rules, database)
        chunks = _carried(run)
        reading = _since(before, _now(os.getpid(), cell, rules, database), count)
        bares, turns = [], []
        for number, chunk in enumerate(chunks, 1):
            began = cpu.of_process(bare)
            render(CHUNK)
            bares.append((cpu.of_process(bare) - began) * 1000 / CHUNK)
            before = _now(os.getpid(), cell, rules, database) | apart
            _compose(chunk)
            turn = _since(before, _now(os.getpid(), cell, rules, database) | apart, CHUNK)
            turns.append({name: value + reading.get(name, 0.0) for name, value in turn.items()})
            say(f"{number * CHUNK} of {count}: bare {bares[-1]:.1f} ms, whole {_whole(turns[-1]):.1f} ms")
        assert compose._cell(live, ()).pid == cell, "the cell was replaced"
    _check(count)
    pairs = sorted(zip(bares, turns, strict=True), key=lambda pair: _whole(pair[1]) / pair[0])
    yield from _figures(*pairs[len(pairs) // 2])


def _apart() -> dict[str, float]:
    """CPU seconds of this process, from now on, in what is no stage of the budget: drawing symbols and writing the
    words of mails, which are composed like the page itself, and handing jobs to the cage and taking documents back."""
    from postroom.composition import prepare
    from postroom.production import stages

    spent = {"symbols": 0.0, "words": 0.0, "cage": 0.0}

    def clocked(name: str, does: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*given: Any, **named: Any) -> Any:
            began = time.thread_time()
            try:
                return does(*given, **named)
            finally:
                spent[name] += time.thread_time() - began

        return wrapped

    for name, module, does in (
        ("symbols", prepare, "symbol"),
        ("words", stages, "_body"),
        ("cage", stages, "make_documents"),
    ):
        setattr(module, does, clocked(name, getattr(module, does)))
    return spent


def _whole(ms: dict[str, float]) -> float:
    """CPU of all our processes."""
    return ms["worker"] + ms["render"] + ms["rules"]


def _figures(bare: float, ms: dict[str, float]) -> Iterator[Figure]:
    whole = _whole(ms)
    yield Figure("pipeline.cpu", whole, "ms/document", baseline=bare)
    apart = {name: ms[name] for name in ("symbols", "words", "cage")}
    yield Figure("pipeline.overhead", ms["worker"] + ms["rules"] - sum(apart.values()), "ms/document", "<=0.6")
    for name, value in apart.items():
        yield Figure(f"pipeline.{name}", value, "ms/document")
    yield Figure("pipeline.overhead-share", (whole / bare - 1) * 100, "% above bare", "<=25", gate=True)
    yield Figure("pipeline.worker", ms["worker"], "ms/document")
    yield Figure("pipeline.render-cell", ms["render"], "ms/document", baseline=bare)
    yield Figure("pipeline.rules-cell", ms["rules"], "ms/document")
    yield Figure("pipeline.documents", 1000 / whole, "per CPU-second", ">=60", baseline=1000 / bare)
    yield Figure("pipeline.postgresql", ms["database"], "ms/document")
    yield Figure("pipeline.wall", ms["wall"], "ms/document, one worker")


def _now(worker: int, cell: int, rules: int | None, database: int) -> dict[str, float]:
    return {
        "worker": cpu.of_process(worker),
        "render": cpu.of_process(cell),
        "rules": cpu.of_processes([rules]),
        "database": cpu.of_family(database),
        "wall": time.monotonic(),
    }


def _since(before: dict[str, float], after: dict[str, float], count: int) -> dict[str, float]:
    """Milliseconds for each of ``count`` documents."""
    return {name: (value - before[name]) * 1000 / count for name, value in after.items()}


def _jobs(pack: Any, path: Path) -> Iterator[str]:
    """What the bare renderer gets: the very view the caged one is given, made beforehand, and the text of the code."""
    from postroom import rules
    from postroom.composition.prepare import prepare

    mapping = rules.compile_mapping(papers.MAPPING, contract=pack.contract_schema)
    records = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for mapped in rules.map_records(mapping, records):
        assert isinstance(mapped, rules.Mapped), mapped
        one = prepare(pack, mapped.result)
        view = json.dumps(one.view, ensure_ascii=False, separators=(",", ":"))
        codes = json.dumps(one.codes, separators=(",", ":"))
        yield json.dumps([view, codes, one.fixed_clock], ensure_ascii=False)


def _introduce(path: Path) -> None:
    """Make the customers known, as those of a house are: hardly any bill is somebody's first."""
    from postroom.parties.actions.meet_parties import Acquaintance, meet_parties

    buyers = [json.loads(line)["buyer"] for line in path.read_text("utf-8").splitlines()]
    people = (Acquaintance(one["id"], one["name"], one["lang"], one["mail"], one["country"]) for one in buyers)
    met = meet_parties(people)
    assert met.keys() == {one["id"] for one in buyers}


def _started(path: Path) -> Any:
    """The id of a run, its parcel taken in: some 20 ms once for each run, and no cost of a document."""
    from postroom.identity.actor import SYSTEM
    from postroom.production.actions.start_run import start_run

    return start_run(SYSTEM, template="invoice", path=path, mapping=papers.MAPPING).run.pk


def _carried(run: Any) -> list[Any]:
    """Read the parcel here; the ids of its chunks."""
    from postroom.production.models import Chunk
    from postroom.production.reading import read_parcel

    read_parcel(run)
    return list(Chunk.objects.filter(run_id=run).order_by("no").values_list("pk", flat=True))


def _compose(chunk: Any) -> None:
    from postroom.production.pipeline import compose_chunk

    compose_chunk(chunk)


def _check(count: int) -> None:
    """Nothing was set aside, and each document has one page: else the figures mean something else."""
    from postroom.documents.models import Version
    from postroom.production.models import SetAside

    first = SetAside.objects.first()
    assert first is None, first.problems
    assert Version.objects.count() == count + WARM
    assert not Version.objects.exclude(pages=1).exists(), "an invoice of more than one page"


@contextmanager
def _bare(pack: str, fonts: str, standards: str, jobs: Path) -> Iterator[tuple[int, Callable[[int], None]]]:
    command = [sys.executable, "-m", "benchmarks.bare", pack, fonts, standards, str(jobs)]
    # The cells' own environment, so that both renderers have the same number of threads and memory arenas.
    environment = {**os.environ, **spawn.ALLOTTED}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as child:
        assert child.stdin and child.stdout
        stdin, stdout = child.stdin, child.stdout
        assert stdout.readline().strip() == "ready"

        def render(number: int) -> None:
            stdin.write(f"{number}\n")
            stdin.flush()
            assert int(stdout.readline()) > 0

        try:
            yield child.pid, render
        finally:
            stdin.close()
