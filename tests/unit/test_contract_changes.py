"""What a changed data contract refuses that it took before is told, keyword by keyword."""

from __future__ import annotations

from typing import Any

import pytest

from postroom.composition.contract_changes import changes


def contract(**more: Any) -> dict[str, Any]:
    """A contract with a line item by reference."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["number"],
        "properties": {
            "number": {"type": "string", "maxLength": 24},
            "kind": {"enum": ["a", "b"]},
            "lines": {"type": "array", "items": {"$ref": "#/$defs/line"}},
        },
        "$defs": {"line": {"type": "object", "properties": {"text": {"type": "string"}}}},
        **more,
    }


def with_field(name: str, **schema: Any) -> dict[str, Any]:
    base = contract()
    return {**base, "properties": {**base["properties"], name: schema}}


def line(**schema: Any) -> dict[str, Any]:
    return contract(**{"$defs": {"line": {"type": "object", **schema}}})


@pytest.mark.parametrize(
    ("after", "told"),
    [
        (contract(), ()),
        (with_field("note", type="string"), ()),
        (with_field("number", type="string", maxLength=40), ()),
        (with_field("number", type="string", maxLength=12), ("number is at most 12 characters long now",)),
        (with_field("number", type="string", maxLength=24, pattern="^A"), ("number has another pattern now",)),
        (with_field("number", type="integer", maxLength=24), ("number was string and is integer",)),
        (with_field("kind", enum=["a", "b", "c"]), ()),
        (with_field("kind", enum=["a"]), ('kind may not be "b" any more',)),
        (contract(required=["number", "lines"]), ("lines must be there now",)),
        (
            {**with_field("due", type="string"), "required": ["number", "due"]},
            ("due is new and must be there",),
        ),
        (contract(properties={"number": {"type": "string", "maxLength": 24}}), ("kind is gone", "lines is gone")),
        (
            contract(properties={"number": {"type": "string", "maxLength": 24}}, additionalProperties=True),
            (),
        ),
        (line(properties={"text": {"type": "string", "minItems": 1}}), ("lines[].text has at least 1 entries now",)),
        (line(properties={"text": {"type": "string"}}, required=["text"]), ("lines[].text must be there now",)),
        (
            line(properties={"text": {"type": "string"}}, additionalProperties=False),
            ("lines[] may hold no other fields now",),
        ),
        (contract(allOf=[{"required": ["kind"]}]), ("the record is held against other conditions now (allOf)",)),
    ],
)  # fmt: skip
def test_what_is_narrower_is_told_and_nothing_else(after: dict[str, Any], told: tuple[str, ...]) -> None:
    assert changes(contract(), after) == told


def test_a_contract_that_refers_to_itself_ends() -> None:
    loop = {"type": "object", "properties": {"next": {"$ref": "#"}}}
    assert changes(loop, {**loop, "required": ["next"]})[0] == "next must be there now"
