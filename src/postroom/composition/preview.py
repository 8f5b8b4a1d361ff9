"""The live page of the studio: a draft's files and a sample, as the document they would become, in a tenth of a second.

Each author has one warm cell for the draft that they write in, kept by the web process. Its compiler looks only at the
files that changed. What is costly and seldom changes (contract, words, fonts) is read again only when it does.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.db import connections

from postroom.cage import Answer, Cell
from postroom.cage.errors import BenchRefused, JobFailed, JobStopped
from postroom.composition import fonts, pack
from postroom.composition.brand import FILE as BRAND
from postroom.composition.brand import Brand
from postroom.composition.flags import with_flags
from postroom.composition.library import BLOCK, CORE
from postroom.composition.mail import Mail, MailFault, MailTooLong
from postroom.composition.manifest import FILE
from postroom.composition.marking import marked_blocks, marked_library, pinned
from postroom.composition.pack import TemplatePack
from postroom.composition.paths import copy_tree, put, split
from postroom.composition.prepare import Prepared, prepare, render_mail
from postroom.composition.problems import Problem, RecordProblem, RecordRefused, TemplateFaults
from postroom.composition.shorttext import ShortText, texts_of
from postroom.composition.spec import Pages
from postroom.composition.stand_ins import widened
from postroom.kernel import registry
from postroom.kernel.errors import PostroomError
from postroom.kernel.home import home

#: Warm cells of one process, and how long one is kept that nobody asks: each holds an engine and its fonts.
_MOST, _IDLE_SECONDS = 4, 600.0
_LEFT_BEHIND = 2 * 86_400.0
#: A page that takes longer than this while somebody types is told as a fault, not waited for. LibreOffice starts once,
#: with the first page.
_DEADLINE, _DEADLINES = 15.0, {"word": 45.0}
#: Lanes whose engine looks at its files anew for each document; another one is told to read them again.
_REREADS = frozenset({"typst"})


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be seen: all ``files`` of the draft with those of the house, a record, and how to look at it.

    ``language`` and ``brand`` stand in for those of the record and the template; ``pages`` are wanted as pictures of
    ``width`` px; ``map``: what stands where instead."""

    files: Mapping[str, bytes]
    record: Any
    language: str = ""
    brand: Brand | None = None
    pages: tuple[int, ...] = (1,)
    width: int = 1240
    map: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of it. ``pictures`` are JPEGs by page; empty with a reason in ``faults`` (of the template) or
    ``refused`` (of the record). ``milliseconds`` is the time it took here."""

    pages: int = 0
    sizes: tuple[tuple[float, float], ...] = ()
    pictures: Mapping[int, bytes] | None = None
    faults: tuple[Problem, ...] = ()
    refused: tuple[RecordProblem, ...] = ()
    marks: tuple[tuple[Any, ...], ...] = ()
    runs: tuple[tuple[Any, ...], ...] = ()
    mail: Mail | None = None
    short: tuple[ShortText, ...] = ()
    language: str = ""
    milliseconds: int = 0


class Superseded(Exception):
    """Something newer was asked meanwhile; nobody waits for this answer."""


class Preview:
    """One author's live page of one draft. Safe to ask from several threads: the newest one wins."""

    def __init__(self) -> None:
        root = home().prepare().work / "studio"
        root.mkdir(parents=True, exist_ok=True)
        _sweep(root)
        self._folder = Path(tempfile.mkdtemp(prefix="author-", dir=root))
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="studio")
        self._newest = 0
        self._count = threading.Lock()
        self._written: dict[str, bytes] = {}
        self._cell: Cell | None = None
        self._lane: tuple[str, tuple[str, ...]] = ("", ())
        self._changed = False
        self._edition = 0
        self._loaded: tuple[str, TemplatePack] | None = None
        self.used = time.monotonic()

    def look(self, asked: Asked) -> Seen:
        """Make it. Raises Superseded when something newer was asked before its turn came."""
        self.used = time.monotonic()
        with self._count:
            self._newest += 1
            mine = self._newest
        return self._thread.submit(self._turn, asked, mine).result()

    def close(self) -> None:
        """End the cell and remove the folder."""
        self._thread.submit(self._last).result()
        self._thread.shutdown(wait=False)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _end(self) -> None:
        if self._cell is not None:
            self._cell.close()
            self._cell = None

    def _last(self) -> None:
        """The cell, and what this thread asked the database by."""
        self._end()
        connections.close_all()

    def _turn(self, asked: Asked, mine: int) -> Seen:
        if mine != self._newest:
            raise Superseded
        began = time.perf_counter()
        try:
            seen = self._seen(asked)
        except TemplateFaults as faults:
            seen = Seen(faults=faults.problems)
        except RecordRefused as refused:
            seen = Seen(refused=refused.problems)
        return replace(seen, milliseconds=round((time.perf_counter() - began) * 1000))

    def _seen(self, asked: Asked) -> Seen:
        loaded = self._load(asked.files)
        lane = pack.renderer_of(loaded.manifest)
        words = frozenset(loaded.words.get(loaded.manifest.languages[0], {}))
        root = with_flags(loaded.contract.shape, loaded.manifest)
        told = lane.check(Pages(loaded.files, loaded.manifest, root, words, loaded.covered))
        record = copy_tree(asked.record)
        if asked.language and isinstance(record, dict):
            put(record, split(loaded.manifest.language), asked.language)
        prepared = prepare(loaded, record, brand=asked.brand)
        job: dict[str, Any] = {"view": prepared.view, "codes": prepared.codes, "fixed_clock": prepared.fixed_clock}
        if prepared.finish:
            job["finish"] = list(prepared.finish)
        cell = self._ready(widened(loaded, prepared.fonts), asked.brand)
        job["edition"] = self._edition
        if self._changed:
            job["changed"] = True
        try:
            if asked.map:
                answer = cell.call({**job, "map": True})
            else:
                answer = cell.call({**job, "pages": list(asked.pages), "width": asked.width})
        except (JobFailed, JobStopped) as fault:
            return Seen(faults=(*told, _fault(fault)), language=prepared.facts.language)
        mail: Mail | None = None
        short: tuple[ShortText, ...] = ()
        try:
            mail = _mail(loaded, prepared, asked)
            short = () if asked.map else texts_of(loaded, prepared, _sent(prepared))
        except (MailFault, MailTooLong) as fault:
            told = [*told, Problem(str(fault.context.get("file", "mail/")), 0, fault.message, fault.hint)]
        return replace(_answered(asked, answer, tuple(told), mail, prepared.facts.language), short=short)

    def _load(self, files: Mapping[str, bytes]) -> TemplatePack:
        """The checked template. When only pages changed, all but the pages is as it was read the last time."""
        own = {name: data for name, data in files.items() if not name.startswith(("samples/", "tests/"))}
        own["samples/studio.json"] = b"{}"  # a template has one; which record is looked at is said apart
        known = self._loaded
        if known is not None:
            pattern = _pages_of(known[1])
            if pack.digest({name: data for name, data in own.items() if not pattern(name)}) == known[0]:
                return replace(known[1], files=own, still={})
        loaded = pack.load(own, published=True)
        pattern = _pages_of(loaded)
        rest = pack.digest({name: data for name, data in own.items() if not pattern(name)})
        self._loaded = (rest, loaded)
        return loaded

    def _ready(self, loaded: TemplatePack, brand: Brand | None) -> Cell:
        """The cell, with the template as it is now before it."""
        lane = pack.renderer_of(loaded.manifest)
        own = {name: data for name, data in loaded.files.items() if name != BRAND and not name.startswith("brand/")}
        wanted = {**own, **lane.added(loaded.manifest), **(brand or loaded.brand).written()}
        changed = self._sync(wanted)
        self._edition += bool(changed)
        self._changed = not (changed <= _changeable(wanted) if loaded.lane in _REREADS else not changed)
        engine = (loaded.lane, tuple(loaded.manifest.fonts))  # what an engine was started with
        if self._cell is not None and self._lane != engine:
            self._end()
        if self._cell is None:
            needs = registry.provider("renderers", loaded.lane).needs()
            setup = {
                "renderer": loaded.lane,
                "pack": str(self._folder / "page"),
                "marked": str(self._folder / "marked"),
                "fonts": str(fonts.folder(loaded.manifest.fonts)),
            }
            try:
                self._cell = Cell(
                    "postroom.composition.preview_bench:PreviewBench",
                    setup,
                    deadline=min(_DEADLINES.get(loaded.lane, _DEADLINE), settings.CONFIG.render_deadline),
                    memory=max(settings.CONFIG.render_memory, needs.memory),
                    read=(str(self._folder), *needs.read),
                    scratch=needs.scratch,
                )
            except BenchRefused as refused:
                raise TemplateFaults([Problem(loaded.manifest.entry, 0, refused.message, refused.hint)]) from refused
            self._lane, self._changed = engine, False
        return self._cell

    def _sync(self, wanted: Mapping[str, bytes]) -> set[str]:
        """Both folders as ``wanted``; names of what was written or removed. In place: the cell may read these folders
        and no others."""
        changed = {name for name in wanted.keys() | self._written.keys() if wanted.get(name) != self._written.get(name)}
        for name in changed:
            content = wanted.get(name)
            for folder, data in (("page", content), ("marked", _marked(name, content))):
                path = self._folder / folder / name
                if data is None:
                    path.unlink(missing_ok=True)
                    continue
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
        self._written = dict(wanted)
        return changed


