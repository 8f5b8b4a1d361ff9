"""What a composition lane must do. Built-in lanes live in ``postroom.plugins.renderers``.

A renderer runs inside a cage cell (P10): it gets a pack folder and plain data, returns bytes, and touches nothing
else. It never sees the database, the vault or the settings.
A renderer that declares ``reproducible`` SHALL give the same bytes for the same pack, data and engine (P5).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

if TYPE_CHECKING:
    from postroom.composition import library
    from postroom.composition import sandbox as sandbox
    from postroom.composition.blocks import shown as shown
    from postroom.composition.blocks import to_html as to_html
    from postroom.composition.blocks import to_text as to_text
    from postroom.composition.fonts import sign_advice as sign_advice
    from postroom.composition.images import inspect_image as inspect_image
    from postroom.composition.lint import lint as lint
    from postroom.composition.lint import page_signs as page_signs
    from postroom.composition.manifest import Manifest as Manifest
    from postroom.composition.problems import Problem as Problem
    from postroom.composition.problems import suggestion as suggestion
    from postroom.composition.rasters import raster_fault as raster_fault
    from postroom.composition.shape import Field as Field
    from postroom.composition.texts import called as called
    from postroom.composition.typst_entry import typst_files as typst_files

    LIBRARY_NAMES = library.NAMES

#: What composition lends to lanes beside this spec, by its module. Each is loaded when a lane first asks for it: a cell
#: starts with as little as its lane needs.
_LENT = {
    "LIBRARY_NAMES": ("library", "NAMES"),
    "Field": ("shape", "Field"),
    "Manifest": ("manifest", "Manifest"),
    "Problem": ("problems", "Problem"),
    "called": ("texts", "called"),
    "inspect_image": ("images", "inspect_image"),
    "lint": ("lint", "lint"),
    "page_signs": ("lint", "page_signs"),
    "raster_fault": ("rasters", "raster_fault"),
    "sandbox": ("sandbox", ""),
    "shown": ("blocks", "shown"),
    "sign_advice": ("fonts", "sign_advice"),
    "suggestion": ("problems", "suggestion"),
    "to_html": ("blocks", "to_html"),
    "to_text": ("blocks", "to_text"),
    "typst_files": ("typst_entry", "typst_files"),
}


def __getattr__(name: str) -> Any:
    if name not in _LENT:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, inner = _LENT[name]
    loaded = import_module(f"postroom.composition.{module}")
    return getattr(loaded, inner) if inner else loaded


@dataclass(frozen=True, slots=True)
class RenderJob:
    """One document to make. ``view`` is the formatted data (strings for display; booleans, numbers and lists for
    structure); ``codes`` maps a symbol's name to its SVG text; ``fixed_clock`` is Unix seconds written as the
    creation date; ``attachments`` are embedded by lanes that can (name, text, mime, relationship, description)."""

    view: dict[str, Any]
    codes: dict[str, str]
    fixed_clock: int
    attachments: tuple[Mapping[str, str], ...] = ()


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


@dataclass(frozen=True, slots=True)
class Pages:
    """What a lane looks at before a template is published: all ``files``, the ``manifest``, the contract's shape
    (``root``), the keys of the words files, and the characters that the template's fonts can show."""

    files: Mapping[str, bytes]
    manifest: Manifest
    root: Field
    words: frozenset[str]
    covered: frozenset[str]


@dataclass(frozen=True, slots=True)
class Needs:
    """What a lane's cell gets beyond the pack and the fonts: folders it may ``read``, bytes it may write to one file in
    a folder of its own that goes with it (``scratch``), and the least address space (``memory``)."""

    read: tuple[str, ...] = ()
    scratch: int = 0
    memory: int = 0


class Renderer(ABC):
    """One lane. Constructed once per cell and pack, then called many times.

    ``entry`` is its page unless template.yaml names another one; ``pages`` is a regular expression of the names of its
    own files in a pack; ``reserved`` are names that ``added`` takes. ``opens_passages``: its pages show content
    blocks of the view, so that a letter may say one in other words (``passages:`` of template.yaml)."""

    name: ClassVar[str]
    promises: ClassVar[frozenset[str]]
    reproducible: ClassVar[bool]
    entry: ClassVar[str] = "main.typ"
    pages: ClassVar[str] = r"[A-Za-z0-9_-]+\.typ"
    reserved: ClassVar[frozenset[str]] = frozenset()
    opens_passages: ClassVar[bool] = False
    #: True once the next document had better be made by a fresh cell.
    worn: bool = False

    @classmethod
    def missing(cls) -> str:
        """What this installation lacks for the lane and how it comes there, as one sentence; empty when complete."""
        return ""

    @classmethod
    def needs(cls) -> Needs:
        """What its cell gets."""
        return Needs()

    @classmethod
    def check(cls, pages: Pages) -> list[Problem]:
        """The faults of the lane's own files, told at publishing; never asked in a cell."""
        return []

    @classmethod
    def added(cls, manifest: Manifest) -> Mapping[str, bytes]:
        """Files that stand beside the template's own in the folder that a cell gets."""
        return {}

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


class TextRenderer(Renderer):
    """A lane whose engine reads its data as JSON texts: it need not take apart what is only passed on."""

    @abstractmethod
    def render_texts(
        self, view: str, codes: str, fixed_clock: int, attachments: tuple[Mapping[str, str], ...] = ()
    ) -> Rendered:
        """As ``render``, from the JSON of ``view`` and ``codes``. Gives the same bytes."""
