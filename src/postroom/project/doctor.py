"""The examination behind ``postroom doctor``: the house's own health, and the desk's assets."""

from __future__ import annotations

from postroom.support import health
from postroom.support.health import Finding
from postroom.web.assets import examined

__all__ = ["Finding", "examine"]


def examine() -> list[Finding]:
    """All findings; looking changes nothing but starting the embedded database for the time of the look."""
    return [*health.examine(), examined()]
