"""The web server's own process ends with its supervisor and with its server, however early those were killed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from postroom.project.supervisor import SUPERVISOR

#: A server that starts who serves, as Granian does; the leash begins after a while, as it does behind a boot.
_SERVER = """
import multiprocessing, time

def serve():
    time.sleep(0.5)
    from postroom.project.leash import end_with_supervisor
    end_with_supervisor(0.05)
    time.sleep(60)

made = multiprocessing.get_context("fork").Process(target=serve)
made.start()
print(made.pid, flush=True)
time.sleep(60)
"""

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="the leash needs /proc")


def _ended(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


@pytest.mark.parametrize("killed", ["supervisor", "server"])
def test_who_serves_ends_although_somebody_was_killed_before_its_leash_began(killed: str) -> None:
    # given a supervisor, its server, and a process of that server that is still getting ready
    with (
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as supervisor,
        subprocess.Popen(
            [sys.executable, "-c", _SERVER],
            stdout=subprocess.PIPE,
            env={**os.environ, SUPERVISOR: str(supervisor.pid)},
        ) as server,
    ):
        assert server.stdout is not None
        pid = int(server.stdout.readline())
        # when one of the two is killed
        {"supervisor": supervisor, "server": server}[killed].kill()
        (supervisor if killed == "supervisor" else server).wait(10)
        # then it ends too, and so does the server
        end = time.monotonic() + 20
        while not _ended(pid) and time.monotonic() < end:
            time.sleep(0.05)
        assert _ended(pid)
        assert server.wait(10) != 0
        supervisor.kill()
