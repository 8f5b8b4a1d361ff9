"""The rule that lets a journey be walked again (ADR 0042), held against suites that are made up."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from journeys.twice import MOST, fresh

TESTS = Path(__file__).parents[1]
_PLUGINS = ("-p", "pytest_rerunfailures", "-p", "journeys.twice", "-p", "no:cacheprovider")
_CONFTEST = """
from pathlib import Path
import pytest
from journeys.twice import walk_again

walked = set()

@pytest.fixture
def page(): return "a page"

@pytest.fixture
def late(request):
    "True the first time that a test asks."
    known = request.node.nodeid in walked
    walked.add(request.node.nodeid)
    return not known

def pytest_collection_modifyitems(items): walk_again(items, Path(__file__).parent)
"""


def told(folder: Path, journeys: str) -> tuple[int, str]:
    """How a suite of ``journeys`` ends, and what it says."""
    (folder / "conftest.py").write_text(_CONFTEST, encoding="utf-8")
    (folder / "test_made_up.py").write_text(f"import pytest\n\n{journeys}", encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *_PLUGINS, str(folder)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(TESTS), "PYTEST_ADDOPTS": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.returncode, done.stdout + done.stderr


def late(count: int) -> str:
    return f"@pytest.mark.parametrize('n', range({count}))\ndef test_late(n, page, late): assert not late, 'was late'\n"


def test_a_journey_that_was_late_is_walked_again_and_named(tmp_path: Path) -> None:
    # given as many journeys as may be late once
    code, said = told(tmp_path, late(MOST))
    # then the run is green, and each is named with what it tripped over
    assert code == 0 and f"{MOST} passed" in said and "journeys walked twice" in said
    assert all(f"test_made_up.py::test_late[{n}]: line 4: " in said for n in range(MOST))
    assert "was late" in said and "the run fails" not in said


def test_planted_one_late_journey_more_fails_the_run(tmp_path: Path) -> None:
    code, said = told(tmp_path, late(MOST + 1))
    assert code == 1 and f"{MOST + 1} passed" in said
    assert f"{MOST + 1} journeys were walked twice and {MOST} may be: the run fails" in said


def test_planted_what_is_wrong_twice_or_no_journey_or_planted_stays_wrong(tmp_path: Path) -> None:
    code, said = told(
        tmp_path,
        "def test_wrong(page): assert False\n"
        "def test_without_a_page(late): assert not late\n"
        "def test_planted_fault(page, late): assert not late\n"
        "@pytest.mark.once('it uses up the link')\n"
        "def test_once(page, late): assert not late\n",
    )
    assert code == 1 and "4 failed, 1 rerun" in said
    assert "test_made_up.py::test_wrong: line 3: " in said and "::test_once: " not in said


def test_what_a_journey_makes_has_a_name_of_its_own() -> None:
    assert fresh("RW") != fresh("RW")


def waits_by_the_clock(text: str) -> list[int]:
    """Lines that wait for a time, and do not say beside it why nothing can be seen to wait for."""
    waits = ("wait_for_timeout(", "time.sleep(")
    lines = enumerate(text.splitlines(), 1)
    return [number for number, line in lines if any(wait in line for wait in waits) and "  # " not in line]


def test_no_journey_waits_for_a_time() -> None:
    journeys = sorted(Path(__file__).parent.glob("*.py"))
    found = {
        path.name: waits_by_the_clock(path.read_text("utf-8")) for path in journeys if path.name != "test_twice.py"
    }
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_planted_a_wait_for_a_time_is_found() -> None:
    assert waits_by_the_clock("page.wait_for_timeout(400)\ntime.sleep(1)  # the clock itself is what is looked at") == [
        1
    ]
