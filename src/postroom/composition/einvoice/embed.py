"""The invoice inside its PDF: what the compiler attaches, and the XMP by which Factur-X is recognised.

Typst attaches the XML (ISO 19005-3, 6.8: relationship, media type) and claims PDF/A-3 and PDF/UA; a library that
embeds afterwards rewrites the metadata and loses the latter. What Typst cannot write, the Factur-X properties with
their PDF/A extension schema (ISO 19005-3, 6.6.2.3), is put into the metadata stream here. The file is Typst's own,
with a plain cross-reference table, so the text is spliced in and the offsets behind it are moved: one revision, equal
bytes for equal input, and nothing else of the file is touched.
"""

from __future__ import annotations

import re

from postroom.composition.einvoice.errors import NotAnEInvoice

_NAMESPACE = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
_ABOUT = (
    ("DocumentFileName", "The name of the embedded XML document"),
    ("DocumentType", "The type of the hybrid document in capital letters, e.g. INVOICE or ORDER"),
    ("Version", "The actual version of the standard applying to the embedded XML document"),
    ("ConformanceLevel", "The conformance level of the embedded XML document"),
)
_BAG = b"<pdfaExtension:schemas><rdf:Bag>"
_START = re.compile(rb"startxref\s+(\d+)\s+%%EOF\s*$")
_METADATA = re.compile(rb"/Metadata (\d+) 0 R")
_LENGTH = re.compile(rb"/Length (\d+)")
_SECTION = re.compile(rb"xref\r?\n0 (\d+)\r?\n")


def with_factur_x(pdf: bytes, file: str, level: str) -> bytes:
    """``pdf`` (Typst's, with ``file`` attached) with the XMP of Factur-X 1.0. Raises NotAnEInvoice for another PDF."""
    start = _START.search(pdf, max(0, len(pdf) - 64))
    table = int(start[1]) if start else -1
    section = _SECTION.match(pdf, table) if table >= 0 else None
    trailer = pdf.find(b"trailer", table)
    if section is None or trailer < 0:
        raise _strange("has no plain cross-reference table")
    first, count = section.end(), int(section[1])
    offsets = [int(pdf[first + 20 * index : first + 20 * index + 10]) for index in range(count)]
    root = re.search(rb"/Root (\d+) 0 R", pdf[trailer:])
    catalog = pdf[offsets[int(root[1])] :][:4000] if root else b""
    named = _METADATA.search(catalog)
    if named is None:
        raise _strange("has no metadata")
    at = offsets[int(named[1])]
    stream = pdf.find(b"stream", at)
    length = _LENGTH.search(pdf, at, stream)
    bag = pdf.find(_BAG, stream)
    close = pdf.find(b"</rdf:RDF>", stream)
    end = pdf.find(b"endobj", stream)
    if length is None or not stream < bag < close < end:
        raise _strange("keeps its metadata in a form that cannot be added to")
    schema, stated = _schema(), _stated(file, level)
    longer = b"/Length %d" % (int(length[1]) + len(schema) + len(stated))
    bag += len(_BAG)
    parts = (pdf[: length.start()], longer, pdf[length.end() : bag], schema, pdf[bag:close], stated, pdf[close:table])
    body = b"".join(parts)
    moved = len(body) - table
    lines = [
        pdf[first + 20 * index : first + 20 * index + 20]
        if pdf[first + 20 * index + 17 : first + 20 * index + 18] != b"n" or offset <= at
        else b"%010d" % (offset + moved) + pdf[first + 20 * index + 10 : first + 20 * index + 20]
        for index, offset in enumerate(offsets)
    ]
    tail = re.sub(rb"startxref\s+\d+", b"startxref\n%d" % (table + moved), pdf[trailer:])
    return b"".join((body, pdf[table:first], *lines, pdf[first + 20 * count : trailer], tail))


def _stated(file: str, level: str) -> bytes:
    """The four properties by which a reader finds the invoice."""
    return (
        f'<rdf:Description rdf:about="" xmlns:fx="{_NAMESPACE}">'
        f"<fx:DocumentType>INVOICE</fx:DocumentType><fx:DocumentFileName>{file}</fx:DocumentFileName>"
        f"<fx:Version>{'3.0' if level == 'XRECHNUNG' else '1.0'}</fx:Version>"
        f"<fx:ConformanceLevel>{level}</fx:ConformanceLevel></rdf:Description>"
    ).encode()


def _schema() -> bytes:
    """Their extension schema, one more entry of the bag that Typst has begun."""
    about = "".join(
        '<rdf:li rdf:parseType="Resource">'
        f"<pdfaProperty:category>external</pdfaProperty:category>"
        f"<pdfaProperty:description>{text}</pdfaProperty:description>"
        f"<pdfaProperty:name>{name}</pdfaProperty:name>"
        "<pdfaProperty:valueType>Text</pdfaProperty:valueType></rdf:li>"
        for name, text in _ABOUT
    )
    return (
        '<rdf:li rdf:parseType="Resource">'
        "<pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>"
        f"<pdfaSchema:namespaceURI>{_NAMESPACE}</pdfaSchema:namespaceURI>"
        "<pdfaSchema:prefix>fx</pdfaSchema:prefix>"
        f"<pdfaSchema:property><rdf:Seq>{about}</rdf:Seq></pdfaSchema:property></rdf:li>"
    ).encode()


def _strange(what: str) -> NotAnEInvoice:
    return NotAnEInvoice(f"The PDF {what}.", hint="Only documents of the Typst lane carry an e-invoice; report this.")
