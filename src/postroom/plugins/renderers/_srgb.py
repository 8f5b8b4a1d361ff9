"""The colour space of what we print, sRGB (IEC 61966-2-1), as an ICC profile made from its own figures (ICC.1:2010).

A PDF/A says what its colours mean by an output intent (ISO 19005-2, 6.2.3). The profile is the same in every document,
so it is made here, small and without a date, and not taken from whatever the machine has.
"""

from __future__ import annotations

import struct
from functools import cache

#: Colorants and white point adapted to D50 by the Bradford matrix, as the standard's annex gives them.
_WHITE = (0.9642, 1.0, 0.8249)
_RED = (0.43607, 0.22249, 0.01392)
_GREEN = (0.38515, 0.71687, 0.09708)
_BLUE = (0.14307, 0.06061, 0.71410)
_STEPS = 1024


@cache
def profile() -> bytes:
    """A display profile of version 2.1: matrix and tone curve."""
    curve = _curve()
    tags = [
        (b"desc", _description("sRGB")),
        (b"cprt", b"text\0\0\0\0No copyright\0"),
        (b"wtpt", _xyz(_WHITE)),
        (b"rXYZ", _xyz(_RED)),
        (b"gXYZ", _xyz(_GREEN)),
        (b"bXYZ", _xyz(_BLUE)),
        (b"rTRC", curve),
        (b"gTRC", curve),
        (b"bTRC", curve),
    ]
    at: dict[bytes, int] = {}
    body, table = b"", struct.pack(">I", len(tags))
    start = 128 + 4 + 12 * len(tags)
    for name, content in tags:
        if content not in at:
            at[content] = start + len(body)
            body += content + b"\0" * (-len(content) % 4)
        table += struct.pack(">4sII", name, at[content], len(content))
    header = struct.pack(
        ">I4sI4s4s4s6H4s4sI4s4sQI3i4s",
        start + len(body),
        b"\0\0\0\0",
        0x02100000,
        b"mntr",
        b"RGB ",
        b"XYZ ",
        *(2026, 1, 1, 0, 0, 0),
        b"acsp",
        b"\0\0\0\0",
        0,
        b"\0\0\0\0",
        b"\0\0\0\0",
        0,
        0,
        *(round(part * 65536) for part in _WHITE),
        b"\0\0\0\0",
    )
    return header + b"\0" * (128 - len(header)) + table + body


def _xyz(values: tuple[float, float, float]) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in values))


def _curve() -> bytes:
    """The tone curve: a straight piece near black, then the power 2.4 (IEC 61966-2-1, 5.2)."""

    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)

    steps = (round(linear(step / (_STEPS - 1)) * 65535) for step in range(_STEPS))
    return b"curv\0\0\0\0" + struct.pack(f">I{_STEPS}H", _STEPS, *steps)


def _description(text: str) -> bytes:
    ascii_text = text.encode("ascii") + b"\0"
    return b"desc\0\0\0\0" + struct.pack(">I", len(ascii_text)) + ascii_text + b"\0" * (4 + 4 + 2 + 1 + 67)
