"""What a composition lane must do. Built-in lanes live in ``postroom.plugins.renderers``.

A renderer runs inside a cage cell (P10): it gets a pack folder and plain data, returns bytes, and touches nothing
else. It never sees the database, the vault or the settings.
A renderer that declares ``reproducible`` SHALL give the same bytes for the same pack, data and engine (P5).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple


@dataclass(frozen=True, slots=True)
class RenderJob:
    """One document to make. ``view`` is the formatted data (strings for display; booleans, numbers and lists for
    structure); ``codes`` maps a symbol's name to its SVG text; ``fixed_clock`` is Unix seconds written as the
    creation date."""

    view: dict[str, Any]
    codes: dict[str, str]
    fixed_clock: int


class Rendered(NamedTuple):
    """A finished document."""

    content: bytes
    media_type: str
    pages: int


class RenderFault(Exception):
    """The template cannot make this document. ``where`` is file:line:column in the template, when known."""

    def __init__(self, code: str, reason: str, hint: str = "", where: str = "") -> None:
        super().__init__(reason)
        self.code, self.reason, self.hint, self.where = code, reason, hint, where


class Renderer(ABC):
    """One lane. Constructed once per cell and pack, then called many times."""

    name: ClassVar[str]
    promises: ClassVar[frozenset[str]]
    reproducible: ClassVar[bool]

    @classmethod
    @abstractmethod
    def engine(cls) -> str:
        """Engine and version as kept with each document, such as ``typst 0.15.2``."""

    @abstractmethod
    def __init__(self, pack: str, fonts: str) -> None:
        """``pack``: folder of the template's files (no links); ``fonts``: folder of the locked fonts."""

    @abstractmethod
    def render(self, job: RenderJob) -> Rendered:
        """Make one document. Raises RenderFault for what the template or data are to blame for."""
