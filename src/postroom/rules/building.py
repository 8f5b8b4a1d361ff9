"""A decision table in zen's JSON form (JDM) from plain Python rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from postroom.rules.errors import Problem, TableRefused


@dataclass(frozen=True, slots=True)
class RawCell:
    """A cell written in zen's language, such as ``> 3``."""

    text: str


def expression(text: str) -> RawCell:
    """Mark a cell as an expression and not as a plain value."""
    return RawCell(text)


def compile_table(
    name: str,
    *,
    inputs: Sequence[str],
    outputs: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
    hit: str = "first",
) -> dict[str, Any]:
    """The table as JDM. A row maps columns to plain values; ``description`` says in words what the row is for.

    Input cells: a text or number to be equal to, a list of such, `expression("> 3")`, or absent for "any".
    Output cells: text, whole number, true, false, None, Decimal (becomes text), or an `expression`.
    Raises TableRefused for an unknown column or a value that has no cell form.
    """
    known = {*inputs, *outputs, "description"}
    problems = [
        Problem(
            f'table "{name}", row {number}', f'There is no column "{column}".', f"Columns: {', '.join(sorted(known))}."
        )
        for number, row in enumerate(rows, 1)
        for column in row
        if column not in known
    ]
    if problems:
        raise TableRefused(problems)
    rules = []
    for number, row in enumerate(rows, 1):
        rule: dict[str, str] = {"_id": f"row-{number}", "_description": str(row.get("description", ""))}
        for index, column in enumerate(inputs):
            rule[f"in-{index}"] = _cell(row[column], name, number, column) if row.get(column) is not None else ""
        for index, column in enumerate(outputs):
            rule[f"out-{index}"] = _cell(row.get(column), name, number, column)
        rules.append(rule)
    content = {
        "hitPolicy": hit,
        "inputs": [{"id": f"in-{index}", "name": field, "field": field} for index, field in enumerate(inputs)],
        "outputs": [{"id": f"out-{index}", "name": field, "field": field} for index, field in enumerate(outputs)],
        "rules": rules,
        "passThrough": False,
        "inputField": None,
        "outputPath": None,
        "executionMode": "single",
    }
    return {
        "contentType": "application/vnd.gorules.decision",
        "nodes": [
            _node("request", "inputNode", "Request", 0, {"schema": ""}),
            _node("table", "decisionTableNode", name, 300, content),
            _node("response", "outputNode", "Response", 600, {"schema": ""}),
        ],
        "edges": [
            {"id": "edge-1", "sourceId": "request", "targetId": "table", "type": "edge"},
            {"id": "edge-2", "sourceId": "table", "targetId": "response", "type": "edge"},
        ],
    }


def _node(key: str, kind: str, name: str, x: int, content: dict[str, Any]) -> dict[str, Any]:
    return {"id": key, "type": kind, "name": name, "position": {"x": x, "y": 0}, "content": content}


def _cell(value: Any, table: str, row: int, column: str) -> str:
    if isinstance(value, RawCell):
        return value.text
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return f"'{value:f}'"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_cell(item, table, row, column) for item in value) + "]"
    where = f'table "{table}", row {row}, column "{column}"'
    if isinstance(value, str):
        quote = "'" if "'" not in value else '"'
        if quote not in value:
            return f"{quote}{value}{quote}"
        raise TableRefused([Problem(where, "A text with both kinds of quotes has no cell form.", "Use one kind.")])
    hint = "Write texts, whole numbers, true, false or None; amounts as Decimal or text."
    raise TableRefused([Problem(where, f"{value!r} cannot stand in a table.", hint)])
