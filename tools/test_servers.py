"""Install what the tests talk to: system programs with apt-get when root, an OpenID Connect provider with npm, the LDAP
client with pip. Otherwise name what is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from build_assets import find_node

ROOT = Path(__file__).resolve().parent.parent
_LIBRARIES = f"/usr/lib/{sysconfig.get_config_var('MULTIARCH')}"
#: Debian package -> a file or program that shows it is there.
NEEDED = {
    "qpdf": "qpdf",
    "poppler-utils": "pdftotext",
    "postfix": "/usr/sbin/postfix",
    "chromium": "chromium",
    "openjdk-17-jdk-headless": "javac",
    "libjaxb-java": "/usr/share/java/jaxb-runtime.jar",
    "curl": "curl",
    "libreoffice-writer-nogui": "soffice",
    # readers of barcodes other than the one that drew them
    "libzbar0": f"{_LIBRARIES}/libzbar.so.0",
    "libdmtx0b": f"{_LIBRARIES}/libdmtx.so.0",
    "slapd": "/usr/sbin/slapd",
    # the LDAP client is compiled
    "gcc": "gcc",
    "python3-dev": str(Path(sysconfig.get_path("include")) / "Python.h"),
    "libldap2-dev": "/usr/include/ldap.h",
    "libsasl2-dev": "/usr/include/sasl/sasl.h",
}


def missing() -> list[str]:
    """Packages that are not there yet."""
    return [
        package
        for package, proof in NEEDED.items()
        if not (Path(proof).exists() if proof.startswith("/") else shutil.which(proof))
    ]


def provider() -> str:
    """Install the OpenID Connect provider into test-tools/; "" or what is missing."""
    source, target = ROOT / "tests" / "servers" / "oidc", ROOT / "test-tools" / "oidc"
    locked = (source / "package-lock.json").read_bytes()
    stamp = target / ".installed"
    if stamp.is_file() and stamp.read_bytes() == locked:
        return ""
    node, npm = find_node()
    target.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(source / name, target / name)
    environment = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ['PATH']}"}
    command = [*npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    done = subprocess.run(command, cwd=target, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.stderr.write(done.stderr)
        return "oidc-provider (npm)"
    stamp.write_bytes(locked)
    return ""


def directory() -> str:
    """Install the LDAP client into the virtual environment; "" or what is missing."""
    lock = str(ROOT / "requirements" / "ldap.lock")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", lock]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.stderr.write("\n".join(done.stderr.splitlines()[-5:]) + "\n")
        return "the extra ldap (pip)"
    return ""


def main() -> int:
    """0 when everything is there, or when what is missing has been named."""
    programs()
    wanted = [*missing(), *filter(None, (provider(), directory()))]
    if wanted:
        told = f"Missing for the full suite: {', '.join(wanted)}."
        if os.environ.get("CI") == "true":
            sys.exit(told + " With CI=true nothing may be skipped.")
        print(told + " Tests that need them are skipped.", flush=True)
    return 0


def programs() -> None:
    """Install the Debian packages that are missing, where that is possible."""
    wanted = missing()
    if not wanted:
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"Installing test servers: {', '.join(wanted)}", flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], env=environment, check=False)
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *wanted]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        if done.returncode:
            sys.stderr.write(done.stdout + done.stderr)


if __name__ == "__main__":
    sys.exit(main())
