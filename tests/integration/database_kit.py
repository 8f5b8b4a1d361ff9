"""What the tests of the embedded database share: homes, one cluster to copy, and real processes.

A home stands in a closed folder directly below /tmp, because pytest's own folders are too deep for a socket and
belong to the account that runs the tests.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from postroom.kernel import database
from postroom.kernel.database import server, users
from postroom.kernel.home import Home

NOBODY = 65534

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="changes accounts, owners or mounts: only root may")


def others_can_run_python() -> None:
    """Skip when this Python stands where other accounts cannot reach it (below /root, say)."""
    trial = [
        "setpriv",
        f"--reuid={NOBODY}",
        f"--regid={NOBODY}",
        "--clear-groups",
        sys.executable,
        "-c",
        "import psycopg",
    ]
    if subprocess.run(trial, capture_output=True, cwd="/").returncode:
        pytest.skip("other accounts cannot run this Python")


@contextmanager
def a_home(name: str = "home") -> Iterator[Home]:
    """An empty home in a fresh folder that only we can enter; its server is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="pr-"))
    home = Home(folder / name)
    try:
        yield home
    finally:
        end_server(home)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def a_made_home(name: str = "home") -> Iterator[Home]:
    """A home whose database has been made and is stopped: a copy of one cluster per session."""
    with a_home(name) as home:
        subprocess.run(["cp", "-a", _template(), home.root], check=True)
        if os.geteuid() == 0:  # the copy keeps owners and modes; only the folder above is new
            home.root.parent.chmod(0o701)
        yield home


@cache
def _template() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="pr-template-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    home = Home(folder / "home")
    database.start(home, lambda _: None)
    assert database.stop(home)
    return home.root


def end_server(home: Home) -> None:
    """Kill every process of the home's server, whatever the test did to it, and be no user of it."""
    with suppress(OSError):
        alone = users.detach(home)
        if alone:
            alone.release()
    data = home.database / "data"
    for _ in range(100):
        pids = [int(each.name) for each in Path("/proc").glob("[0-9]*") if server.works_in(int(each.name), data)]
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if not pids:
            return
        time.sleep(0.02)


PROLOGUE = """
import json, os, signal, sys, time
from pathlib import Path
import psycopg
from postroom.kernel import database
from postroom.kernel.errors import PostroomError
from postroom.kernel.home import Home
home = Home(Path(sys.argv[1]))
said = []
def done(**facts):
    print(json.dumps(facts | {"said": said}), flush=True)
def start():
    return database.start(home, said.append)
"""


def spawn(home: Home, code: str, *, uid: int | None = None, before: tuple[str, ...] = ()) -> subprocess.Popen[str]:
    """A process of its own that runs ``code`` after PROLOGUE, as another user if wanted."""
    switch = ("setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups") if uid is not None else ()
    return subprocess.Popen(
        [*before, *switch, sys.executable, "-c", PROLOGUE + code, str(home.root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd="/",
    )


def heard(process: subprocess.Popen[str]) -> dict[str, Any]:
    """The next line of facts of a spawned process."""
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise AssertionError(process.communicate()[1])
    facts = json.loads(line)
    assert isinstance(facts, dict)
    return facts


def run(home: Home, code: str, *, uid: int | None = None, before: tuple[str, ...] = ()) -> dict[str, Any]:
    """Run ``code`` to its end and return its facts; an error of ours comes back as ``error``, ``message``, ``hint``."""
    guarded = "try:\n" + "".join(f"    {line}\n" for line in code.strip().splitlines())
    guarded += "except PostroomError as error:\n"
    guarded += "    done(error=type(error).__name__, message=error.message, hint=error.hint)\n"
    process = spawn(home, guarded, uid=uid, before=before)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    facts = json.loads(out.splitlines()[-1])
    assert isinstance(facts, dict)
    return facts


def until(what: Callable[[], Any], seconds: float = 20) -> Any:
    """Wait until ``what`` is true and return it."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = what()
        if found:
            return found
        time.sleep(0.005)
    raise AssertionError("it did not happen in time")
