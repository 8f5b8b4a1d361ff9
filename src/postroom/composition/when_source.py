"""The conditions of a template as rows that a person fills in, and back into ``template.yaml``.

Only the letters of the condition change: comments, order and spelling of the rest of the file are its author's. What
the rows cannot say (any of several groups) is left as it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from postroom.composition.conditions import Told, parted
from postroom.composition.manifest import FILE
from postroom.kernel.errors import BadInput

#: What a row asks: a value, another one, one of several, above, at least, below, at most, nothing, something.
ASKS = ("is", "not", "among", "above", "least", "below", "most", "empty", "holds")
_SIGNS = {"not": "!=", "above": ">", "least": ">=", "below": "<", "most": "<="}
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


class BadCondition(BadInput):
    """A condition that cannot be read from template.yaml, or not be written into it."""

    code = "bad-condition"
    title = "The condition cannot be used"


@dataclass(frozen=True, slots=True)
class Row:
    """One question of a condition."""

    path: str
    ask: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """A condition as rows, all or any of which must hold. None of them: always."""

    rows: tuple[Row, ...] = ()
    any: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a condition stands: ``codes/pay``, ``finish/2``, ``flags/late``, ``blocks/sepa``. ``name`` is the symbol,
    the verb of the step, the flag or the content block; ``about`` what the step does. ``when`` is the condition as it
    is written, ``text`` its letters."""

    at: str
    kind: str
    name: str
    about: str
    when: Told | None
    text: str = ""


def places(source: str) -> tuple[Place, ...]:
    """Everything in a template.yaml that can hang on a condition. Raises BadCondition when it is no YAML."""
    return tuple(_place(source, at, kind, name, node) for at, kind, name, node in _nodes(source))


def place(source: str, at: str) -> Place:
    """The one that is called so. Raises BadCondition."""
    found = next((one for one in places(source) if one.at == at), None)
    if found is None:
        raise BadCondition(f"{FILE} has no {at!r}.", hint="Choose one of the list.")
    return found


def rows_of(when: Told | None) -> Rows | None:
    """A condition as rows; None where rows cannot say it."""
    if when is None:
        return Rows()
    if isinstance(when, str):
        return Rows((Row(when, "holds"),))
    if isinstance(when, Mapping):
        return Rows(tuple(_row(path, told) for path, told in when.items()))
    if any(len(case) != 1 for case in when):
        return None
    return Rows(tuple(_row(path, told) for case in when for path, told in case.items()), any=True)


def when_of(rows: Rows) -> Told | None:
    """What rows say, as template.yaml has it. Raises BadCondition."""
    if not rows.rows:
        return None
    if len(rows.rows) == 1 and rows.rows[0].ask == "holds":
        return rows.rows[0].path
    said = [(row.path, _value(row)) for row in rows.rows]
    if rows.any and len(said) > 1:
        return [{path: value} for path, value in said]
    twice = {path for path, _ in said if sum(path == other for other, _ in said) > 1}
    if twice:
        raise BadCondition(
            f"{sorted(twice)[0]!r} is asked for twice, and all rows must hold.",
            hint="Ask for each field once, or choose that one of the rows is enough.",
        )
    return dict(said)


def written(source: str, at: str, when: Told | None) -> str:
    """The file with that condition, and nothing else changed. Raises BadCondition."""
    kind, node = next(((kind, node) for name, kind, _, node in _nodes(source) if name == at), ("", None))
    if node is None:
        raise BadCondition(f"{FILE} has no {at!r}.", hint="Choose one of the list.")
    key, value = _when(node)
    flow = _flow(when)
    if isinstance(node, yaml.ScalarNode):
        if when is None:
            return source
        made = _mapped(source, kind, node, flow)
    elif key is not None and value is not None:
        begin, end = key.end_mark.index, _end(value)
        made = source[:begin] + f": {flow}" + source[end:] if when is not None else _without(source, node, key, value)
    elif when is None:
        return source
    elif node.flow_style:
        end = node.end_mark.index - 1
        made = source[:end].rstrip() + f", when: {flow}" + source[end:]
    else:
        last = max(_end(inner) for _, inner in node.value)
        line_end = source.find("\n", last)
        line_end = len(source) if line_end < 0 else line_end
        indent = " " * node.value[0][0].start_mark.column
        made = f"{source[:line_end]}\n{indent}when: {flow}{source[line_end:]}"
    if place(made, at).when != _as_read(when):
        raise BadCondition(f"The condition of {at} cannot be written from here.", hint=f"Change {FILE} in the studio.")
    return made


