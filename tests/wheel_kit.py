"""The wheel, built once per session from the working tree, and installed where neither the checkout nor Node is."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_OURS = ("POSTROOM_", "DATABASE_URL", "DJANGO_", "PYTHON", "VIRTUAL_ENV")
_NODE = ("node", "npm", "npx", "corepack")


def source(target: Path) -> Path:
    """A copy of what the wheel is built from, with what git ignores and without git."""
    target.mkdir(parents=True)
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE", "NOTICE", "THIRD-PARTY.md", ".gitignore"):
        shutil.copy(ROOT / name, target / name)
    for name in ("requirements", "licenses"):
        shutil.copytree(ROOT / name, target / name)
    shutil.copytree(ROOT / "src", target / "src", ignore=shutil.ignore_patterns("__pycache__"))
    return target


def build(folder: Path, to: Path) -> subprocess.CompletedProcess[str]:
    """hatchling by pip, with what is installed here: nothing is fetched."""
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    return subprocess.run([*command, "-w", str(to), "."], cwd=folder, capture_output=True, text=True, timeout=240)


@functools.cache
def wheel() -> Path:
    """The wheel of the working tree as it is now."""
    folder = Path(tempfile.mkdtemp(prefix="pr-wheel-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    built = build(source(folder / "source"), folder)
    assert built.returncode == 0, built.stderr
    (made,) = folder.glob("postroom-*.whl")
    shutil.rmtree(folder / "source")  # nothing of the installation may read it
    return made


@dataclass(frozen=True, slots=True)
class Installation:
    """An environment that holds the wheel; what it depends on comes from the present one."""

    folder: Path

    @property
    def program(self) -> Path:
        return self.folder / "bin" / "postroom"

    @property
    def environment(self) -> dict[str, str]:
        """Without settings of ours, without Node, with the programs of the system."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
        return {**kept, "PATH": f"{self.folder / 'bin'}{os.pathsep}{self.folder / 'programs'}"}

    def python(self, code: str) -> str:
        """What a line of Python prints there."""
        done = subprocess.run(
            [self.folder / "bin" / "python", "-c", code],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


def install(made: Path, folder: Path) -> Installation:
    """``pip install --no-deps`` into a new environment. A .pth file lends it the packages of the present one.

    The files by which the present one finds the checkout are not read from there: only those of an environment's own
    folder are.
    """
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True, timeout=120)
    python = str(folder / "bin" / "python")
    command = [sys.executable, "-m", "pip", f"--python={python}", "install", "--quiet", "--no-deps", "--no-index"]
    done = subprocess.run([*command, str(made)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    _programs_without_node(folder / "programs")
    return Installation(folder)


def _programs_without_node(folder: Path) -> None:
    """All programs of the system by their names, Node's left out."""
    folder.mkdir()
    for place in ("/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin", "/bin"):
        for program in Path(place).iterdir() if Path(place).is_dir() else ():
            link = folder / program.name
            if not program.name.startswith(_NODE) and not link.is_symlink():
                link.symlink_to(program)
