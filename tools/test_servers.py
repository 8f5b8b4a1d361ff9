"""Install the system programs the tests talk to: with apt-get when root, otherwise name what is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

#: Debian package -> a file or program that shows it is there.
NEEDED = {
    "qpdf": "qpdf",
    "poppler-utils": "pdftotext",
    "postfix": "/usr/sbin/postfix",
    "chromium": "chromium",
    "openjdk-17-jdk-headless": "javac",
    "libjaxb-java": "/usr/share/java/jaxb-runtime.jar",
    "curl": "curl",
}


def missing() -> list[str]:
    """Packages that are not there yet."""
    return [
        package
        for package, proof in NEEDED.items()
        if not (Path(proof).exists() if proof.startswith("/") else shutil.which(proof))
    ]


def main() -> int:
    """0 when everything is there, or when what is missing has been named."""
    wanted = missing()
    if not wanted:
        return 0
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"Installing test servers: {', '.join(wanted)}", flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], env=environment, check=False)
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *wanted]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        if done.returncode:
            sys.stderr.write(done.stdout + done.stderr)
        wanted = missing()
    if wanted:
        told = f"Missing for the full suite: {', '.join(wanted)} (Debian packages)."
        if os.environ.get("CI") == "true":
            sys.exit(told + " With CI=true nothing may be skipped.")
        print(told + " Tests that need them are skipped.", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
