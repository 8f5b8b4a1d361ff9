"""A font file that somebody brings: whether documents can be set with it, and what it is."""

from __future__ import annotations

import hashlib
import io
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from postroom.composition.fonts_text import ranges
from postroom.kernel.errors import BadInput, Conflict

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont

MOST_BYTES = 40_000_000
_KINDS = {b"\x00\x01\x00\x00": ".ttf", b"true": ".ttf", b"OTTO": ".otf"}
#: OS/2.fsType, OpenType 1.9: no embedding at all; only bitmaps may be embedded.
_NEVER, _BITMAPS = 0x0002, 0x0200


class FontUnusable(BadInput):
    """Documents cannot be set with a font file as it is."""

    code = "font-unusable"
    title = "The font cannot be used"


class FontTaken(Conflict):
    """The family or its cut is there already, of other bytes."""

    code = "font-taken"
    title = "There is a font of that name already"


@dataclass(frozen=True, slots=True)
class FontFile:
    """What a usable font file is."""

    family: str
    cut: str
    sha256: str
    covers: list[list[int]]
    licence: str


def read_font(content: bytes, name: str) -> FontFile:
    """``content`` looked at; ``name`` is how the file is called to people. Raises FontUnusable."""
    from fontTools.ttLib import TTFont

    if len(content) > MOST_BYTES:
        raise FontUnusable(
            f"{name} has {len(content) // 1_000_000} MB; at most {MOST_BYTES // 1_000_000} are taken.",
            hint="Take the family of one language, not the collection of all.",
        )
    if content[:4] not in _KINDS:
        raise FontUnusable(
            f"{name} is no TrueType or OpenType font.",
            hint="Add .ttf or .otf files; fonts for web pages (.woff) and collections (.ttc) are made from such files.",
        )
    try:
        font = TTFont(io.BytesIO(content), lazy=True)
        _allowed(font, name)
        covers = ranges(font.getBestCmap() or {})
        cut = f"{font['OS/2'].usWeightClass}{' italic' if font['OS/2'].fsSelection & 1 else ''}"
        licence = str(font["name"].getDebugName(13) or font["name"].getDebugName(14) or "")
    except FontUnusable:
        raise
    except Exception as error:  # what a broken font raises is whatever its reader stumbled over
        raise FontUnusable(
            f"{name} cannot be read: {error or type(error).__name__}.", hint="Fetch the file again from its maker."
        ) from error
    if not covers:
        raise FontUnusable(f"{name} has no sign that could be asked for.", hint="Add a font of letters or symbols.")
    digest = hashlib.sha256(content).hexdigest()
    return FontFile(_family(content, name), cut, digest, covers, " ".join(licence.split())[:300])


def _allowed(font: TTFont, name: str) -> None:
    if font["OS/2"].fsType & (_NEVER | _BITMAPS):
        raise FontUnusable(
            f"{name} says that it may not be embedded in documents (OS/2 fsType).",
            hint="Ask its maker for a licence that allows it; PDF/A embeds every font.",
        )
    if "fvar" in font:
        raise FontUnusable(
            f"{name} is a variable font, of which the engines would take one weight only.",
            hint="Add its static files, one for each weight.",
        )
    if not ({"glyf", "CFF ", "CFF2"} & set(font.keys())):
        raise FontUnusable(
            f"{name} has pictures in place of outlines.", hint="Add a family in one colour, such as Noto Emoji."
        )


def _family(content: bytes, name: str) -> str:
    """The name the engine itself finds the font by: what a font says of its family is written in several places."""
    import typst

    with tempfile.TemporaryDirectory(prefix="font-") as folder:
        Path(folder, f"font{_KINDS[content[:4]]}").write_bytes(content)
        known: Any = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])
        found = list(known.families())
    if len(found) != 1:
        raise FontUnusable(f"{name} has no name by which it could be asked for.", hint="Fetch it again from its maker.")
    family = str(found[0])
    if len(family) > 120 or not re.fullmatch(r"[^,\"\\<>&\x00-\x1f]+", family):
        raise FontUnusable(f"The family's name {family!r} cannot be written in a template.", hint="Rename the font.")
    return family
