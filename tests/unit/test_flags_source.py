"""Flags and content blocks have conditions that a form reads and writes, letter for letter beside them."""

from __future__ import annotations

import pytest

from postroom.composition import when_source
from postroom.composition.when_source import BadCondition

SOURCE = """key: letter
flags:
  late: {when: {days_late: "> 30"}}  # since March
  always:
  other:
    when: order
blocks:
  - terms  # the house's own
  - {key: sepa-notice, when: {sepa: "true"}}
"""


def lines_of(made: str) -> list[str]:
    """The lines that are not as they were."""
    return [line for line in made.splitlines() if line not in SOURCE.splitlines()]


def test_they_are_found_with_their_conditions() -> None:
    found = {one.at: one for one in when_source.places(SOURCE)}
    assert list(found) == ["flags/late", "flags/always", "flags/other", "blocks/terms", "blocks/sepa-notice"]
    assert (found["flags/late"].kind, found["flags/late"].when) == ("flag", {"days_late": "> 30"})
    assert (found["blocks/terms"].kind, found["blocks/terms"].when) == ("block", None)
    assert found["blocks/sepa-notice"].text == '{sepa: "true"}'


@pytest.mark.parametrize(
    ("at", "when", "line"),
    [
        ("flags/late", {"days_late": "> 60"}, '  late: {when: {days_late: "> 60"}}  # since March'),
        ("flags/late", None, "  late: {}  # since March"),
        ("flags/always", "order", "  always: {when: order}"),
        ("flags/other", {"currency": "EUR"}, "    when: {currency: EUR}"),
        ("blocks/terms", {"sepa": "true"}, '  - {key: terms, when: {sepa: "true"}}  # the house\'s own'),
        ("blocks/sepa-notice", None, "  - {key: sepa-notice}"),
    ],
)
def test_one_line_changes_and_nothing_else(at: str, when: when_source.Told | None, line: str) -> None:
    made = when_source.written(SOURCE, at, when)
    assert lines_of(made) == [line]
    assert when_source.place(made, at).when == when
    assert len(made.splitlines()) == len(SOURCE.splitlines())


def test_a_list_of_blocks_in_one_line_keeps_its_form() -> None:
    source = "key: x\nblocks: [terms, hours]\n"
    made = when_source.written(source, "blocks/hours", {"sepa": "true"})
    assert made == 'key: x\nblocks: [terms, {key: hours, when: {sepa: "true"}}]\n'
    assert when_source.written(made, "blocks/terms", None) == made


def test_planted_what_is_not_there_is_refused() -> None:
    with pytest.raises(BadCondition, match="flags/none"):
        when_source.written(SOURCE, "flags/none", "order")
