"""What a PDF of somebody else is, and what forbids to put it on or behind documents. Only called in a cell (P10).

A claim of PDF/A is not believed alone: what most often breaks it (fonts left out, press colours, layers, scripts,
forms) is looked for. The judge for all of a standard is veraPDF, in the conformance suite and in the hands of whoever
makes the file.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream

_MOST_PAGES, _MOST_OBJECTS = 2000, 400_000
_ACTIVE = ("/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/ResetForm", "/Rendition", "/Movie", "/Sound",
           "/GoToR", "/GoToE", "/SetOCGState", "/Trans", "/GoTo3DView", "/RichMediaExecute")  # fmt: skip
_NOTES = ("/FileAttachment", "/Movie", "/Sound", "/Screen", "/3D", "/RichMedia", "/Widget")
_CMYK_OPERATORS = frozenset(("k", "K"))
_EXPORT = "Save the file again as PDF/A-2 from the programme it was made with, fonts embedded, colours in RGB."
_CLAIM = re.compile(rb"pdfaid:(part|conformance)(?:>|\s*=\s*[\"'])\s*([0-9A-Za-z])")
_UA = re.compile(rb"pdfuaid:part(?:>|\s*=\s*[\"'])\s*([0-9])")

Found = tuple[str, str]


def preflight(content: bytes, *, own: bool = False) -> dict[str, Any]:
    """``{"pages", "part", "level", "ua", "tagged", "faults": [[what, hint]]}``; ``level`` is a, b, u or empty.

    ``own``: a document of ours, which may be of any length."""
    told: dict[str, Any] = {"pages": 0, "part": "", "level": "", "ua": "", "tagged": False, "faults": []}
    try:
        with Pdf.open(io.BytesIO(content)) as pdf:
            if pdf.is_encrypted:
                told["faults"] = [["It is encrypted.", "Save it without a password and without restrictions."]]
                return told
            told["pages"] = len(pdf.pages)
            told |= _claims(pdf)
            told["faults"] = [list(fault) for fault in dict.fromkeys(_faults(pdf, own))]
    except pikepdf.PasswordError:
        told["faults"] = [["It is encrypted.", "Save it without a password and without restrictions."]]
    except (pikepdf.PdfError, pikepdf.DataDecodingError, RuntimeError, ValueError, TypeError) as error:
        reason = " ".join(str(error).split())[:200]
        told["faults"] = [[f"It cannot be read: {reason}.", "Save the file again; it is broken."]]
    return told


def _claims(pdf: Pdf) -> dict[str, Any]:
    metadata = pdf.Root.get("/Metadata")
    text = bytes(metadata.read_bytes()) if isinstance(metadata, Stream) else b""
    said = {name.decode(): value.decode() for name, value in _CLAIM.findall(text)}
    ua = _UA.search(text)
    tagged = "/StructTreeRoot" in pdf.Root and bool(pdf.Root.get("/MarkInfo", Dictionary()).get("/Marked", False))
    return {
        "part": said.get("part", ""),
        "level": said.get("conformance", "").lower(),
        "ua": ua[1].decode() if ua else "",
        "tagged": tagged,
    }


def _faults(pdf: Pdf, own: bool) -> Iterator[Found]:
    if pdf.get_warnings():
        yield "It is damaged; it was repaired to be read.", "Save the file again from the programme it was made with."
    if not len(pdf.pages):
        yield "It has no page.", "Name a file with pages."
    if len(pdf.pages) > _MOST_PAGES and not own:
        yield f"It has {len(pdf.pages)} pages.", f"A fixed file has at most {_MOST_PAGES}."
    if len(pdf.objects) > _MOST_OBJECTS and not own:
        yield f"It has {len(pdf.objects)} objects.", "Make it simpler; it would be copied into each document."
        return
    root = pdf.Root
    if "/OCProperties" in root:
        yield "It has layers, which may be shown or hidden.", "Flatten the layers. " + _EXPORT
    if "/AA" in root or (isinstance(root.get("/OpenAction"), Dictionary) and root.OpenAction.get("/S") != Name.GoTo):
        yield "It does something when it is opened.", "Remove its actions. " + _EXPORT
    if len(root.get("/AcroForm", Dictionary()).get("/Fields", Array())):
        yield "It is a form with fields.", "Print it into a PDF without fields. " + _EXPORT
    names = root.get("/Names", Dictionary())
    if "/JavaScript" in names:
        yield "It carries a script.", "Remove the script. " + _EXPORT
    if "/EmbeddedFiles" in names:
        yield "It carries embedded files.", "Remove them; name them under attach in template.yaml. " + _EXPORT
    for thing in pdf.objects:
        for one in _with_direct(thing):
            yield from _object(one)
    for page in pdf.pages:
        for note in page.obj.get("/Annots", Array()):
            if str(note.get("/Subtype")) in _NOTES:
                yield "A page holds something to play, to fill in or to open.", "Remove it. " + _EXPORT
        if _press(page.obj):
            yield _CMYK


_CMYK = ("It uses press colours (CMYK) without a profile.", "Convert its colours to RGB. " + _EXPORT)


def _with_direct(thing: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """An object and the dictionaries that stand directly in it; what it only refers to has its own turn."""
    waiting = [thing]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Dictionary | Stream):
            yield one
            waiting += [inner for inner in dict(one.items()).values() if _direct(inner)]
        elif isinstance(one, Array):
            waiting += [inner for inner in one if _direct(inner)]


def _direct(thing: object) -> bool:
    return isinstance(thing, Dictionary | Array) and not thing.is_indirect


def _object(thing: pikepdf.Object) -> Iterator[Found]:
    if "/JS" in thing or str(thing.get("/S")) in _ACTIVE:
        yield "It holds a script or an action.", "Remove it. " + _EXPORT
    if "/AA" in thing:
        yield "It does something by itself.", "Remove its actions. " + _EXPORT
    kind, subtype = thing.get("/Type"), thing.get("/Subtype")
    if kind == Name.Font and subtype not in (Name.Type0, Name.Type3):
        font = thing.get("/FontDescriptor", Dictionary())
        if not any(name in font for name in ("/FontFile", "/FontFile2", "/FontFile3")):
            yield f"The font {str(thing.get('/BaseFont', 'without a name')).lstrip('/')} is not embedded.", _EXPORT
    if isinstance(thing, Stream):
        if "/F" in thing:
            yield "It keeps content in another file.", _EXPORT
        filters = thing.get("/Filter", Array())
        if any(one in (Name.LZWDecode, Name.Crypt) for one in (filters if isinstance(filters, Array) else [filters])):
            yield "It is packed in a way that PDF/A forbids (LZW or encrypted).", _EXPORT
        if subtype == Name.PS:
            yield "It holds PostScript.", _EXPORT
        if subtype == Name.Image and thing.get("/ColorSpace") == Name.DeviceCMYK:
            yield _CMYK
        if subtype == Name.Image and bool(thing.get("/Interpolate", False)):
            yield "It holds an image that asks to be smoothed.", _EXPORT
        if subtype == Name.Form and _press(thing):
            yield _CMYK


def _press(content: pikepdf.Object) -> bool:
    for one in pikepdf.parse_content_stream(content, operators="k K cs CS"):
        if str(one.operator) in _CMYK_OPERATORS or (one.operands and one.operands[0] == Name.DeviceCMYK):
            return True
    return False
