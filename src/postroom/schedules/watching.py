"""The new files of a watched folder: settled, not taken before, in the order they were written."""

from __future__ import annotations

import fnmatch
import os
from dataclasses import dataclass
from pathlib import Path

from postroom.intake.actions.receive_parcel import digest_of
from postroom.kernel import clock
from postroom.schedules.errors import BadSchedule
from postroom.schedules.models import Schedule, TakenFile
from postroom.schedules.places import placed

#: Files taken at one due time; the others have their turn at the next.
MOST = 100
_DONE = "done"


@dataclass(frozen=True, slots=True)
class Found:
    """A file that waits. ``size`` bytes; ``modified_ns`` as the file system says."""

    path: Path
    sha256: bytes
    size: int
    modified_ns: int


@dataclass(frozen=True, slots=True)
class Look:
    """New files, oldest first; those that are still being written; those taken before that still lie there."""

    ready: tuple[Found, ...]
    growing: tuple[str, ...]
    left: tuple[Path, ...]


def look(schedule: Schedule) -> Look:
    """Look into the folder. Raises BadSchedule when it is not there or cannot be read."""
    folder = placed(schedule.path)
    try:
        entries = [each for each in os.scandir(folder) if not each.name.startswith(".")]
        files = [
            (Path(each.path), each.stat(follow_symlinks=False))
            for each in entries
            if fnmatch.fnmatch(each.name, schedule.pattern or "*") and each.is_file(follow_symlinks=False)
        ]
    except OSError as error:
        raise BadSchedule(
            f"The folder {folder} cannot be read: {error.strerror}.",
            hint="Make it, or let Postroom's account read it. What lies in it is taken at the next due time.",
            field="path",
        ) from error
    known = dict.fromkeys(schedule.files.values_list("name", "size", "modified_ns"), True)
    now_ns = int(clock.now().timestamp() * 1e9)
    ready, growing, left = [], [], []
    for path, stat in sorted(files, key=lambda each: (each[1].st_mtime_ns, each[0].name)):
        if (path.name, stat.st_size, stat.st_mtime_ns) in known:
            left.append(path)
            continue
        # A time ahead of ours by more than that was written by another clock, or before ours was set back: whoever
        # still writes gives a file the time of now.
        if abs(now_ns - stat.st_mtime_ns) < schedule.settle_seconds * 1_000_000_000:
            growing.append(path.name)
            continue
        digest = digest_of(path)
        if TakenFile.objects.filter(schedule=schedule, sha256=digest).exists():
            left.append(path)
        else:
            ready.append(Found(path, digest, stat.st_size, stat.st_mtime_ns))
    return Look(tuple(ready), tuple(growing), tuple(left))


def put_away(path: Path) -> None:
    """Move a file that was taken into ``done`` beside it, under a name that is free. Harmless when it is gone."""
    folder = path.parent / _DONE
    folder.mkdir(exist_ok=True)
    for number in range(1, 10_000):
        target = folder / (path.name if number == 1 else f"{path.stem}-{number}{path.suffix}")
        try:
            os.link(path, target, follow_symlinks=False)  # never over another file, as a rename would
        except FileExistsError:
            continue
        except FileNotFoundError:
            return  # somebody else put it away
        path.unlink(missing_ok=True)
        return
