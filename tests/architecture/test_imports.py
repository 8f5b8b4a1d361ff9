"""Imports point down only. The contracts stand in pyproject.toml; here each gets a fault it must find."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from servers import missing

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "postroom"

#: A line planted in a module, and the contract that must break.
PLANTED = {
    "Imports point down only": ("vault/read.py", "from postroom.documents import models as planted"),
    "Nobody imports a plugin": ("delivery/channels.py", "from postroom.plugins.channels import email as planted"),
    "A plugin knows its stage's spec": (
        "plugins/channels/portal.py",
        "from postroom.delivery import models as planted",
    ),
    "Rules alone know zen": ("composition/derive.py", "import zen as planted"),
}


def test_the_contracts_hold() -> None:
    # given the code as it is, when it is linted, then no contract is broken
    code, told = _lint(ROOT)
    assert code == 0, told
    assert re.search(r"Contracts: \d+ kept, 0 broken", told), told


def test_each_contract_finds_a_planted_fault(tmp_path: Path) -> None:
    # given a copy of the code with one forbidden import for each contract
    house = _copy(tmp_path)
    for place, line in PLANTED.values():
        path = house / "src" / "postroom" / place
        path.write_text(path.read_text("utf-8") + f"\n{line}\n", "utf-8")
    # when it is linted
    code, told = _lint(house)
    # then each contract is broken, and its fault is named
    assert code != 0
    broken = set(re.findall(r"^(.+?) BROKEN", told, re.MULTILINE))
    for name in PLANTED:
        assert any(line.startswith(name) for line in broken), f"{name} did not notice\n{told}"


def test_a_package_without_a_layer_is_noticed(tmp_path: Path) -> None:
    # given a new package nobody gave a place
    house = _copy(tmp_path)
    stray = house / "src" / "postroom" / "stray"
    stray.mkdir()
    (stray / "__init__.py").write_text("", "utf-8")
    # when it is linted, then the layers are not exhaustive any more
    code, told = _lint(house)
    assert code != 0
    assert "stray" in told


def test_there_are_contracts_for_every_package() -> None:
    # given the folders of the package, then each has a place among the layers
    layers = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"][0][
        "layers"
    ]
    placed = {name.strip() for layer in layers for name in re.split(r"[|:]", layer)}
    packages = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert placed == packages


def _copy(folder: Path) -> Path:
    shutil.copytree(
        PACKAGE, folder / "src" / "postroom", ignore=shutil.ignore_patterns("__pycache__", "static", "*.ttf")
    )
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def _lint(house: Path) -> tuple[int, str]:
    program = shutil.which("lint-imports", path=str(Path(sys.executable).parent)) or missing("no import-linter")
    done = subprocess.run(
        [program, "--config", str(house / "pyproject.toml"), "--no-cache"],
        cwd=house / "src",
        env={**os.environ, "PYTHONPATH": str(house / "src"), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr
