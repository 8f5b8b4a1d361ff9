"""The test of a template: every sample in every language is made in the cage and judged, several at a time."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from postroom.cage.errors import JobFailed, JobStopped
from postroom.composition.checks import painter
from postroom.composition.checks.assertions import Assertion, read_assertions, stem
from postroom.composition.checks.failures import Failure, by_place
from postroom.composition.checks.house_rules import house_rules
from postroom.composition.checks.judge import Document, judge, wants_symbols
from postroom.composition.checks.pages import pages_of
from postroom.composition.compose import Unmade, close_cells, compose
from postroom.composition.models import TemplateVersion
from postroom.composition.pack import TemplatePack
from postroom.composition.paths import copy_tree
from postroom.composition.prepare import Prepared, prepare
from postroom.composition.problems import RecordRefused, TemplateFaults
from postroom.composition.queries import LivePack, ready
from postroom.kernel.errors import NotFound
from postroom.kernel.ids import new_id

Progress = Callable[[int, int], None]
"""Documents that are through, and how many there are."""
Shown = list[tuple[Failure, bytes]]
"""Failures with the PNG of their page."""
_PICTURE = 1000


@dataclass(frozen=True, slots=True)
class Case:
    """One document that is to be made: a sample in a language."""

    sample: str
    language: str
    record: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Result:
    """What a test came to."""

    documents: int
    assertions: int
    seconds: float
    failures: tuple[Failure, ...]
    pictures: tuple[tuple[Failure, bytes], ...] = ()
    """PNGs of the pages of failures with their places outlined, where they were asked for."""

    @property
    def green(self) -> bool:
        """Whether everything holds."""
        return not self.failures


def assertions_of(pack: TemplatePack) -> list[Assertion]:
    """The assertions of a template. Raises TemplateFaults."""
    found, problems = read_assertions(
        pack.files,
        tuple(stem(name) for name, _ in pack.samples),
        pack.manifest.languages,
        tuple(pack.manifest.codes),
    )
    if problems:
        raise TemplateFaults(problems)
    return found


def try_out(pack: TemplatePack, *, sample: str = "", progress: Progress | None = None, pictures: int = 0) -> Result:
    """Make and judge every sample, or one, in every language. ``pictures``: of so many failures.

    Raises TemplateFaults where the assertions themselves cannot be read.
    """
    begun = time.monotonic()
    assertions = assertions_of(pack)
    cases = [one for one in cases_of(pack) if sample in ("", stem(one.sample))]
    hands = max(1, min(len(cases), os.cpu_count() or 1, 4))
    failures: list[Failure] = []
    painted: Shown = []
    with passing(pack) as live, ThreadPoolExecutor(hands, thread_name_prefix="trial") as pool:
        count = _Count(len(cases), progress)
        # Languages of a sample stay with one hand: what its e-invoice comes to is judged there once.
        each = -(-len(cases) // hands) if cases else 1
        parts = [cases[at : at + each] for at in range(0, len(cases), each)]
        shares = [pool.submit(_share, live, part, assertions, pictures, count) for part in parts]
        for share in shares:
            for found, shown in share.result():
                failures += found
                painted += shown
    return Result(
        len(cases), len(assertions), time.monotonic() - begun, tuple(by_place(failures)), tuple(painted[:pictures])
    )


def cases_of(pack: TemplatePack) -> Iterator[Case]:
    """Every sample in every language; a sample keeps its own tag (``de-CH``) where that leads to the language."""
    path = pack.manifest.language.split(".")
    for name, record in pack.samples:
        for language in pack.manifest.languages:
            changed: dict[str, Any] = copy_tree(record)
            here: Any = changed
            for step in path[:-1]:
                here = here.setdefault(step, {}) if isinstance(here, dict) else {}
            if isinstance(here, dict) and pack.language(here.get(path[-1]))[0] != language:
                here[path[-1]] = language
            yield Case(name, language, changed)


@contextmanager
def passing(pack: TemplatePack) -> Iterator[LivePack]:
    """The pack ready for the cage, as no version: its folder goes at the end."""
    version = TemplateVersion(id=new_id(), template_id=pack.key, no=0, lane=pack.lane, digest=pack.digest)
    live = ready(version, pack)
    try:
        yield live
    finally:
        shutil.rmtree(live.folder, ignore_errors=True)


class _Count:
    """How many documents are through, told by several threads one after the other."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self.total, self.progress = total, progress
        self.done, self.lock = 0, threading.Lock()

    def up(self) -> None:
        with self.lock:
            self.done += 1
            if self.progress:
                self.progress(self.done, self.total)


