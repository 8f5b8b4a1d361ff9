"""A plain PDF made into PDF/A-2b (ISO 19005-2): what it is, what its colours mean, and nothing that may not be in it.

The engine draws; it knows nothing of archives. What is added is the same for equal input: dates come from the job and
the file's identifier from its content, so that a lane that goes through here stays reproducible (P5).
"""

from __future__ import annotations

import datetime as dt
import io
import zlib
from dataclasses import dataclass
from functools import cache
from xml.sax.saxutils import escape

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from postroom.composition.spec import RenderFault
from postroom.plugins.renderers._srgb import profile

#: Printed, and neither hidden nor a mere screen thing: what an annotation must say of itself (6.3.2).
_PRINT = 4
_ANNOTATIONS = ("/Link",)
_ACTIONS = ("/URI", "/GoTo")
_ROOT_REFUSED = ("/OpenAction", "/AA", "/AcroForm", "/Perms", "/Requirements")
_CMYK = "The picture is made for a press (CMYK); what is kept for years needs the colours of a screen (RGB)."


@dataclass(frozen=True, slots=True)
class About:
    """What a document says of itself. ``made`` is Unix seconds."""

    title: str
    language: str
    made: int
    producer: str


def archival(content: bytes, about: About) -> tuple[bytes, int]:
    """The document as PDF/A-2b, and its number of pages. Raises RenderFault ``promise-broken`` for what no wrapping
    can mend."""
    try:
        with Pdf.open(io.BytesIO(content)) as pdf:
            _cleaned(pdf)
            _named(pdf, about)
            out = io.BytesIO()
            pdf.save(
                out,
                deterministic_id=True,
                compress_streams=False,  # the engine has done so, and metadata shall be readable as it stands
                stream_decode_level=pikepdf.StreamDecodeLevel.none,
                object_stream_mode=pikepdf.ObjectStreamMode.disable,
            )
            return out.getvalue(), len(pdf.pages)
    except pikepdf.PdfError as error:
        raise RenderFault(
            "unreadable-output", f"The document that was made cannot be read: {error}.", "Report this as a bug."
        ) from error


def _cleaned(pdf: Pdf) -> None:
    for name in _ROOT_REFUSED:
        if name in pdf.Root:
            del pdf.Root[name]
    names = pdf.Root.get("/Names")
    if isinstance(names, Dictionary):
        for name in ("/JavaScript", "/EmbeddedFiles", "/AlternatePresentations"):
            if name in names:
                del names[name]
    for page in pdf.pages:
        if "/AA" in page.obj:
            del page.obj["/AA"]
        kept = [note for note in page.obj.get("/Annots", ()) if _fit(note)]
        if kept:
            page.obj["/Annots"] = Array(kept)
        elif "/Annots" in page.obj:
            del page.obj["/Annots"]
    for thing in pdf.objects:
        if isinstance(thing, Stream) and thing.get("/Subtype") == Name.Image:
            _image(thing)
        elif isinstance(thing, Dictionary) and thing.get("/Subtype") == Name.CIDFontType2:
            # 6.2.11.3.2; the engine numbers glyphs by their place in the font
            thing["/CIDToGIDMap"] = thing.get("/CIDToGIDMap", Name.Identity)


def _fit(note: pikepdf.Object) -> bool:
    """Links stay, made printable; whatever else an engine may add goes."""
    if note.get("/Subtype") not in _ANNOTATIONS:
        return False
    action = note.get("/A")
    if action is not None and action.get("/S") not in _ACTIONS:
        return False
    note["/F"] = _PRINT
    return True


def _image(image: Stream) -> None:
    if image.get("/Interpolate"):  # 6.2.8
        del image["/Interpolate"]
    if image.get("/ColorSpace") == Name.DeviceCMYK:  # 6.2.4.3: the output intent is RGB
        raise RenderFault("promise-broken", _CMYK, "Save the picture as RGB and publish the template again.")


def _named(pdf: Pdf, about: About) -> None:
    when = dt.datetime.fromtimestamp(about.made, dt.UTC)
    stamp = String(f"D:{when:%Y%m%d%H%M%S}Z")
    for name in list(pdf.docinfo.keys()):
        del pdf.docinfo[name]
    pdf.docinfo["/Title"] = String(about.title)
    pdf.docinfo["/Producer"] = String(about.producer)
    pdf.docinfo["/CreationDate"] = stamp
    pdf.docinfo["/ModDate"] = stamp
    pdf.Root["/Lang"] = String(about.language)
    pdf.Root["/ViewerPreferences"] = Dictionary(DisplayDocTitle=True)
    metadata = Stream(pdf, _xmp(about, f"{when:%Y-%m-%dT%H:%M:%SZ}"))
    metadata["/Type"], metadata["/Subtype"] = Name.Metadata, Name.XML
    pdf.Root["/Metadata"] = pdf.make_indirect(metadata)
    colours = Stream(pdf, _packed_profile())
    colours["/N"], colours["/Filter"] = 3, Name.FlateDecode
    intent = Dictionary(
        Type=Name.OutputIntent,
        S=Name("/GTS_PDFA1"),
        OutputConditionIdentifier=String("sRGB"),
        Info=String("sRGB IEC61966-2.1"),
        DestOutputProfile=pdf.make_indirect(colours),
    )
    pdf.Root["/OutputIntents"] = Array([pdf.make_indirect(intent)])


@cache
def _packed_profile() -> bytes:
    return zlib.compress(profile(), 9)


def _xmp(about: About, when: str) -> bytes:
    """The description of the file (6.6), equal to what the document information says."""
    title, producer, language = escape(about.title), escape(about.producer), escape(about.language)
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
        '<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
        ' xmlns:pdf="http://ns.adobe.com/pdf/1.3/">\n'
        "<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>\n"
        f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>\n'
        f"<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>\n"
        f"<xmp:CreateDate>{when}</xmp:CreateDate><xmp:ModifyDate>{when}</xmp:ModifyDate>\n"
        f"<pdf:Producer>{producer}</pdf:Producer>\n"
        "</rdf:Description></rdf:RDF></x:xmpmeta>\n"
        '<?xpacket end="w"?>'
    ).encode()
