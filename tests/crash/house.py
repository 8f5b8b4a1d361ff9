"""A whole house in a folder of its own, with real processes that can be killed: all of them, or one of a kind."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from crash import processes
from crash.verdict import arrivals, verdict
from postroom.kernel import database
from postroom.kernel.home import Home
from servers.seaweedfs import BUCKET, SeaweedFs

TESTS = Path(__file__).resolve().parents[1]
QUICK = {
    "POSTROOM_TAKE_OVER_DELAY": "2",
    "POSTROOM_SEND_TIMEOUT": "1.5",
    "POSTROOM_RETRY_DELAYS": "0.5,1,1",
    "POSTROOM_CHUNK_SIZE": "25",
    "POSTROOM_SWEEP_INTERVAL": "0.5",
    "POSTROOM_CHECKPOINT_INTERVAL": "2",
    "POSTROOM_RENDER_WORKERS": "2",
    "POSTROOM_DISK_RESERVE": "0",
    "POSTROOM_STORE_TIMEOUT": "4",
}
#: Small segments, so that uploads and compaction happen during a run.
STORED = {"POSTROOM_STORE_URL": f"s3://{BUCKET}/house", "POSTROOM_SEGMENT_BYTES": str(1 << 19)}


@dataclass
class House:
    """``with House(records=600) as house: house.start() ... house.kill_all() ... house.judge()``.

    ``start`` is ``postroom run``; ``serve`` the whole installation, to which programs send their runs; ``worker`` one
    worker process of one's own. With ``stored`` segments go to a SeaweedFS.
    """

    records: int = 600
    mutation: str = ""
    stored: bool = False
    root: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="pr-crash-")))
    program: subprocess.Popen[bytes] | None = None
    s3: SeaweedFs | None = None
    token: str = ""
    port: int = 0
    more: dict[str, str] = field(default_factory=dict)
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
    def data(self) -> Path:
        return self.root / "records.jsonl"

    def environment(self, **more: str) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("POSTROOM_", "DATABASE_"))}
        paths = os.pathsep.join(filter(None, (str(TESTS), kept.get("PYTHONPATH", ""))))
        kept |= QUICK | {"POSTROOM_HOME": str(self.home.root), "PYTHONPATH": paths}
        kept |= {"CRASH_CLOCK": str(self.root / "clock"), "POSTROOM_FAILPOINT": f"@{self.root / 'armed'}"}
        return {**kept, **(STORED | self.s3.environment() if self.s3 else {}), **self.more, **more}

    def _open(self) -> None:
        self.letters.mkdir()
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        if self.stored:
            self.s3 = SeaweedFs().__enter__()
        sink = self._helper("-m", "crash.sink", "--log", str(self.root / "arrivals.log"))
        outbox = self._helper("-m", "postroom.delivery.outbox", "--folder", str(self.home.root / "outbox"))
        assert sink.stdout is not None and outbox.stdout is not None
        places = {
            "letters": str(self.letters),
            "outbox": str(self.home.root / "outbox"),
            "sink_port": sink.stdout.readline().decode().strip(),
            "outbox_port": json.loads(outbox.stdout.readline())["port"],
        }
        self.token = self.python("-m", "crash.furnish", json.dumps(places), str(self.data), str(self.records))
        database.start(self.home, lambda _: None)

    def _helper(self, *arguments: str) -> subprocess.Popen[bytes]:
        made = subprocess.Popen(
            [sys.executable, *arguments],
            stdout=subprocess.PIPE,
            env=self.environment(),
            start_new_session=True,
            preexec_fn=processes.end_with_parent,
        )
        self._helpers.append(made)
        return made

    def python(self, *arguments: str, timeout: float = 180, code: int = 0, **more: str) -> str:
        """Run a helper to its end; its standard output. Another exit code than ``code`` shows what it said."""
        done = subprocess.run(
            [sys.executable, *arguments],
            capture_output=True,
            text=True,
            timeout=timeout,
            env=self.environment(**more),
            check=False,
        )
        assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout if code == 0 else done.stdout + done.stderr

    # The program

    def start(self, to: str = "", **more: str) -> None:
        """``postroom run`` with the same key each time: supervisor and workers."""
        everywhere = ["--to", to] if to else []
        self._begin("run", "invoice", str(self.data), "--run-key", "main", "--json", *everywhere, **more)

    def serve(self) -> None:
        """``postroom serve``: web, events, composing and delivering workers, and who reads and sweeps."""
        self._begin("serve", "--port", str(self.port))

    def _begin(self, *words: str, **more: str) -> None:
        self.program = self._program(words, "program.log", more)

    def worker(self, roles: str, name: str, mutation: str = "", **more: str) -> subprocess.Popen[bytes]:
        """One worker process beside, or instead of, those of the program."""
        made = self._program(("worker", "--roles", roles), f"{name}.log", more, mutation)
        self._helpers.append(made)
        return made

    def _program(
        self, words: tuple[str, ...], log: str, more: dict[str, str], mutation: str = ""
    ) -> subprocess.Popen[bytes]:
        with (self.root / log).open("ab") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "crash.program", mutation or self.mutation or "none", *words],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=self.environment(**more),
                start_new_session=True,
                preexec_fn=processes.end_with_parent,
            )

    @property
    def running(self) -> bool:
        return self.program is not None and self.program.poll() is None

    def members(self, role: str) -> list[int]:
        """Living processes of the program that serve ``role``."""
        below = processes.descendants(self.program.pid) if self.program else []
        return [pid for pid in below if processes.serves(pid, role)]

    def kill_all(self) -> None:
        """SIGKILL to the supervisor and everything it started, at once."""
        if self.program is None:
            return
        for pid in [self.program.pid, *processes.descendants(self.program.pid)]:
            processes.kill(pid)
        self.program.wait(30)
        self.program = None

    def kill_database(self, number: int = signal.SIGKILL) -> bool:
        """SIGKILL to the postmaster, or SIGQUIT: at once, without a checkpoint, transactions cut in the middle."""
        pid = database.status(self.home).pid
        if pid is None:
            return False
        processes.kill(pid, number)
        return True

    # Named places

    def arm(self, failpoint: str) -> None:
        """The next process that comes by ``failpoint`` dies there (with ``:stop`` it freezes)."""
        fresh = self.root / "armed.new"
        fresh.write_text(failpoint, "ascii")
        fresh.replace(self.root / "armed")

    def met(self, seconds: float) -> int:
        """The pid of who came by the armed place; 0 when nobody did in time, and then it is armed no longer."""
        for _ in processes.waiting(seconds, 0.02):
            for place in self.root.glob("armed.[0-9]*"):
                place.unlink()
                pid = int(place.suffix[1:])
                for _ in processes.waiting(10, 0.01):  # it has the parcel, and is about to end
                    if processes.state(pid) in "TZX":
                        return pid
                raise AssertionError(f"{pid} came by and lives")
        with contextlib.suppress(FileNotFoundError):
            (self.root / "armed").unlink()
        return 0

    def until_dead(self, seconds: float = 40) -> None:
        """Wait until a counted failpoint has killed the program or one of its workers."""
        seen: set[int] = set()
        for _ in processes.waiting(seconds, 0.02):
            if not self.running:
                return
            assert self.program is not None
            # Its own children: a worker's child bears the worker's command line until it has one of its own.
            workers = {pid for pid in processes.children(self.program.pid) if "worker" in processes.command(pid)}
            if seen - workers:
                return
            seen |= workers
        raise AssertionError(f"nothing died in {seconds:g} s\n{self.logs()}")

    # Its end

    def wait(self, seconds: float) -> bool:
        """Whether the program came to its own end in time."""
        return any(not self.running for _ in processes.waiting(seconds, 0.1))

    def until_settled(self, seconds: float = 150) -> None:
        """Start again as often as the program dies by itself (a failpoint), until the run is settled."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not self.running:
                self.start()
            if self.wait(deadline - time.monotonic()) and self.program is not None and self.program.returncode == 0:
                return
        raise AssertionError(f"not settled after {seconds:g} s\n{self.logs()}")

    def ask(self, question: str, *values: Any) -> Any:
        """The first value of a query; None when the database is away."""
        with contextlib.suppress(psycopg.OperationalError, TypeError):
            url = database.start(self.home, lambda _: None)
            with psycopg.connect(url, autocommit=True, connect_timeout=5) as session:
                return (session.execute(question, values).fetchone() or (None,))[0]
        return None

    def until(self, question: str, seconds: float) -> None:
        """Wait until a query answers ``true``."""
        if not any(self.ask(question) is True for _ in processes.waiting(seconds, 0.3)):
            raise AssertionError(f"not within {seconds:g} s: {question}\n{self.logs()}")

    def until_all_settled(self, seconds: float = 150) -> None:
        """Wait until no run is at work any more."""
        self.until("SELECT bool_and(state = 'settled') FROM run", seconds)

    def logs(self) -> str:
        """The ends of all logs, for a test that failed."""
        places = [*sorted(self.root.glob("*.log")), *sorted(self.home.logs.glob("*.log"))]
        return "\n".join(f"--- {path.name}\n{path.read_text(errors='replace')[-3000:]}" for path in places)

    def close(self) -> None:
        """End every process by its handle and remove the folder."""
        self.kill_all()
        for helper in self._helpers:
            for pid in [helper.pid, *processes.descendants(helper.pid)]:
                processes.kill(pid)
            helper.wait(10)
            if helper.stdout is not None:
                helper.stdout.close()
        if self.s3 is not None:
            self.s3.__exit__()
        time.sleep(0.3)  # what was killed lets go of its lock on the database
        with contextlib.suppress(Exception):  # broad: the folder goes in any case
            database.stop(self.home, lambda _: None)
        shutil.rmtree(self.root, ignore_errors=True)

    def judge(self, expected: dict[str, int] | None = None) -> dict[str, Any]:
        """Hold everything against everything. The facts; AssertionError names what is wrong."""
        found: dict[str, Any] = json.loads(self.python("-m", "crash.facts", POSTROOM_CACHE_BYTES="0"))
        arrived = arrivals(self.letters, self.home.root / "outbox", self.root / "arrivals.log")
        if self.s3 is not None:
            assert not found["vault"]["segments"].get("local"), f"not in the store yet: {found['vault']}"
        return verdict(found, arrived, expected or {"main": self.records})