def _nodes(source: str) -> Iterator[tuple[str, str, str, Any]]:
    try:
        root = yaml.compose(source, Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        raise BadCondition(f"{FILE} is no YAML.", hint="Mend it in the studio; the line is named there.") from error
    for key, value in root.value if isinstance(root, yaml.MappingNode) else ():
        if key.value == "codes" and isinstance(value, yaml.MappingNode):
            for name, node in value.value:
                if isinstance(node, yaml.MappingNode) and node.value:
                    yield f"codes/{name.value}", "code", str(name.value), node
        if key.value == "flags" and isinstance(value, yaml.MappingNode):
            for name, node in value.value:
                if isinstance(node, yaml.MappingNode) or (isinstance(node, yaml.ScalarNode) and not node.value):
                    yield f"flags/{name.value}", "flag", str(name.value), node
        if key.value == "blocks" and isinstance(value, yaml.SequenceNode):
            for node in value.value:
                if name := _block_key(node):
                    yield f"blocks/{name}", "block", name, node
        if key.value == "finish" and isinstance(value, yaml.SequenceNode):
            for number, step in enumerate(value.value, 1):
                for verb, node in step.value if isinstance(step, yaml.MappingNode) else ():
                    if isinstance(node, yaml.MappingNode) and node.value:
                        yield f"finish/{number}", "finish", str(verb.value), node


def _block_key(node: Any) -> str:
    """The key of a content block in the list, with or without a condition."""
    if isinstance(node, yaml.ScalarNode):
        return str(node.value)
    if not isinstance(node, yaml.MappingNode):
        return ""
    return next((str(told.value) for key, told in node.value if key.value == "key"), "")


def _mapped(source: str, kind: str, node: Any, flow: str) -> str:
    """The file with a mapping in place of a plain word: ``sepa`` of the blocks, or nothing behind a flag's name."""
    begin, end = node.start_mark.index, node.end_mark.index
    said = f"{{key: {source[begin:end]}, when: {flow}}}" if kind == "block" else f" {{when: {flow}}}"
    return source[:begin] + said + source[end:]


def _place(source: str, at: str, kind: str, name: str, node: Any) -> Place:
    key, value = _when(node)
    if isinstance(node, yaml.ScalarNode):
        return Place(at, kind, name, "", None)
    said = {str(inner.value): str(told.value) for inner, told in node.value if isinstance(told, yaml.ScalarNode)}
    about = next((said[one] for one in ("kind", "text", "file", "image") if one in said), "")
    if key is None or value is None:
        return Place(at, kind, name, about, None)
    text = source[value.start_mark.index : _end(value)]
    return Place(at, kind, name, about, _read(value), text)


def _when(node: Any) -> tuple[Any, Any]:
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return next(((key, value) for key, value in pairs if key.value == "when"), (None, None))


def _read(node: Any) -> Any:
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): _read(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_read(inner) for inner in node.value]
    return str(node.value)


def _as_read(when: Any) -> Any:
    if isinstance(when, Mapping):
        return {path: _as_read(told) for path, told in when.items()}
    return when if when is None or isinstance(when, str) else [_as_read(one) for one in when]


def _end(node: Any) -> int:
    """Behind the last letter of a node: a block's own mark stands before whatever comes next."""
    if isinstance(node, yaml.ScalarNode) or node.flow_style or not node.value:
        return int(node.end_mark.index)
    last = node.value[-1]
    return _end(last[1] if isinstance(last, tuple) else last)


def _without(source: str, node: Any, key: Any, value: Any) -> str:
    begin, end = key.start_mark.index, _end(value)
    if node.flow_style:
        before = re.search(r",\s*\Z", source[:begin])
        after = re.match(r"\s*,\s*", source[end:])
        if before:
            return source[: before.start()] + source[end:]
        return source[:begin] + source[end + (after.end() if after else 0) :]
    begin = source.rfind("\n", 0, begin) + 1
    line_end = source.find("\n", end)
    return source[:begin] + (source[line_end + 1 :] if line_end >= 0 else "")


def _row(path: str, told: str | Sequence[str]) -> Row:
    if not isinstance(told, str):
        return Row(path, "among", ", ".join(told))
    sign, value = parted(told)
    if not value:
        return Row(path, "holds" if sign == "!=" else "empty")
    ask = next((name for name, one in _SIGNS.items() if one == sign), "is")
    return Row(path, ask, value)


def _value(row: Row) -> str | list[str]:
    value = row.value.strip()
    if row.ask == "empty":
        return ""
    if row.ask == "holds":
        return "!="
    if not value:
        raise BadCondition(f"{row.path}: there is nothing to compare with.", hint="Write a value, or ask for “empty”.")
    if row.ask == "among":
        return [_literal(one.strip()) for one in value.split(",") if one.strip()]
    sign = _SIGNS.get(row.ask)
    return f"{sign} {value}" if sign else _literal(value)


def _literal(value: str) -> str:
    """A text that would be read as a comparison says so."""
    return f"= {value}" if parted(value) != ("=", value) else value


def _flow(when: Any) -> str:
    if isinstance(when, Mapping):
        return "{" + ", ".join(f"{path}: {_flow(told)}" for path, told in when.items()) + "}"
    if isinstance(when, str):
        plain = _PLAIN.fullmatch(when) and when.lower() not in _WORDS
        dotted = "." in when and re.fullmatch(r"[A-Za-z_][\w.-]*", when)
        return when if plain or dotted else json.dumps(when, ensure_ascii=False)
    return "[" + ", ".join(_flow(one) for one in when or ()) + "]"
