"""Providers are found by entry point: built-in ones and strangers come through the same door.

A broken provider is named at the moment it is asked for, with the package it came from; it never takes
the others down with it.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points
from typing import Any

from postroom.kernel.errors import NotFound, PostroomError


class BrokenProvider(PostroomError):
    """An installed provider cannot be imported."""

    code = "broken-provider"
    title = "An installed plugin cannot be loaded"


class UnknownProvider(NotFound):
    """No provider of that name is installed."""

    code = "unknown-provider"
    title = "No such plugin"


def names(group: str) -> list[str]:
    """Names of the providers installed for ``group`` (``sources``, ``renderers``, ``channels``, ``stores``)."""
    return sorted({entry.name for entry in entry_points(group=f"postroom.{group}")})


@cache
def provider(group: str, name: str) -> Any:
    """The provider class ``name`` of ``group``. Raises UnknownProvider or BrokenProvider."""
    for entry in entry_points(group=f"postroom.{group}"):
        if entry.name == name:
            try:
                return entry.load()
            except Exception as error:  # whatever a stranger's import does, say whose it was
                package = entry.dist.name if entry.dist else "an unknown package"
                raise BrokenProvider(
                    f"The {group} plugin {name!r} of {package} cannot be loaded: {error}",
                    hint=f"Reinstall or remove {package}.",
                ) from error
    known = ", ".join(names(group)) or "none"
    raise UnknownProvider(f"There is no {group} plugin {name!r}.", hint=f"Installed: {known}.")
