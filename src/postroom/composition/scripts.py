"""Which scripts a set of signs writes, by the names Unicode gives them."""

from __future__ import annotations

import unicodedata
from collections import Counter

#: The first word of a character's name, and how the script is called to people. Others are not told of.
_CALLED = {
    "LATIN": "Latin",
    "GREEK": "Greek",
    "CYRILLIC": "Cyrillic",
    "ARABIC": "Arabic",
    "HEBREW": "Hebrew",
    "DEVANAGARI": "Devanagari",
    "BENGALI": "Bengali",
    "TAMIL": "Tamil",
    "THAI": "Thai",
    "GEORGIAN": "Georgian",
    "ARMENIAN": "Armenian",
    "ETHIOPIC": "Ethiopic",
    "KHMER": "Khmer",
    "LAO": "Lao",
    "HIRAGANA": "Kana",
    "HANGUL": "Hangul",
    "CJK": "Han",
}
#: A script of which only a few signs are there is not one that texts can be written in.
_ENOUGH = 20
_SYMBOLS = {"So", "Sm", "Sk"}


def scripts_of(signs: frozenset[str]) -> list[str]:
    """Names of the scripts, those with the most signs first; ``Symbols`` where there are hardly any letters."""
    counted: Counter[str] = Counter()
    for sign in signs:
        known = _CALLED.get(unicodedata.name(sign, "").partition(" ")[0])
        if known and unicodedata.category(sign)[0] in "LM":
            counted[known] += 1
        elif unicodedata.category(sign) in _SYMBOLS:
            counted["Symbols"] += 1
    most = max(counted.values(), default=0)
    return [name for name, count in counted.most_common() if count >= min(_ENOUGH, most) and count * 10 >= most]
