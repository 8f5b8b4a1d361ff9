"""What is wrong with a decision table. zen itself accepts a broken cell and lets it silently never match.

So each cell is parsed, each bare word that is not a known field is named (``DE`` without quotes is a name and not a
text), and a column that holds numbers in one row and texts in another is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from postroom.rules import limits
from postroom.rules.errors import Problem
from postroom.rules.lint import lint, suggest
from postroom.rules.names import uses
from postroom.rules.tokens import FUNCTIONS, Unreadable

_NODES = {"inputNode", "outputNode", "decisionTableNode", "expressionNode", "switchNode"}
_WHY_NOT = {
    "functionNode": "JavaScript is not run here; it could reach the network.",
    "decisionNode": "A table that calls another table is not supported; join them in one graph.",
    "customNode": "Custom nodes are not supported.",
}
_HIT = ("first", "collect")
_MODE = ("single", "loop", None)


@dataclass(slots=True)
class Found:
    """Problems that need no parser, and the texts for zen's parser with the place of each."""

    problems: list[Problem] = field(default_factory=list)
    conditions: list[tuple[str, str]] = field(default_factory=list)
    expressions: list[tuple[str, str]] = field(default_factory=list)

    def add(self, where: str, reason: str, hint: str = "") -> None:
        self.problems.append(Problem(where, reason, hint))


def inspect(jdm: Any, facts: Collection[str] = ()) -> Found:
    """Everything but zen's own opinion. ``facts``: names that cells may read beside the table's own columns."""
    found = Found()
    nodes = jdm.get("nodes") if isinstance(jdm, dict) else None
    if not isinstance(nodes, list) or not all(isinstance(node, dict) for node in nodes) or not nodes:
        found.add(
            "", "This is no decision in JDM form: `nodes` is missing.", "Export the table again, or build it anew."
        )
        return found
    if len(nodes) > limits.TABLE_NODES:
        found.add("", f"{len(nodes)} nodes; {limits.TABLE_NODES} are allowed.", "Split the decision.")
        return found
    _graph(jdm, nodes, found)
    known = {name.split(".")[0] for name in (*facts, *_fields(nodes))}
    for node in nodes:
        kind, where = node.get("type"), f'{_noun(node)} "{node.get("name", "")}"'
        content = node.get("content")
        if kind not in _NODES:
            found.add(where, f"A node of type {kind!r} is not allowed.", _WHY_NOT.get(str(kind), "Remove the node."))
        elif kind == "decisionTableNode":
            _table(content, where, known, found)
        elif kind == "expressionNode":
            for number, entry in enumerate(_entries(content, "expressions"), 1):
                _expression(str(entry.get("value", "")), f"{where}, line {number}", known, found)
        elif kind == "switchNode":
            for number, entry in enumerate(_entries(content, "statements"), 1):
                if entry.get("condition"):
                    _expression(str(entry["condition"]), f"{where}, branch {number}", known, found)
    return found


