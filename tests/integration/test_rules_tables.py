"""Decision tables: a broken cell is refused, a decision says why, a value of the wrong kind is no silent miss."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from postroom.rules import (
    Decision,
    DecisionFault,
    Evaluator,
    TableRefused,
    check_table,
    compile_table,
    decide,
    expression,
)

ROWS: list[dict[str, Any]] = [
    {"country": "DE", "pages": expression("> 3"), "channel": "post", "tray": 2, "description": "Long, to Germany"},
    {"country": ["SE", "NO"], "channel": "portal", "tray": 0},
    {"channel": "email", "tray": 0},
]


@pytest.fixture(scope="module")
def evaluator() -> Iterator[Evaluator]:
    with Evaluator(deadline=2.0) as evaluator:
        yield evaluator


def table(hit: str = "first") -> dict[str, Any]:
    return compile_table("Way out", inputs=["country", "pages"], outputs=["channel", "tray"], rows=ROWS, hit=hit)


def content(jdm: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = jdm["nodes"][1]["content"]
    return found


def test_a_decision_gives_its_outputs_and_says_which_row_and_why(evaluator: Evaluator) -> None:
    check_table(table(), evaluator=evaluator)
    (decision,) = decide(table(), [{"country": "DE", "pages": 5, "other": "x"}], evaluator=evaluator)
    assert isinstance(decision, Decision)
    assert decision.outputs == {"channel": "post", "tray": 2}
    (why,) = decision.explanation
    assert (why.table, why.row, why.description) == ("Way out", 1, "Long, to Germany")
    assert why.inputs == {"country": "DE", "pages": 5}
    assert why.cells == {"country": "'DE'", "pages": "> 3"}


def test_collect_gives_every_row(evaluator: Evaluator) -> None:
    check_table(table("collect"), evaluator=evaluator)
    (decision,) = decide(table("collect"), [{"country": "SE", "pages": 1}], evaluator=evaluator)
    assert isinstance(decision, Decision)
    assert [row["channel"] for row in decision.all] == ["portal", "email"]
    assert [why.row for why in decision.explanation] == [2, 3]


def test_no_row_is_an_empty_decision(evaluator: Evaluator) -> None:
    jdm = compile_table("T", inputs=["a"], outputs=["b"], rows=[{"a": "x", "b": "y"}])
    assert decide(jdm, [{"a": "z"}], evaluator=evaluator) == [Decision({})]


def test_p9_amounts_leave_a_table_as_text_or_whole_numbers(evaluator: Evaluator) -> None:
    rows = [{"b": Decimal("12.50"), "c": 1250}]
    jdm = compile_table("T", inputs=["a"], outputs=["b", "c"], rows=rows)
    check_table(jdm, evaluator=evaluator)
    (decision,) = decide(jdm, [{}], evaluator=evaluator)
    assert isinstance(decision, Decision)
    assert decision.outputs == {"b": "12.50", "c": 1250}
    assert type(decision.outputs["c"]) is int


def test_p9_planted_float_out_of_a_table_is_named(evaluator: Evaluator) -> None:
    jdm = compile_table("T", inputs=["a"], outputs=["b"], rows=[{"b": expression("0.1 + 0.25")}])
    (fault,) = decide(jdm, [{}], evaluator=evaluator)
    assert isinstance(fault, DecisionFault)
    assert fault.path == "outputs.b"


@pytest.mark.parametrize("value", ["5", Decimal("5.00"), 5.5, True])
def test_p9_a_value_that_can_never_match_is_a_fault_and_not_a_miss(evaluator: Evaluator, value: object) -> None:
    given = [{"country": "DE", "pages": value}, {"country": "DE", "pages": 5}]
    fault, good = decide(table(), given, evaluator=evaluator)
    assert isinstance(fault, DecisionFault)
    assert fault.path == "pages"
    assert isinstance(good, Decision)


def breaks(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    jdm = copy.deepcopy(table())
    change(jdm)
    return jdm


def cell(row: int, column: str, text: str) -> Callable[[dict[str, Any]], object]:
    return lambda jdm: content(jdm)["rules"][row].update({column: text})


ROW_1 = 'table "Way out", row 1, column "country"'


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (cell(0, "in-0", "DE"), f"{ROW_1}: DE is a name that nothing here has. A text needs quotes: 'DE'."),
        (cell(0, "in-0", "'DE' =="), ROW_1),
        (cell(0, "in-0", "'DE"), ROW_1),
        (cell(0, "in-0", "-"), 'Leave the cell empty for "any"'),
        (cell(0, "in-0", "7"), 'column "country": Row 1 compares with a number and row 2 with a text'),
        (cell(0, "in-0", "strtsWith($, 'D')"), 'Did you mean "startsWith"?'),
        (cell(1, "out-0", ""), 'table "Way out", row 2, column "channel": The output is empty.'),
        (cell(1, "out-0", "post"), "A text needs quotes: 'post'"),
        (cell(1, "out-9", "'x'"), "belongs to no column"),
        (cell(1, "out-0", "rand(5)"), "another result each time"),
        (lambda jdm: content(jdm).update(hitPolicy="unique"), "The hit policy 'unique' is not known."),
        (lambda jdm: content(jdm).update(outputs=[]), "No output column is declared."),
        (lambda jdm: content(jdm).update(rules=[]), "The table has no row."),
        (lambda jdm: jdm["nodes"][1].update(type="functionNode"), "JavaScript is not run here"),
        (lambda jdm: jdm["nodes"][1].update(type="decisionNode"), "calls another table"),
        (lambda jdm: jdm["nodes"][1].update(type="httpNode"), "'httpNode' is not allowed"),
        (lambda jdm: jdm["edges"][0].update(sourceId="nowhere"), "An arrow begins or ends nowhere."),
        (lambda jdm: jdm.clear(), "`nodes` is missing"),
    ],
)
def test_a_broken_table_is_refused_with_table_row_and_column(
    evaluator: Evaluator, change: Callable[[dict[str, Any]], object], said: str
) -> None:
    with pytest.raises(TableRefused) as refused:
        check_table(breaks(change), evaluator=evaluator)
    assert said in refused.value.message


@pytest.mark.parametrize("text", ["[1..5]", "(1..5]", "> 3", "1, 2", "$ > 3 and $ < 9", "in [1, 2]", "not in [1]"])
def test_the_cells_of_the_field_are_understood(evaluator: Evaluator, text: str) -> None:
    check_table(breaks(cell(0, "in-1", text)), evaluator=evaluator)


def test_building_refuses_what_has_no_cell() -> None:
    for row, said in (({"b": 0.5}, "cannot stand"), ({"b": "'\""}, "both kinds"), ({"bb": 1}, "no column")):
        with pytest.raises(TableRefused, match=said):
            compile_table("T", inputs=["a"], outputs=["b"], rows=[row])


def test_p10_the_time_of_a_chunk_is_bounded(evaluator: Evaluator) -> None:
    results = decide(table(), [{"country": "DE", "pages": 1}] * 50, evaluator=evaluator, seconds=0.0)
    assert all(isinstance(result, DecisionFault) and "time for this chunk" in result.reason for result in results)
