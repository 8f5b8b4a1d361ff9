"""A journey that failed is walked once more, from a fresh page. Each is named, and too many fail the run (ADR 0042).

A browser on a busy machine is late now and then, and four thousand tests in a row meet it. Walking again tells lateness
from a fault: a fault is there the second time too. It must not become a cushion, hence the names and the number.

This is a plug-in of pytest: ``tests/conftest.py`` has it count for the whole session, ``tests/journeys/conftest.py``
says which tests are journeys.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from pathlib import Path

import pytest
from _pytest.terminal import TerminalReporter

#: So many journeys of one run may be walked twice.
MOST = 5
#: Who needs one of these is a journey: it goes through a page.
_BROWSER = frozenset({"browser", "context", "page", "window", "people"})
_NUMBERS = itertools.count(1)


def fresh(name: str) -> str:
    """``name`` with a number that no journey of this session had: whoever walks again makes things of its own again."""
    return f"{name}-{next(_NUMBERS):04}"


def may_be_walked_again(item: pytest.Item) -> bool:
    """Journeys may. A planted fault must be found at once, and ``once`` marks what uses up something of the company."""
    fixtures = set(getattr(item, "fixturenames", ()))
    return bool(fixtures & _BROWSER) and "planted" not in item.name and item.get_closest_marker("once") is None


def walk_again(items: Iterable[pytest.Item], folder: Path) -> None:
    """Let the journeys below ``folder`` be walked again when they fail."""
    for item in items:
        if folder in item.path.parents and may_be_walked_again(item):
            item.add_marker(pytest.mark.flaky(reruns=1))


def walked_twice(reporter: TerminalReporter) -> dict[str, str]:
    """The journeys that were walked again, each with what had gone wrong, in one line."""
    return {report.nodeid: _line(report) for report in reporter.getreports("rerun")}


def _line(report: pytest.TestReport) -> str:
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash is None:
        return str(report.longrepr).strip().partition("\n")[0][:200]
    journey = report.nodeid.partition("::")[0].rpartition("/")[2]
    entries = getattr(getattr(report.longrepr, "reprtraceback", None), "reprentries", [])
    places = [entry.reprfileloc for entry in entries if getattr(entry, "reprfileloc", None)]
    # the journey's own line, and not that of the library it stopped in
    line = next((place.lineno for place in reversed(places) if Path(place.path).name == journey), crash.lineno)
    return f"line {line}: {crash.message.strip().partition(chr(10))[0]}"[:200]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "once(why): a journey that uses something up and cannot be walked again")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and session.exitstatus == 0 and len(walked_twice(reporter)) > MOST:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    again = walked_twice(terminalreporter)
    if not again:
        return
    terminalreporter.section("journeys walked twice")
    for name, said in sorted(again.items()):
        terminalreporter.write_line(f"{name}: {said}")
    if len(again) > MOST:
        terminalreporter.write_line(
            f"{len(again)} journeys were walked twice and {MOST} may be: the run fails. Mend what they tripped over, or"
            " run on a machine that is less busy.",
            red=True,
        )
