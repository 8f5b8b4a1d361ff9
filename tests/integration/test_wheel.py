"""The wheel holds all it needs to run without Node and nothing of where it was built, or it is not built at all."""

from __future__ import annotations

import re
import sys
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

import wheel_kit
from wheel_kit import ROOT

pytestmark = pytest.mark.slow

_ASSETS = "Run `make assets` first."
_SOURCES = "Restore them from the repository first."
#: Grown on purpose? Then say so here. 12.1 MB on 22 November 2026: 7 of them are fonts that stand in (ADR 0044), 2 what
#: pdf.js needs for old fonts.
_MOST_BYTES = 13_000_000
_EXPECTED = re.compile(r"^postroom/(gallery|demo/templates)/[a-z-]+/tests/(?=[a-z-]+\.yaml$)")


def complaints(files: Mapping[str, bytes], foreign: Iterable[str]) -> list[str]:
    """What a wheel should not hold: tests, maps of sources, packages of Node, names of folders of this machine."""
    strange = re.compile(
        r"(^|/)(tests?|node_modules|__pycache__|\.[^/]*)(/|$)|\.(map|pyc|ts|part|orig|rej)$|(^|/)test_"
    )
    # what a template expects of its pages is part of the template
    found = [f"{name} has no place in a wheel" for name in files if strange.search(_EXPECTED.sub("", name))]
    needles = [place.encode() for place in foreign]
    for name, content in files.items():
        found += [f"{name} names {needle.decode()}" for needle in needles if needle in content]
        if name.endswith((".js", ".mjs", ".css")) and b"sourceMappingURL=" in content:
            found.append(f"{name} names a map that is not there")
    return found


def _places() -> list[str]:
    """Folders of this machine, as they would stand in a file that was careless."""
    return [f"{place}/" for place in {str(ROOT), sys.prefix, str(Path.home()), str(wheel_kit.wheel().parent)}]


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    with zipfile.ZipFile(wheel_kit.wheel()) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def test_the_wheel_holds_assets_fonts_texts_guide_templates_and_data(files: dict[str, bytes]) -> None:
    # given the wheel of the working tree
    size = wheel_kit.wheel().stat().st_size
    print(f"\nwheel: {size:,} bytes, {len(files)} files")
    # then everything a run needs is in it
    for wanted in (
        "postroom/web/static/dist/manifest.json",
        "postroom/web/static/dist/icons.json",
        "postroom/composition/fonts/built.json",
        "postroom/composition/fonts/PostroomSans-Regular.ttf",
        "postroom/composition/standins/built.json",
        "postroom/composition/standins/PostroomHanJapanese-Regular.ttf",
        "postroom/composition/typst/postroom.typ",
        "postroom/demo/templates/invoice/main.typ",
        "postroom/demo/data/customers.txt",
        "postroom/web/templates/desk/run.html",
        "postroom/web/guide/de/document.md",
        "postroom/web/guide/en/words.yaml",
        "postroom/locale/de/LC_MESSAGES/django.mo",
    ):
        assert files.get(wanted), wanted
    metadata = next(content for name, content in files.items() if name.endswith("METADATA")).decode()
    assert "Requires-Dist: typst" in metadata
    assert size < _MOST_BYTES


def test_the_wheel_holds_every_file_of_the_package_that_is_not_compiled(files: dict[str, bytes]) -> None:
    package = ROOT / "src" / "postroom"
    there = {f"postroom/{path.relative_to(package)}" for path in package.rglob("*") if path.is_file()}
    wanted = {name for name in there if "__pycache__" not in name and not name.endswith("/.sources")}
    # a file written while this runs (a catalogue, an asset) is newer than the wheel, and not looked for
    made = wheel_kit.wheel().stat().st_mtime
    missing = [name for name in wanted - set(files) if (package.parent / name).stat().st_mtime < made - 60]
    assert missing == []


def test_the_wheel_holds_nothing_of_where_it_was_built(files: dict[str, bytes]) -> None:
    assert complaints(files, _places()) == []


def test_planted_what_has_no_place_in_a_wheel_is_named() -> None:
    planted = {
        "tests/test_wheel.py": b"",
        "postroom/web/static/dist/assets/desk.js.map": b"",
        "postroom/node_modules/x.js": b"",
        "postroom/web/static/dist/.sources": b"",
        "postroom/web/static/dist/assets/desk.js": b"//# sourceMappingURL=desk.js.map",
        "postroom/version.py": b"BUILT = '/home/somebody/postroom/src'",
        "postroom/testing/channels.py": b"fine",
    }
    told = complaints(planted, ["/home/somebody/"])
    assert [line.split()[0] for line in told] == [*list(planted)[:4], *list(planted)[4:6]]


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("web/static/dist/manifest.json", _ASSETS),
        ("web/static/dist/pdfjs/wasm", _ASSETS),
        ("web/static/dist/assets/desk-*.css", _ASSETS),
        ("composition/fonts/built.json", _ASSETS),
        ("composition/standins/built.json", _ASSETS),
        ("locale/de/LC_MESSAGES/django.mo", _ASSETS),
        ("web/guide/de/*.md", _SOURCES),
        ("web/guide/en/words.yaml", _SOURCES),
    ],
)
def test_planted_a_wheel_without_one_of_these_is_not_built(tree: Path, tmp_path: Path, missing: str, said: str) -> None:
    # given a source tree that lacks something
    found = list((tree / "src" / "postroom").glob(missing))
    assert found
    for path in found:
        path.rename(tmp_path / path.name)
    # when the wheel is built
    try:
        built = wheel_kit.build(tree, tmp_path / "out")
    finally:
        for path in found:
            (tmp_path / path.name).rename(path)
    # then there is none, and it is said what to do
    assert built.returncode != 0
    assert said in built.stderr + built.stdout
    assert not list(tmp_path.rglob("*.whl"))


def test_planted_an_empty_file_is_as_good_as_none(tree: Path, tmp_path: Path) -> None:
    words = tree / "src" / "postroom" / "locale" / "de" / "LC_MESSAGES" / "said.mo"
    before = words.read_bytes()
    words.write_bytes(b"")
    built = wheel_kit.build(tree, tmp_path / "out")
    words.write_bytes(before)
    assert built.returncode != 0 and _ASSETS in built.stderr + built.stdout


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wheel_kit.source(tmp_path_factory.mktemp("tree") / "source")
