"""The door of publishing: a template whose tests are red does not pass it.

What equal files came to with an equal toolchain is kept, so that looking, reviewing and publishing test once. How far
a test has come is told to every page that looks on, whoever began it.
"""

from __future__ import annotations

import hashlib

from postroom.composition.checks import underway
from postroom.composition.checks.failures import Failure, failure_of, problems_of
from postroom.composition.checks.models import TemplateCheck
from postroom.composition.checks.trial import Progress, Result, try_out
from postroom.composition.pack import TemplatePack
from postroom.composition.problems import TemplateFaults
from postroom.composition.toolchain import present
from postroom.kernel import clock

#: Raised when a rule of the house is added or changes what it finds: what was green is then looked at again.
RULES = 2


class TestsRed(TemplateFaults):
    """What the template's own tests expect does not hold."""

    __test__ = False  # pytest: this is no test
    title = "The template's tests do not hold"


def refuse_red(pack: TemplatePack, progress: Progress | None = None) -> TemplateCheck:
    """Raises TestsRed with every failure, each with the file and line that asserts what does not hold."""
    check = examined(pack, progress)
    if check.failures:
        raise TestsRed(problems_of(failures_of(check)))
    return check


def examined(pack: TemplatePack, progress: Progress | None = None) -> TemplateCheck:
    """What the template's tests come to; made when nobody has yet."""
    found = known(pack)
    if found is not None:
        return found
    with underway.telling(check_digest(pack), progress) as told:
        return keep(pack, try_out(pack, progress=told))


def known(pack: TemplatePack) -> TemplateCheck | None:
    """What the tests came to, if they were made. Makes nothing."""
    return TemplateCheck.objects.filter(digest=check_digest(pack)).first()


def keep(pack: TemplatePack, result: Result) -> TemplateCheck:
    """Note what the whole tests came to."""
    check, _ = TemplateCheck.objects.update_or_create(
        digest=check_digest(pack),
        defaults={
            "template_key": pack.key,
            "documents": result.documents,
            "assertions": result.assertions,
            "failures": [failure.plain() for failure in result.failures],
            "seconds": result.seconds,
            "at": clock.now(),
        },
    )
    return check


def failures_of(check: TemplateCheck) -> list[Failure]:
    """What was wrong."""
    return [failure_of(one) for one in check.failures]


def check_digest(pack: TemplatePack) -> str:
    """SHA-256 (hex) over all that has a say in what the tests come to."""
    return hashlib.sha256(f"{RULES} {pack.digest} {present(pack.lane).digest}".encode()).hexdigest()
