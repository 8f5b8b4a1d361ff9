"""The wheel holds all it needs to run without Node, and cannot be built without its assets."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow


def source(target: Path) -> Path:
    """A copy of what the wheel is built from."""
    target.mkdir()
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE", "NOTICE", "THIRD-PARTY.md"):
        shutil.copy(ROOT / name, target / name)
    for name in ("requirements", "licenses"):
        shutil.copytree(ROOT / name, target / name)
    shutil.copytree(ROOT / "src", target / "src", ignore=shutil.ignore_patterns("__pycache__"))
    return target


def build(folder: Path, to: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", str(to), "."]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240)


def test_the_wheel_holds_assets_fonts_templates_and_data(tmp_path: Path) -> None:
    # given a source tree with built assets
    folder = source(tmp_path / "source")
    # when the wheel is built
    built = build(folder, tmp_path)
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("postroom-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    # then everything a run needs is in it, and nothing else
    for wanted in (
        "postroom/web/static/dist/manifest.json",
        "postroom/composition/fonts/built.json",
        "postroom/composition/fonts/PostroomSans-Regular.ttf",
        "postroom/composition/typst/postroom.typ",
        "postroom/demo/templates/invoice/main.typ",
        "postroom/demo/data/customers.txt",
        "postroom/web/templates/desk/run.html",
    ):
        assert wanted in names, wanted
    assert not [name for name in names if "node_modules" in name or name.startswith(("frontend", "tests"))]
    metadata = zipfile.ZipFile(wheel).read(next(name for name in names if name.endswith("METADATA"))).decode()
    assert "Requires-Dist: typst" in metadata


@pytest.mark.parametrize("missing", ["web/static/dist/manifest.json", "composition/fonts/built.json"])
def test_a_wheel_without_assets_is_refused(tmp_path: Path, missing: str) -> None:
    folder = source(tmp_path / "source")
    (folder / "src" / "postroom" / missing).unlink()
    built = build(folder, tmp_path)
    assert built.returncode != 0
    assert "make assets" in built.stderr + built.stdout
