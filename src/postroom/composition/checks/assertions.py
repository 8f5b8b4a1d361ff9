"""``tests/*.yaml``: what an author expects of a template's documents, read strictly, each with its line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from postroom.composition.checks.windows import WINDOWS
from postroom.composition.manifest import Manifest
from postroom.composition.problems import Problem, suggestion

#: Names of files that hold tests.
FILES = re.compile(r"tests/[A-Za-z0-9][A-Za-z0-9_-]*\.ya?ml")
VERBS = ("text", "absent", "total", "address", "barcode", "pages")
_PAGES = re.compile(r"([0-9]{1,4})(-([0-9]{1,4})?)?")
_PATH = r"[A-Za-z_][A-Za-z0-9_-]*(\[\])?"
Path = Annotated[str, StringConstraints(pattern=rf"^{_PATH}(\.{_PATH})*$", max_length=200)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Rect = tuple[float, float, float, float]


def _several(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _place(value: Any) -> Any:
    """A window by its name, or left, top, width, height in mm."""
    if isinstance(value, str):
        if value not in WINDOWS:
            raise ValueError(f"there is no window {value!r}; there is: {', '.join(sorted(WINDOWS))}")
        return WINDOWS[value]
    return value


def _window(value: str) -> str:
    _place(value)
    return value


Names = Annotated[tuple[Words, ...], BeforeValidator(_several)]
Paths = Annotated[tuple[Path, ...], BeforeValidator(_several)]


class Barcode(BaseModel):
    """A symbol that reads ``reads``, where ``{path}`` stands for the text shown; or that of a ``code`` by its name."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    code: str = ""
    reads: str = Field(default="", max_length=4000)

    @model_validator(mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        return {"code": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one(self) -> Barcode:
        if bool(self.code) == bool(self.reads):
            raise ValueError("a barcode is named by code, or by what it reads")
        return self


class Expect(BaseModel):
    """One assertion: exactly one verb, and where, in which samples and languages it holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    text: Names | None = None
    absent: Names | None = None
    total: Paths | None = None
    address: Annotated[str, BeforeValidator(_window)] | None = None
    barcode: Barcode | None = None
    pages: Annotated[str, StringConstraints(pattern=rf"^{_PAGES.pattern}$")] | None = None
    page: Annotated[int, Field(ge=1, le=5000)] | None = None
    inside: Annotated[Rect, BeforeValidator(_place)] | None = None
    samples: Names | None = None
    languages: Names | None = None

    @model_validator(mode="after")
    def _one(self) -> Expect:
        if sum(getattr(self, verb) is not None for verb in VERBS) != 1:
            raise ValueError(f"each expectation has exactly one of {', '.join(VERBS)}")
        if self.pages is not None and (self.page or self.inside):
            raise ValueError("pages counts the whole document")
        return self

    @property
    def verb(self) -> str:
        """What is asserted."""
        return next(verb for verb in VERBS if getattr(self, verb) is not None)

    def page_range(self) -> tuple[int, int | None]:
        """Fewest and most pages; ``2`` is exactly two, ``2-`` at least two."""
        found = _PAGES.fullmatch(self.pages or "")
        if found is None:
            return 1, None
        first = int(found[1])
        return first, first if found[2] is None else int(found[3]) if found[3] else None


class TestFile(BaseModel):
    """A whole file; ``samples`` and ``languages`` hold for all its expectations that name none."""

    __test__ = False  # pytest: this is no test
    model_config = ConfigDict(extra="forbid", frozen=True)
    samples: Names | None = None
    languages: Names | None = None
    expect: tuple[Expect, ...] = Field(min_length=1, max_length=500)


@dataclass(frozen=True, slots=True)
class Assertion:
    """One expectation with its place. ``samples`` are names without folder and ending; None: all."""

    file: str
    line: int
    expect: Expect
    samples: frozenset[str] | None
    languages: frozenset[str] | None

    def holds_for(self, sample: str, language: str) -> bool:
        """Whether it is asked of this document."""
        return (self.samples is None or sample in self.samples) and (
            self.languages is None or language in self.languages
        )


def stem(name: str) -> str:
    """``samples/01-usual.json`` as assertions name it: ``01-usual``."""
    return name.removeprefix("samples/").removesuffix(".json")


def read_assertions(
    files: Mapping[str, bytes], samples: tuple[str, ...], languages: tuple[str, ...], codes: tuple[str, ...]
) -> tuple[list[Assertion], list[Problem]]:
    """All assertions of a template, and every fault of its test files."""
    found: list[Assertion] = []
    problems: list[Problem] = []
    for name in sorted(name for name in files if FILES.fullmatch(name)):
        told, lines, faults = _parsed(name, files[name])
        problems += faults
        if told is None:
            continue
        named = {"samples": samples, "languages": languages}
        problems += _unknown(name, (), told, named, lines)
        for index, one in enumerate(told.expect):
            problems += _unknown(name, ("expect", index), one, named, lines)
            if one.barcode is not None and one.barcode.code and one.barcode.code not in codes:
                what = f"There is no code {one.barcode.code!r}."
                problems.append(
                    Problem(name, lines.get(("expect", index), 0), what, suggestion(one.barcode.code, codes))
                )
            chosen, spoken = one.samples or told.samples, one.languages or told.languages
            found.append(
                Assertion(
                    file=name,
                    line=lines.get(("expect", index), 0),
                    expect=one,
                    samples=frozenset(chosen) if chosen else None,
                    languages=frozenset(spoken) if spoken else None,
                )
            )
    return found, problems


def test_faults(files: Mapping[str, bytes], manifest: Manifest) -> list[Problem]:
    """The faults of a template's test files."""
    samples = tuple(stem(name) for name in sorted(files) if name.startswith("samples/"))
    return read_assertions(files, samples, manifest.languages, tuple(manifest.codes))[1]


def _unknown(
    name: str,
    at: tuple[str | int, ...],
    one: Expect | TestFile,
    named: Mapping[str, tuple[str, ...]],
    lines: Mapping[tuple[str | int, ...], int],
) -> list[Problem]:
    """Samples and languages the template does not have."""
    return [
        Problem(
            name,
            lines.get((*at, what), lines.get(at, 0)),
            f"There is no {what[:-1]} {each!r}.",
            suggestion(each, known),
        )
        for what, known in named.items()
        for each in getattr(one, what) or ()
        if each not in known
    ]


def _parsed(name: str, content: bytes) -> tuple[TestFile | None, dict[tuple[str | int, ...], int], list[Problem]]:
    lines: dict[tuple[str | int, ...], int] = {}
    try:
        text = content.decode("utf-8")
        root = yaml.compose(text, Loader=yaml.BaseLoader)
        values = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506  (makes text, lists and mappings only)
        _note(root, (), lines)
        return TestFile.model_validate(values), lines, []
    except UnicodeDecodeError:
        return None, lines, [Problem(name, 0, "The file is not UTF-8.", "Save it as UTF-8.")]
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        return (
            None,
            lines,
            [Problem(name, line, f"This is not YAML: {error.problem}.", "Check indentation and colons.")],
        )
    except (yaml.YAMLError, RecursionError) as error:
        return None, lines, [Problem(name, 0, f"This is not YAML: {error}.")]
    except ValidationError as error:
        told = [_fault(name, one, lines) for one in error.errors(include_url=False)]
        return None, lines, list({(one.line, one.what): one for one in told}.values())


def _fault(name: str, error: Any, lines: Mapping[tuple[str | int, ...], int]) -> Problem:
    place = tuple(step for step in error["loc"])
    known = place
    while known and known not in lines:
        known = known[:-1]
    called = ".".join(str(step) for step in place) or "the file"
    if error["type"] == "extra_forbidden":
        keys = Expect.model_fields if "expect" in place else TestFile.model_fields
        return Problem(name, lines.get(known, 0), f"There is no key {called!r}.", suggestion(str(place[-1]), keys))
    message = str(error["msg"]).removeprefix("Value error, ")
    return Problem(name, lines.get(known, 0), f"{called}: {message}.", "See docs/templates.md, Template tests.")


def _note(node: Any, at: tuple[str | int, ...], lines: dict[tuple[str | int, ...], int]) -> None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            lines[(*at, str(key.value))] = key.start_mark.line + 1
            _note(value, (*at, str(key.value)), lines)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            lines[(*at, index)] = value.start_mark.line + 1
            _note(value, (*at, index), lines)
