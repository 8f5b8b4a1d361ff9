"""Names are found and placed, and what rules may not do is said with its column."""

from __future__ import annotations

import pytest

from postroom.rules import limits
from postroom.rules.errors import Problem
from postroom.rules.lint import lint
from postroom.rules.names import place, uses
from postroom.rules.program import calculates_money, made_texts
from postroom.rules.strict_yaml import NotReadable, read
from postroom.rules.tokens import Unreadable


@pytest.mark.parametrize(
    ("written", "in_row"),
    [
        ("track", "r1.track"),
        ("record.customer.id + track", "$root.customer.id + r1.track"),
        ("map(tags, # + name)", "map(r1.tags, # + r1.name)"),
        ("map(tags as t, t.x + name)", "map(r1.tags as t, t.x + r1.name)"),
        ("{name: track, b: x ? y : z}", "{name: r1.track, b: r1.x ? r1.y : r1.z}"),
        ("`a ${track} $ ${ {a: b}.a }`", "`a ${r1.track} $ ${ {a: r1.b}.a }`"),
        ("d(day).format('%d.%m.%Y')", "d(r1.day).format('%d.%m.%Y')"),
        ("a.Größe ?? 'track'", "r1.a[\"Größe\"] ?? 'track'"),
        ("row == 'x' and not (done)", "r1 == 'x' and not (r1.done)"),
        ("outer.x", "$root.x"),
    ],
)
def test_names_inside_each_are_those_of_the_row(written: str, in_row: str) -> None:
    assert place(written, "r1") == in_row


def test_at_the_root_only_names_that_zen_cannot_read_are_changed() -> None:
    assert place("a.b + Größe + record.c") == 'a.b + $root["Größe"] + $root.c'
    assert [str(use) for use in uses(lint("upper(a.b) + lines[0].x"))] == ["a.b", "lines"]


@pytest.mark.parametrize(
    ("bad", "reason", "column"),
    [
        ("a && b", "&&", 3),
        ("uppr(a)", "no function uppr", 1),
        ("[1..100000000]", "range", 3),
        ("sum(map([1..100000000], # * 2))", "range", 11),
        ("d()", "another result each time", 1),
        ("date('now')", "another result each time", 1),
        ("rand(5)", "another result each time", 1),
        ("d(x).isToday()", "another result each time", 6),
        ("'abc", "quote", 1),
        ("(a", "not closed", 3),
        ("a]", "closes nothing", 2),
        ("a = 1", "not known", 3),
        ("map(map(map(a, #), #), #)", "list functions", 9),
        ("  ", "empty", 1),
        ("`x ${a", "`", 7),
        ("a @ b", "'@'", 3),
    ],
)
def test_p10_what_an_expression_may_not_do_is_named_with_its_column(bad: str, reason: str, column: int) -> None:
    with pytest.raises(Unreadable, match=reason.replace("(", r"\(")) as refused:
        lint(bad)
    assert refused.value.at + 1 == column
    assert refused.value.hint


def test_p10_length_and_depth_are_limited() -> None:
    with pytest.raises(Unreadable, match="characters"):
        lint("a" * (limits.EXPRESSION_LENGTH + 1))
    with pytest.raises(Unreadable, match="nested"):
        lint("(" * (limits.NESTING + 1) + "1" + ")" * (limits.NESTING + 1))
    lint("(" * limits.NESTING + "1" + ")" * limits.NESTING)


def test_a_misspelt_function_is_suggested() -> None:
    with pytest.raises(Unreadable) as refused:
        lint("uppper(a)")
    assert refused.value.hint == 'Did you mean "upper"?'


@pytest.mark.parametrize("text", ["a * b", "a / 2", "sum(lines)", "number(a)", "a - b", "round(a)"])
def test_p9_calculating_is_seen(text: str) -> None:
    assert calculates_money(text)


@pytest.mark.parametrize("text", ["total", "a.b ?? '0.00'", "'-5'", "units + '.' + cents", "'a * b'"])
def test_p9_taking_an_amount_is_not_calculating(text: str) -> None:
    assert not calculates_money(text)


def test_what_goes_into_a_text_is_found() -> None:
    assert made_texts("string(a ?? (b)) + `x ${c} ${ {d: 1}.d }`") == ["a ?? (b)", "c", "{d: 1}.d"]


def test_yaml_reads_what_is_written_and_knows_its_lines() -> None:
    value, lines = read("a: NO\nb:\n  c: 0171\n  d: 19.50\n  e: 2021-01-01\n  f: [1, true, null, ~, yes, 'x']\n")
    assert value == {
        "a": "NO",
        "b": {"c": "0171", "d": "19.50", "e": "2021-01-01", "f": [1, True, None, None, "yes", "x"]},
    }
    assert lines[("b", "d")] == 4


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        ("a: &x [1]\nb: *x", "Anchors", 1),
        ("a: 1\nb: 2\na: 3", "twice", 3),
        ("a: [1\nb: 2", "not YAML", 2),
        ("a: !!python/object/apply:os.system [ls]\n? [1]\n: 2", "A key", 2),
        ("a: " + "[" * 30 + "]" * 30, "deeper", 1),
        ("a:\n\t- b", "not YAML", 2),
    ],
)
def test_yaml_traps_are_refused_with_their_line(text: str, reason: str, line: int) -> None:
    with pytest.raises(NotReadable, match=reason) as refused:
        read(text)
    assert refused.value.problem.line == line


def test_a_yaml_bomb_is_refused_at_its_first_anchor() -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefg", "bcdefgh", strict=True))
    with pytest.raises(NotReadable, match="Anchors"):
        read(bomb)


def test_a_problem_reads_as_one_line() -> None:
    assert str(Problem("number", "Wrong.", "Write x.", 3, 7)) == "line 3, column 7: number: Wrong. Write x."
