"""What really goes over the wire: the statements a piece of code sends, told by libpq itself.

Django's own capture sees neither COPY nor BEGIN and COMMIT, and hand-written cursors go past it. libpq writes down each
message; every ``Query`` and every ``Execute`` is one statement.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from psycopg.pq import Trace


@dataclass
class Sent:
    """How many statements were sent while this was open; there when it is closed."""

    count: int = 0


@contextmanager
def statements() -> Iterator[Sent]:
    """Statements of Django's connection, which must stay the same one. A worker's lock has another."""
    from django.db import connection

    connection.ensure_connection()
    session = connection.connection
    told = Sent()
    with tempfile.TemporaryFile() as file:
        session.pgconn.trace(file.fileno())
        session.pgconn.set_trace_flags(Trace.SUPPRESS_TIMESTAMPS)
        try:
            yield told
        finally:
            assert connection.connection is session, "the connection was closed meanwhile, so nothing was counted"
            session.pgconn.untrace()
        file.seek(0)
        for line in file.read().splitlines():
            message = line.split(b"\t", 3)
            told.count += message[0] == b"F" and message[2] in (b"Query", b"Execute")
