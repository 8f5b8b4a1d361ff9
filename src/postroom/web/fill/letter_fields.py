"""The data of a letter as fields of a form, made from its contract, and back: nothing is guessed, nothing is lost.

What stands in the form is what the contract knows, but the recipient (who was chosen) and what the template works out
itself. Names are ``f:`` and the path, with numbers for the rows of a list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from postroom.composition.pack import TemplatePack
from postroom.composition.paths import copy_tree
from postroom.production.letters.making import worked_out
from postroom.web.pages.letters import LetterField, LetterGroup
from postroom.web.pages.settings import Choice

PREFIX = "f:"
_LONG = 160
_MOST_ROWS = 60


def groups_of(
    pack: TemplatePack, data: Mapping[str, Any], problems: Mapping[str, str], more: str = "", *, alone: bool = True
) -> tuple[LetterGroup, ...]:
    """The form. ``problems`` are reasons by path (``items[0].open``); ``more`` is a list that gets an empty row; not
    ``alone``: each of several recipients has an address of their own, so it is not filled in here."""
    form = _Form(pack)
    told = [
        _told(group, problems) for group in form.groups(form.root, data, "", "", more) if group.fields or group.more
    ]
    whole = PREFIX + ".".join(pack.at["name"][:-1]) + "."
    return tuple(
        replace(group, folded=not any(one.error for one in group.fields))
        if group.fields and group.fields[0].name.startswith(whole) and whole != f"{PREFIX}."
        else group
        for group in told
        if alone or not (group.fields and group.fields[0].name.startswith(whole))
    )


def data_of(pack: TemplatePack, before: Mapping[str, Any], typed: Mapping[str, str]) -> dict[str, Any]:
    """What was typed, put into the data as it was: what the form does not show stays."""
    form = _Form(pack)
    out: dict[str, Any] = copy_tree(dict(before))
    form.put(form.root, out, "", typed)
    return out


class _Form:
    def __init__(self, pack: TemplatePack) -> None:
        self.schema = pack.contract.schema
        manifest = pack.manifest
        self.closed = {manifest.recipient.key, manifest.recipient.name, manifest.language}
        self.made = set(worked_out(pack))
        self.root = self.resolved(self.schema)

    def resolved(self, schema: Any) -> dict[str, Any]:
        """A schema with its reference followed; contracts have no circles (``composition.shape``)."""
        while isinstance(schema, dict) and isinstance(reference := schema.get("$ref"), str):
            target: Any = self.schema
            for step in reference.removeprefix("#/").split("/"):
                target = target.get(step.replace("~1", "/").replace("~0", "~"), {}) if isinstance(target, dict) else {}
            schema = {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
        return schema if isinstance(schema, dict) else {}

    def fields(self, schema: Mapping[str, Any], path: str) -> Iterator[tuple[str, str, dict[str, Any], bool]]:
        """Each field of an object that is open: (name, path with [] for lists, schema, required)."""
        needed = set(schema.get("required", ()))
        for name, inner in schema.get("properties", {}).items():
            here = f"{path}.{name}" if path else name
            if here not in self.closed and here not in self.made:
                yield name, here, self.resolved(inner), name in needed

    def groups(
        self, schema: Mapping[str, Any], data: Any, path: str, at: str, more: str, title: str = ""
    ) -> Iterator[LetterGroup]:
        """The fields of an object, then those of the objects and lists of objects in it."""
        own: list[LetterField] = []
        inner: list[LetterGroup] = []
        values = data if isinstance(data, dict) else {}
        for name, here, field, required in self.fields(schema, path):
            place = f"{at}.{name}" if at else name
            kind = _kind(field, self.resolved(field.get("items", {})))
            label = str(field.get("title") or name.replace("_", " ").capitalize())
            if kind == "object":
                inner += self.groups(field, values.get(name), here, place, more, label)
            elif kind == "rows":
                inner += self._rows(field, values.get(name), here, place, more, label)
            else:
                own.append(_field(place, label, field, values.get(name), kind, required))
        yield LetterGroup(title=title, fields=tuple(own))
        yield from inner

    def _rows(
        self, field: Mapping[str, Any], value: Any, path: str, at: str, more: str, label: str
    ) -> Iterator[LetterGroup]:
        rows = list(value) if isinstance(value, list) else []
        most = min(int(field.get("maxItems", _MOST_ROWS)), _MOST_ROWS)
        if (more == at or not rows) and len(rows) < most:
            rows.append({})
        item = self.resolved(field.get("items", {}))
        for number, row in enumerate(rows):
            last = number == len(rows) - 1
            found = list(self.groups(item, row, f"{path}[]", f"{at}.{number}", more, f"{label} {number + 1}"))
            yield from found[:-1]
            yield LetterGroup(
                title=found[-1].title, fields=found[-1].fields, more=at if last and len(rows) < most else ""
            )

    def put(
        self, schema: Mapping[str, Any], out: dict[str, Any], at: str, typed: Mapping[str, str], path: str = ""
    ) -> None:
        for name, here, field, _required in self.fields(schema, path):
            place = f"{at}.{name}" if at else name
            kind = _kind(field, self.resolved(field.get("items", {})))
            if kind == "object":
                found = out.get(name)
                inner = copy_tree(found) if isinstance(found, dict) else {}
                self.put(field, inner, place, typed, here)
                _set(out, name, inner or None, isinstance(found, dict) or bool(inner))
            elif kind == "rows":
                self._put_rows(field, out, name, place, typed, here)
            elif f"{PREFIX}{place}" in typed or f"{PREFIX}{place}?" in typed:
                _set(out, name, _read(field, kind, typed.get(f"{PREFIX}{place}", "")), True)

    def _put_rows(
        self, field: Mapping[str, Any], out: dict[str, Any], name: str, at: str, typed: Mapping[str, str], path: str
    ) -> None:
        start = f"{PREFIX}{at}."
        numbers = {key[len(start) :].split(".")[0].rstrip("?") for key in typed if key.startswith(start)}
        if not numbers:
            return
        found = out.get(name)
        before: list[Any] = found if isinstance(found, list) else []
        item = self.resolved(field.get("items", {}))
        rows = []
        for number in sorted(int(one) for one in numbers if one.isdecimal() and len(one) < 4):
            old = before[number] if number < len(before) and isinstance(before[number], dict) else {}
            row = copy_tree(old)
            self.put(item, row, f"{at}.{number}", typed, f"{path}[]")
            if any(value not in (None, "", False) for value in row.values()):
                rows.append(row)
        _set(out, name, rows or None, True)


def _kind(field: Mapping[str, Any], item: Mapping[str, Any]) -> str:
    types = field.get("type", ())
    kinds = {types} if isinstance(types, str) else set(types)
    if "object" in kinds or "properties" in field:
        return "object"
    if "array" in kinds or "items" in field:
        return "rows" if "object" in {item.get("type")} or "properties" in item else "lines"
    if "boolean" in kinds:
        return "tick"
    if field.get("enum"):
        return "choice"
    if kinds & {"number", "integer"} and "string" not in kinds:
        return "number"
    if field.get("x-format") in ("date", "date-short"):
        return "date"
    return "long" if int(field.get("maxLength", 0) or 0) > _LONG else "text"


def _field(place: str, label: str, field: Mapping[str, Any], value: Any, kind: Any, required: bool) -> LetterField:
    if kind == "lines":
        shown = "\n".join(str(one) for one in value) if isinstance(value, list) else ""
    elif kind == "tick":
        shown = "true" if value is True else ""
    else:
        shown = "" if value is None else str(value)
    options: tuple[Choice, ...] = ()
    if kind == "choice":
        empty = () if required else (Choice(value="", label="", chosen=shown == ""),)
        known = tuple(Choice(value=str(one), label=str(one), chosen=str(one) == shown) for one in field["enum"])
        options = (*empty, *known)
    return LetterField(
        name=f"{PREFIX}{place}",
        label=label,
        shape=kind,
        value=shown,
        hint=str(field.get("description") or ""),
        options=options,
        required=required,
        most=int(field.get("maxLength", 0) or 0),
    )


def _read(field: Mapping[str, Any], kind: str, text: str) -> Any:
    """The value of a field; what is no number stays the text it is, and the contract says so."""
    tidy = text.replace("\r\n", "\n").strip()
    if kind == "tick":
        return True if tidy == "true" else None
    if not tidy:
        return None
    if kind == "lines":
        return [line.strip() for line in tidy.split("\n") if line.strip()]
    if kind == "number" or (kind == "choice" and not isinstance(field["enum"][0], str)):
        try:
            number = Decimal(tidy.replace(",", "."))
        except InvalidOperation:
            return tidy
        if not number.is_finite():
            return tidy
        return int(number) if number == number.to_integral_value() and abs(number) < 10**15 else number
    return tidy


def _set(out: dict[str, Any], name: str, value: Any, known: bool) -> None:
    if value is not None:
        out[name] = value
    elif known:
        out.pop(name, None)


def _in_brackets(path: str) -> str:
    """``items.0.open`` as problems name it: ``items[0].open``."""
    steps = path.split(".")
    return steps[0] + "".join(f"[{step}]" if step.isdecimal() else f".{step}" for step in steps[1:])


def _told(group: LetterGroup, problems: Mapping[str, str]) -> LetterGroup:
    fields = tuple(
        replace(one, error=problems.get(_in_brackets(one.name.removeprefix(PREFIX)), "")) for one in group.fields
    )
    return replace(group, fields=fields)
