"""Images that a template brings along: what they may not be or hold, whatever lane draws them.

No engine here runs a script or fetches what an SVG names, and the cage would stop it (P10). But an image that tries
is not the image its author thinks it is, so it is refused at publishing, with the line.
"""

from __future__ import annotations

from collections.abc import Mapping
from xml.parsers import expat

from postroom.composition.problems import Problem
from postroom.composition.rasters import kind_of, raster_fault

_ACTIVE = {
    "script": "Remove the script; a printed page runs none.",
    "foreignObject": "Draw it with SVG's own elements.",
    "iframe": "Draw it with SVG's own elements.",
    "animate": "Remove the animation; paper stands still.",
    "animateTransform": "Remove the animation; paper stands still.",
    "set": "Remove the animation; paper stands still.",
}
_OWN = ("#", "data:image/png;", "data:image/jpeg;")
_RASTERS = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg"}


class _Refused(Exception):
    def __init__(self, line: int, what: str, hint: str) -> None:
        super().__init__(what)
        self.line, self.what, self.hint = line, what, hint


def inspect_images(files: Mapping[str, bytes]) -> list[Problem]:
    """The faults of the files below ``assets/``."""
    problems = []
    for name, content in files.items():
        if name.startswith("assets/"):
            problems += inspect_image(name, content)
    return problems


def inspect_image(name: str, content: bytes) -> list[Problem]:
    """The faults of one image."""
    kind = name[name.rfind(".") :].lower()
    if wanted := _RASTERS.get(kind):
        if (found := kind_of(content)) != wanted:
            what = f"This is no {kind[1:].upper()} file" + (f" but {found.upper()}." if found else ".")
            return [Problem(name, 0, what, "Save the image again in that format.")]
        fault = raster_fault(content)
        return [Problem(name, 0, fault.what, fault.hint)] if fault else []
    if kind != ".svg":
        return []
    try:
        _read(content)
    except _Refused as refused:
        return [Problem(name, refused.line, refused.what, refused.hint)]
    except expat.ExpatError as error:
        reason = expat.errors.messages.get(error.code, "it cannot be read")
        return [Problem(name, error.lineno, f"This is no SVG: {reason}.", "Save the image again.")]
    return []


def _read(content: bytes) -> None:
    parser = expat.ParserCreate()
    depth = 0

    def doctype(name: str, system: str | None, public: str | None, internal: bool) -> None:
        if internal:
            hint = "Save it without. Entities can fill the memory or read other files."
            raise _Refused(parser.CurrentLineNumber, "The image declares entities of its own.", hint)

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        line, local = parser.CurrentLineNumber, name.rpartition(":")[2]
        if not depth and local != "svg":
            raise _Refused(line, f"This is no SVG: it begins with <{local}>.", "Save the image again.")
        depth += 1
        if depth > 200:
            raise _Refused(line, "The image is nested too deeply.", "Simplify the drawing.")
        if local in _ACTIVE:
            raise _Refused(line, f"The image holds <{local}>.", _ACTIVE[local])
        for key, value in attributes.items():
            plain, said = key.rpartition(":")[2].lower(), value.strip().lower()
            if plain.startswith("on"):
                raise _Refused(line, f"The image holds the event handler {key!r}.", "Remove it.")
            if plain in ("href", "src") and local != "a" and not said.startswith(_OWN):
                raise _Refused(line, f"The image refers to {value[:80]!r}.", "Put what it shows into the image itself.")
            if "url(" in said and "url(#" not in said.replace("'", "").replace('"', "").replace(" ", ""):
                raise _Refused(line, f"The image refers to {value[:80]!r}.", "Put what it shows into the image itself.")

    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = start
    parser.Parse(content, True)