def _share(
    live: LivePack, cases: list[Case], assertions: list[Assertion], pictures: int, count: _Count
) -> list[tuple[list[Failure], Shown]]:
    """What one thread is to do, in cells of its own."""
    found = []
    try:
        for case in cases:
            found.append(_one(live, case, assertions, pictures))
            count.up()
        return found
    finally:
        close_cells()
        painter.close()


def _one(live: LivePack, case: Case, assertions: list[Assertion], pictures: int) -> tuple[list[Failure], Shown]:
    try:
        prepared = prepare(live.pack, case.record)
    except RecordRefused as refused:
        return [
            _unmade(case, one.code, f"It is refused: {one.path}: {one.reason}", one.hint) for one in refused.problems
        ], []
    made = next(iter(compose(live, [prepared], unproven=True)))
    if isinstance(made, Unmade):
        place = f" ({made.where})" if made.where else ""
        return [_unmade(case, made.code, f"It cannot be composed: {made.reason}{place}", made.hint)], []
    if made.media_type != "application/pdf":
        return [], []  # no page: what it states is the business of its own rules
    try:
        found = _judged(live, case, prepared, made.content, assertions)
        shown = [(one, paint(made.content, one)) for one in found[:pictures] if one.page]
    except (JobStopped, JobFailed) as error:
        return [_unmade(case, "not-looked-at", error.message, error.hint)], []
    return found, shown


def _judged(
    live: LivePack, case: Case, prepared: Prepared, content: bytes, assertions: list[Assertion]
) -> list[Failure]:
    symbols = wants_symbols(assertions, stem(case.sample), case.language)
    seen = painter.call({"op": "look", "claims": True, "symbols": symbols}, content).value
    document = Document(
        manifest=live.pack.manifest,
        sample=case.sample,
        language=case.language,
        prepared=prepared,
        pages=pages_of(seen["pages"]),
        claims=seen["claims"],
        symbols=seen.get("symbols", ()),
    )
    return [*judge(document, assertions), *house_rules(document)]


def picture_of(pack: TemplatePack, failure: Failure) -> bytes:
    """The page of a failure, made once more: in cells of a thread that ends with it. Raises NotFound."""

    def work() -> bytes:
        try:
            with passing(pack) as live:
                for case in cases_of(pack):
                    if (stem(case.sample), case.language) == (failure.sample, failure.language):
                        made = next(iter(compose(live, [prepare(pack, case.record)], unproven=True)))
                        if not isinstance(made, Unmade):
                            return paint(made.content, failure)
        finally:
            close_cells()
            painter.close()
        raise NotFound("There is no such page any more.", hint="Run the tests again.")

    with ThreadPoolExecutor(1, thread_name_prefix="trial") as apart:
        return apart.submit(work).result()


def paint(content: bytes, failure: Failure) -> bytes:
    """The page of a failure with its places outlined, as PNG."""
    job = {"op": "paint", "page": failure.page, "width": _PICTURE, "boxes": [list(rect) for rect in failure.rects]}
    return painter.call(job, content).blobs[0]


def _unmade(case: Case, code: str, what: str, hint: str) -> Failure:
    return Failure(code, case.sample, 0, stem(case.sample), case.language, what, hint)
