"""Pages of one PDF as pictures on those of another, which a screen reader passes over (ISO 14289-1, 7.1 and 7.8).

Inside an artifact nothing may be tagged, and a marked content sequence of a foreign file would point into a structure
tree that is not there: marks are taken out, of the page and of all it draws.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream

_MARKS = frozenset(("BDC", "BMC", "EMC", "MP", "DP"))
_OF_STRUCTURE = ("/StructParents", "/StructParent", "/PieceInfo", "/Metadata", "/AF")


@dataclass(frozen=True, slots=True)
class Picture:
    """A page that can be placed: the form, and its width and height in points."""

    form: pikepdf.Object
    width: float
    height: float


def picture_of(source: Pdf, number: int) -> Picture:
    """A page of ``source`` as a form without marks. ``source`` is changed; it is only kept for this."""
    page = source.pages[number]
    form = page.as_form_xobject()
    left, bottom, right, top = (float(side) for side in form.BBox)
    width, height = right - left, top - bottom
    match int(page.obj.get("/Rotate", 0)) % 360:  # the form's lower left corner, as it is seen, is its origin
        case 90:
            form["/Matrix"] = Array([0, -1, 1, 0, -bottom, right])
            width, height = height, width
        case 180:
            form["/Matrix"] = Array([-1, 0, 0, -1, right, top])
        case 270:
            form["/Matrix"] = Array([0, 1, -1, 0, top, -left])
            width, height = height, width
        case _:
            form["/Matrix"] = Array([1, 0, 0, 1, -left, -bottom])
    unmark(source, form, set())
    return Picture(form, width, height)


def unmark(source: Pdf, form: pikepdf.Object, seen: set[tuple[int, int]]) -> None:
    """Take the marks out of a form and of the forms it draws."""
    if form.objgen in seen and form.objgen != (0, 0):
        return
    seen.add(form.objgen)
    kept = [one for one in pikepdf.parse_content_stream(form) if str(one.operator) not in _MARKS]
    _write(form, pikepdf.unparse_content_stream(kept))
    for name in _OF_STRUCTURE:
        if name in form:
            del form[name]
    inner = form.get("/Resources", Dictionary())
    for kind in ("/XObject", "/Pattern"):
        for drawn in dict(inner.get(kind, Dictionary()).items()).values():
            if isinstance(drawn, Stream) and (drawn.get("/Subtype") == Name.Form or "/PatternType" in drawn):
                unmark(source, drawn, seen)


def place(
    pdf: Pdf, page: pikepdf.Page, form: pikepdf.Object, matrix: str, *, above: bool, subtype: str, alone: bool = False
) -> None:
    """Draw ``form``, which belongs to ``pdf``, above or below what stands on the page, as an artifact. ``alone``: the
    page has no tags and needs no word of what is none."""
    name = _known_as(pdf, page, form)
    drawn = f"q {matrix} cm {name} Do Q"
    if not alone:
        drawn = f"/Artifact <</Type/Pagination/Subtype/{subtype}>> BDC {drawn} EMC"
    old = page.obj.get("/Contents", Array())
    own = list(old) if isinstance(old, Array) else [old]
    if above:
        before, after = "q\n", f"\nQ {drawn}\n"
    else:
        before, after = f"{drawn}\nq\n", "\nQ\n"
    page.obj["/Contents"] = Array([stream(pdf, before.encode()), *own, stream(pdf, after.encode())])


def stream(pdf: Pdf, content: bytes) -> pikepdf.Object:
    """Content as an object of ``pdf``."""
    made = Stream(pdf, b"")
    _write(made, content)
    return pdf.make_indirect(made)


def _write(target: pikepdf.Object, content: bytes) -> None:
    if len(content) < 100:
        target.write(content)
    else:
        target.write(zlib.compress(content, 9), filter=Name.FlateDecode)


def _known_as(pdf: Pdf, page: pikepdf.Page, form: pikepdf.Object) -> str:
    """The name by which the page's resources know the form. Resources may be shared, so they are copied first."""
    resources = Dictionary(dict(page.resources.items()))
    drawn = Dictionary(dict(resources.get("/XObject", Dictionary()).items()))
    number = 0
    while f"/Pr{number}" in drawn:
        if drawn[f"/Pr{number}"].objgen == form.objgen:
            break
        number += 1
    name = f"/Pr{number}"
    drawn[name] = form
    resources["/XObject"] = drawn
    page.obj["/Resources"] = resources
    return name
