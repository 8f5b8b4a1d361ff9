"""How files get into a folder exactly once, whatever instruction a crash hits.

::

    FOLDER/.postroom/new/KEY/     being staged; worth nothing, removed by whoever asks
    FOLDER/.postroom/due/KEY/     complete and on disk: it WILL be in the folder (plan.json, names.log, 0, 1 ...)
    FOLDER/.postroom/done/HH/KEY  it IS in the folder, under the names written here

One rename, ``new/KEY`` to ``due/KEY``, is the moment of delivery. After it ``finish`` can be run by anyone, any
number of times, from any point: each file leaves the staging folder by a rename of its own, so a file that still
lies there was not placed, and one that is gone was, even if the reader of the folder has taken it away since.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath
from typing import Any

from postroom.kernel import clock
from postroom.plugins.channels._folder_names import numbered
from postroom.plugins.channels._rename import rename_new

_CHUNK = 1024 * 1024
_DAY = 86400.0


class Journal:
    """The private folder of one target folder. All methods raise OSError as the disk has it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        private = root / ".postroom"
        self.new, self.due, self.done = private / "new", private / "due", private / "done"

    def prepare(self) -> None:
        """Make the private folders. The target folder itself is never made: it may be a share that is not mounted."""
        if not self.root.is_dir():
            raise FileNotFoundError(errno.ENOENT, "the folder does not exist", str(self.root))
        for folder in (self.new, self.due, self.done):
            _make_folders(folder, self.root)

    def placed(self, key: str) -> list[str] | None:
        """Names of the files delivered with ``key``; None when surely nothing was. Finishes what a crash cut."""
        note = self._note(key)
        if note.exists():
            self._forget_staging(key)
            names: list[str] = json.loads(note.read_text(encoding="utf-8"))["files"]
            return names
        if (self.due / key).exists():
            return self.finish(key)
        self.abandon(key)
        return None

    def abandon(self, key: str) -> None:
        """Forget a staging that was not committed."""
        shutil.rmtree(self.new / key, ignore_errors=True)

    def make_way(self, wishes: Iterable[PurePosixPath]) -> None:
        """Make the sub-folders and try the names now: after the commit it would be too late to turn the letter away."""
        for wish in wishes:
            target = self.root / wish
            _make_folders(target.parent, self.root)
            with contextlib.suppress(FileNotFoundError):
                target.lstat()

    def stage(self, key: str, plan: dict[str, Any], contents: Iterable[bytes], alive: Callable[[], object]) -> None:
        """Write the files and the plan, durably. ``alive`` is called between chunks and may raise to give up."""
        folder = self.new / key
        self.abandon(key)
        folder.mkdir()
        for number, content in enumerate(contents):
            with (folder / str(number)).open("xb") as handle:
                for start in range(0, len(content), _CHUNK):
                    alive()
                    handle.write(content[start : start + _CHUNK])
                handle.flush()
                os.fsync(handle.fileno())
        _write(folder / "plan.json", json.dumps(plan).encode())
        _fsync_folder(folder)
        alive()

    def commit(self, key: str) -> None:
        """The moment of delivery."""
        (self.new / key).rename(self.due / key)
        _fsync_folder(self.due)

    def finish(self, key: str) -> list[str]:
        """Place what is due, note it, clear up. Any number of times, from any point."""
        folder = self.due / key
        plan = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
        names = _names_given(folder)
        for number, wish in enumerate(plan["files"]):
            self._place(folder, str(number), PurePosixPath(wish), names)
        files = [names[str(number)] for number in range(len(plan["files"]))]
        if plan["sidecar"] is not None:
            self._place_sidecar(folder, plan["sidecar"], files, names)
        for parent in {(self.root / name).parent for name in names.values()}:
            if parent.is_dir():  # the reader may have taken the whole folder away
                _fsync_folder(parent)
        note = self._note(key)
        _make_folders(note.parent, self.root)
        fresh = note.with_name(f"{note.name}~{os.getpid()}.part")
        fresh.unlink(missing_ok=True)
        _write(fresh, json.dumps({"key": key, "files": files, "at": clock.now().isoformat()}).encode())
        fresh.replace(note)
        _fsync_folder(note.parent)
        self._forget_staging(key)
        return files

    def unfinished(self) -> list[str]:
        """Keys that are due and not in the folder yet: somebody was stopped there."""
        return sorted(path.name for path in self.due.iterdir()) if self.due.is_dir() else []

    def prune(self, days: int) -> None:
        """Forget old notes, one of 256 compartments a day, and stagings that nobody came back for."""
        now = time.time()
        for path in (self.done / f"{int(now / _DAY) % 256:02x}").glob("*"):
            if now - path.stat().st_mtime > days * _DAY:
                path.unlink(missing_ok=True)
        for path in self.new.iterdir():
            if now - path.stat().st_mtime > _DAY:
                shutil.rmtree(path, ignore_errors=True)

    def _note(self, key: str) -> Path:
        return self.done / hashlib.sha256(key.encode()).hexdigest()[:2] / key

    def _forget_staging(self, key: str) -> None:
        shutil.rmtree(self.due / key, ignore_errors=True)

    def _place(self, folder: Path, item: str, wish: PurePosixPath, names: dict[str, str]) -> None:
        staged = folder / item
        number = 1
        while staged.exists():
            name = numbered(wish, number)
            target = self.root / name
            if os.path.lexists(target) and not _same(staged, target):
                number += 1
                continue
            _make_folders(target.parent, self.root)
            if names.get(item) != str(name):
                names[item] = str(name)
                _append(folder / "names.log", json.dumps([item, str(name)]).encode() + b"\n")
            try:
                rename_new(staged, target)
            except FileExistsError:
                if _same(staged, target):  # a crash between the two steps of a file system without exclusive rename
                    staged.unlink(missing_ok=True)
            except FileNotFoundError:  # another worker placed it, or the reader took the sub-folder away: look again
                continue
        names.setdefault(item, str(wish))

    def _place_sidecar(self, folder: Path, facts: dict[str, Any], files: list[str], names: dict[str, str]) -> None:
        """The sidecar comes last: a reader that waits for it finds the files it names."""
        if "sidecar" not in names:
            described = [{**about, "name": name} for about, name in zip(facts["files"], files, strict=True)]
            fresh = folder / "sidecar.part"
            fresh.unlink(missing_ok=True)
            _write(fresh, json.dumps({**facts, "files": described}, ensure_ascii=False, indent=2).encode())
            fresh.replace(folder / "sidecar")
        self._place(folder, "sidecar", PurePosixPath(files[0]).with_suffix(".json"), names)


