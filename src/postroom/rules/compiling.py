"""From a mapping file to a Mapping: everything that can be known is checked, and all problems are told at once."""

from __future__ import annotations

from typing import Any

from postroom.rules import limits
from postroom.rules.contract import Shape, shape
from postroom.rules.errors import MappingRefused, Problem
from postroom.rules.evaluator import Evaluator, shared
from postroom.rules.lint import lint, suggest
from postroom.rules.mapping import Each, Leaf, Mapping, source_paths
from postroom.rules.names import OUTER, RECORD, ROW
from postroom.rules.program import build, calculates_money, general_path, placements
from postroom.rules.strict_yaml import Lines, NotReadable, read
from postroom.rules.tokens import Unreadable

_TOP = ("mapping", "template", "records", "fields", "constants", "lookups", "when_missing")
_LEAF = ("from", "optional", "default", "lookup", "otherwise")
_EACH = ("each", "fields", "optional")
_WHEN_MISSING = ("leave out", "set aside")
_Path = tuple[str | int, ...]


def compile_mapping(text: str, *, contract: dict[str, Any], evaluator: Evaluator | None = None) -> Mapping:
    """Check a mapping file against the contract of its template. Raises MappingRefused with all problems."""
    try:
        document, lines = read(text)
    except NotReadable as error:
        raise MappingRefused([error.problem]) from error
    compiler = _Compiler(document, lines)
    mapping = compiler.run(shape(contract))
    if not compiler.problems:
        compiler.ask_zen(mapping, evaluator or shared())
    if compiler.problems:
        raise MappingRefused(sorted(compiler.problems, key=lambda problem: problem.line))
    return mapping


