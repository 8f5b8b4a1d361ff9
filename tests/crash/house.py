"""A whole house in a folder of its own, with real processes that can be killed: all of them, or one of a kind."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from postroom.cage.locks import libc
from postroom.kernel import database
from postroom.kernel.home import Home

TESTS = Path(__file__).resolve().parents[1]
QUICK = {
    "POSTROOM_TAKE_OVER_DELAY": "2",
    "POSTROOM_SEND_TIMEOUT": "1.5",
    "POSTROOM_RETRY_DELAYS": "0.5,1,1",
    "POSTROOM_CHUNK_SIZE": "25",
    "POSTROOM_SWEEP_INTERVAL": "0.5",
    "POSTROOM_RENDER_WORKERS": "2",
    "POSTROOM_DISK_RESERVE": "0",
}


@dataclass
class House:
    """``with House(records=600) as house: house.start() ... house.kill_all() ... house.judge()``."""

    records: int = 600
    mutation: str = ""
    root: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="pr-crash-")))
    program: subprocess.Popen[bytes] | None = None
    _helpers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __enter__(self) -> House:
        try:
            self._open()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def home(self) -> Home:
        return Home(self.root / "home")

    @property
    def letters(self) -> Path:
        return self.root / "letters"

    @property
    def arrivals_log(self) -> Path:
        return self.root / "arrivals.log"

    def environment(self, **more: str) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("POSTROOM_", "DATABASE_"))}
        return {**kept, **QUICK, "POSTROOM_HOME": str(self.home.root), "PYTHONPATH": str(TESTS), **more}

    def _open(self) -> None:
        self.letters.mkdir()
        sink = self._helper("-m", "crash.sink", "--log", str(self.arrivals_log))
        outbox = self._helper("-m", "postroom.delivery.outbox", "--folder", str(self.home.root / "outbox"))
        assert sink.stdout is not None and outbox.stdout is not None
        places = {
            "letters": str(self.letters),
            "outbox": str(self.home.root / "outbox"),
            "sink_port": sink.stdout.readline().decode().strip(),
            "outbox_port": json.loads(outbox.stdout.readline())["port"],
        }
        self.python("-m", "crash.furnish", json.dumps(places), str(self.root / "records.jsonl"), str(self.records))
        database.start(self.home, lambda _: None)

    def _helper(self, *arguments: str) -> subprocess.Popen[bytes]:
        made = subprocess.Popen(
            [sys.executable, *arguments],
            stdout=subprocess.PIPE,
            env=self.environment(),
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )
        self._helpers.append(made)
        return made

    def python(self, *arguments: str, timeout: float = 120, **more: str) -> str:
        """Run a helper to its end; its standard output. A failure shows what it said."""
        done = subprocess.run(
            [sys.executable, *arguments],
            capture_output=True,
            text=True,
            timeout=timeout,
            env=self.environment(**more),
            check=False,
        )
        assert done.returncode == 0, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    # The program

    def start(self, **more: str) -> None:
        """``postroom run`` with the same key each time: supervisor and workers."""
        with (self.root / "program.log").open("ab") as log:
            self.program = subprocess.Popen(
                [
                    *(sys.executable, "-m", "crash.program", self.mutation or "none"),
                    *("run", "invoice", str(self.root / "records.jsonl"), "--run-key", "crash", "--json"),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.environment(**more),
                start_new_session=True,
            )

    @property
    def running(self) -> bool:
        return self.program is not None and self.program.poll() is None

    def kill_all(self) -> None:
        """SIGKILL to the supervisor and everything it started, at once."""
        if self.program is None:
            return
        victims = [self.program.pid, *descendants(self.program.pid)]
        for pid in victims:
            _kill(pid)
        self.program.wait(30)
        self.program = None

    def kill_worker(self, role: str) -> bool:
        """SIGKILL to one worker process that serves ``role``; its supervisor lives. Whether there was one."""
        if self.program is None:
            return False
        for pid in descendants(self.program.pid):
            words = _command(pid)
            if "worker" in words and any(role in word.split(",") for word in words):
                _kill(pid)
                return True
        return False

    def until_dead(self, seconds: float = 40) -> None:
        """Wait until a failpoint has killed the program or one of its workers."""
        deadline = time.monotonic() + seconds
        seen: set[int] = set()
        while time.monotonic() < deadline:
            if not self.running:
                return
            assert self.program is not None
            workers = {pid for pid in descendants(self.program.pid) if "worker" in _command(pid)}
            if seen - workers:
                return
            seen |= workers
            time.sleep(0.02)
        raise AssertionError(f"nothing died in {seconds:g} s\n{self.logs()}")

    def kill_database(self) -> bool:
        """SIGKILL to the postmaster."""
        pid = database.status(self.home).pid
        if pid is None:
            return False
        _kill(pid)
        return True

    def wait(self, seconds: float) -> bool:
        """Whether the program came to its own end in time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not self.running:
                return True
            time.sleep(0.1)
        return False

    def until_settled(self, seconds: float = 150) -> None:
        """Start again as often as the program dies by itself (a failpoint), until the run is settled."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not self.running:
                self.start()
            if self.wait(deadline - time.monotonic()) and self.program is not None and self.program.returncode == 0:
                return
        raise AssertionError(f"not settled after {seconds:g} s\n{self.logs()}")

    def logs(self) -> str:
        """The ends of all logs, for a test that failed."""
        places = [self.root / "program.log", *sorted(self.home.logs.glob("*.log"))]
        return "\n".join(f"--- {path.name}\n{path.read_text(errors='replace')[-3000:]}" for path in places)

    def close(self) -> None:
        """End every process by its handle and remove the folder."""
        self.kill_all()
        for helper in self._helpers:
            helper.kill()
            helper.wait(10)
            if helper.stdout is not None:
                helper.stdout.close()
        time.sleep(0.3)  # what was killed lets go of its lock on the database
        with contextlib.suppress(Exception):  # broad: the folder goes in any case
            database.stop(self.home, lambda _: None)
        shutil.rmtree(self.root, ignore_errors=True)

    # What became of it

    def arrivals(self) -> dict[str, Counter[str]]:
        """How often something arrived, by destination and delivery id; keys begin with the delivery's id."""
        letters = [
            json.loads(path.read_text("utf-8"))["key"]
            for path in self.letters.rglob("*.json")
            if not any(part.startswith(".") for part in path.relative_to(self.letters).parts)
        ]
        mails = [path.name for path in (self.home.root / "outbox" / "by-key").iterdir()]
        relayed = self.arrivals_log.read_text("ascii").split()
        return {
            "letters": Counter(key[:32] for key in letters),
            "email": Counter(key[:32] for key in mails),
            "relay": Counter(key[:32] for key in relayed),
        }

    def judge(self) -> dict[str, Any]:
        """Hold everything against everything. The facts; AssertionError names what is wrong."""
        found: dict[str, Any] = json.loads(self.python("-m", "crash.facts"))
        return verdict(found, self.arrivals(), self.records)


