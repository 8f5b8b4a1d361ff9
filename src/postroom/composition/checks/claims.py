"""What a PDF says of itself: its standards, language, tags, alternative texts, encryption. Runs in a cell (P10).

Claims and structure only; whether every rule of a standard is kept is for veraPDF, in the conformance suite.
"""

from __future__ import annotations

import ctypes
import re
import zlib
from collections.abc import Iterator
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

_XMP = re.compile(rb"<x:xmpmeta.*?</x:xmpmeta>", re.S)
_STREAM = re.compile(rb"<<(?P<dict>(?:[^<>]|<[^<>]*>|<<[^<>]*>>)*)>>\s*stream\r?\n")
_PACKED = (b"/ObjStm", b"/Metadata")
#: Bytes that are unpacked of one stream; what is longer is no metadata.
_MOST = 4_000_000
_FIGURES = ("Figure", "Formula")


def claims(content: bytes, document: pypdfium2.PdfDocument) -> dict[str, Any]:
    """``part``, ``conformance``, ``ua``, ``intent``, ``titled``, ``language``, ``tagged``, ``encrypted``, and
    ``figures``: for each figure of the structure its page, and whether it has an alternative text."""
    whole = content + b"\n".join(_unpacked(content))
    xmp = b"\n".join(_XMP.findall(whole))
    return {
        "part": _told(xmp, b"pdfaid:part"),
        "conformance": _told(xmp, b"pdfaid:conformance"),
        "ua": _told(xmp, b"pdfuaid:part"),
        "intent": b"/OutputIntents" in whole and b"/DestOutputProfile" in whole,
        "titled": re.search(rb"/DisplayDocTitle\s+true", whole) is not None,
        "language": _language(document),
        "tagged": bool(pdfium.FPDFCatalog_IsTagged(document.raw)),
        "encrypted": pdfium.FPDF_GetSecurityHandlerRevision(document.raw) >= 0,
        "figures": list(_figures(document)),
    }


def _told(xmp: bytes, name: bytes) -> str:
    """The value of a property, written as an element or as an attribute."""
    element = re.search(rb"<" + name + rb">\s*([^<\s]+)\s*<", xmp) or re.search(name + rb"\s*=\s*[\"']([^\"']+)", xmp)
    return element[1].decode("ascii", "replace") if element else ""


def _unpacked(content: bytes) -> Iterator[bytes]:
    for found in _STREAM.finditer(content):
        if any(kind in found["dict"] for kind in _PACKED) and b"/FlateDecode" in found["dict"]:
            try:
                yield zlib.decompressobj().decompress(content[found.end() : found.end() + _MOST], _MOST)
            except zlib.error:  # not the stream it says it is: then it claims nothing
                continue


def _language(document: pypdfium2.PdfDocument) -> str:
    buffer = (ctypes.c_ushort * 100)()
    length = pdfium.FPDFCatalog_GetLanguage(document.raw, buffer, 200)
    return bytes(buffer)[: max(0, length - 2)].decode("utf-16-le", "replace") if length > 2 else ""


def _figures(document: pypdfium2.PdfDocument) -> Iterator[list[Any]]:
    for index in range(len(document)):
        page = document[index]
        tree = pdfium.FPDF_StructTree_GetForPage(page.raw)
        if tree:
            for number in range(max(0, pdfium.FPDF_StructTree_CountChildren(tree))):
                yield from _within(pdfium.FPDF_StructTree_GetChildAtIndex(tree, number), index + 1, 0)
            pdfium.FPDF_StructTree_Close(tree)
        page.close()


def _within(element: Any, page: int, depth: int) -> Iterator[list[Any]]:
    if not element or depth > 60:
        return
    if _text(pdfium.FPDF_StructElement_GetType, element) in _FIGURES:
        alt = _text(pdfium.FPDF_StructElement_GetAltText, element)
        actual = _text(pdfium.FPDF_StructElement_GetActualText, element)
        yield [page, bool(alt.strip() or actual.strip())]
    for number in range(max(0, pdfium.FPDF_StructElement_CountChildren(element))):
        yield from _within(pdfium.FPDF_StructElement_GetChildAtIndex(element, number), page, depth + 1)


def _text(ask: Any, element: Any) -> str:
    length = ask(element, None, 0)
    if length <= 2:
        return ""
    buffer = ctypes.create_string_buffer(length)
    ask(element, buffer, length)
    return buffer.raw[: length - 2].decode("utf-16-le", "replace")
