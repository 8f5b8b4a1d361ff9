"""How many parts a short message has (3GPP TS 23.038, 6.2.1; TS 23.040, 9.2.3.24.1).

In the GSM alphabet a part holds 160 signs of 7 bits, in UCS-2 70; a message of several parts loses room in each to say
which one it is. One sign outside the alphabet puts the whole message into UCS-2.
"""

from __future__ import annotations

from dataclasses import dataclass

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
#: Each is written as an escape and a sign.
_EXTENDED = frozenset("\f^{}\\[~]|€")
_SINGLE = {"gsm": 160, "ucs2": 70}
_JOINED = {"gsm": 153, "ucs2": 67}


@dataclass(frozen=True, slots=True)
class Counted:
    """A message as a phone network counts it. ``units`` are septets or UTF-16 units; ``outside`` are the signs that put
    it into UCS-2, each once."""

    encoding: str
    units: int
    parts: int
    left: int
    outside: tuple[str, ...] = ()


def counted(text: str) -> Counted:
    """Encoding, length and parts; ``left`` is what the last part still holds."""
    outside = tuple(dict.fromkeys(sign for sign in text if sign not in _BASIC and sign not in _EXTENDED))
    if outside:
        sizes = [2 if ord(sign) > 0xFFFF else 1 for sign in text]
        return _parts("ucs2", sizes, outside)
    return _parts("gsm", [2 if sign in _EXTENDED else 1 for sign in text], ())


def _parts(encoding: str, sizes: list[int], outside: tuple[str, ...]) -> Counted:
    units, single, joined = sum(sizes), _SINGLE[encoding], _JOINED[encoding]
    if units <= single:
        return Counted(encoding, units, 1 if units else 0, single - units if units else single, outside)
    parts, used = 1, 0
    for size in sizes:  # a sign of two units is never cut
        if used + size > joined:
            parts, used = parts + 1, 0
        used += size
    return Counted(encoding, units, parts, joined - used, outside)
