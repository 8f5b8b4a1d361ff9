"""Find or make the parties of a chunk of records, by the key the business systems use."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db import connection

from postroom.kernel import clock
from postroom.kernel.json_text import writer
from postroom.kernel.rows import new_ids

_written = writer()
#: Of all who tell no address; nobody writes into it.
_NOWHERE: dict[str, Any] = {}


class Acquaintance(NamedTuple):
    """What a record tells of its recipient."""

    key: str
    name: str
    language: str
    email: str = ""
    country: str = ""
    address: dict[str, Any] = _NOWHERE
    preferred_channel: str = ""
    kind: str = "company"


class Met(NamedTuple):
    """A party as the pipeline needs it."""

    id: uuid.UUID
    key: str
    name: str
    email: str
    language: str
    country: str
    preferred_channel: str
    portal_epoch: int


def meet_parties(people: Iterable[Acquaintance]) -> dict[str, Met]:
    """By key. Needs no transaction: what is written is one statement.

    A party that is known keeps its master data: a record only fills in an e-mail address that was missing. What the
    record said is kept with the document in any case.
    """
    by_key = {person.key: person for person in people}
    if not by_key:
        return {}
    with connection.cursor() as cursor:
        met = _known(cursor, list(by_key))
        # Most are known: their rows are not touched, since even an update that changes nothing locks and syncs.
        new = [one for key, one in by_key.items() if key not in met or (one.email and not met[key].email)]
        if new:
            _write(cursor, sorted(new, key=lambda person: person.key))  # one order: no deadlock between chunks
            met |= _known(cursor, [person.key for person in new])
    return met


def _known(cursor: Any, keys: list[str]) -> dict[str, Met]:
    cursor.execute(
        "SELECT id, key, name, email, language, country, preferred_channel, portal_epoch"
        " FROM party WHERE key = ANY(%s)",
        (keys,),
    )
    return {row[1]: Met(*row) for row in cursor.fetchall()}


def _write(cursor: Any, people: list[Acquaintance]) -> None:
    """One statement for all. Another chunk may have met them meanwhile: then it only fills in an e-mail address."""
    cursor.execute(
        "INSERT INTO party (id, key, name, kind, language, country, email, address, preferred_channel,"
        " portal_epoch, created_at, updated_at)"
        " SELECT n.id, n.key, n.name, n.kind, n.language, n.country, n.email, n.address::jsonb, n.preferred, 0, %s, %s"
        " FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],"
        " %s::text[]) WITH ORDINALITY"
        " AS n (id, key, name, kind, language, country, email, address, preferred, place) ORDER BY n.place"
        " ON CONFLICT (key) DO UPDATE SET email = EXCLUDED.email, updated_at = EXCLUDED.updated_at"
        " WHERE party.email = '' AND EXCLUDED.email <> ''",
        (
            *[clock.now()] * 2,
            new_ids(len(people)),
            [person.key for person in people],
            [person.name for person in people],
            [person.kind for person in people],
            [person.language for person in people],
            [person.country[:2] for person in people],
            [person.email for person in people],
            [_written(person.address) for person in people],
            [person.preferred_channel for person in people],
        ),
    )