def verdict(found: dict[str, Any], arrivals: dict[str, Counter[str]], records: int) -> dict[str, Any]:
    """Nothing lost, nothing doubled, everything counted (P3, P4)."""
    counted = found["balance"]
    assert found["state"] == "settled", found["state"]
    assert counted["received"] == records
    assert (counted["balance"], counted["deliveries"]["balance"]) == (0, 0), counted
    assert counted["in_progress"] == counted["set_aside"] == counted["failed"] == 0, counted
    assert found["documents"] == [1] * records, "each record has exactly one document"
    assert found["numbers"] == records
    assert found["vault"]["whole"], found["vault"]
    assert found["ledger"]["whole"], found["ledger"]
    lost, doubled, in_doubt = [], [], 0
    for row in found["deliveries"]:
        times = arrivals[row["destination"]][row["id"]]
        if times > 1:
            doubled.append(row)
        if row["state"] == "in_doubt":
            assert row["destination"] == "relay", f"a receiver that can be asked is never in doubt: {row}"
            in_doubt += 1
        else:
            assert row["state"] == "delivered", row
            if times == 0:
                lost.append(row)
    assert not lost, f"told as delivered, never arrived: {lost}"
    assert not doubled, f"arrived more than once: {doubled}"
    known = {row["id"] for row in found["deliveries"]}
    strangers = [key for each in arrivals.values() for key in each if key not in known]
    assert not strangers, f"arrived without a delivery: {strangers}"
    return {"lost": len(lost), "doubled": len(doubled), "in_doubt": in_doubt, "facts": found}


def descendants(pid: int) -> list[int]:
    """Children, their children and so on, children first in the order they were found."""
    children: dict[int, list[int]] = {}
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            parent = int((place / "stat").read_text().rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(place.name))
    found: list[int] = []
    todo = [pid]
    while todo:
        mine = children.get(todo.pop(), [])
        found += mine
        todo += mine
    return found


def _command(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    except OSError:
        return []


def _end_with_parent() -> None:
    """A test that is itself killed must not leave its servers behind (prctl(2), Linux)."""
    if sys.platform == "linux":
        libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
