"""Find or make the parties of a chunk of records, by the key the business systems use."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from postroom.kernel import clock
from postroom.kernel.ids import new_id


@dataclass(frozen=True, slots=True)
class Acquaintance:
    """What a record tells of its recipient."""

    key: str
    name: str
    language: str
    email: str = ""
    country: str = ""
    address: dict[str, Any] = field(default_factory=dict)
    preferred_channel: str = ""
    kind: str = "company"


@dataclass(frozen=True, slots=True)
class Met:
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
    """By key. Inside the caller's transaction.

    A party that is known keeps its master data: a record only fills in an e-mail address that was missing. What the
    record said is kept with the document in any case.
    """
    by_key = {person.key: person for person in people}
    if not by_key:
        return {}
    now = clock.now()
    rows = [
        (
            new_id(),
            person.key,
            person.name,
            person.kind,
            person.language,
            person.country[:2],
            person.email,
            json.dumps(person.address),
            person.preferred_channel,
            now,
            now,
        )
        for person in sorted(by_key.values(), key=lambda person: person.key)  # one order: no deadlock between chunks
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO party (id, key, name, kind, language, country, email, address, preferred_channel,"
            " portal_epoch, created_at, updated_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, 0, %s, %s)"
            " ON CONFLICT (key) DO UPDATE SET email = EXCLUDED.email, updated_at = EXCLUDED.updated_at"
            " WHERE party.email = '' AND EXCLUDED.email <> ''",
            rows,
        )
        cursor.execute(
            "SELECT id, key, name, email, language, country, preferred_channel, portal_epoch"
            " FROM party WHERE key = ANY(%s)",
            (list(by_key),),
        )
        return {row[1]: Met(*row) for row in cursor.fetchall()}
