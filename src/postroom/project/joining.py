"""May this worker join? Its version and the database's have to be the same shape, at its start and while it works.

A worker of an older version does not know what newer rows mean, and one of a newer version would change the tables
under those that are at work. So a worker never migrates: it is refused with what to do, and one whose database was
migrated meanwhile stops before it does anything else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.apps import apps
from django.db import OperationalError, ProgrammingError, connection
from django.db.migrations.loader import MigrationLoader

from postroom import __version__
from postroom.kernel.errors import Unavailable

Step = tuple[str, str]


class SchemaDiffers(Unavailable):
    """This program and the database do not belong together."""

    code = "schema-differs"
    title = "This worker and the database are of different versions"


@dataclass(frozen=True, slots=True)
class Difference:
    """``missing``: steps this program has and the database has not; ``strange``: the other way round."""

    missing: tuple[Step, ...]
    strange: tuple[Step, ...]

    def __bool__(self) -> bool:
        return bool(self.missing or self.strange)


def known_steps() -> frozenset[Step]:
    """The steps of this program's own tables."""
    loader = MigrationLoader(None)
    return frozenset(step for step in loader.disk_migrations if step[0] in _ours())


def taken_steps() -> frozenset[Step]:
    """The steps the database has taken; none when it is empty."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT app, name FROM django_migrations WHERE app = ANY(%s)", (sorted(_ours()),))
            return frozenset((app, name) for app, name in cursor.fetchall())
    except ProgrammingError:  # there is no such table: nothing was ever set up here
        return frozenset()


def difference(known: Iterable[Step], taken: Iterable[Step]) -> Difference:
    """What one has and the other has not."""
    known, taken = frozenset(known), frozenset(taken)
    return Difference(tuple(sorted(known - taken)), tuple(sorted(taken - known)))


def require_same_schema() -> None:
    """Raises SchemaDiffers, and says which side is older."""
    found = difference(known_steps(), taken_steps())
    if found.strange:
        raise SchemaDiffers(
            f"The database is of a newer version than this worker ({__version__}): it knows {_named(found.strange)}.",
            hint="Install on this host the version the others have, then start the worker again.",
        )
    if found.missing:
        raise SchemaDiffers(
            f"The database is of an older version than this worker ({__version__}): it lacks {_named(found.missing)}.",
            hint="Stop all workers, run `postroom db migrate` once, install this version everywhere, start again.",
        )


class Watch:
    """Whether the schema has changed under a worker that is at work."""

    def __init__(self) -> None:
        self._known = known_steps()

    def told(self) -> str:
        """Why to stop; "" to go on. A database that does not answer is somebody else's concern."""
        try:
            strange = difference(self._known, taken_steps()).strange
        except OperationalError:
            connection.close()
            return ""
        return f"the database was migrated meanwhile ({_named(strange)})" if strange else ""


def _ours() -> frozenset[str]:
    return frozenset(one.label for one in apps.get_app_configs() if one.name.startswith("postroom."))


def _named(steps: tuple[Step, ...]) -> str:
    first = ", ".join(".".join(step) for step in steps[:3])
    return first + (f" and {len(steps) - 3} more" if len(steps) > 3 else "")
