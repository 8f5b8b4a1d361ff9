"""Runs as rows of lists."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext

from postroom.composition.models import TemplateVersion
from postroom.production.balance import Balance, balances
from postroom.production.models import CLOSED, SETTLED, Run
from postroom.web import words
from postroom.web.fill import names
from postroom.web.pages import RunRow


def status_of(run: Run, counted: Balance) -> str:
    """The key of a run's state."""
    if run.cancelled_at is not None:
        return "cancelled"
    if run.state == SETTLED:
        return "settled"
    if run.held_at is not None or (run.gate == CLOSED and not counted.in_progress):
        return "held"
    return "delivering" if run.received_at and counted.deliveries["in_progress"] else "composing"


def made_by(versions: Iterable[uuid.UUID]) -> dict[uuid.UUID, TemplateVersion]:
    """Template versions by id."""
    found = TemplateVersion.objects.select_related("template").defer("contract").filter(pk__in=set(versions))
    return {version.pk: version for version in found}


def title_of(run: Run, version: TemplateVersion | None) -> str:
    """How a run is called: what is made, and when."""
    name = version.template.name if version else run.template_key
    return gettext("{name}, {day}").format(name=name, day=words.day(words.local(run.started_at).date()))


def template_of(run: Run, version: TemplateVersion | None) -> str:
    """The template in words."""
    if version is None:
        return run.template_key
    return gettext("{name}, version {no}").format(name=version.template.name, no=version.no)


def rows_of(found: Sequence[Run]) -> tuple[RunRow, ...]:
    """Rows of runs; three queries however many there are."""
    counted = balances([run.pk for run in found]) if found else {}
    versions = made_by(run.template_version_id for run in found)
    people = names.people(run.started_by for run in found)
    return tuple(row_of(run, counted[run.pk], versions.get(run.template_version_id), people) for run in found)


def row_of(run: Run, counted: Balance, version: TemplateVersion | None, people: Mapping[str, str]) -> RunRow:
    """One row. ``done`` are completed records; those no longer going anywhere are stopped."""
    records = counted.records
    return RunRow(
        url=reverse("run", args=[run.ref]),
        number=run.ref,
        name=title_of(run, version),
        status=status_of(run, counted),
        source=run.parcel.name,
        template=template_of(run, version),
        received=counted.received,
        done=records["completed"],
        set_aside=records["set_aside"],
        in_progress=records["in_progress"],
        stopped=sum(records[each] for each in ("failed", "suppressed", "cancelled", "superseded", "held")),
        started=words.moment(run.started_at),
        by=words.who(run.started_by, dict(people)),
        difference=counted.records_difference,
        id=str(run.pk),
    )
