"""``layouts/NAME.yaml``: which columns a data output has, read strictly and with the line of every fault."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from postroom.composition.problems import Problem, suggestion
from postroom.composition.shape import Field as Shape

FOLDER = "layouts/"
FILE = re.compile(r"layouts/([a-z][a-z0-9-]{0,59})\.yaml")
_NAME = r"[A-Za-z_][A-Za-z0-9_-]*"
Path = Annotated[str, StringConstraints(pattern=rf"^{_NAME}(\.{_NAME})*$", max_length=200)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Element = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]*$", max_length=100)]
#: What a value is: how it is written, and whether a spreadsheet may calculate with it.
Kind = Literal["text", "number", "date", "flag"]
#: Dates as people write their forms, and how Python does.
DATES = {"yyyy-mm-dd": "%Y-%m-%d", "dd.mm.yyyy": "%d.%m.%Y", "dd/mm/yyyy": "%d/%m/%Y", "mm/dd/yyyy": "%m/%d/%Y",
         "yyyymmdd": "%Y%m%d", "ddmm": "%d%m", "ddmmyyyy": "%d%m%Y"}  # fmt: skip
#: What is known of a document beside its record.
FACTS = ("run", "template", "version", "mark", "title", "language", "document", "sha256", "pages")
_KINDS: dict[str, Kind] = {
    "money": "number", "money-symbol": "number", "quantity": "number", "percent": "number",
    "date": "date", "date-short": "date",
}  # fmt: skip
_ENCODINGS = ("utf-8", "utf-8-sig", "cp1252", "iso-8859-1", "iso-8859-15", "cp850", "utf-16")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Column(_Strict):
    """One column; its value is a field of the record (or of the row, below ``each``), a constant, or a fact."""

    head: Text
    field: Path | None = None
    constant: str | None = Field(default=None, max_length=200)
    fact: Literal["run", "template", "version", "mark", "title", "language", "document", "sha256", "pages"] | None = (
        None
    )
    kind: Kind | None = Field(default=None, alias="as")
    date: str = "yyyy-mm-dd"
    decimals: Annotated[int, Field(ge=0, le=6)] | None = None

    @model_validator(mode="after")
    def _one(self) -> Column:
        if sum(value is not None for value in (self.field, self.constant, self.fact)) != 1:
            raise ValueError("a column has exactly one of field, constant, fact")
        if self.date not in DATES:
            raise ValueError(f"there is no date form {self.date!r}: {', '.join(DATES)}")
        return self


class Layout(_Strict):
    """A whole layout file. ``key`` is the file's name."""

    key: str = ""
    name: Text
    format: Literal["csv", "xlsx", "json", "jsonl", "xml"]
    file: Annotated[str, StringConstraints(pattern=r"^[^/\\\x00-\x1f]{1,120}$")] = ""
    each: Path | None = None
    columns: tuple[Column, ...] = Field(min_length=1, max_length=400)
    delimiter: Literal[";", ",", "\t", "|"] = ";"
    encoding: str = "utf-8"
    decimal: Literal[".", ","] = "."
    header: bool = True
    guard: bool = True
    root: Element = "records"
    record: Element = "record"

    @model_validator(mode="after")
    def _fits(self) -> Layout:
        heads = [column.head for column in self.columns]
        twice = next((head for head in heads if heads.count(head) > 1), None)
        if twice is not None:
            raise ValueError(f"two columns are headed {twice!r}")
        if self.encoding not in _ENCODINGS:
            raise ValueError(f"there is no encoding {self.encoding!r}: {', '.join(_ENCODINGS)}")
        codecs.lookup(self.encoding)
        if self.format == "xml":
            bad = next((head for head in heads if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]*", head)), None)
            if bad is not None:
                raise ValueError(f"{bad!r} cannot be the name of an XML element: letters, digits, _ . - and no space")
        return self

    def file_name(self, run: str) -> str:
        """The file's name for one run; ``{run}`` stands for it."""
        return (self.file or f"{self.key}-{{run}}.{self.format}").replace("{run}", run)


def read_layouts(files: Mapping[str, bytes], root: Shape, problems: list[Problem]) -> dict[str, Layout]:
    """The layouts of a template's folder by their names; what is wrong with them goes to ``problems``."""
    found: dict[str, Layout] = {}
    for name, content in sorted(files.items()):
        named = FILE.fullmatch(name)
        if named:
            layout, faults = read_layout(name, named[1], content)
            problems += faults
            if layout is not None:
                complaints = [*unknown(name, layout, root)]
                problems += complaints
                found[named[1]] = resolved(layout, root) if not complaints else layout
    return found


def read_layout(name: str, key: str, content: bytes) -> tuple[Layout | None, list[Problem]]:
    """The layout, or what is wrong with the file."""
    try:
        text = content.decode("utf-8")
        node = yaml.compose(text, Loader=yaml.BaseLoader)
        values = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506  (makes text, lists and mappings only)
    except UnicodeDecodeError:
        return None, [Problem(name, 0, "The file is not UTF-8.", "Save it as UTF-8.")]
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        return None, [Problem(name, line, f"This is not YAML: {error.problem or error.context}.", "Check indentation.")]
    except (yaml.YAMLError, RecursionError) as error:
        return None, [Problem(name, 0, f"This is not YAML: {error}.", "Check indentation and colons.")]
    if not isinstance(values, dict) or "key" in values:
        return None, [Problem(name, 1, "A layout is a mapping of name, format, columns and so on.", _SEE)]
    try:
        return Layout.model_validate({**values, "key": key}), []
    except ValidationError as error:
        return None, [_tell(name, one, node) for one in error.errors(include_url=False)]


_SEE = "See docs/outputs.md for every key."


def _tell(name: str, error: Any, node: Any) -> Problem:
    place = [step for step in error["loc"] if step != "as"]
    line = _line(node, place)
    said = ".".join(str(step + 1) if isinstance(step, int) else str(step) for step in error["loc"])
    match error["type"]:
        case "extra_forbidden":
            known = Column.model_fields if len(place) == 3 else Layout.model_fields
            keys = ["as" if key == "kind" else key for key in known if key != "key"]
            return Problem(name, line, f"There is no key {said!r}.", suggestion(str(place[-1]), keys))
        case "missing":
            return Problem(name, line, f"The key {said!r} is missing.", _SEE)
        case _:
            told = error["msg"].removeprefix("Value error, ")
            return Problem(name, line, f"{said or 'The layout'}: {told}.", _SEE)


def _line(node: Any, place: list[Any]) -> int:
    """The line of the deepest part of ``place`` that is there."""
    line = node.start_mark.line + 1 if node is not None else 0
    for step in place:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == step), None)
            if found is None:
                break
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            break
    return line


