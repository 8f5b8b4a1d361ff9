"""YAML for people who write data: what is written is what is read, and each key knows its line.

The core schema of YAML 1.2 with three differences from PyYAML's default: ``NO`` is a text and not false, ``0171`` and
``2021-01-01`` are texts, and ``19.50`` is the text ``19.50``, never a float (P9). Anchors and aliases are refused (a
few lines of them grow to gigabytes), and so are duplicate keys.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from postroom.rules import limits
from postroom.rules.errors import Problem

_INTEGER = re.compile(r"0|-?[1-9]\d{0,17}")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}
_DEPTH = 20

Lines = dict[tuple[str | int, ...], int]


class NotReadable(Exception):
    """The text is not the YAML that we read."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def read(text: str) -> tuple[Any, Lines]:
    """The document, and the line of each key and item by its path. Raises NotReadable."""
    if len(text) > limits.FILE_LENGTH:
        raise NotReadable(Problem("", f"The file has {len(text)} characters; {limits.FILE_LENGTH} are allowed."))
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise _refused(event, "Anchors (&) and aliases (*) are not read.", "Write the value out.")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        raise NotReadable(
            Problem("", f"This is not YAML: {error.problem or error}.", _hint(error), line, column)
        ) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise NotReadable(Problem("", f"This is not YAML: {error}.")) from error
    lines: Lines = {}
    return (None if node is None else _value(node, (), lines)), lines


def _value(node: yaml.Node, path: tuple[str | int, ...], lines: Lines) -> Any:
    if len(path) > _DEPTH:
        raise _refused(node, f"Nested deeper than {_DEPTH}.", "")
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise _refused(key_node, "A key must be a simple text.", "")
            key = key_node.value
            if key in found:
                raise _refused(key_node, f'"{key}" stands here twice.', "Remove one of the two.")
            lines[(*path, key)] = key_node.start_mark.line + 1
            found[key] = _value(value_node, (*path, key), lines)
        return found
    if isinstance(node, yaml.SequenceNode):
        items = []
        for index, item in enumerate(node.value):
            lines[(*path, index)] = item.start_mark.line + 1
            items.append(_value(item, (*path, index), lines))
        return items
    return _scalar(node)


def _scalar(node: Any) -> Any:
    if node.style is not None:  # quoted or block text
        return node.value
    if node.value in _WORDS:
        return _WORDS[node.value]
    return int(node.value) if _INTEGER.fullmatch(node.value) else node.value


def _refused(event: Any, reason: str, hint: str) -> NotReadable:
    return NotReadable(Problem("", reason, hint, event.start_mark.line + 1, event.start_mark.column + 1))


def _hint(error: yaml.MarkedYAMLError) -> str:
    if "found character" in str(error.problem) and "\\t" in str(error.problem):
        return "Indent with spaces, not with tabs."
    return "A text with a colon, a # or quotes inside goes into quotes as a whole."
