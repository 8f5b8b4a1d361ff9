"""Documents whose date comes: each new document of a kind becomes a cause, known by its number."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db.models import Exists, OuterRef

from postroom.documents.models import Document
from postroom.kernel import clock
from postroom.kernel.errors import Damaged, NotFound
from postroom.kernel.ids import new_id
from postroom.ledger.append import Act, append
from postroom.production import exact_json
from postroom.schedules.dates import date_in, due_of
from postroom.schedules.errors import BadEvent
from postroom.schedules.firing import ACTOR
from postroom.schedules.gathering import DATA_GONE, data_of
from postroom.schedules.models import CANCELLED, PLANNED, Cause, Schedule

_BATCH = 500
#: A document's row may be committed after one that was made later, by this much at most; and clocks are set back.
_OVERLAP = dt.timedelta(hours=2)
_PAUSE = dt.timedelta(seconds=20)
NO_DATE = "system:no-date"


def plan_documents(schedule: Schedule) -> int:
    """Plan the causes of documents made since the last look. How many; in the transaction that locks the schedule."""
    now, seen = clock.now(), schedule.seen_until or schedule.created_at
    if abs(now - seen) < _PAUSE and seen != schedule.created_at:
        return 0
    known = Cause.objects.filter(schedule=schedule, document=OuterRef("pk"))
    numbers = Cause.objects.filter(schedule=schedule, key=OuterRef("number"))
    since = max(schedule.created_at, seen - _OVERLAP)
    fresh = Document.objects.filter(~Exists(known), ~Exists(numbers), kind=schedule.event, created_at__gte=since)
    documents = list(fresh.order_by("created_at", "id")[:_BATCH])
    causes = {cause.key: cause for cause in (_cause(schedule, each, now) for each in documents)}
    Cause.objects.bulk_create(causes.values())
    schedule.seen_until = documents[-1].created_at if len(documents) == _BATCH else max(now, seen)
    schedule.save(update_fields=["seen_until"])
    append(ACTOR.name, [Act(f"cause.{each.state}", "cause", each.pk) for each in causes.values()])
    return len(causes)


def _cause(schedule: Schedule, document: Document, now: dt.datetime) -> Cause:
    made = Cause(
        id=new_id(),
        schedule=schedule,
        key=(document.number or str(document.pk))[:200],
        state=PLANNED,
        due=now,
        document=document,
        told_by=ACTOR.name,
        told_at=now,
    )
    try:
        data = exact_json.loads(data_of(made))
        made.due = due_of(schedule, date_in(data if isinstance(data, Mapping) else {}, schedule.date_field))
    except BadEvent:
        made.state, made.ended_by, made.ended_at = CANCELLED, NO_DATE, now
    except (NotFound, Damaged):
        made.state, made.ended_by, made.ended_at = CANCELLED, DATA_GONE, now
    return made
