"""An event happened, and something is to be made because of it: now, or on a date."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from postroom.identity.actor import Actor
from postroom.intake.actions.receive_parcel import receive_parcel
from postroom.kernel import clock, failpoints
from postroom.kernel.ids import new_id
from postroom.ledger.append import Act, append
from postroom.production import exact_json
from postroom.schedules.dates import date_in, due_of
from postroom.schedules.errors import BadEvent, CauseTaken, NobodyWaits
from postroom.schedules.models import EVENT, PLANNED, Cause, Schedule

_LONGEST = 200
_MOST_DATA = 4 << 20


@dataclass(frozen=True, slots=True)
class Told:
    """The causes there are now, and whether they were all there before."""

    causes: tuple[Cause, ...]
    repeated: bool


def tell_event(actor: Actor, *, name: str, cause: str, data: Mapping[str, Any], due: dt.date | None = None) -> Told:
    """Note the cause for every schedule that waits for events of this name, once each, and keep its data.

    Telling it again with the same data changes nothing; with other data it is refused. ``due`` comes before the date
    in the data. Raises BadEvent, NobodyWaits, CauseTaken, DiskFull.
    """
    actor.require("event.tell")
    name, cause = name.strip(), cause.strip()
    if not cause or len(cause) > _LONGEST or not cause.isprintable():
        raise BadEvent(f"The cause needs a key of 1 to {_LONGEST} letters.", hint="Such as invoice/2026-0417.")
    content = exact_json.storable(exact_json.dumps(dict(data))).encode()
    if len(content) > _MOST_DATA:
        raise BadEvent("The data of the event is larger than 4 MiB.", hint="Tell what the document needs, no more.")
    waiting = list(Schedule.objects.filter(goes_by=EVENT, event=name, removed_at=None).order_by("key"))
    if not waiting:
        known = Schedule.objects.filter(goes_by=EVENT, removed_at=None).values_list("event", flat=True).distinct()
        raise NobodyWaits(
            f"No schedule waits for the event {name!r}; nothing was kept.",
            hint=f"Waited for: {', '.join(sorted(known)) or 'none; add one with `postroom schedule add`'}.",
        )
    dues = {each.pk: _due(each, data, due) for each in waiting}
    digest = hashlib.sha256(content).digest()
    before = _before(waiting, cause, digest)
    if len(before) == len(waiting):
        return Told(tuple(before), repeated=True)
    # Custody first (P1): the data is synced and committed before a cause points at it. A process that dies in between
    # leaves a parcel nobody needs, and whoever told it tells it again.
    parcel = receive_parcel(actor, io.BytesIO(content), name="event.json", media_type="application/json")
    failpoints.reach("event-kept")
    now = clock.now()
    with transaction.atomic():
        Cause.objects.bulk_create(
            [
                Cause(
                    id=new_id(),
                    schedule=each,
                    key=cause,
                    state=PLANNED,
                    due=dues[each.pk],
                    parcel=parcel,
                    told_by=actor.name,
                    told_at=now,
                )
                for each in waiting
            ],
            ignore_conflicts=True,  # somebody told the same in this very moment: held against its data below
        )
        causes = _before(waiting, cause, digest)
        ours = [each for each in causes if each.parcel_id == parcel.pk]
        facts = {"parcel": str(parcel.pk)}
        append(actor.name, [Act("cause.planned", "cause", each.pk, facts) for each in ours])
    return Told(tuple(causes), repeated=not ours)


def _before(waiting: list[Schedule], cause: str, digest: bytes) -> list[Cause]:
    found = list(Cause.objects.filter(schedule__in=waiting, key=cause).select_related("schedule", "parcel"))
    for each in found:
        if each.parcel is not None and bytes(each.parcel.sha256) != digest:
            raise CauseTaken(
                f"The cause {cause!r} was told before, with other data.",
                hint="A cause makes one document. Tell that it lapsed, and tell the new one with a key of its own.",
                state=each.state,
            )
    return sorted(found, key=lambda each: each.schedule.key)


def _due(schedule: Schedule, data: Mapping[str, Any], due: dt.date | None) -> dt.datetime:
    if due is not None:
        return due_of(schedule, due)
    if schedule.date_field:
        return due_of(schedule, date_in(data, schedule.date_field))
    return clock.now()
