"""A PostgreSQL that somebody else runs, named by ``DATABASE_URL``. We only check that it answers."""

from __future__ import annotations

import os
import time

import psycopg
from psycopg.conninfo import conninfo_to_dict

from postroom.kernel.database.errors import BadDatabaseUrl, DatabaseDown
from postroom.kernel.database.providers import OLDEST

_ANSWER_SECONDS = 10


def named_url() -> str | None:
    """``DATABASE_URL``, if it is set and not empty."""
    return os.environ.get("DATABASE_URL") or None


def describe(url: str) -> str:
    """Where the URL points, without its password."""
    try:
        parts = conninfo_to_dict(url)
    except psycopg.Error:
        return "DATABASE_URL"
    host = parts.get("host") or "the local socket"
    return f"database {parts.get('dbname') or parts.get('user') or '?'} on {host}:{parts.get('port') or 5432}"


def server_version(url: str, *, patience: float = _ANSWER_SECONDS) -> str:
    """``16.4`` of the server behind ``url``. Raises BadDatabaseUrl or DatabaseDown.

    A server that is only just starting (a compose file starts both at once) is asked again for a while.
    """
    if not url.startswith(("postgresql://", "postgres://")):
        raise BadDatabaseUrl(
            f"DATABASE_URL names a {url.split(':', 1)[0]!r} database; only PostgreSQL is supported.",
            hint="Write postgresql://user:password@host:5432/name, or unset it to use the embedded database.",
        )
    try:
        conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        raise BadDatabaseUrl(
            f"DATABASE_URL cannot be read: {str(error).strip() if '@' not in str(error) else 'it is malformed'}.",
            hint="Write postgresql://user:password@host:5432/name and percent-encode special characters.",
        ) from None
    deadline = time.monotonic() + patience
    while True:
        try:
            with psycopg.connect(url, connect_timeout=_ANSWER_SECONDS) as connection:
                number = connection.info.server_version
            break
        except psycopg.OperationalError as error:
            if "the database system is" in str(error) and time.monotonic() < deadline:
                time.sleep(0.2)
                continue
            raise DatabaseDown(
                f"The {describe(url)} (DATABASE_URL) does not answer: {str(error).strip()}",
                hint="Start that server, or put DATABASE_URL right; unset it to use the embedded database.",
            ) from None
    if number // 10000 < OLDEST:
        raise BadDatabaseUrl(
            f"The {describe(url)} is PostgreSQL {number // 10000}; Postroom needs {OLDEST} or newer.",
            hint="Upgrade that server, or name another one in DATABASE_URL.",
        )
    return f"{number // 10000}.{number % 10000}"