def number_columns(jdm: dict[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """Input fields compared with numbers, and those compared with texts, each with the first cell that does."""
    numbers: dict[str, str] = {}
    texts: dict[str, str] = {}
    for node in jdm["nodes"]:
        if node.get("type") != "decisionTableNode":
            continue
        for column in node["content"]["inputs"]:
            name = column.get("field")
            if not name or node["content"].get("inputField"):
                continue
            for rule in node["content"]["rules"]:
                cell = str(rule.get(column["id"]) or "")
                kind = _kind(cell)
                if kind:
                    (numbers if kind == "number" else texts).setdefault(name, cell)
    return numbers, texts


def _graph(jdm: dict[str, Any], nodes: list[dict[str, Any]], found: Found) -> None:
    ids = [node.get("id") for node in nodes]
    if len(ids) != len(set(map(str, ids))):
        found.add("", "Two nodes have the same id.", "Export the table again.")
    for kind in ("inputNode", "outputNode"):
        if sum(node.get("type") == kind for node in nodes) != 1:
            found.add("", f"A decision has one {kind}.", "Export the table again.")
    for edge in jdm.get("edges") or ():
        if not isinstance(edge, dict) or edge.get("sourceId") not in ids or edge.get("targetId") not in ids:
            found.add("", "An arrow begins or ends nowhere.", "Export the table again.")


def _table(content: Any, where: str, known: set[str], found: Found) -> None:
    if not isinstance(content, dict):
        found.add(where, "The table is empty.", "Add columns and rows.")
        return
    if content.get("hitPolicy") not in _HIT:
        hint = "Use `first` (the first row that fits) or `collect` (all rows that fit)."
        found.add(where, f"The hit policy {content.get('hitPolicy')!r} is not known.", hint)
    if content.get("executionMode") not in _MODE:
        found.add(
            where, f"The execution mode {content.get('executionMode')!r} is not known.", "Use `single` or `loop`."
        )
    inputs, outputs, rules = (_entries(content, key) for key in ("inputs", "outputs", "rules"))
    if not outputs:
        found.add(where, "No output column is declared.", "Add the columns that the table decides.")
    if not rules:
        found.add(where, "The table has no row.", "Add a row.")
    if len(rules) > limits.TABLE_ROWS or len(inputs) + len(outputs) > limits.TABLE_COLUMNS:
        found.add(where, f"At most {limits.TABLE_ROWS} rows and {limits.TABLE_COLUMNS} columns.", "Split the table.")
        return
    columns = [(column, True) for column in inputs] + [(column, False) for column in outputs]
    ids = [column.get("id") for column, _ in columns]
    if None in ids or len(ids) != len(set(map(str, ids))):
        found.add(where, "Each column needs an id of its own.", "Export the table again.")
        return
    for column, is_input in columns:
        if not is_input and not column.get("field"):
            found.add(f"{where}, column {_title(column)}", "The output column names no field.", "Name its field.")
    for number, rule in enumerate(rules, 1):
        _row(rule, columns, f"{where}, row {number}", known, found)
    if not content.get("inputField"):
        _mixed(inputs, rules, where, found)


def _row(rule: dict[str, Any], columns: list[tuple[Any, bool]], where: str, known: set[str], found: Found) -> None:
    strange = [key for key in rule if not key.startswith("_") and key not in {column["id"] for column, _ in columns}]
    if strange:
        found.add(where, f"The cell {strange[0]!r} belongs to no column.", "Export the table again.")
    for column, is_input in columns:
        cell, place = rule.get(column["id"]), f"{where}, column {_title(column)}"
        if cell is not None and not isinstance(cell, str):
            found.add(place, f"{cell!r} is no text.", "Cells are texts in zen's language.")
        elif is_input and cell and cell.strip() and cell.strip() != "-":
            if column.get("field"):
                _condition(cell, place, known, found)
            else:
                _expression(cell, place, known, found)
        elif is_input and cell and cell.strip() == "-":
            found.add(place, "A dash is no condition here.", 'Leave the cell empty for "any".')
        elif not is_input and not (cell and cell.strip()):
            found.add(place, "The output is empty.", "Write a value, or null.")
        elif not is_input and cell:
            _expression(cell, place, known, found)


def _condition(cell: str, where: str, known: set[str], found: Found) -> None:
    # `[1..5]` is a comparison with two ends in a cell, not a list to be filled
    if _linted(cell.replace("..", ","), where, known, found, brackets=False):
        found.conditions.append((cell, where))


def _expression(text: str, where: str, known: set[str], found: Found) -> None:
    if _linted(text, where, known, found):
        found.expressions.append((text, where))


def _linted(text: str, where: str, known: set[str], found: Found, *, brackets: bool = True) -> bool:
    try:
        tokens = lint(text, brackets=brackets)
    except Unreadable as error:
        found.add(where, f"{error.reason} In: {text}", error.hint)
        return False
    for use in uses(tokens):
        if use.path[0] not in known:
            near = suggest(use.path[0], known | FUNCTIONS)
            found.add(where, f"{use} is a name that nothing here has.", f"A text needs quotes: '{use}'. {near}".strip())
            return False
    return True


def _mixed(inputs: list[Any], rules: list[Any], where: str, found: Found) -> None:
    for column in inputs:
        kinds: dict[str, int] = {}
        for number, rule in enumerate(rules, 1):
            kind = _kind(str(rule.get(column["id"]) or ""))
            if kind:
                kinds.setdefault(kind, number)
        if len(kinds) > 1:
            reason = f"Row {kinds['number']} compares with a number and row {kinds['text']} with a text."
            found.add(f"{where}, column {_title(column)}", reason, "One of the two can never match; use one kind.")


def _kind(cell: str) -> str:
    """What a value must be to match: ``number``, ``text``, or nothing when it cannot be told."""
    try:
        tokens = lint(cell.replace("..", ","), brackets=False) if cell.strip() else []
    except Unreadable:
        return ""
    kinds = {token.kind for token in tokens}
    if "name" in kinds - {"op"} and any(token.kind == "name" and token.text in FUNCTIONS for token in tokens):
        return ""
    if "number" in kinds and "string" not in kinds:
        return "number"
    return "text" if "string" in kinds and "number" not in kinds else ""


def _fields(nodes: list[dict[str, Any]]) -> Iterator[str]:
    for node in nodes:
        content = node.get("content")
        for key in ("inputs", "outputs"):
            yield from (str(column["field"]) for column in _entries(content, key) if column.get("field"))
        yield from (str(entry["key"]) for entry in _entries(content, "expressions") if entry.get("key"))


def _entries(content: Any, key: str) -> list[dict[str, Any]]:
    entries = content.get(key) if isinstance(content, dict) else None
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def _title(column: dict[str, Any]) -> str:
    return f'"{column.get("name") or column.get("field") or column.get("id")}"'


def _noun(node: dict[str, Any]) -> str:
    return "table" if node.get("type") == "decisionTableNode" else "node"
