"""Make a random sample of stored documents again and compare; the first difference of a template raises an alarm."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import groupby

from django.db import connection

from postroom.composition import fonts
from postroom.composition.alarms import raise_alarm
from postroom.composition.compose import close_cells
from postroom.composition.models import DIFFERENCE, Reproduction
from postroom.composition.proofs import examine_all
from postroom.documents.models import Version
from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.kernel.ids import new_id
from postroom.production.models import Run
from postroom.production.reproduce.compare import compare, rows_of
from postroom.production.reproduce.errors import ReproductionBusy
from postroom.production.reproduce.report import DAMAGED, Difference, Report
from postroom.production.reproduce.sample import draw

_LOCK = 0x72657072
#: Documents in hand at a time: their bytes and those made of them are in memory.
_TOGETHER = 50
_HINT = {
    True: "Run `postroom vault verify`, restore the segment from a backup, then acknowledge this with the reason.",
    False: "Compare engine, fonts and template with those it was made with; then acknowledge this with the reason.",
}


def make_again(
    actor: Actor,
    *,
    wanted: int,
    seed: int | None = None,
    run: Run | None = None,
    night: dt.date | None = None,
    progress: Callable[[int, int], None] | None = None,
    go_on: Callable[[], bool] = lambda: True,
) -> Report:
    """What came of it. Ends early, with what was seen until then, when ``go_on`` says no or at an interrupt.

    Needs ``ledger.view``: it reads, and its alarms name documents by their ids alone. Raises ReproductionBusy.
    """
    actor.require("ledger.view")
    seed = random.SystemRandom().getrandbits(32) if seed is None else seed
    report = Report(seed=seed, wanted=wanted, run=run.ref if run else "")
    with _alone():
        row = _begun(report, run, night)
        try:
            if _fonts_are_whole(actor, report):
                examine_all()
                ids = draw(wanted, random.Random(seed), run)  # noqa: S311  (a sample, no secret; the seed repeats it)
                _compare_all(actor, ids, report, progress, go_on)
        except KeyboardInterrupt:
            report.interrupted = True
        finally:
            close_cells()
        row.counts = report.counts()
        if not (night and report.interrupted):  # a night that was broken off is begun again
            row.ended_at = clock.now()
        row.save(update_fields=["counts", "ended_at"])
    return report


def _fonts_are_whole(actor: Actor, report: Report) -> bool:
    """With a damaged font nothing is made, not even to be compared: every document would differ for one reason."""
    changed = fonts.changed()
    if changed:
        report.faults.append(f"{', '.join(changed)}: not the font that was built.")
        hint = "Install Postroom again so that its fonts are those that were built, then acknowledge this."
        told = f"The print fonts were changed on the disk: {report.faults[0]}"
        raise_alarm(actor.name, DIFFERENCE, told, hint, {"fonts": changed})
    return not changed


def _compare_all(
    actor: Actor,
    ids: list[uuid.UUID],
    report: Report,
    progress: Callable[[int, int], None] | None,
    go_on: Callable[[], bool],
) -> None:
    told: set[str] = set()
    for batch in _batches(ids):
        for version, outcome, difference in compare(rows_of(batch)):
            report.count(version, outcome)
            if difference is not None:
                report.differences.append(difference)
                if version not in told:
                    told.add(version)
                    _alarm(actor, difference, damaged=outcome == DAMAGED)
        if progress:
            progress(report.seen, len(ids))
        if not go_on():
            report.interrupted = True
            return


def _batches(ids: list[uuid.UUID]) -> Iterator[list[uuid.UUID]]:
    """Batches of one template version each, so that a cell is loaded once."""
    of = dict(Version.objects.filter(pk__in=ids).values_list("pk", "template_version_id"))
    ordered = sorted(of, key=lambda pk: (str(of[pk]), pk))
    for _, group in groupby(ordered, key=lambda pk: of[pk]):
        members = list(group)
        for start in range(0, len(members), _TOGETHER):
            yield members[start : start + _TOGETHER]


def _alarm(actor: Actor, difference: Difference, *, damaged: bool) -> None:
    facts = {
        "template": difference.template,
        "outcome": "damaged" if damaged else "different",
        "first_byte": difference.first_byte,
        "page": difference.page,
        "made_with": difference.then,
        "now": difference.now,
    }
    raise_alarm(actor.name, DIFFERENCE, difference.told(), _HINT[damaged], facts, document_id=difference.document_id)


def _begun(report: Report, run: Run | None, night: dt.date | None) -> Reproduction:
    """The row of this time; that of the night when another process died in the middle of it. Raises ReproductionBusy
    when somebody has done the night meanwhile."""
    row = Reproduction.objects.filter(night=night).first() if night else None
    if row is not None and row.ended_at is not None:
        raise ReproductionBusy(f"The night of {night} is done already.", hint="Nothing has to be done.")
    row = row or Reproduction(id=new_id(), night=night)
    row.run_id, row.seed, row.wanted, row.started_at = run.pk if run else None, report.seed, report.wanted, clock.now()
    row.save()
    return row


@contextmanager
def _alone() -> Iterator[None]:
    """One at a time in an installation: it is meant to be no burden."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", (_LOCK,))
        if not cursor.fetchone()[0]:
            raise ReproductionBusy(
                "Documents are being made again by another process at the moment.", hint="Try again in a few minutes."
            )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", (_LOCK,))
