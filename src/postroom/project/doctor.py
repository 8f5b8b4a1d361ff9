"""The examination behind ``postroom doctor``: the house's own health, and the desk's assets."""

from __future__ import annotations

from postroom.kernel import registry
from postroom.kernel.errors import PostroomError
from postroom.support import health
from postroom.support.health import Finding
from postroom.web.assets import examined

__all__ = ["Finding", "examine"]


def examine() -> list[Finding]:
    """All findings; looking changes nothing but starting the embedded database for the time of the look."""
    return [*health.examine(), examined(), *lanes()]


def lanes() -> list[Finding]:
    """Each composition lane with its engine, or with what it lacks here: an installation may do without one."""
    found = []
    for name in registry.names("renderers"):
        try:
            renderer = registry.provider("renderers", name)
            lack = renderer.missing()
            told = lack or f"{renderer.engine()}; promises {', '.join(sorted(renderer.promises))}"
            hint = "Templates of this lane wait until it is there; the others go on." if lack else ""
            found.append(Finding(f"lane {name}", "note" if lack else "ok", told, hint))
        except PostroomError as error:
            found.append(Finding(f"lane {name}", "wrong", error.message, error.hint))
    return found
