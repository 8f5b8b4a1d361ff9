"""PNG and JPEG files read by their structure alone: whether each is whole, and fit for a printed page.

Nothing is decoded here (an engine does that in its cell, P10): headers are read, sizes counted, checksums compared.
What is found is told before a template is published, rather than by an engine that leaves a picture out without a word.
"""

from __future__ import annotations

import hashlib
import zlib
from collections import OrderedDict
from typing import NamedTuple

#: Six times an A4 page at 300 dots an inch: what a page needs, and no engine runs out of memory with.
MOST_DOTS = 50_000_000
_PNG = b"\x89PNG\r\n\x1a\n"
_KINDS = (
    (_PNG, "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF8", "gif"),
    (b"BM", "bmp"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"8BPS", "psd"),
    (b"%PDF-", "pdf"),
)
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_AGAIN = "Save the picture again from the program it was made with."
_PRESS = "Save the picture as RGB; press colours need a profile that documents to be kept do not carry."
_STILL = "Paper stands still: save one picture of it."
_KNOWN: OrderedDict[bytes, RasterFault | None] = OrderedDict()


class RasterFault(NamedTuple):
    """Why a picture is not printed, and what to do."""

    what: str
    hint: str


def kind_of(content: bytes) -> str:
    """``png``, ``jpeg`` or what else the first bytes say; empty when they say nothing."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    if content[4:8] == b"ftyp":
        return "heif"
    return next((kind for sign, kind in _KINDS if content.startswith(sign)), "")


def raster_fault(content: bytes) -> RasterFault | None:
    """The first fault of a PNG, JPEG or GIF; None for one that is in order, and for what is something else."""
    read = {"png": _png, "jpeg": _jpeg, "gif": _gif}.get(kind_of(content))
    if read is None:
        return None
    digest = hashlib.sha256(content).digest()  # a studio asks at each keystroke
    if digest not in _KNOWN:
        _KNOWN[digest] = read(content)
        if len(_KNOWN) > 500:
            _KNOWN.popitem(last=False)
    return _KNOWN[digest]


def _png(content: bytes) -> RasterFault | None:
    """ISO/IEC 15948: chunks with their checksums, and as many bytes of picture as its header says."""
    at, packed, header = len(_PNG), [], b""
    while at < len(content):
        length, kind = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        body, sum_ = content[at + 8 : at + 8 + length], content[at + 8 + length : at + 12 + length]
        if len(sum_) < 4:
            return _cut()
        if zlib.crc32(kind + body) != int.from_bytes(sum_, "big"):
            return RasterFault(f"The picture is damaged (checksum of its part {kind.decode('latin-1')}).", _AGAIN)
        if not header:
            if kind != b"IHDR" or length != 13:
                return RasterFault("The picture is damaged (it has no header).", _AGAIN)
            header = body
            if fault := _too_large(int.from_bytes(body[:4], "big"), int.from_bytes(body[4:8], "big")):
                return fault
        elif kind == b"acTL":
            return RasterFault("The picture is animated.", _STILL)
        elif kind == b"IDAT":
            packed.append(body)
        elif kind == b"IEND":
            return _unpacked(header, packed)
        at += 12 + length
    return _cut()


def _unpacked(header: bytes, packed: list[bytes]) -> RasterFault | None:
    width, height = int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big")
    bits = header[8] * _CHANNELS.get(header[9], 0)
    if not bits:
        return RasterFault("The picture is damaged (its colours are of no known kind).", _AGAIN)
    interlaced = bool(header[12])
    wanted = height * (1 + (width * bits + 7) // 8)
    opener, found = zlib.decompressobj(), 0
    try:
        for part in packed:
            while part and found <= 2 * wanted:
                found += len(opener.decompress(part, 1 << 20))
                part = opener.unconsumed_tail
    except zlib.error as error:
        return RasterFault(f"The picture is damaged ({error}).", _AGAIN)
    if found < wanted and not (interlaced and found):
        return _cut()
    return None


def _jpeg(content: bytes) -> RasterFault | None:
    """ITU-T T.81, annex B: the frame's header says size and colours; after the scans stands the end."""
    at, framed = 2, False
    while at + 4 <= len(content):
        if content[at] != 0xFF:
            return RasterFault("The picture is damaged (a part does not begin where it should).", _AGAIN)
        marker = content[at + 1]
        if marker == 0xFF or marker == 0x01 or 0xD0 <= marker <= 0xD7:
            at += 1 if marker == 0xFF else 2
            continue
        length = int.from_bytes(content[at + 2 : at + 4], "big")
        if marker == 0xDA:
            if not framed:
                return RasterFault("The picture is damaged (it has no header).", _AGAIN)
            return None if content.find(b"\xff\xd9", at + length) > 0 else _cut()
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            if fault := _frame(marker, content[at + 4 : at + 2 + length]):
                return fault
            framed = True
        at += 2 + max(2, length)
    return _cut()


def _frame(marker: int, body: bytes) -> RasterFault | None:
    if len(body) < 6:
        return _cut()
    if marker > 0xC2:  # ISO 32000-1, 7.4.8: baseline, extended and progressive are what PDF knows
        return RasterFault("The picture is a JPEG of a rare kind, which readers of PDF do not show.", _AGAIN)
    if fault := _too_large(int.from_bytes(body[3:5], "big"), int.from_bytes(body[1:3], "big")):
        return fault
    if body[5] == 4:
        return RasterFault("The picture is made for a press (CMYK).", _PRESS)
    return None


def _gif(content: bytes) -> RasterFault | None:
    return RasterFault("The picture is animated.", _STILL) if b"NETSCAPE2.0" in content else None


def _too_large(width: int, height: int) -> RasterFault | None:
    if not width or not height:
        return RasterFault("The picture is damaged (it is nothing wide or high).", _AGAIN)
    if width * height > MOST_DOTS:
        what = f"The picture has {width:,} × {height:,} dots, more than {MOST_DOTS // 1_000_000} million."
        return RasterFault(what, "Make it smaller: a whole A4 page is 2,480 × 3,508 dots at 300 dpi.")
    return None


def _cut() -> RasterFault:
    return RasterFault("The picture is cut off: its end is missing.", _AGAIN)