def _names_given(folder: Path) -> dict[str, str]:
    """The last name tried for each item; a torn last line was not yet acted on."""
    names: dict[str, str] = {}
    log = folder / "names.log"
    if log.exists():
        lines = log.read_bytes().split(b"\n")
        for line in lines[:-1]:
            item, name = json.loads(line)
            names[item] = name
        if lines[-1]:
            _truncate(log, sum(len(line) + 1 for line in lines[:-1]))
    return names


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except FileNotFoundError:
        return False


def _make_folders(folder: Path, root: Path) -> None:
    """``folder`` below ``root``, durably, and really below it: a link in the way must not lead elsewhere."""
    missing: list[Path] = []
    there = folder
    while not there.is_dir():
        if there == root:
            raise FileNotFoundError(errno.ENOENT, "the folder does not exist", str(root))
        missing.append(there)
        there = there.parent
    if not there.resolve().is_relative_to(root.resolve()):
        raise PermissionError(errno.EPERM, "a link leads out of the destination's folder", str(there))
    for each in reversed(missing):
        each.mkdir(exist_ok=True)
        _fsync_folder(each.parent)


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())


def _append(path: Path, line: bytes) -> None:
    with path.open("ab") as handle:
        handle.write(line)
        handle.flush()
        os.fsync(handle.fileno())


def _truncate(path: Path, size: int) -> None:
    with path.open("r+b") as handle:
        handle.truncate(size)
        os.fsync(handle.fileno())


def _fsync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
