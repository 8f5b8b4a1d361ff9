"""Debian's Postfix with a private configuration, queue and port, relaying to servers of the test."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from servers import missing, need

_MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup  unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr    unix n - n 1 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce  unix - - n - 0 bounce
defer   unix - - n - 0 bounce
trace   unix - - n - 0 bounce
verify  unix - - n - 1 verify
flush   unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp    unix - - n - - smtp
relay   unix - - n - - smtp
showq   unix n - n - - showq
error   unix - - n - - error
retry   unix - - n - - error
discard unix - - n - - discard
local   unix - n n - - local
anvil   unix - - n - 1 anvil
scache  unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""

_MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
myhostname = relay.test
mydestination =
local_recipient_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
disable_dns_lookups = yes
smtp_host_lookup = native
smtputf8_enable = yes
transport_maps = inline:{{ {routes} }}
smtpd_recipient_restrictions = check_recipient_access inline:{{ {{ nobody@example.test=550 5.1.1 no such user }} \
{{ grey@example.test=451 4.7.1 greylisted, try again in 120 seconds }} }}, permit_mynetworks, reject
minimal_backoff_time = 300s
alias_maps =
"""


class Postfix:
    """A relay. ``routes`` says to which port of this machine it hands the mail of a domain.

    It turns away ``nobody@example.test`` and greylists ``grey@example.test``.
    """

    def __init__(self, routes: dict[str, int]) -> None:
        self._program = need("postfix")
        if os.geteuid() != 0:
            missing("postfix starts as root only")
        self.folder = Path(tempfile.mkdtemp(prefix="postroom-postfix-"))
        self.port = _free_port()
        self._routes = routes

    def start(self) -> Postfix:
        # its daemons run as the user postfix and walk down to the queue
        self.folder.chmod(0o755)
        config = self.folder / "etc"
        for name in ("etc", "queue", "data"):
            (self.folder / name).mkdir()
        shutil.chown(self.folder / "data", "postfix", "postfix")
        routes = " ".join(f"{{ {domain}=smtp:[127.0.0.1]:{port} }}" for domain, port in self._routes.items())
        (config / "main.cf").write_text(_MAIN.format(folder=self.folder, routes=routes))
        (config / "master.cf").write_text(_MASTER.format(port=self.port))
        started = subprocess.run(
            [self._program, "-c", str(config), "start"], capture_output=True, text=True, timeout=60, check=False
        )
        if started.returncode != 0 or not self._answers():
            said = started.stderr + self.log()
            self.stop()
            raise RuntimeError(f"postfix does not start: {said}")
        return self

    def stop(self) -> None:
        subprocess.run(
            [self._program, "-c", str(self.folder / "etc"), "abort"], capture_output=True, timeout=60, check=False
        )
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self) -> str:
        """What Postfix wrote about its work."""
        path = self.folder / "mail.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def __enter__(self) -> Postfix:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _answers(self) -> bool:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1) as probe:
                    return probe.recv(4) == b"220 "
            except OSError:
                time.sleep(0.1)
        return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