def _sweep(root: Path) -> None:
    """Folders of processes that were killed: nobody writes for two days without a pause that closes a preview."""
    for folder in root.glob("author-*"):
        with suppress(FileNotFoundError):
            if time.time() - folder.stat().st_mtime > _LEFT_BEHIND:
                shutil.rmtree(folder, ignore_errors=True)


def preview_for(author: object, draft: object) -> Preview:
    """The warm preview of this author and draft; others that rest are closed."""
    with _LOCK:
        now = time.monotonic()
        for key in [key for key, kept in _KEPT.items() if now - kept.used > _IDLE_SECONDS]:
            _KEPT.pop(key).close()
        found = _KEPT.get((author, draft))
        if found is None:
            while len(_KEPT) >= _MOST:
                _KEPT.popitem(last=False)[1].close()
            found = _KEPT[(author, draft)] = Preview()
        _KEPT.move_to_end((author, draft))
        return found


def close_previews() -> None:
    """End every cell of this process."""
    with _LOCK:
        while _KEPT:
            _KEPT.popitem()[1].close()


_KEPT: OrderedDict[tuple[object, object], Preview] = OrderedDict()
_LOCK = threading.Lock()
os.register_at_fork(after_in_child=_KEPT.clear)


def _pages_of(loaded: TemplatePack) -> Callable[[str], object]:
    return re.compile(pack.renderer_of(loaded.manifest).pages).fullmatch


