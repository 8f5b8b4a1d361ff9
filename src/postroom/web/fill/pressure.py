"""Why a run is held back at the moment, in a sentence for its state line."""

from __future__ import annotations

from django.utils.translation import gettext

from postroom.production.models import Run
from postroom.production.pressure import on_run
from postroom.web import words


def told(run: Run) -> str:
    """Empty when nothing holds it back."""
    found = on_run(run)
    if found is None:
        return ""
    if found.cause == "disk":
        return gettext("Waits for room on the disk: {free} MiB free, {reserve} MiB are kept").format(
            free=words.count(found.found >> 20), reserve=words.count(found.limit >> 20)
        )
    return gettext("Waits for its letters to leave: {count} wait, {limit} may").format(
        count=words.count(found.found), limit=words.count(found.limit)
    )
