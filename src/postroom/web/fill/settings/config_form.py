"""A form made from the settings class of a channel: built-in channels and a stranger's plugin alike."""

from __future__ import annotations

import json
import types
from collections.abc import Mapping
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from postroom.web.pages import Choice, ConfigField

_SAID = {
    "ca": "CA",
    "dsn": "DSN",
    "env": "variable",
    "helo": "HELO",
    "id": "ID",
    "ip": "IP",
    "tls": "TLS",
    "url": "URL",
}
_LAST = ("rate", "burst", "parallel", "timeout")  # what every channel has comes after what is its own


def fields_of(
    config: type[BaseModel], values: Mapping[str, Any], errors: Mapping[str, str] | None = None
) -> tuple[ConfigField, ...]:
    """The fields in the order of the class. ``values`` are stored settings, or texts as they were typed."""
    names = sorted(config.model_fields, key=lambda name: _LAST.index(name) + 1 if name in _LAST else 0)
    return tuple(_field(name, config.model_fields[name], values, (errors or {}).get(name, "")) for name in names)


def typed(config: type[BaseModel], posted: Mapping[str, str]) -> dict[str, Any]:
    """What the form says as settings: an empty field leaves its setting out, so that it keeps its usual value."""
    found: dict[str, Any] = {}
    for name, info in config.model_fields.items():
        text = posted.get(f"set-{name}", "").strip()
        shape = _shape(info)
        if shape == "tick":
            found[name] = bool(text)
        elif text:
            found[name] = _json(text) if shape == "json" else text
    return found


def checked(config: type[BaseModel], found: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The settings with their real types, ready to be kept; or what is wrong, by field ("" for the whole)."""
    try:
        loaded = config.model_validate(dict(found))
    except ValidationError as error:
        wrong: dict[str, str] = {}
        for one in error.errors(include_url=False, include_input=False):
            name = str(one["loc"][0]) if one["loc"] else ""
            said = one["msg"].removeprefix("Value error, ")
            wrong.setdefault(name, f"{said[:1].upper()}{said[1:]}.")
        return {}, wrong
    return loaded.model_dump(mode="json", exclude_unset=True), {}


def _field(name: str, info: FieldInfo, values: Mapping[str, Any], error: str) -> ConfigField:
    shape = _shape(info)
    usual = "" if info.default in (PydanticUndefined, None) else _text(info.default)
    known = name in values
    return ConfigField(
        name=name,
        label=_label(name),
        shape=shape,
        value=_text(values[name]) if known else (usual if shape in ("tick", "choice") else ""),
        hint=_sentence(info.description or ""),
        usual="" if shape in ("tick", "choice") else usual,
        options=tuple(
            Choice(value=str(one), label=str(one), chosen=_text(values.get(name, info.default)) == str(one))
            for one in _literals(info)
        ),
        required=info.is_required(),
        error=error,
    )


def _label(name: str) -> str:
    """``password_env`` as "Password variable"."""
    first, *rest = (_SAID.get(part, part) for part in name.split("_"))
    return " ".join((first[:1].upper() + first[1:], *rest))


def _shape(info: FieldInfo) -> Literal["text", "number", "tick", "choice", "json"]:
    kinds = _kinds(info.annotation)
    if _literals(info):
        return "choice"
    if bool in kinds:
        return "tick"
    if kinds & {int, float} and not kinds & {str}:
        return "number"
    plain = all(
        isinstance(kind, type) and not issubclass(kind, list | dict | tuple | set | BaseModel) for kind in kinds
    )
    return "text" if plain else "json"


def _kinds(annotation: Any) -> set[Any]:
    """The types an annotation allows, without None."""
    if get_origin(annotation) in (Union, types.UnionType):
        return {kind for inner in get_args(annotation) for kind in _kinds(inner)} - {type(None)}
    return {get_origin(annotation) or annotation}


def _literals(info: FieldInfo) -> tuple[Any, ...]:
    return get_args(info.annotation) if get_origin(info.annotation) is Literal else ()


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else ""
    if isinstance(value, list | dict | tuple):
        return json.dumps(value, ensure_ascii=False, default=str)
    return "" if value is None else str(value)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text  # the settings class says what it wanted instead


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}" if text else ""
