"""Display text: one kind of white space, nothing invisible, composed characters.

Both lanes measure text; outer and double spaces, control characters and direction overrides would make the page say
something else than the record, or let two lanes differ.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from postroom.composition.formats import NotShowable

_REFUSED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_DROPPED = re.compile("[\u00ad\u200b\u200e\u200f\u2060\ufeff]")
_WHITE = re.compile("[ \t-\r\x85\u1680\u2000-\u200a\u2028\u2029\u205f\u3000]+")


def clean(text: str) -> str:
    """The text as it is shown: white space normalised, invisible marks dropped, NFC. Raises NotShowable for control
    characters and direction overrides."""
    if text.isascii() and text.isprintable():
        if "  " in text or text[:1] == " " or text[-1:] == " ":
            return " ".join(text.split())
        return text
    return _cleaned(text)


@lru_cache(maxsize=4096)
def _cleaned(text: str) -> str:
    """Names of goods and towns repeat within a run; what is refused is not kept."""
    refused = _REFUSED.search(text)
    if refused:
        code = ord(refused.group())
        raise NotShowable(
            "control-character",
            f"The text holds the control character U+{code:04X} at position {refused.start() + 1}.",
            "Remove it at the source; it cannot be printed and may hide what the text says.",
        )
    text = unicodedata.normalize("NFC", _DROPPED.sub("", text))
    return _WHITE.sub(" ", text).strip(" \u00a0\u202f")


def called(character: str) -> str:
    """A character as it is named to people: ``'漢' (U+6F22, CJK UNIFIED IDEOGRAPH-6F22)``."""
    name = unicodedata.name(character, "without a name")
    return f"{character!r} (U+{ord(character):04X}, {name})"