class _Compiler:
    def __init__(self, document: Any, lines: Lines) -> None:
        self.document, self.lines = document, lines
        self.problems: list[Problem] = []
        self.lookups: dict[str, dict[str, Any]] = {}
        self.count = 0
        self.strict = False

    def run(self, target: Shape) -> Mapping:
        document = self.document
        if not isinstance(document, dict):
            self.refuse((), "", "A mapping is a list of `key: value` lines.", "Start with `mapping: 1`.")
            document = {}
        self.known((), document, _TOP)
        if document.get("mapping") != 1:
            self.refuse(("mapping",), "mapping", "The format is not 1.", "Start the file with `mapping: 1`.")
        when = document.get("when_missing", "leave out")
        if when not in _WHEN_MISSING:
            self.refuse(
                ("when_missing",), "when_missing", f"{when!r} is not known.", "Write `leave out` or `set aside`."
            )
        self.strict = when == "set aside"
        self.lookups = self.tables(document.get("lookups") or {})
        constants = document.get("constants") or {}
        self.constants(constants, target)
        fields = self.scope(document.get("fields"), ("fields",), target, "", 0)
        produced = [entry.path for entry in fields] + [tuple(name.split(".")) for name in constants]
        self.overlaps(produced, ("fields",), "")
        self.required(target, produced, ("fields",), "")
        return Mapping(
            template=str(document.get("template") or ""),
            records=str(document.get("records") or ""),
            fields=fields,
            constants=constants,
            lookups=self.lookups,
            money=frozenset(_money(fields, "")),
            program=b"" if self.problems else build(fields, constants, self.lookups),
        )

    def scope(self, fields: Any, at: _Path, target: Shape, prefix: str, depth: int) -> tuple[Leaf | Each, ...]:
        if not isinstance(fields, dict) or not fields:
            self.refuse(at, prefix, "`fields` is missing or empty.", "Write `field: expression` lines below it.")
            return ()
        entries = (self.entry(name, value, (*at, name), target, prefix, depth) for name, value in fields.items())
        return tuple(entry for entry in entries if entry is not None)

    def entry(self, name: str, value: Any, at: _Path, target: Shape, prefix: str, depth: int) -> Leaf | Each | None:
        self.count += 1
        if self.count == limits.FIELDS + 1:
            self.refuse(at, name, f"More than {limits.FIELDS} fields.", "Split the template.")
        path, label = tuple(name.split(".")), prefix + name
        found, needed = self.follow(path, at, target, prefix)
        if isinstance(value, dict) and "each" in value:
            return self.each(path, value, at, found, needed, label, depth)
        form = value if isinstance(value, dict) else {"from": value}
        self.known(at, form, _LEAF)
        expression = form.get("from")
        if not isinstance(expression, str):
            hint = "Write an expression in quotes; plain values stand below `constants`."
            self.refuse(at, label, f"{expression!r} is not an expression.", hint)
            return None
        self.expression(expression, at, label, depth)
        lookup = form.get("lookup") or ""
        if lookup and lookup not in self.lookups:
            self.refuse((*at, "lookup"), label, f'There is no lookup "{lookup}".', suggest(str(lookup), self.lookups))
        if "otherwise" in form and not lookup:
            self.refuse((*at, "otherwise"), label, "`otherwise` needs a `lookup`.", "For empty fields use `default`.")
        if found and found.money and not lookup and (why := calculates_money(expression)):
            hint = "Take the amount as it is; the template's derive calculates with Decimal (docs/templates.md)."
            self.refuse(at, label, f"Money is not calculated here: {why} (P9).", hint)
        optional = form.get("optional")
        if optional not in {None, True, False}:
            self.refuse((*at, "optional"), label, "`optional` is true or false.")
        return Leaf(
            path,
            expression,
            self.line(at),
            self.empty(optional, found, needed),
            money=bool(found and found.money),
            has_default="default" in form,
            default=form.get("default"),
            lookup=str(lookup),
            has_otherwise="otherwise" in form,
            otherwise=form.get("otherwise"),
        )

    def each(
        self, path: tuple[str, ...], form: Any, at: _Path, found: Shape | None, needed: bool, label: str, depth: int
    ) -> Each | None:
        self.known(at, form, _EACH)
        if depth >= limits.EACH_DEPTH:
            self.refuse(at, label, f"Lists are nested deeper than {limits.EACH_DEPTH}.")
            return None
        source = form["each"]
        if not isinstance(source, str):
            self.refuse((*at, "each"), label, "`each` names a list of the source.", "Write `each: lines`.")
            return None
        self.expression(source, (*at, "each"), label, depth)
        rows = found.row() if found else Shape()
        fields = self.scope(form.get("fields"), (*at, "fields"), rows, f"{label}[].", depth + 1)
        produced = [entry.path for entry in fields]
        self.overlaps(produced, (*at, "fields"), f"{label}[].")
        self.required(rows, produced, (*at, "fields"), f"{label}[].")
        return Each(path, source, self.line(at), self.empty(form.get("optional"), found, needed), fields)

    def follow(self, path: tuple[str, ...], at: _Path, target: Shape, prefix: str) -> tuple[Shape | None, bool]:
        """The contract's place for a field, and whether a record must have it once its parents are there."""
        here: Shape | None = target
        needed = False
        for index, name in enumerate(path):
            if not name:
                self.refuse(at, prefix + ".".join(path), "A part of the name is empty.", "Write `customer.name`.")
                return None, False
            assert here is not None
            below = here.child(name)
            if below is None:
                label = prefix + ".".join(path[: index + 1])
                hint = suggest(name, here.names or {}) or f"It has: {', '.join(sorted(here.names or {}))}."
                self.refuse(at, label, "The data contract has no such field.", hint)
                return None, False
            needed = name in here.required
            here = below
        return here, needed

    def empty(self, optional: Any, found: Shape | None, needed: bool) -> str:
        """What a null becomes: the field's own word, then the contract's, then the file's."""
        if optional is not None:
            return "leave out" if optional else "set aside"
        if found and found.nullable and found.names is None and not found.money and not self.strict and needed:
            return "keep"
        return "set aside" if needed or self.strict else "leave out"

    def expression(self, expression: str, at: _Path, label: str, depth: int) -> None:
        try:
            lint(expression)
        except Unreadable as error:
            self.refuse(at, label, error.reason, error.hint, column=error.at + 1)
            return
        for use in source_paths(Leaf((), expression, 0, "")):
            if use.path[0] in {ROW, OUTER} and depth == 0 and len(use.path) == 1 and use.path[0] == OUTER:
                self.refuse(at, label, f"`{use.path[0]}` has a meaning inside `each` only.", "", column=use.at + 1)
            if use.path[0] == RECORD and len(use.path) == 1 and depth:
                hint = "Name one of its fields, such as record.number."
                self.refuse(at, label, "The whole record in each row would grow without end.", hint)

    def tables(self, lookups: Any) -> dict[str, dict[str, Any]]:
        if not isinstance(lookups, dict) or not all(isinstance(table, dict) for table in lookups.values()):
            self.refuse(("lookups",), "lookups", "A lookup is a list of `source value: our value` lines.")
            return {}
        for name, table in lookups.items():
            if len(table) > limits.LOOKUP_ENTRIES:
                self.refuse(("lookups", name), name, f"More than {limits.LOOKUP_ENTRIES} entries.")
            for key, value in table.items():
                if isinstance(value, dict | list):
                    self.refuse(("lookups", name, key), f"{name}.{key}", "A lookup gives plain values.")
        return lookups

    def constants(self, constants: Any, target: Shape) -> None:
        if not isinstance(constants, dict):
            self.refuse(("constants",), "constants", "Constants are `field: value` lines.")
            return
        for name in constants:
            self.follow(tuple(name.split(".")), ("constants", name), target, "")

    def overlaps(self, produced: list[tuple[str, ...]], at: _Path, prefix: str) -> None:
        seen: set[tuple[str, ...]] = set()
        for path in sorted(produced):
            clash = next((path[:end] for end in range(1, len(path) + 1) if path[:end] in seen), None)
            if clash:
                name, other = ".".join(path), ".".join(clash)
                reason = f'It is made twice, as "{other}" too.' if path == clash else f'"{other}" is made as a whole.'
                self.refuse((*at, name), prefix + name, reason, "Keep one of the two.")
            seen.add(path)

    def required(self, target: Shape, produced: list[tuple[str, ...]], at: _Path, prefix: str) -> None:
        made: dict[str, list[tuple[str, ...]]] = {}
        for path in produced:
            made.setdefault(path[0], []).append(path[1:])
        for name in sorted(target.required - made.keys()):
            self.refuse(at, prefix + name, "The data contract requires this field.", f"Add a line `{name}: ..`.")
        for name, rest in made.items():
            below = target.child(name)
            if below and all(rest):
                self.required(below, rest, at, f"{prefix}{name}.")

    def ask_zen(self, mapping: Mapping, evaluator: Evaluator) -> None:
        """Let zen parse each expression as it will run, and the whole."""
        asked = list(placements(mapping.fields))
        for (entry, placed, label), said in zip(asked, evaluator.parse([item[1] for item in asked]), strict=True):
            if said:
                written = entry.expression if isinstance(entry, Leaf) else entry.source
                column = said.column if placed == written else 0
                problem = Problem(label, f"{said.reason} In: {written}", said.hint, entry.line, column)
                self.problems.append(problem)

    def known(self, at: _Path, form: dict[str, Any], words: tuple[str, ...]) -> None:
        for key in form:
            if key not in words:
                hint = suggest(key, words) or f"Known here: {', '.join(words)}."
                self.refuse((*at, key), ".".join(str(part) for part in (*at[1:], key)), "This key is not known.", hint)

    def refuse(self, at: _Path, where: str, reason: str, hint: str = "", column: int = 0) -> None:
        self.problems.append(Problem(where, reason, hint, self.line(at), column))

    def line(self, at: _Path) -> int:
        while at and at not in self.lines:
            at = at[:-1]
        return self.lines.get(at, 1)


def _money(fields: tuple[Leaf | Each, ...], base: str) -> list[str]:
    """Source paths, in the form of `door.pass_in`, that flow into money."""
    found: list[str] = []
    for entry in fields:
        if isinstance(entry, Each):
            found += _money(entry.fields, general_path(entry.source, base) + "[].")
        elif entry.money:
            found += [general_path(str(use), base) for use in source_paths(entry)]
    return found
