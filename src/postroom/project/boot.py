"""From nothing to a working installation: database up, Django set up, schema migrated. All doors come through here."""

from __future__ import annotations

import atexit
import os

from postroom.kernel import database, meters
from postroom.kernel.config import config
from postroom.kernel.home import home
from postroom.kernel.locks import FileLock
from postroom.project import logs

_BOOTED = False


def boot(*, migrate: bool = True) -> None:
    """Make this process ready to act. Idempotent; safe in many processes at once."""
    global _BOOTED
    if _BOOTED:
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "postroom.project.settings")
    config()
    place = home().prepare()
    os.environ["POSTROOM_DATABASE_URL"] = database.start(place)
    atexit.register(database.stop, place)
    import django  # after the environment is complete

    django.setup()
    if migrate:
        bring_schema_up_to_date()
    if logs.chosen_format() == logs.JSON:
        logs.tell_uncaught()
    if os.environ.get(meters.PROCESS):
        meters.METERS.begin()
    _BOOTED = True


def bring_schema_up_to_date() -> None:
    """Apply migrations that are missing; one process does it, the others wait."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    def missing() -> bool:
        executor = MigrationExecutor(connection)
        return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))

    if missing():
        with FileLock(home().locks / "migrate.lock").holding():
            if missing():
                call_command("migrate", interactive=False, verbosity=0)
