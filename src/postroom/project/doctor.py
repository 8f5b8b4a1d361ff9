"""The examination behind ``postroom doctor``: the house's own health, and the desk's assets."""

from __future__ import annotations

from importlib.metadata import version

from postroom.composition.finishing.check import has_tools
from postroom.composition.finishing.errors import INSTALL, MISSING
from postroom.kernel import registry
from postroom.kernel.errors import PostroomError
from postroom.support import health
from postroom.support.health import Finding
from postroom.web.assets import examined

__all__ = ["Finding", "examine"]


def examine() -> list[Finding]:
    """All findings; looking changes nothing but starting the embedded database for the time of the look."""
    return [*health.examine(), examined(), *lanes(), finishing()]


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


def finishing() -> Finding:
    """What stamps, letterheads, attachments and merged files need, or that it is not there: templates without
    ``finish:`` need none of it."""
    if has_tools():
        return Finding("finishing", "ok", f"pikepdf {version('pikepdf')}")
    return Finding("finishing", "note", MISSING, INSTALL)
