"""What two versions' pages are said to differ in: causes and not consequences, and nothing of the record."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "postroom.project.settings")
os.environ.setdefault("POSTROOM_SECRET_KEY", "only-for-tests")

VIEW: dict[str, Any] = {
    "customer": {"name": "Astrid Holm", "city": "København"},
    "total": "1,204.00",
    "note": "Please ring twice at the back entrance",
    "words": {"total": "Total", "greeting": "Dear"},
}


def run(text: str, x: float, y: float, **more: Any) -> Any:
    from postroom.composition.checks.pages import Run

    told = {"w": len(text) * 2.0, "h": 4.0, "font": "Sans", "size": 9.0, "colour": "#000000"}
    return Run(**{"text": text, "x": x, "y": y, **told, "embedded": True, "cut": False, **more})


PAGE = [
    run("Astrid Holm", 25, 60),
    run("København", 25, 65),
    run("Dear Astrid Holm", 25, 100),
    run("Total", 25, 120),
    run("1,204.00", 160, 120),
    run("Thank you", 25, 140),
    run("Page 1 of 1", 160, 280),
]


def differences(*pages: list[Any], before: list[Any] | None = None, **more: Any) -> list[dict[str, Any]]:
    from postroom.composition.checks.compare import Side, compare
    from postroom.composition.checks.pages import Page

    def side(each: tuple[list[Any], ...], codes: dict[str, str]) -> Side:
        made = tuple(Page(number, 210, 297, tuple(runs), (), ()) for number, runs in enumerate(each, 1))
        return Side(made, VIEW, codes)

    one, other = side((before or PAGE,), {"pay": "a"}), side(pages, {"pay": more.get("code", "a")})
    return compare(one, other, ["customer.name", "customer.city"]).causes


def moved(runs: list[Any], dx: float, dy: float, *texts: str) -> list[Any]:
    return [replace(one, x=one.x + dx, y=one.y + dy) if not texts or one.text in texts else one for one in runs]


def reworded(old: str, new: str, runs: list[Any] | None = None) -> list[Any]:
    return [replace(one, text=new) if one.text == old else one for one in runs or PAGE]


def test_the_same_pages_have_no_difference() -> None:
    assert differences(PAGE) == []


def test_an_address_that_moved_is_named_with_its_way() -> None:
    shifted = moved(PAGE, 2.04, 0, "Astrid Holm", "København")
    assert differences(shifted) == [{"kind": "moved", "what": "address", "dx": 2.0, "dy": 0.0}]
    everything = moved(PAGE, 0, 3.0)
    assert differences(everything) == [{"kind": "moved", "what": "everything", "dx": 0.0, "dy": 3.0}]


def test_another_word_is_told_without_what_it_pushed_aside() -> None:
    told = differences(moved(reworded("Total", "To be paid"), 4.0, 0, "1,204.00"))
    assert told == [{"kind": "reworded", "what": "Total", "to": "To be paid"}]


def test_a_move_below_a_word_that_only_changed_is_told_too() -> None:
    told = differences(moved(reworded("Total", "Sum"), 0, 5.0, "Thank you"))
    assert [one["kind"] for one in told] == ["reworded", "moved"]


def test_a_new_line_pushes_what_stands_below_and_is_the_only_cause() -> None:
    told = differences([*moved(PAGE, 0, 6.0, "Thank you"), run("Without tax", 25, 126)])
    assert told == [{"kind": "new", "what": "Without tax"}]


def test_nothing_of_the_record_is_told() -> None:
    # given texts with values in them, whole, in capitals, and parted by a line break
    told = differences(
        [
            *reworded("Dear Astrid Holm", "Good morning, ASTRID HOLM, 1204"),
            run("Please ring twice at", 25, 200),
            run("the back entrance", 25, 205),
            run("so Astrid may hear", 25, 210),
        ]
    )
    said = repr(told).casefold()
    assert "holm" not in said and "astrid" not in said and "ring twice" not in said and "1204" not in said
    assert {"kind": "new", "what": "{note}"} in told


def test_a_page_more_is_one_cause() -> None:
    first = reworded("Page 1 of 1", "Page 1 of 2")
    rest = [one for one in first if one.text == "Thank you"]
    told = differences([one for one in first if one not in rest], [*rest, run("Page 2 of 2", 160, 280)])
    assert {"kind": "pages", "what": "", "by": 1} in told
    assert "moved" not in {one["kind"] for one in told} and "other_page" not in {one["kind"] for one in told}


def test_fonts_symbols_and_values() -> None:
    bold = [replace(one, font="Sans-Bold") if one.text == "1,204.00" else one for one in PAGE]
    (style,) = differences(bold)
    assert (style["kind"], style["what"]) == ("restyled", "{total}") and "Sans-Bold" in style["to"]
    assert differences(PAGE, code="b") == [{"kind": "symbol", "what": "pay"}]
    assert differences([one for one in PAGE if one.text != "Thank you"]) == [{"kind": "gone", "what": "Thank you"}]


def test_equal_causes_make_one_group_whatever_their_order() -> None:
    from postroom.composition.checks.causes import CHANGED, IDENTICAL, group_of, grouped

    one, other = {"kind": "new", "what": "a"}, {"kind": "gone", "what": "b"}
    assert group_of(CHANGED, [one, other]) == group_of(CHANGED, [other, one]) != group_of(CHANGED, [one])

    def case(position: int, outcome: str, causes: list[Any]) -> Any:
        told = {"position": position, "outcome": outcome, "causes": causes, "group": group_of(outcome, causes)}
        return type("Case", (), told)

    rows = [case(1, CHANGED, [one]), case(2, CHANGED, [one]), case(3, IDENTICAL, [])]
    groups = grouped(rows)
    assert [(group["outcome"], group["count"], group["first"]) for group in groups] == [
        (IDENTICAL, 1, [3]),
        (CHANGED, 2, [1, 2]),
    ]
