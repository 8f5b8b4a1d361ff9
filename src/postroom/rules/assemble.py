"""One record through a compiled mapping, inside the cell: evaluate once, then put each value in its place.

When the one evaluation fails, zen does not say which field is to blame; then, and only then, the fields are tried one
by one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

import zen

from postroom.rules import limits
from postroom.rules.zen_words import first_line, parsed

_encoder = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_NOTHING = object()

#: The lists around a field while it is looked at: (zen expression of the list, alias, row counted from 0).
Rows = tuple[tuple[str, str, int], ...]


class Aside(Exception):
    """This record cannot be mapped."""

    def __init__(self, path: str, expression: str, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.path, self.expression, self.reason, self.hint = path, expression, reason, hint


class Program:
    """A mapping, compiled once per cell."""

    def __init__(self, text: dict[str, Any]) -> None:
        self._whole = zen.compile_expression(text["expression"])
        self._plan: list[dict[str, Any]] = text["plan"]
        self._constants: list[tuple[list[str], Any]] = text["constants"]
        self._lookups: dict[str, dict[str, Any]] = text["lookups"]

    def result(self, record: bytes) -> bytes:
        """The mapped record as JSON. Raises Aside."""
        try:
            values = self._whole.evaluate(record)
        except Exception as error:  # zen raises plain RuntimeError for everything
            raise self._culprit(self._plan, record, (), "") or Aside("", "", parsed(error).reason) from error
        made: dict[str, Any] = {}
        for path, value in self._constants:
            _put(made, path, value)
        self._fill(made, self._plan, values, record, (), "")
        encoded = _encoder.encode(made).encode()
        if len(encoded) > limits.RESULT_BYTES:
            raise Aside("", "", f"The result has {len(encoded)} bytes; {limits.RESULT_BYTES} are allowed.")
        return encoded

    def _fill(
        self,
        made: dict[str, Any],
        plan: list[dict[str, Any]],
        values: Sequence[Any],
        record: bytes,
        rows: Rows,
        at: str,
    ) -> None:
        for node, value in zip(plan, values, strict=True):
            if "rows" in node:
                value = self._rows(node, value, record, rows, at)
            elif value.__class__ is str:
                value = self._text(node, value, record, rows, at)
            else:
                value = self._other(node, value, record, rows, at)
            if value is not _NOTHING:
                path = node["path"]
                if len(path) == 1:
                    made[path[0]] = value
                else:
                    _put(made, path, value)

    def _rows(self, node: dict[str, Any], value: Any, record: bytes, rows: Rows, at: str) -> Any:
        if value is None:
            return self._empty(node, record, rows, at)
        if len(value) > limits.ROWS:
            raise Aside(
                at + node["label"],
                node["written"],
                f"{len(value)} rows; {limits.ROWS} are allowed.",
                "Split the record.",
            )
        made = []
        for index, cells in enumerate(value):
            row: dict[str, Any] = {}
            inner = (*rows, (node["zen"], node["alias"], index))
            self._fill(row, node["rows"], cells, record, inner, f"{at}{node['label']}[{index + 1}].")
            made.append(row)
        return made

    def _text(self, node: dict[str, Any], value: str, record: bytes, rows: Rows, at: str) -> Any:
        if node["texts"] and "null" in value:
            self._no_null_in(node, record, rows, at)
        return self._looked_up(node, value, at) if "lookup" in node else value

    def _other(self, node: dict[str, Any], value: Any, record: bytes, rows: Rows, at: str) -> Any:
        if value is None:
            return self._empty(node, record, rows, at)
        value = _whole(value, at + node["label"], node["written"])
        if "lookup" in node:
            return self._looked_up(node, value, at)
        if node["money"] and value.__class__ is not str:
            if node["bare"] and value.__class__ is int:
                return str(value)
            raise Aside(
                at + node["label"],
                node["written"],
                f"Money must be a text such as '12.50', and this is {value!r}.",
                "Take the amount as it is; the template's derive calculates with Decimal.",
            )
        return value

    def _empty(self, node: dict[str, Any], record: bytes, rows: Rows, at: str) -> Any:
        if "default" in node:
            return node["default"]
        if node["empty"] == "leave out":
            return _NOTHING
        if node["empty"] == "keep":
            return None
        names = _empty_names(node, record, rows)
        what = (
            f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} empty or missing" if names else "This is empty"
        )
        raise Aside(
            at + node["label"],
            node["written"],
            f"{what} in the record, and the field is needed.",
            "Correct the record, or make the list `optional: true`."
            if "rows" in node
            else "Correct the record, or give the field a `default`.",
        )

    def _looked_up(self, node: dict[str, Any], value: Any, at: str) -> Any:
        table = self._lookups[node["lookup"]]
        key = str(value).lower() if isinstance(value, bool) else str(value)
        if key in table:
            return table[key]
        if "otherwise" in node:
            return node["otherwise"]
        near = get_close_matches(key, list(table), n=1)
        raise Aside(
            at + node["label"],
            node["written"],
            f"{key!r} is not in the lookup {node['lookup']!r}.",
            (f'Did you mean "{near[0]}"? ' if near else "") + "Add the entry, or give the field an `otherwise`.",
        )

    def _no_null_in(self, node: dict[str, Any], record: bytes, rows: Rows, at: str) -> None:
        """zen writes the word "null" for an empty value; nobody wants "Dear null" on a letter."""
        for written, zen_text in node["texts"]:
            if _ask(zen_text, record, rows) is None:
                raise Aside(
                    at + node["label"],
                    node["written"],
                    f'{written} is empty in the record and would be written as "null".',
                    f"Write ({written} ?? '').",
                )

    def _culprit(self, plan: list[dict[str, Any]], record: bytes, rows: Rows, at: str) -> Aside | None:
        """The first field that fails by itself."""
        for node in plan:
            path = at + node["label"]
            try:
                value = _ask(node["zen"], record, rows, strict=True)
            except RuntimeError as error:
                said = parsed(error)
                empty = _empty_names(node, record, rows, guarded=False)
                if not empty:
                    return Aside(path, node["written"], said.reason, said.hint or _about_types(first_line(error)[1]))
                hint = f"Write ({empty[0]} ?? '')."
                return Aside(path, node["written"], f"{said.reason} Empty or missing: {', '.join(empty)}.", hint)
            if "rows" not in node or value is None:
                continue
            if not isinstance(value, list | dict):
                return Aside(path, node["written"], "This is no list in the record.", "`each` needs a list of rows.")
            for index in range(len(value) if isinstance(value, list) else 1):
                inner = (*rows, (node["zen"], node["alias"], index))
                if found := self._culprit(node["rows"], record, inner, f"{path}[{index + 1}]."):
                    return found
        return None


def _ask(expression: str, record: bytes, rows: Rows, *, strict: bool = False) -> Any:
    """One expression by itself, inside the rows around it."""
    for source, alias, index in reversed(rows):
        rows_of = f"(type({source}) == 'object' ? [{source}] : {source})"
        expression = f"map([{rows_of}[{index}]] as {alias}, {expression})"
    try:
        value = zen.evaluate_expression(expression, record)
    except RuntimeError:
        if strict:
            raise
        return _NOTHING
    for _ in rows:
        value = value[0]
    return value


def _empty_names(node: dict[str, Any], record: bytes, rows: Rows, *, guarded: bool = True) -> list[str]:
    """The source fields of an expression that are null here; ``guarded``: also those that stand before ``??``."""
    reads = node.get("reads", ())
    return [name for name, zen_name, safe in reads if (guarded or not safe) and _ask(zen_name, record, rows) is None]


def _about_types(message: str) -> str:
    if message.startswith("Opcode Add"):
        return "Write string(..) around a number that is joined to a text."
    return "Numbers that came as text need number(..)."


def _whole(value: Any, path: str, expression: str) -> Any:
    """Whole floats as integers, inside lists and objects too (P9)."""
    if value.__class__ is float:
        if value.is_integer() and abs(value) < limits.EXACT_INTEGER:
            return int(value)
        raise Aside(
            path,
            expression,
            f"This is the number {value!r}, which is not exact.",
            "Keep it as text; for a long whole number write string(..) around it.",
        )
    if value.__class__ is dict:
        return {key: _whole(item, f"{path}.{key}", expression) for key, item in value.items()}
    if value.__class__ is list:
        return [_whole(item, f"{path}[{index + 1}]", expression) for index, item in enumerate(value)]
    return value


def _put(made: dict[str, Any], path: Sequence[str], value: Any) -> None:
    for name in path[:-1]:
        made = made.setdefault(name, {})
    made[path[-1]] = value