def unknown(name: str, layout: Layout, root: Shape) -> Iterator[Problem]:
    """Fields that the contract does not have, and those that are no single value."""
    rows = root.find(layout.each) if layout.each else None
    if layout.each and (rows is None or rows.kind != "list" or rows.items is None):
        hint = suggestion(layout.each, [key for key, field in root.fields.items() if field.kind == "list"])
        yield Problem(name, 0, f"each: the contract has no list {layout.each!r}.", hint)
        return
    for number, column in enumerate(layout.columns, 1):
        if column.field is None:
            continue
        where, path = _inside(layout, root, column.field)
        here = where.find(path)
        if here is None:
            what = f"Column {number} ({column.head}): the contract has no field {column.field!r}."
            yield Problem(name, 0, what, suggestion(path.rpartition(".")[2], where.fields))
        elif here.kind not in ("text", "structure"):
            hint = "Name a field inside it; for the rows of a list, write each: with the list."
            yield Problem(name, 0, f"Column {number} ({column.head}): {column.field!r} is a {here.kind}.", hint)


def _inside(layout: Layout, root: Shape, path: str) -> tuple[Shape, str]:
    """Where a path begins: in the row for what stands below ``each``, else in the record."""
    if layout.each and path.startswith(f"{layout.each}."):
        rows = root.find(layout.each)
        if rows is not None and rows.items is not None:
            return rows.items, path[len(layout.each) + 1 :]
    return root, path


def resolved(layout: Layout, root: Shape) -> Layout:
    """The layout with what each column is, where the author leaves that to the contract's ``x-format``."""
    columns = []
    for column in layout.columns:
        kind = column.kind or ("number" if column.fact == "pages" else "text")
        if column.kind is None and column.field is not None:
            where, path = _inside(layout, root, column.field)
            here = where.find(path)
            if here is not None:
                kind = _KINDS.get(here.shown, "number" if here.types & {"number", "integer"} else "text")
                kind = "flag" if "boolean" in here.types else kind
        columns.append(column.model_copy(update={"kind": kind}))
    return layout.model_copy(update={"columns": tuple(columns)})
