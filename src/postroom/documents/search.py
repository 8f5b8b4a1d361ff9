"""Finding documents: how text is folded, cut into rows, and asked for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

#: Letters that Unicode does not decompose but people leave out.
_LETTERS = (
    ("ø", "o"),
    ("đ", "d"),
    ("ð", "d"),
    ("ł", "l"),
    ("æ", "ae"),
    ("œ", "oe"),
    ("þ", "th"),
    ("ı", "i"),
    ("ħ", "h"),
)
#: How the 64 signs from U+0300 on begin in UTF-8, and no other: all of them combine, and Latin needs hardly any more.
_MARK = b"\xcc"
_UP_TO_THEM = bytes(range(0xCD))
#: No mark that combines stands before U+0300; only runs behind it are looked at character by character.
_BEYOND_LATIN = re.compile("[\u0300-\U0010ffff]+")
_ROW_CHARACTERS = 8000
_WORD = re.compile(r"[\w.,@/+-]+")


def fold(text: str) -> str:
    """Lower case without accents: "Ångström, Køln" and "angstrom koln" meet."""
    if text.isascii():
        return text.lower()
    lowered = text.casefold()
    for letter, plain in _LETTERS:
        if letter in lowered:
            lowered = lowered.replace(letter, plain)
    data = unicodedata.normalize("NFKD", lowered).encode("utf-8", "surrogatepass")
    while (at := data.find(_MARK)) >= 0:
        data = data.replace(data[at : at + 2], b"")
    folded = data.decode("utf-8", "surrogatepass")
    beyond = data.translate(None, _UP_TO_THEM)
    return _BEYOND_LATIN.sub(_without_marks, folded) if beyond else folded


def _without_marks(found: re.Match[str]) -> str:
    return "".join(char for char in found[0] if not unicodedata.combining(char))


def rows_of(text: str) -> Iterator[str]:
    """Folded text in parts of at most 8,000 characters, cut between words."""
    folded = fold(text)
    start = 0
    while start < len(folded):
        end = min(start + _ROW_CHARACTERS, len(folded))
        if end < len(folded):
            end = max(folded.rfind(" ", start, end), start + 1)
        yield folded[start:end]
        start = end


def tsquery(text: str) -> str:
    """A query for PostgreSQL's ``to_tsquery('simple', ..)``: all words, the last one as a beginning. "" for none."""
    words = [word.strip(".,/+-@") for word in _WORD.findall(fold(text))]
    quoted = ["'" + word.replace("'", "''") + "'" for word in words if word]
    if not quoted:
        return ""
    return " & ".join([*quoted[:-1], quoted[-1] + ":*"])
