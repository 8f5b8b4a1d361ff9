"""The tests of all versions that would come of a draft: begun when it is sent, held when it is approved, published.

Nobody is to find out at the last door. Whoever may wait (the command line, the API) waits for them; a page never does:
it is told how far they are, and they go on without it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from functools import partial

from postroom.composition import freezing, pack
from postroom.composition.checks import gate, underway
from postroom.composition.checks.failures import by_place, problems_of
from postroom.composition.drafts import files
from postroom.composition.life_models import Draft
from postroom.composition.pack import TemplatePack
from postroom.composition.problems import Problem
from postroom.composition.publishing import beginnings
from postroom.kernel.errors import Conflict


class TestsUnderway(Conflict):
    """What was asked for needs to know what the tests come to, and they are still being made."""

    __test__ = False  # pytest: this is no test
    code = "tests-underway"
    title = "The tests are being made"


def packs_of(
    own: Mapping[str, bytes], valid_from: dt.datetime | None = None, valid_until: dt.datetime | None = None
) -> list[TemplatePack]:
    """One for each version that would come of the files. Raises TemplateFaults."""
    return [pack.load(freezing.freeze(own, at).files) for at in beginnings(own, valid_from, valid_until)]


def packs_of_draft(draft: Draft) -> list[TemplatePack]:
    """One for each version that would come of the draft. Raises TemplateFaults."""
    return packs_of(files(draft), draft.valid_from, draft.valid_until)


def begin_tests(packs: Iterable[TemplatePack]) -> None:
    """Make what was not tested yet, in the background of this process."""
    for one in packs:
        if gate.known(one) is None:
            underway.begin(gate.check_digest(one), partial(gate.examined, one))


def known_red(packs: Iterable[TemplatePack]) -> list[Problem]:
    """What is known not to hold. Makes nothing."""
    checks = [check for check in map(gate.known, packs) if check is not None]
    failures = by_place({failure for check in checks for failure in gate.failures_of(check)})
    return problems_of(failures)


def refuse_red(packs: Iterable[TemplatePack], *, wait: bool) -> None:
    """Raises TestsRed with every failure; TestsUnderway where not ``wait`` and something was not tested yet."""
    packs = list(packs)
    red = known_red(packs)
    if red:
        raise gate.TestsRed(red)
    if not wait:
        _refuse_unknown(packs)
    for one in packs:
        gate.refuse_red(one)


def _refuse_unknown(packs: list[TemplatePack]) -> None:
    unknown = [one for one in packs if gate.known(one) is None]
    if not unknown:
        return
    begin_tests(unknown)
    standing = [found for found in (underway.standing(gate.check_digest(one)) for one in unknown) if found is not None]
    done, total = sum(found.done for found in standing), sum(found.total for found in standing)
    so_far = f": {done} of {total} documents" if total else ""
    raise TestsUnderway(
        f"The tests of {unknown[0].key} are being made{so_far}.",
        hint="Wait until they are through, then try again.",
        done=done,
        total=total,
    )
