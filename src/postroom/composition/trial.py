"""What files would make that are not published: a draft, or a template with a changed block or brand beside it.

Nothing is stored: what comes out is to be looked at. The cell is that of every document (P10).
"""

from __future__ import annotations

import os
import shutil
import threading
import uuid
from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

from postroom.composition import pack
from postroom.composition.actions.compose_one import NotComposed
from postroom.composition.compose import Unmade, compose
from postroom.composition.models import TemplateVersion
from postroom.composition.prepare import prepare
from postroom.composition.queries import LivePack, unfold_once
from postroom.composition.spec import Rendered
from postroom.kernel.errors import NotFound
from postroom.kernel.home import home

#: Documents remembered by a process, and folders left for the cells of all of them.
_REMEMBERED, _FOLDERS = 24, 40
_NAMES = uuid.UUID("6f1c2d0e-6f5e-4c43-9f0c-2f7f3a1f7a55")
_made: OrderedDict[tuple[str, str], Rendered] = OrderedDict()
_lock = threading.Lock()


def samples_in(files: Mapping[str, bytes]) -> list[str]:
    """Names of the samples that a template brings, in order."""
    called = (name for name in sorted(files) if name.startswith("samples/"))
    return [name.removeprefix("samples/").removesuffix(".json") for name in called]


def document_of(files: Mapping[str, bytes], sample: str = "") -> Rendered:
    """The document of a sample (empty: the first) by a template's files, those of the house included.

    Raises TemplateFaults, RecordRefused, NotComposed; NotFound where there is no such sample.
    """
    digest = f"{pack.digest(files)} {pack.library_digest()[:12]}"
    with _lock:
        known = _made.get((digest, sample))
    if known is not None:
        return known
    loaded = pack.load(files, published=True)
    found = {name.removeprefix("samples/").removesuffix(".json"): one for name, one in loaded.samples}
    record = found.get(sample) if sample else next(iter(found.values()), None)
    if record is None:
        raise NotFound("The template has no such sample.", hint="Add one to its folder samples/.")
    prepared = prepare(loaded, record)
    made = _kitchen().submit(lambda: next(iter(compose(_live(loaded, digest), [prepared], unproven=True)))).result()
    if isinstance(made, Unmade):
        raise NotComposed(made.reason + (f" ({made.where})" if made.where else ""), hint=made.hint)
    with _lock:
        _made[digest, sample] = made
        while len(_made) > _REMEMBERED:
            _made.popitem(last=False)
    return made


def _live(loaded: pack.TemplatePack, digest: str) -> LivePack:
    """The files as a folder for a cell; named by what they are, so that the same trial finds it again."""
    name = uuid.uuid5(_NAMES, digest)
    trials = home().prepare().work / "trials"
    trials.mkdir(exist_ok=True)
    folder = trials / str(name)
    if folder.is_dir():
        os.utime(folder)
    else:
        unfold_once(loaded, folder)
        _tidy(trials)
    version = TemplateVersion(id=name, template_id=loaded.key, no=0, lane=loaded.lane)
    return LivePack(version, loaded, folder)


def _tidy(trials: Path) -> None:
    """Old trials go: each keystroke may leave one."""
    kept = sorted((one for one in trials.iterdir() if one.is_dir()), key=lambda one: one.stat().st_mtime, reverse=True)
    for old in kept[_FOLDERS:]:
        shutil.rmtree(old, ignore_errors=True)


@lru_cache(maxsize=1)
def _kitchen() -> ThreadPoolExecutor:
    """One thread of its own: cells belong to a thread, and trials shall not push out those of real work."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="trial")


os.register_at_fork(after_in_child=_kitchen.cache_clear)
