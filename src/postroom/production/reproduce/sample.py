"""A random sample of stored documents without counting, sorting or reading them all.

Uniform over a table: random places in its file (block, line) are looked up, and those where nothing lives are tried
again elsewhere. A row is as likely as any other however rows are spread. Of a run, random places of its input. The
same seed and the same rows give the same sample.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Sequence

from django.db import connection

from postroom.production.models import Run

#: A row of document_version takes at least 150 bytes, so no block of 8 kB holds more; a few empty tries cost nothing.
_LINES = 64
#: A table may be mostly dead rows; whoever looks longer finds nothing new.
_TRIES = 128
_BATCH, _MOST_PLACES = 2000, 100_000
#: Documents asked of each template version before the rest is drawn from all.
_EACH = 10


def draw(wanted: int, rng: random.Random, run: Run | None = None) -> list[uuid.UUID]:
    """Ids of document versions, ``wanted`` or all there are. Of ``run`` alone, or of everything: then each template
    version that ever made documents is there, and the rest is drawn without regard to anything."""
    if run is not None:
        return _first(_of_run(run.pk, run.received, rng), wanted)
    runs: dict[uuid.UUID, list[tuple[uuid.UUID, int]]] = {}
    for version, run_id, received in (
        Run.objects.filter(received__gt=0).order_by("id").values_list("template_version_id", "id", "received")
    ):
        runs.setdefault(version, []).append((run_id, received))
    each = min(_EACH, wanted // (2 * len(runs))) if runs else 0
    chosen: dict[uuid.UUID, None] = {}
    for of_version in (runs[version] for version in sorted(runs)) if each else ():
        run_id, received = rng.choices(of_version, weights=[count for _, count in of_version])[0]
        chosen |= dict.fromkeys(_first(_of_run(run_id, received, rng), each))
    for version_id in _anywhere(wanted, rng):
        if len(chosen) >= wanted:
            break
        chosen[version_id] = None
    return list(chosen)


def _first(ids: Iterator[uuid.UUID], wanted: int) -> list[uuid.UUID]:
    return [version_id for version_id, _ in zip(ids, range(wanted), strict=False)]


def _of_run(run_id: uuid.UUID, received: int, rng: random.Random) -> Iterator[uuid.UUID]:
    """Documents at random places of a run's input."""
    places = rng.sample(range(1, received + 1), min(received, _MOST_PLACES))
    yield from _looked_up(
        "SELECT r.ordinal, v.id FROM run_record r JOIN document d ON d.record_id = r.id"
        " JOIN document_version v ON v.document_id = d.id WHERE r.run_id = %s AND r.ordinal = ANY(%s)",
        (run_id,),
        places,
    )


def _anywhere(wanted: int, rng: random.Random) -> Iterator[uuid.UUID]:
    """Documents at random places of the table's file."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_relation_size('document_version') / current_setting('block_size')::int")
        places = int(cursor.fetchone()[0]) * _LINES
    tries = rng.sample(range(places), min(places, max(wanted, _LINES) * _TRIES))
    yield from _looked_up(
        "SELECT v.ctid::text, v.id FROM document_version v WHERE v.ctid = ANY(%s::tid[])",
        (),
        [f"({place // _LINES},{place % _LINES + 1})" for place in tries],
    )


def _looked_up(statement: str, first: tuple[uuid.UUID, ...], places: Sequence[int | str]) -> Iterator[uuid.UUID]:
    """In the order of ``places``, whatever order the database answers in: else its plan would choose the sample."""
    for start in range(0, len(places), _BATCH):
        asked = list(places[start : start + _BATCH])
        with connection.cursor() as cursor:
            cursor.execute(statement, (*first, asked))
            rows = cursor.fetchall()
        order = {place: number for number, place in enumerate(asked)}
        yield from (row[1] for row in sorted(rows, key=lambda row: (order[row[0]], row[1])))
