"""Pages of a replay to look at: kept below the home folder while the replay is kept, and gone with it (P11).

Who may see records sees the letters themselves; who only approves sees the same letters masked, by both versions
(ADR 0041).
"""

from __future__ import annotations

import os
import shutil
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from pathlib import Path

from django.utils.crypto import salted_hmac

from postroom.composition import drafts, freezing, pack
from postroom.composition.canonical import canonical
from postroom.composition.checks.causes import IDENTICAL
from postroom.composition.checks.models import Replay, ReplayCase
from postroom.composition.checks.touched import with_change
from postroom.composition.checks.trial import passing
from postroom.composition.life_models import HouseVersion
from postroom.composition.masking import mask
from postroom.composition.models import TemplateVersion
from postroom.composition.queries import live_pack
from postroom.documents.models import Version
from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.kernel.errors import NotFound
from postroom.kernel.home import home
from postroom.production.replay.sides import Bench, Verdict
from postroom.production.sampling import data_of
from postroom.vault.read import read_blob

WIDTH = 900
SIDES = ("before", "after")


def picture(actor: Actor, case: ReplayCase, side: str) -> Path:
    """The PNG of the page that differs first. Needs ``record.view``: it shows a real letter.

    Raises NotFound where that version has no such page.
    """
    actor.require("record.view")
    if side not in SIDES:
        raise NotFound("There is no such picture.", hint="Reload the page that showed it.")
    return _there(_path(case, side), _make, case)


def masked_picture(actor: Actor, case: ReplayCase, side: str) -> Path:
    """The same page of the same record with everything masked that says whom it is about. Needs ``template.review``.

    Raises NotFound where that version has no such page, NotMasked where nothing harmless can be made of the record.
    """
    actor.require("template.review")
    if side not in SIDES:
        raise NotFound("There is no such picture.", hint="Reload the page that showed it.")
    return _there(_path(case, side, masked=True), _make_masked, case)


def _there(path: Path, make: Callable[[ReplayCase], None], case: ReplayCase) -> Path:
    if not path.is_file():
        _maker().submit(make, case).result()
    if not path.is_file():
        raise NotFound("There is no such page in this version.", hint="Look at the other version.")
    return path


def keep(case: ReplayCase, painted: tuple[bytes, bytes], *, masked: bool = False) -> None:
    """Keep both pictures of a case; an empty one is no picture."""
    for side, content in zip(SIDES, painted, strict=True):
        if content:
            path = _path(case, side, masked=masked)
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            growing = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
            growing.write_bytes(content)
            growing.replace(path)


def forget(replay_id: uuid.UUID) -> None:
    """Delete the pictures of a replay."""
    shutil.rmtree(_folder() / str(replay_id), ignore_errors=True)


def forget_others(kept: set[str]) -> int:
    """Delete pictures of replays that are not there any more; how many replays."""
    gone = [path for path in _folder().iterdir() if path.name not in kept] if _folder().is_dir() else []
    for path in gone:
        shutil.rmtree(path, ignore_errors=True)
    return len(gone)


@contextmanager
def bench_of(replay: Replay, base: TemplateVersion | None = None) -> Iterator[Bench]:
    """Both versions of a replay, ready to make documents; ``base``: of that template, where there are several.

    Raises TemplateFaults, NotFound (it is outdated).
    """
    if replay.part is not None:
        files, wanted = _part_files(replay, replay.part, base)
    else:
        files, wanted, base = _draft_files(replay), replay.files, replay.base
    loaded = pack.load(files, published=True)
    if loaded.digest != wanted or base is None:
        raise NotFound("What is taken from the house was changed since this replay began.", hint="Replay it again.")
    with passing(loaded) as after, Bench(live_pack(base.pk), after) as bench:
        yield bench


def _draft_files(replay: Replay) -> dict[str, bytes]:
    draft = replay.draft
    if draft is None:
        return {}
    return freezing.freeze(drafts.files(draft, replay.revision), draft.valid_from or clock.now()).files


def _part_files(replay: Replay, change: HouseVersion, base: TemplateVersion | None) -> tuple[dict[str, bytes], str]:
    """The files of one template with the change put in, and the digest they had when the replay began."""
    covered = {one["base"]: one["files"] for one in replay.covers}
    if base is None:
        return {}, ""
    return with_change(base, change), covered.get(str(base.pk), "")


class Benches:
    """The versions of a replay, one template at a time: its cells stay warm while its records last. A context
    manager."""

    def __init__(self, replay: Replay) -> None:
        self.replay = replay
        self._open = ExitStack()
        self._base: uuid.UUID | None = None
        self._bench: Bench | None = None

    def __enter__(self) -> Benches:
        return self

    def __exit__(self, *exc: object) -> None:
        self._open.close()

    def of(self, case: ReplayCase) -> Bench:
        """The bench for a case's template. Raises TemplateFaults, NotFound (it is outdated)."""
        if self._bench is None or case.base_id != self._base:
            self._open.close()
            self._bench = self._open.enter_context(bench_of(self.replay, case.base))
            self._base = case.base_id
        return self._bench


def _make(case: ReplayCase) -> None:
    from django.db import connection

    try:
        with bench_of(case.replay, case.base) as bench:
            row = Version.objects.select_related("data_blob").filter(pk=case.version_id).first()
            if row is None or row.data_blob is None:
                return
            verdict: Verdict = bench.verdicts([read_blob(row.data_blob)])[0]
            verdict.page, verdict.marks_before, verdict.marks_after = case.page, _rects(case.before), _rects(case.after)
            keep(case, bench.painted(verdict, WIDTH))
    finally:
        connection.close()


def _make_masked(case: ReplayCase) -> None:
    """Both versions make the masked record, and are compared anew: what differs may lie elsewhere by a little."""
    from django.db import connection

    try:
        with bench_of(case.replay, case.base) as bench:
            row = Version.objects.select_related("data_blob").filter(pk=case.version_id).first()
            record = data_of(row)
            if record is None:
                return
            known = bench.before.pack
            secret = salted_hmac("postroom.replay", str(case.pk), algorithm="sha256").digest()
            sample = mask(record, known.contract, known.manifest, secret).record
            verdict: Verdict = bench.verdicts([canonical(sample)])[0]
            if verdict.outcome == IDENTICAL:
                verdict.page = case.page
            keep(case, bench.painted(verdict, WIDTH), masked=True)
    finally:
        connection.close()


def _rects(plain: list[list[float]]) -> list[tuple[float, float, float, float]]:
    return [(x, y, w, h) for x, y, w, h in plain]


def _folder() -> Path:
    return home().work / "replays"


def _path(case: ReplayCase, side: str, *, masked: bool = False) -> Path:
    return _folder() / str(case.replay_id) / f"{case.position}-{side}{'-masked' if masked else ''}.png"


@lru_cache(maxsize=1)
def _maker() -> ThreadPoolExecutor:
    """One thread: pictures asked for by a page come one after the other."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="replay-pictures")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_maker.cache_clear)
