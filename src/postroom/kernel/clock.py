"""The one place that asks what time it is, so that tests and the demo company can set it."""

from __future__ import annotations

import datetime as dt
import os


def now() -> dt.datetime:
    """The present moment, aware, UTC. ``POSTROOM_CLOCK`` (ISO 8601) fixes it."""
    fixed = os.environ.get("POSTROOM_CLOCK")
    if fixed:
        return dt.datetime.fromisoformat(fixed).astimezone(dt.UTC)
    return dt.datetime.now(dt.UTC)


def today() -> dt.date:
    """The present day in UTC."""
    return now().date()
