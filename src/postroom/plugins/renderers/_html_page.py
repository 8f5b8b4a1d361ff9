"""The page of the HTML lane as Jinja2 sees it: the sandbox of mails, and two filters for words."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from jinja2 import Template, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from postroom.composition.spec import RenderFault, sandbox

_PLACE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_-]*)\}")
_PLAIN = re.compile(r"[^A-Za-z0-9 ]")
_COUNTERS = ("page", "pages")


def fill(text: Any, **values: Any) -> str:
    """A word with its ``{places}`` filled in: ``{{ words.hello|fill(name=view.customer.name) }}``."""
    return _PLACE.sub(lambda found: str(values.get(found[1], found[0])), str(text))


def running(text: Any) -> Markup:
    """A word as the value of CSS ``content``, its ``{page}`` and ``{pages}`` as counters:
    ``@bottom-right { content: {{ words.page|running }} }``."""
    parts: list[str] = []
    at = 0
    source = str(text)
    for found in _PLACE.finditer(source):
        if found[1] in _COUNTERS:
            parts += [_quoted(source[at : found.start()]), f"counter({found[1]})"]
            at = found.end()
    parts.append(_quoted(source[at:]))
    return Markup(" ".join(part for part in parts if part) or '""')  # noqa: S704  (every sign is escaped for CSS)


def _quoted(text: str) -> str:
    """A CSS string that nothing can end: all but letters, digits and blanks is escaped (CSS Syntax 3, 4.3.7)."""
    return '"' + _PLAIN.sub(lambda found: f"\\{ord(found[0]):06x}", text) + '"' if text else ""


OWN_FILTERS: dict[str, Callable[..., Any]] = {"fill": fill, "running": running}
PAGE_FILTERS = frozenset((*sandbox.FILTERS, *OWN_FILTERS))


def page_environment() -> ImmutableSandboxedEnvironment:
    """The sandbox of pages; a field that a record lacks shows nothing."""
    return sandbox.environment(True, OWN_FILTERS, lenient=True)


def compiled(source: str, name: str) -> Template:
    """The page, ready to be filled in often. Raises RenderFault."""
    made = page_environment()
    try:
        return Template.from_code(made, made.compile(source, name, name), {}, None)
    except TemplateSyntaxError as error:
        raise RenderFault(
            "page-fault", f"{error.message}.", "See the syntax of Jinja2.", f"{name}:{error.lineno}"
        ) from error
