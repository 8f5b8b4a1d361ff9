"""A .docx read with suspicion: a zip of XML parts (ECMA-376) from somebody's machine.

Sizes are bounded before anything is unpacked, no part may declare a document type (entities fill memories and read
files), and only then is XML parsed. Runs that Word split are joined, so that a field is one text again.
"""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.parsers import expat

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MAX_PARTS, _MAX_BYTES, _MAX_XML = 1000, 100_000_000, 30_000_000
_TEXTS = re.compile(r"word/(?:document|header\d*|footer\d*|footnotes|endnotes)\.xml")
_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_SPECIAL = re.compile(r"\{(?P<open>[{%#])(?:tr|tc|p|r)\s")
_QUOTES = str.maketrans({"\u201c": '"', "\u201d": '"', "\u201e": '"', "\u2018": "'", "\u2019": "'", "\u00a0": " "})
_CALLED = {"document": "", "footnotes": "the footnotes, ", "endnotes": "the endnotes, "}


class DocxFault(Exception):
    """Why a file is no template. ``place`` says where in it, for people."""

    def __init__(self, what: str, hint: str, place: str = "", paragraph: int = 0) -> None:
        super().__init__(what)
        self.what, self.hint, self.place, self.paragraph = what, hint, place, paragraph


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of a part, ``number`` from 1 in reading order; ``text`` with its runs joined."""

    part: str
    number: int
    text: str
    element: ET.Element

    @property
    def place(self) -> str:
        """Where it is, as one would tell a colleague: ``paragraph 12 ("Dear ..")``."""
        name = self.part.removeprefix("word/").removesuffix(".xml")
        kind = re.sub(r"\d+$", "", name)
        part = _CALLED.get(kind, f"the {kind}, ")
        said = " ".join(self.text.split())
        shown = said if len(said) <= 60 else said[:59] + "\u2026"
        return f"{part}paragraph {self.number}" + (f' ("{shown}")' if shown else "")


def parts_of(content: bytes) -> dict[str, bytes]:
    """The parts by name, bounded in number and size. Raises DocxFault."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            listed = archive.infolist()
            if len(listed) > _MAX_PARTS or sum(one.file_size for one in listed) > _MAX_BYTES:
                told = f"The file unpacks to more than {_MAX_PARTS} parts or {_MAX_BYTES // 1_000_000} MB."
                raise DocxFault(told, "Make its pictures smaller.")
            found: dict[str, bytes] = {}
            for one in listed:
                if one.flag_bits & 1:
                    raise DocxFault("The file is encrypted.", "Save it without a password.")
                if one.is_dir():
                    continue
                name = one.filename.replace("\\", "/")
                if name.startswith("/") or ".." in name.split("/") or name in found:
                    raise DocxFault(f"The file holds a part called {one.filename!r}.", "Save it anew with Word.")
                with archive.open(one) as part:
                    found[name] = part.read(one.file_size + 1)
                if len(found[name]) != one.file_size:
                    raise DocxFault(f"The part {name} is larger than the file says.", "Save it anew with Word.")
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, RuntimeError) as error:
        hint = "Save it with Word or LibreOffice as .docx."
        raise DocxFault(f"This is no Word document: {error}.", hint) from error
    if "word/document.xml" not in found or "[Content_Types].xml" not in found:
        raise DocxFault("This is no Word document.", "Save it with Word or LibreOffice as .docx.")
    return found


def tree_of(name: str, content: bytes) -> ET.Element:
    """The XML of a part; one with a document type is refused unread. Raises DocxFault."""
    if len(content) > _MAX_XML:
        raise DocxFault(f"The part {name} has {len(content) // 1_000_000} MB of XML.", "Shorten the document.")
    parser = expat.ParserCreate()
    depth = 0

    def doctype(*_: object) -> None:
        hint = "Save it anew with Word. Entities can fill the memory or read other files."
        raise DocxFault(f"The part {name} declares a document type.", hint)

    def start(*_: object) -> None:
        nonlocal depth
        depth += 1
        if depth > 200:
            raise DocxFault(f"The part {name} is nested too deeply.", "Save it anew with Word.")

    def end(*_: object) -> None:
        nonlocal depth
        depth -= 1

    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler, parser.EndElementHandler = start, end
    try:
        parser.Parse(content, True)
        return ET.fromstring(content)  # noqa: S314  (has no document type, so no entities; that was just looked at)
    except (expat.ExpatError, ET.ParseError, LookupError, ValueError) as error:
        raise DocxFault(f"The part {name} is damaged: {error}.", "Save it anew with Word.") from error


def text_parts(parts: Mapping[str, bytes]) -> list[str]:
    """Names of the parts that hold text, the body first."""
    return sorted(
        (name for name in parts if _TEXTS.fullmatch(name)), key=lambda name: (name != "word/document.xml", name)
    )


def paragraphs(part: str, root: ET.Element) -> Iterator[Paragraph]:
    """The paragraphs of a part in reading order; one inside a text box comes after the one that holds the box."""
    for number, element in enumerate(root.iter(f"{W}p"), 1):
        yield Paragraph(part, number, _joined(element), element)


def _joined(paragraph: ET.Element) -> str:
    """The text of all runs, as one."""
    out: list[str] = []

    def walk(element: ET.Element) -> None:
        for child in element:
            if child.tag == f"{W}t":
                out.append(child.text or "")
            elif child.tag in (f"{W}tab", f"{W}br", f"{W}cr"):
                out.append(" ")
            elif child.tag == f"{W}noBreakHyphen":
                out.append("-")
            elif child.tag not in (f"{W}p", f"{W}pPr", f"{W}rPr"):
                walk(child)

    walk(paragraph)
    return "".join(out)


def tags(text: str) -> str:
    """The text as Jinja2 reads it: row and paragraph tags (``{%tr .. %}``) as plain ones, straight quotation marks."""
    plain = _TAG.sub(lambda found: found.group().translate(_QUOTES), text)
    return _SPECIAL.sub(lambda found: "{" + found["open"] + " ", plain).replace("\n", " ")


def outside(text: str) -> str:
    """What of the text is printed as it stands."""
    return _TAG.sub("", text)
