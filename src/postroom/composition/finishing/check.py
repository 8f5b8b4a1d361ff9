"""What forbids to publish a template with its finishing steps: said with the line, before a document is made.

Which step keeps which promise is decided here, and shown true by veraPDF for each pair in the conformance suite.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from postroom.composition.conditions import paths_of
from postroom.composition.finishing.errors import INSTALL, MISSING
from postroom.composition.finishing.steps import Append, Attach, FinishStep, Letterhead, Sheets
from postroom.composition.problems import Problem, suggestion
from postroom.composition.shape import Field

if TYPE_CHECKING:
    from postroom.composition.manifest import Manifest

Files = Mapping[str, bytes]
Lines = Mapping[tuple[str | int, ...], int]
_ANY = ("text", "structure", "list", "object")
_ORDER = "bua"
_DEADLINE, _MEMORY = 20.0, 1 << 30
#: Larger fixed files would be copied into every document.
_LARGEST = 10_000_000
_ALL = ("pdf/a-3", "pdf/a-4f")


def finishing_faults(
    manifest: Manifest, lines: Lines, root: Field, words: frozenset[str], files: Files
) -> list[Problem]:
    """Every fault of ``finish:`` and of the files it names."""
    if not manifest.finish:
        return [_unused(name) for name in files if name.startswith("finish/")]
    found: list[Problem] = []
    for index in range(len(manifest.finish)):
        found += _Step(manifest, lines, root, words, files, index).faults()
    if not has_tools():
        found.append(Problem("template.yaml", lines.get(("finish",), 0), MISSING, INSTALL))
    named = {name for step in manifest.finish for name in files_named(step, manifest.languages)}
    found += [_unused(name) for name in files if name.startswith("finish/") and name not in named]
    return found


def has_tools() -> bool:
    """Whether finished PDFs can be changed here."""
    return importlib.util.find_spec("pikepdf") is not None


def files_named(step: FinishStep, languages: tuple[str, ...]) -> list[str]:
    """The files of a step, one for each language where its name says so."""
    file = getattr(step.verb[1], "file", None)
    if file is None:
        return []
    return [file.replace("{language}", tag) for tag in languages] if "{language}" in file else [file]


def _unused(name: str) -> Problem:
    return Problem(name, 0, "No step of finish: names this file.", "Name it in template.yaml, or take it out.")


class _Step:
    def __init__(
        self, manifest: Manifest, lines: Lines, root: Field, words: frozenset[str], files: Files, index: int
    ) -> None:
        step = manifest.finish[index]
        self.manifest, self.lines, self.root, self.words, self.files = manifest, lines, root, words, files
        self.index, (self.name, self.verb) = index, step.verb
        self.named = files_named(step, manifest.languages)

    def fault(self, what: str, hint: str, *at: str) -> Problem:
        place: tuple[str | int, ...] = ("finish", self.index, self.name, *at)
        while place and place not in self.lines:
            place = place[:-1]
        return Problem("template.yaml", self.lines.get(place, 0), f"{self.name}: {what}", hint)

    def faults(self) -> Iterator[Problem]:
        yield from self._fields()
        yield from self._texts()
        yield from self._order()
        yield from self._twice()
        for name in self.named:
            if name not in self.files:
                hint = suggestion(name, [one for one in self.files if one.startswith("finish/")])
                yield self.fault(f"There is no file {name}.", hint, "file")
            elif len(self.files[name]) > _LARGEST:
                size = len(self.files[name]) // 1_000_000
                yield self.fault(f"{name} has {size} MB.", "A fixed file has at most 10 MB.", "file")
            elif isinstance(self.verb, Letterhead | Append) and has_tools():
                yield from self._pdf(name)
        if isinstance(self.verb, Sheets):
            yield from self._sheets()
        if isinstance(self.verb, Attach):
            yield from self._attach()
        image = getattr(self.verb, "image", None)
        if image is not None and image not in self.files:
            known = [one for one in self.files if one.startswith("assets/")]
            yield self.fault(f"There is no image {image}.", suggestion(image, known), "image")

    def _fields(self) -> Iterator[Problem]:
        when = getattr(self.verb, "when", None)
        for path in paths_of(when):
            if self.root.find(path) is None:
                yield self.fault(f"The contract has no field {path!r}.", suggestion(path, self.root.fields), "when")

    def _texts(self) -> Iterator[Problem]:
        for at in ("text", "description"):
            key = getattr(self.verb, at, None)
            if key is not None and key not in self.words:
                hint = suggestion(key, self.words) + " A text is a key of words/, so that each language has it."
                yield self.fault(f"There is no word {key!r}.", hint, at)

    def _order(self) -> Iterator[Problem]:
        before = [step.verb for step in self.manifest.finish[: self.index]]
        if any(isinstance(verb, Sheets) for _, verb in before) and not isinstance(self.verb, Attach):
            yield self.fault("It comes behind nup, where there are sheets and no pages.", "Put it before nup.")

    def _twice(self) -> Iterator[Problem]:
        if any(verb == self.verb for _, verb in (step.verb for step in self.manifest.finish[: self.index])):
            yield self.fault("The same step stands twice.", "Keep one of them.")

    def _pdf(self, name: str) -> Iterator[Problem]:
        seen = looked_at(self.files[name])
        for what, hint in seen["faults"]:
            yield self.fault(f"{name}: {what}", hint, "file")
        if seen["faults"]:
            return
        for promise in self.manifest.promises:
            why = unkept(promise, seen, behind=isinstance(self.verb, Append))
            if why:
                hint = f"Save the file so, or do without the promise {promise}."
                yield self.fault(f"{name}: {why}", hint, "file")

    def _sheets(self) -> Iterator[Problem]:
        for promise in self.manifest.promises:
            if promise.startswith("pdf/ua") or promise.endswith("a"):
                what = f"Pages on a sheet have no reading order, and the template promises {promise}."
                yield self.fault(what, "Promise pdf/a-2b or pdf/a-2u for what is printed only.")
        if self.manifest.einvoice:
            yield self.fault("An e-invoice is read page by page.", "Print it from the sheets of another template.")

    def _attach(self) -> Iterator[Problem]:
        archival = [one for one in self.manifest.promises if one.startswith("pdf/a-")]
        for promise in archival or ["no PDF/A-3"]:
            if not promise.startswith(_ALL):
                what = f"Embedded files are for PDF/A-3 only (ISO 19005-3, 6.8), and the template promises {promise}."
                yield self.fault(what, "Promise pdf/a-3b or pdf/a-3a.")


def unkept(promise: str, seen: Mapping[str, Any], *, behind: bool) -> str:
    """Why documents would not keep ``promise`` any more with a file that claims what was ``seen``; empty when they do.

    ``behind``: its pages become pages of the document; otherwise they become pictures, whose tags do not matter.
    """
    said = f"PDF/A-{seen['part']}{seen['level']}" if seen["part"] else "no PDF/A"
    if promise.startswith("pdf/ua"):
        if behind and not (seen["ua"] and seen["tagged"]):
            return f"The template promises {promise}, and the pages of this file are not tagged for it."
        return ""
    if not promise.startswith("pdf/a-"):
        return ""
    part, level = promise[6], promise[7:8] or "b"
    if seen["part"] not in ({"4"} if part == "4" else {str(one) for one in range(1, int(part) + 1)}):
        return f"The template promises {promise}, and this file claims {said}."
    if part == "4":
        return ""
    needed = level if behind else min(level, "u", key=_ORDER.index)
    if _ORDER.find(seen["level"]) < _ORDER.index(needed):
        return f"The template promises {promise}, and this file claims {said}."
    if behind and level == "a" and not seen["tagged"]:
        return f"The template promises {promise}, and the pages of this file are not tagged."
    return ""


def looked_at(content: bytes) -> dict[str, Any]:
    """What the file is and what is wrong with it. It is opened in a cell, never here."""
    return _looked_at(hashlib.sha256(content).digest(), _Held(content))


class _Held:
    """Content that stands aside when a cache compares its keys: the digest says it all."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=64)
def _looked_at(digest: bytes, held: _Held) -> dict[str, Any]:
    from postroom.cage import Cell, JobFailed, JobStopped

    try:
        bench = "postroom.composition.finishing.bench:LookBench"
        with Cell(bench, {}, deadline=_DEADLINE, memory=_MEMORY) as cell:
            found: dict[str, Any] = cell.call({}, [held.content]).value
    except (JobStopped, JobFailed) as error:
        return {"faults": [[f"It could not be looked at: {error.message}", "Save it again, smaller and simpler."]]}
    finally:
        held.content = b""
    return found
