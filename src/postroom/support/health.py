"""The examination behind ``postroom doctor`` and the health page. Each finding says how to mend what is wrong.

Of the desk it knows nothing: its callers, which do, add what they see of it.
"""

from __future__ import annotations

import datetime as dt
import shutil
import sys
import time
from collections.abc import Iterator
from typing import Literal

from postroom import cage
from postroom.composition import fonts
from postroom.kernel import database
from postroom.kernel.config import config
from postroom.kernel.errors import PostroomError
from postroom.kernel.home import home
from postroom.support.doors import doors
from postroom.support.finding import Finding
from postroom.support.pressure import pressed
from postroom.support.reproducibility import reproducibility

__all__ = ["Finding", "examine"]

#: Programs nothing needs yet, and what each would serve.
OPTIONAL = {
    "tesseract": "reading scans (OCR)",
    "gs": "flattening scans",
    "soffice": "Word templates and Office files",
    "qpdf": "checking PDF files by hand",
}


def examine(*, start_database: bool = True) -> list[Finding]:
    """All findings; looking changes nothing but starting the embedded database for the time of the look, and not
    even that without ``start_database`` (whoever asks lives from it already)."""
    return list(_examine(start_database))


def _examine(start_database: bool) -> Iterator[Finding]:
    version = ".".join(str(part) for part in sys.version_info[:3])
    yield Finding("Python", "ok" if sys.version_info >= (3, 11) else "wrong", version, "Use Python 3.11 or newer.")
    try:
        settings = config()
        yield Finding(
            "Settings", "ok", f"chunks of {settings.chunk_size}, take-over after {settings.take_over_delay:g} s"
        )
    except PostroomError as error:
        yield Finding("Settings", "wrong", error.message, error.hint)
        return
    yield from _home()
    yield from _database(start_database)
    yield from _fonts()
    yield from reproducibility(start_database)
    yield from pressed(start_database)
    yield from _cage()
    yield from doors()
    yield from _programs()


def _home() -> Iterator[Finding]:
    place = home()
    try:
        place.prepare()
        probe = place.work / ".doctor"
        probe.write_bytes(b"x")
        changed = dt.datetime.fromtimestamp(probe.stat().st_mtime, dt.UTC)
        probe.unlink()
    except OSError as error:
        yield Finding(
            "Home folder", "wrong", f"{place.root}: {error.strerror}", "Set POSTROOM_HOME to a folder you own."
        )
        return
    yield Finding("Home folder", "ok", str(place.root))
    free = shutil.disk_usage(place.root).free
    reserve = config().disk_reserve
    state: Literal["ok", "wrong"] = "ok" if free > 4 * reserve else "wrong"
    yield Finding("Disk", state, f"{free / 1e9:.1f} GB free", "Free some space: below the reserve nothing is written.")
    drift = abs((dt.datetime.now(dt.UTC) - changed).total_seconds())
    wrong = drift > 5 or time.time() < 1_700_000_000
    yield Finding(
        "Clock",
        "wrong" if wrong else "ok",
        f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M:%S} UTC",
        "The clock and the disk's clock differ, or it stands in the past: switch on time synchronisation.",
    )


def _database(start: bool) -> Iterator[Finding]:
    place = home()
    try:
        began = time.monotonic()
        if start:
            database.start(place)
        seen = database.status(place)
        took = (time.monotonic() - began) * 1000
        kind = "a server of yours" if seen.external else f"embedded ({seen.provider})"
        yield Finding("Database", "ok", f"PostgreSQL {seen.version}, {kind}, answered in {took:.0f} ms")
    except PostroomError as error:
        yield Finding("Database", "wrong", error.message, error.hint)
    finally:
        if start:
            database.stop(place)


def _fonts() -> Iterator[Finding]:
    try:
        yield Finding("Print fonts", "ok", f"{', '.join(fonts.families())}, lock {fonts.lock()[:12]}")
    except PostroomError as error:
        yield Finding("Print fonts", "wrong", error.message, error.hint)


def _cage() -> Iterator[Finding]:
    level = cage.level()
    state: Literal["ok", "wrong"] = "ok" if level.network != "none" else "wrong"
    yield Finding(
        "Cage",
        state,
        f"network: {level.network}, files: {level.files}",
        "Templates and rules would run with network access; use a kernel with user namespaces or seccomp.",
    )


def _programs() -> Iterator[Finding]:
    for name, purpose in OPTIONAL.items():
        found = shutil.which(name)
        yield Finding(
            name,
            "ok" if found else "note",
            found or f"not there; it would serve {purpose}",
            f"Install {name} to use it.",
        )
