"""One machine: the web process, the live counts, a composing worker per core, one that reads, delivers and sweeps."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable

from postroom import cage
from postroom.kernel.config import config
from postroom.kernel.errors import Unavailable
from postroom.kernel.home import home
from postroom.kernel.locks import only_one
from postroom.project.install import install_starters
from postroom.project.ports import reserve_port
from postroom.project.supervisor import Supervisor
from postroom.vault import keys


class NotIsolated(Unavailable):
    """The kernel offers no lock that keeps caged processes off the network."""

    code = "not-isolated"
    title = "Caged processes would have network access"


def web_command(host: str, port: int) -> list[str]:
    """The web server as a child process."""
    return [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--host",
        host,
        "--port",
        str(port),
        "--workers",
        "1",
        "--blocking-threads",
        "8",
        "--backpressure",
        "64",
        "--no-ws",
        "--log-level",
        "warning",
        "postroom.project.wsgi:application",
    ]


def events_command(host: str, port: int) -> list[str]:
    """The process of the live counts as a child process."""
    return [sys.executable, "-m", "postroom.project.asgi", host, str(port)]


def events_port(host: str, desk: int) -> int:
    """Where the live counts answer: a port a proxy can know, or any free one, which the desk tells its pages."""
    wanted = config().events_port
    if not wanted and os.environ.get("POSTROOM_BEHIND_PROXY") == "1":
        wanted = desk + 1
    return reserve_port(host, wanted)


def serve_installation(
    host: str,
    port: int,
    *,
    more: Callable[[Supervisor], None] | None = None,
    opened: Callable[[str], None] | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM. ``opened`` is called with the address once the desk answers."""
    require_isolation()
    with only_one(home().prepare(), "serve"):
        keys.ready()  # refuse without the vault's key, before anything is begun
        install_starters()
        chosen = reserve_port(host, port)
        address = f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{chosen}"  # noqa: S104
        os.environ.setdefault("POSTROOM_PUBLIC_URL", address)
        events = events_port(host, chosen)
        os.environ["POSTROOM_EVENTS_PORT"] = str(events)
        supervisor = Supervisor()
        supervisor.add("events", events_command(host, events))
        supervisor.add("web", web_command(host, chosen))
        supervisor.add_workers()
        if more:
            more(supervisor)
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        with supervisor:
            await_answer(f"{address}/healthz", stopping)
            (opened or _say)(address)
            while not stopping.wait(0.5):
                pass


def require_isolation() -> None:
    """Production refuses to run templates and rules that could reach the network (P10). Raises NotIsolated."""
    level = cage.level()
    if not level.isolated and not config().allow_open_cage:
        raise NotIsolated(
            f"Templates and rules could reach the network here: {'; '.join(level.notes) or 'no lock is available'}.",
            hint="Use a kernel with user namespaces or seccomp, or set POSTROOM_ALLOW_OPEN_CAGE=true knowingly.",
        )


def _say(address: str) -> None:
    sys.stdout.write(f"Postroom is open at {address}  (Ctrl+C stops)\n")
    sys.stdout.flush()


def await_answer(url: str, stopping: threading.Event, seconds: float = 60.0) -> None:
    """Wait until the web process answers. Raises Unavailable."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not stopping.is_set():
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310  (our own address)
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    if not stopping.is_set():
        raise Unavailable(
            f"The web process does not answer at {url}.", hint=f"See {home().logs / 'web.log'} for the reason."
        )
