"""From record to view: the same shape, every text as the recipient reads it.

The contract is turned once into nested functions for a locale and currency; a record then passes through without
looking at the schema again. What fails is explained by a second, slow walk that knows the paths.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from postroom.composition import fonts
from postroom.composition.formats import NotShowable, Show
from postroom.composition.problems import RecordProblem, json_path
from postroom.composition.shape import Field
from postroom.composition.texts import called, clean

Walk = Callable[[Any, list[str], list[str]], Any]
"""(value, display texts seen so far, raw values seen so far) -> display value."""


def compile_view(field: Field, shows: Mapping[str, Show]) -> Walk:
    """The function that formats a value of this field."""
    if field.kind == "object":
        return _object(field, shows)
    if field.kind == "list":
        return _list(compile_view(field.items, shows) if field.items else _same)
    if field.kind == "structure":
        return _same
    return _text(shows[field.shown]) if field.shown else _plain


def _object(field: Field, shows: Mapping[str, Show]) -> Walk:
    parts = {name: compile_view(inner, shows) for name, inner in field.fields.items()}
    shown = {name: shows[inner.shown] for name, inner in field.fields.items() if inner.kind == "text" and inner.shown}
    #: As in ``_text`` and ``_plain``, without a call for each value.
    ways = {name: shown.get(name) or (clean if walk is _plain else None) for name, walk in parts.items()}

    def walk(value: Any, seen: list[str], raw: list[str]) -> Any:
        if value is None:
            return None
        view = {}
        for name, inner in value.items():
            if name not in ways:  # what the contract does not declare is kept with the record and never shown
                continue
            way = ways[name]
            if way is None:
                view[name] = parts[name](inner, seen, raw)
            elif inner is None:
                view[name] = None
            else:
                view[name] = text = way(inner)
                seen.append(text)
                if way is not clean:
                    raw.append(inner if type(inner) is str else str(inner))
        return view

    return walk


def _list(inner: Walk) -> Walk:
    def walk(value: Any, seen: list[str], raw: list[str]) -> Any:
        return None if value is None else [inner(item, seen, raw) for item in value]

    return walk


def _text(show: Show) -> Walk:
    def walk(value: Any, seen: list[str], raw: list[str]) -> Any:
        if value is None:
            return None
        text = show(value)
        seen.append(text)
        raw.append(str(value))
        return text

    return walk


def _plain(value: Any, seen: list[str], raw: list[str]) -> Any:
    if value is None:
        return None
    text = clean(value)
    seen.append(text)
    return text


def _same(value: Any, seen: list[str], raw: list[str]) -> Any:
    return value


def explain(field: Field, value: Any, shows: Mapping[str, Show] | None, covered: frozenset[str]) -> list[RecordProblem]:
    """Every text of a record that cannot be shown, with its path. Values of a wrong type are passed over: the
    contract has told of them. Without ``shows`` only plain texts are looked at."""
    problems: list[RecordProblem] = []
    _explain(field, value, shows, covered, [], problems)
    return problems


def _explain(
    field: Field,
    value: Any,
    shows: Mapping[str, Show] | None,
    covered: frozenset[str],
    at: list[str | int],
    problems: list[RecordProblem],
) -> None:
    if field.kind == "object" and isinstance(value, dict):
        for name, inner in field.fields.items():
            _explain(inner, value.get(name), shows, covered, [*at, name], problems)
    elif field.kind == "list" and isinstance(value, list) and field.items is not None:
        for index, item in enumerate(value):
            _explain(field.items, item, shows, covered, [*at, index], problems)
    elif field.kind == "text" and value is not None:
        try:
            if field.shown:
                text = shows[field.shown](value) if shows else ""
            else:
                text = clean(value) if isinstance(value, str) else ""
        except NotShowable as fault:
            problems.append(RecordProblem(fault.code, json_path(at), fault.reason, fault.hint))
            return
        missing = sorted(set(text) - covered)
        if missing:
            problems.append(missing_glyphs(missing, json_path(at)))


def missing_glyphs(missing: list[str], path: str) -> RecordProblem:
    """The problem of characters that no font of the template has."""
    named = ", ".join(called(character) for character in missing[:5])
    more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
    return RecordProblem(
        "missing-glyph",
        path,
        f"The template's fonts have no sign for {named}{more}.",
        fonts.sign_advice(missing[0]),
    )
