"""One process at a time works on a schedule. It saves the others the work; what makes things happen once are rows."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def turn_of(schedule_id: uuid.UUID) -> Iterator[bool]:
    """Whether it is this process's turn. A session advisory lock: it dies with the process that holds it."""
    digest = hashlib.sha256(f"schedule\n{schedule_id}".encode()).digest()
    number = int.from_bytes(digest[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", (number,))
        ours = bool(cursor.fetchone()[0])
    try:
        yield ours
    finally:
        if ours and connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", (number,))
