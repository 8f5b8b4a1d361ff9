"""The data contract: JSON Schema 2020-12, compiled once per template, with errors told in sentences.

``x-format`` implies what the value must look like (a date is a date, money is a decimal text), so that a record is
refused at the door and not by the page.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs

from postroom.composition.problems import RecordProblem, json_path, suggestion
from postroom.composition.shape import Field, shape

_MONEY = r"^-?[0-9]{1,15}(\.[0-9]{1,6})?$"
_NUMBER = r"^-?[0-9]{1,15}(\.[0-9]{1,9})?$"
_IMPLIED: dict[str, dict[str, Any]] = {
    "money": {"pattern": _MONEY},
    "money-symbol": {"pattern": _MONEY},
    "date": {"format": "date"},
    "date-short": {"format": "date"},
    "quantity": {"pattern": _NUMBER},
    "percent": {"pattern": _NUMBER},
    "country": {"pattern": "^[A-Z]{2}$"},
}
_HELP = {
    "money": 'Write it as text with digits and one point, such as "1204.50": no thousands separators, no currency.',
    "date": "Write it as year-month-day, such as 2026-11-12, and choose a day that exists.",
    "quantity": 'Write a number such as 2500 or "2.50".',
    "percent": 'Write the percentage itself, such as "25" for 25 %.',
    "country": "Write the two capital letters of ISO 3166-1, such as SE.",
}
_HELP["money-symbol"], _HELP["date-short"] = _HELP["money"], _HELP["date"]
_NAMES = {
    "string": "text",
    "object": "an object",
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "null": "null",
}


class Contract:
    """A compiled contract. Raises ShapeFault or ``jsonschema_rs.ValidationError`` when the schema is none."""

    def __init__(self, schema: dict[str, Any]) -> None:
        jsonschema_rs.meta.validate(schema)
        self.schema = schema
        self.shape = shape(schema)
        self._validator = jsonschema_rs.Draft202012Validator(
            _with_implied(schema), validate_formats=True, offline=True, pattern_options=jsonschema_rs.RegexOptions()
        )

    def fits(self, record: Any) -> bool:
        """Whether the record satisfies the contract."""
        try:
            return self._validator.is_valid(record)
        except ValueError:  # nested too deeply, or no JSON value: problems() says which
            return False

    def problems(self, record: Any) -> list[RecordProblem]:
        """Every way in which the record does not satisfy the contract, in the order of the record's paths."""
        try:
            errors = list(self._validator.iter_errors(record))
        except ValueError as error:
            return [
                RecordProblem("not-json", "$", f"The record cannot be read: {error}.", "Send plain, flat JSON data.")
            ]
        found = [problem for error in errors for problem in self._tell(error)]
        return list(dict.fromkeys(found))

    def _tell(self, error: jsonschema_rs.ValidationError) -> Iterator[RecordProblem]:
        steps = list(error.instance_path)
        here = self.shape.at(steps)
        kind: Any = error.kind  # one class per keyword, told apart by name
        match kind.name:
            case "required":
                missing = kind.property
                wanted = here.fields.get(missing) if here else None
                yield _problem("missing-field", [*steps, missing], f"The field {missing!r} is missing.", _how(wanted))
            case "additionalProperties" | "unevaluatedProperties":
                known = here.fields if here else {}
                for name in kind.unexpected:
                    yield _problem(
                        "unknown-field",
                        [*steps, name],
                        f"The contract has no field {name!r}.",
                        suggestion(name, set(known) - set(error.instance if isinstance(error.instance, dict) else ())),
                    )
            case _:
                yield _problem(*_sentence(error, here, steps))


def _problem(code: str, steps: list[str | int], reason: str, hint: str) -> RecordProblem:
    return RecordProblem(code, json_path(steps), reason, hint)