def _changeable(wanted: Mapping[str, bytes]) -> set[str]:
    """What a kept engine sees by itself: everything but what it was set up with."""
    return {name for name in wanted if name != FILE}


def _marked(name: str, content: bytes | None) -> bytes | None:
    if content is None:
        return None
    if name == CORE:
        return marked_library(content)
    if name == BLOCK:
        return marked_blocks(content)
    if name.endswith(".typ") and not name.startswith("postroom"):
        return pinned(name, content)
    if name == FILE:  # marks are links, which a promise may forbid; this layout is never kept
        values = yaml.load(content, Loader=yaml.BaseLoader)  # noqa: S506  (makes texts, lists and mappings only)
        return yaml.safe_dump({**values, "promises": []}).encode()
    return content


def _fault(fault: PostroomError) -> Problem:
    """A fault of the engine with its place: ``main.typ:12:3``."""
    where = str(fault.context.get("where", ""))
    file, _, rest = where.partition(":")
    line = rest.partition(":")[0]
    return Problem(file, int(line) if line.isdigit() else 0, fault.message, fault.hint)


def _mail(loaded: TemplatePack, prepared: Prepared, asked: Asked) -> Mail | None:
    """The mail of the same data. Raises MailFault, MailTooLong."""
    if loaded.mail is None or asked.map:
        return None
    return render_mail(loaded, prepared, _sent(prepared))


def _sent(prepared: Prepared) -> dict[str, str]:
    """What a mail or a short text is told besides its data; the sender is the brand that is looked at."""
    return {"link": "https://portal.example/", "sender": prepared.view["brand"]["name"]}


def _answered(asked: Asked, answer: Answer, told: tuple[Problem, ...], mail: Mail | None, language: str) -> Seen:
    value = answer.value
    if asked.map:
        return Seen(
            marks=tuple(tuple(one) for one in value["marks"]),
            runs=tuple(tuple(one) for one in value["runs"]),
            language=language,
        )
    return Seen(
        pages=value["pages"],
        sizes=tuple((width, height) for width, height in value["sizes"]),
        pictures=dict(zip(value["drawn"], answer.blobs, strict=True)),
        faults=told,
        mail=mail,
        language=language,
    )
