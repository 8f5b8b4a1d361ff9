"""A house for one bench: a fresh home with its own database, gone afterwards."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from unittest.mock import patch

from postroom.kernel.home import Home


def say(text: str) -> None:
    """Progress, for people."""
    sys.stderr.write(f"bench: {text}\n")
    sys.stderr.flush()


@contextmanager
def fresh_home(**settings: str) -> Iterator[Home]:
    """An empty home and the environment for it. ``settings`` become ``POSTROOM_<NAME>``."""
    folder = Path(tempfile.mkdtemp(prefix="postroom-bench-"))
    for name in [name for name in os.environ if name.startswith("POSTROOM_")] + ["DATABASE_URL"]:
        os.environ.pop(name, None)
    os.environ["POSTROOM_HOME"] = str(folder)
    os.environ.update({f"POSTROOM_{name.upper()}": value for name, value in settings.items()})
    home = Home(folder)
    try:
        yield home
    finally:
        from postroom.kernel import database

        database.stop(home, lambda _: None)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def house(**settings: str) -> Iterator[Home]:
    """A fresh home that is up: database, schema, Django in this process. Once per process."""
    with fresh_home(**settings) as home:
        from postroom.project.boot import boot

        say("a new house: database and schema")
        boot()
        try:
            yield home
        finally:
            from django.db import connections

            from postroom.composition.compose import close_cells
            from postroom.delivery.channels import close_channels
            from postroom.kernel import liveness
            from postroom.rules.evaluator import shared

            close_cells()
            close_channels()
            shared().close()
            liveness.current().release()
            connections.close_all()


def publish(files: Mapping[str, bytes], *, shows: bool = True) -> None:
    """Publish a template. ``shows=False``: of a renderer that makes nothing, so its pages cannot be tested."""
    from postroom.composition.actions.publish_template import publish_template
    from postroom.composition.checks import gate
    from postroom.identity.actor import SYSTEM

    with nullcontext() if shows else patch.object(gate, "refuse_red"):
        publish_template(SYSTEM, files)


def postmaster(home: Home) -> int:
    """Process id of the house's PostgreSQL."""
    from postroom.kernel import database

    pid = database.status(home).pid
    assert pid is not None
    return pid
