"""The tests of all versions that would come of a draft: begun when it is sent, held when it is approved, published.

Nobody is to find out at the last door. The command line waits for them; a page and the API never do: they are told how
far the tests are, which go on without them, and ask again.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from postroom.composition import freezing, pack
from postroom.composition.checks import gate, underway
from postroom.composition.checks.failures import by_place, problems_of
from postroom.composition.checks.models import TemplateCheck
from postroom.composition.drafts import files
from postroom.composition.life_models import Draft
from postroom.composition.pack import TemplatePack
from postroom.composition.problems import Problem
from postroom.composition.publishing import beginnings
from postroom.kernel.errors import Conflict

#: Seconds between two looks at tests that somebody waits for.
_LOOK = 0.1

#: unknown: nobody makes them; moving; green; red; broken: they could not be made, ``told`` says why.
UNKNOWN, MOVING, GREEN, RED, BROKEN = "unknown", "moving", "green", "red", "broken"


class TestsUnderway(Conflict):
    """What was asked for needs to know what the tests come to, and they are still being made. The context has how far
    they are (``done`` of ``total`` documents), and the digests to ask after (``standing_of``)."""

    __test__ = False  # pytest: this is no test
    code = "tests-underway"
    title = "The tests are being made"


@dataclass(frozen=True, slots=True)
class Standing:
    """How the tests of one publication are: ``state`` is one of the words above; counts are of documents."""

    state: str = UNKNOWN
    done: int = 0
    total: int = 0
    told: str = ""
    problems: tuple[Problem, ...] = ()


def standing_of(digests: Sequence[str]) -> Standing:
    """How the tests of these packs are, all together. Makes nothing."""
    checks = {check.digest: check for check in TemplateCheck.objects.filter(digest__in=digests)}
    problems = _problems(checks.values())
    if problems:
        return Standing(RED, problems=tuple(problems))
    found = {digest: underway.standing(digest) for digest in digests if digest not in checks}
    if not found:
        count = sum(check.documents for check in checks.values())
        return Standing(GREEN if checks else UNKNOWN, done=count, total=count)
    moving = [one for one in found.values() if one is not None and not one.told]
    if moving:
        return Standing(MOVING, sum(one.done for one in moving), sum(one.total for one in moving))
    told = next((one.told for one in found.values() if one is not None), "")
    return Standing(BROKEN, told=told) if told else Standing()


def wait_for(digests: Sequence[str], seconds: float) -> Standing:
    """How they are when they are through, or after ``seconds``."""
    until = time.monotonic() + seconds
    while (found := standing_of(digests)).state == MOVING and time.monotonic() < until:
        time.sleep(_LOOK)
    return found


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
    return _problems(check for check in map(gate.known, packs) if check is not None)


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
        digests=[gate.check_digest(one) for one in unknown],
    )


def _problems(checks: Iterable[TemplateCheck]) -> list[Problem]:
    failures = by_place({failure for check in checks for failure in gate.failures_of(check)})
    return problems_of(failures)