def _sentence(
    error: jsonschema_rs.ValidationError, here: Field | None, steps: list[str | int]
) -> tuple[str, list[str | int], str, str]:
    """Code, path, reason and hint for an error at one value."""
    value: Any = error.instance
    kind: Any = error.kind
    said = _said(value)
    limit = getattr(kind, "limit", None)
    match kind.name:
        case "type":
            wanted = " or ".join(_NAMES[name] for name in kind.types)
            if here is not None and here.shown.startswith("money") and isinstance(value, int | float):
                hint = f'Write the amount as text, such as "{value}": a JSON number may lose a cent (P9).'
            else:
                hint = _how(here)
            return "wrong-type", steps, f"The value is {said}, but must be {wanted}.", hint
        case "pattern" | "format":
            what = here.shown if here is not None else ""
            noun = {"money": "an amount", "date": "a date", "country": "a country", "percent": "a percentage"}
            short = what.split("-", 1)[0]
            if short in noun or what == "quantity":
                reason = f"The value is {said}, which is not {noun.get(short, 'a quantity')}."
                return f"not-{short}", steps, reason, _HELP[what]
            form = getattr(kind, "pattern", None) or getattr(kind, "format", "")
            return "wrong-form", steps, f"The value is {said}, which is not of the form {form}.", "Correct the value."
        case "enum":
            options = [option for option in kind.options if isinstance(option, str)]
            hint = suggestion(str(value), options) if options else f"Allowed: {json.dumps(kind.options)}."
            return "not-allowed-value", steps, f"The value is {said}, which is not one of those allowed.", hint
        case "const":
            return "not-allowed-value", steps, f"The value is {said}.", f"It must be {_said(kind.expected_value)}."
        case "maxLength":
            reason = f"The text has {len(value)} characters; at most {limit} are allowed."
            return "too-long", steps, reason, "Shorten it, or allow more in the template's contract."
        case "minLength":
            if value == "":
                return "empty", steps, "The text is empty.", "Give it a value or, if it is optional, leave it out."
            return (
                "too-short",
                steps,
                f"The text has {len(value)} characters; at least {limit} are needed.",
                "Complete it.",
            )
        case "maxItems":
            reason = f"The list has {len(value)} entries; at most {limit} are allowed."
            return "too-many", steps, reason, "Shorten the list, or allow more in the template's contract."
        case "minItems":
            reason = f"The list has {len(value)} entries; at least {limit} must be there."
            return "too-few", steps, reason, "Complete the list."
        case "minimum" | "exclusiveMinimum":
            than = "more than" if kind.name == "exclusiveMinimum" else "at least"
            return "out-of-range", steps, f"The value is {said}; it must be {than} {limit}.", "Correct the value."
        case "maximum" | "exclusiveMaximum":
            than = "less than" if kind.name == "exclusiveMaximum" else "at most"
            return "out-of-range", steps, f"The value is {said}; it must be {than} {limit}.", "Correct the value."
        case "uniqueItems":
            return "repeated", steps, "The list holds the same entry twice.", "Remove the repetition."
        case "anyOf" | "oneOf":
            return "no-allowed-form", steps, f"The value {said} fits none of the forms allowed here.", _nearest(kind)
        case name:
            return f"contract-{name.lower()}", steps, f"{error.message}.", "See the template's contract.json."


def _nearest(kind: Any) -> str:
    """What is wrong with the alternative that comes nearest (fewest errors)."""
    branches = [branch for branch in getattr(kind, "context", []) if branch]
    if not branches:
        return "Exactly one of them must fit."
    best = min(branches, key=len)
    return f"The nearest form says: {best[0].message}."


def _said(value: Any) -> str:
    """A value as it is called in a sentence, shortened."""
    if isinstance(value, str):
        return json.dumps(value if len(value) <= 60 else value[:57] + "...", ensure_ascii=False)
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, dict | list):
        return _NAMES["object" if isinstance(value, dict) else "array"]
    return f"the number {value}"


def _how(wanted: Field | None) -> str:
    """How a field is to be written."""
    if wanted is None:
        return "See the template's contract.json."
    if wanted.shown:
        return _HELP[wanted.shown]
    names = " or ".join(sorted(_NAMES.get(name, name) for name in wanted.types)) or "a value"
    return f"Write {names}."


def _with_implied(schema: Any) -> Any:
    """The schema with the rules that ``x-format`` implies, where the author has not made them."""
    if isinstance(schema, list):
        return [_with_implied(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    out = {key: _with_implied(value) for key, value in schema.items()}
    shown = out.get("x-format")
    if isinstance(shown, str):
        for key, value in _IMPLIED.get(shown, {}).items():
            out.setdefault(key, value)
    return out
