"""Acts that need to know what a template's tests come to: nobody holds a connection open for minutes.

Where the tests are not known yet they begin, and the answer is ``202``: nothing is decided, ``Location`` says where to
ask how far they are, and the same request acts once they hold. ``Prefer: wait=SECONDS`` (RFC 7240, section 4.3) lets
the request itself wait, for ``LONGEST`` at most; ``Preference-Applied`` says for how long.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from ninja import Schema, Status
from pydantic import Field

from postroom.composition.draft_tests import MOVING, Standing, TestsUnderway, standing_of, wait_for

#: Seconds that a request may wait; well below what proxies allow.
LONGEST = 30
#: Seconds after which asking again is worth it.
_AGAIN = 1
_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,6})\"?", re.IGNORECASE)
_ADDRESS = "/api/v1/template-tests"

Done = TypeVar("Done")


class TestProblem(Schema):
    """A place that does not hold. ``line`` 0: of the whole file."""

    __test__ = False  # pytest: this is no test
    file: str
    line: int
    what: str
    hint: str


class TestsOut(Schema):
    """How the tests of a template's version are. ``state``: unknown (nobody makes them), moving, green, red, or broken
    (they could not be made: ``told`` says why). ``done`` of ``total`` documents are through."""

    __test__ = False  # pytest: this is no test
    state: str
    done: int
    total: int
    told: str
    problems: list[TestProblem] = Field(description="Every place that does not hold, when red.")


def after_tests(request: HttpRequest, response: HttpResponse, act: Callable[[], Done]) -> Done | Status[dict[str, Any]]:
    """What ``act`` gives; or 202 where its tests go on. ``act`` raises TestsUnderway instead of waiting."""
    wait = _wanted(request)
    if wait:
        response["Preference-Applied"] = f"wait={wait}"
    try:
        return act()
    except TestsUnderway as first:
        digests = list(first.context["digests"])
        if wait and wait_for(digests, wait).state != MOVING:
            try:
                return act()
            except TestsUnderway as again:  # they could not be made, or others are to be made by now
                digests = list(again.context["digests"])
    response["Location"] = f"{_ADDRESS}?{urlencode([('digest', one) for one in digests])}"
    response["Retry-After"] = str(_AGAIN)
    return Status(202, told_of(standing_of(digests)))


def told_of(found: Standing) -> dict[str, Any]:
    """How tests are, as programs see it."""
    return {
        "state": found.state,
        "done": found.done,
        "total": found.total,
        "told": found.told,
        "problems": [
            {"file": one.file, "line": one.line, "what": one.what, "hint": one.hint} for one in found.problems
        ],
    }


def _wanted(request: HttpRequest) -> int:
    """Seconds that were asked for, as far as they are granted. What is no number is no wish: a preference may be
    ignored."""
    found = _WAIT.search(request.headers.get("Prefer", ""))
    return min(int(found[1]), LONGEST) if found else 0
