"""``when:`` of template.yaml: what it asks, how rows say it, and what it leaves alone when it is written."""

from __future__ import annotations

import random

import pytest
import yaml

from postroom.composition.conditions import wanted
from postroom.composition.manifest import CodeSpec
from postroom.composition.when_source import BadCondition, Row, Rows, place, places, rows_of, when_of, written

RECORD = {
    "currency": "EUR",
    "note": "",
    "vip": False,
    "totals": {"gross": "1204.50"},
    "count": 0,
    "due": "2026-12-01",
    "lines": [{}],
}
SOURCE = """# the key stays
key: invoice
codes:
  pay:   # the payment
    kind: qr
    text: "a: {number}"
    when: {sepa: "true"}   # in euros

  bill: {kind: swiss, data: {amount: "{totals.gross}"}}
  third:
    kind: qr
    text: x
    when:
      currency: CHF   # francs
      note: "!="
# the end
finish:
  - stamp: {text: paid, when: paid, on: first}
  - append:
      file: finish/terms.pdf
"""


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        (None, True),
        ("currency", True),
        ("vip", False),
        ("note", False),
        ({"currency": "EUR"}, True),
        ({"currency": "EUR", "vip": "true"}, False),
        ({"currency": ["CHF", "EUR"]}, True),
        ({"currency": "!= EUR"}, False),
        ({"missing": "!= EUR"}, True),
        ({"note": ""}, True),
        ({"missing": ""}, True),
        ({"lines": "!="}, True),
        ({"count": ""}, False),
        ({"totals.gross": "> 1204.5"}, False),
        ({"totals.gross": ">= 1204.5"}, True),
        ({"totals.gross": "< 9"}, False),
        ({"due": "<= 2026-12-01"}, True),
        ({"due": "> 2026-12-01"}, False),
        ({"missing": "< 9"}, False),
        ({"currency": "> 9"}, False),
        ({"currency": "= EUR"}, True),
        ([{"vip": "true"}, {"count": "0"}], True),
        ([{"vip": "true"}, {"count": "1"}], False),
    ],
)
def test_a_condition_asks_for_what_it_says(when: object, holds: bool) -> None:
    assert wanted(RECORD, when) is holds  # type: ignore[arg-type]


def test_an_order_of_what_has_none_is_refused_when_the_template_is_read() -> None:
    with pytest.raises(ValueError, match="neither a figure nor a day"):
        CodeSpec.model_validate({"kind": "qr", "text": "x", "when": {"currency": "> many"}})
    assert CodeSpec.model_validate({"kind": "qr", "text": "x", "when": [{"a": ">= 5"}, {"b": ["x", "y"]}]}).when


def test_rows_and_source_are_the_same_condition() -> None:
    # given every condition that rows can say
    dice = random.Random(7)
    asks = ["is", "not", "above", "least", "below", "most", "empty", "holds", "among"]
    for _ in range(400):
        found = []
        for path in dice.sample(["a", "b.c", "d_e", "f", "g.h"], dice.randint(1, 4)):
            ask = dice.choice(asks)
            value = (
                dice.choice(["12", "3.5", "-1", "2026-12-31"])
                if ask in asks[2:6]
                else dice.choice(["EUR", "x y", "> 5", "!=", "true", "no", "é: #", '"'])
            )
            found.append(Row(path, ask, {"empty": "", "holds": "", "among": "A, B"}.get(ask, value)))
        rows = Rows(tuple(found), any=len(found) > 1 and dice.random() < 0.5)
        when = when_of(rows)
        # when it is written wherever a condition can stand, then it reads as the same rows
        for one in places(SOURCE):
            made = place(written(SOURCE, one.at, when), one.at)
            assert rows_of(made.when) == rows, (one.at, when)


@pytest.mark.parametrize("at", ["codes/pay", "codes/bill", "codes/third", "finish/1", "finish/2"])
def test_nothing_but_the_condition_changes(at: str) -> None:
    # given a file with comments, written in both ways of YAML
    before = yaml.safe_load(SOURCE)
    # when one condition is changed, and then taken away
    made = written(SOURCE, at, {"currency": "EUR"})
    gone = written(made, at, None)
    # then every comment stands, and so does everything else
    for source in (made, gone):
        assert all(comment in source for comment in ("# the key stays", "# the payment", "# the end"))
        others = {one.at: one.when for one in places(source) if one.at != at}
        assert others == {one.at: one.when for one in places(SOURCE) if one.at != at}
    after = yaml.safe_load(gone)
    group, _, name = at.partition("/")
    for tree in (before, after):
        inner = tree[group][name] if group == "codes" else next(iter(tree[group][int(name) - 1].values()))
        inner.pop("when", None)
    assert after == before


def test_what_rows_cannot_say_is_left_as_it_is() -> None:
    assert rows_of([{"a": "1", "b": "2"}, {"c": "3"}]) is None


def test_rows_that_make_no_condition_say_why() -> None:
    with pytest.raises(BadCondition, match="asked for twice"):
        when_of(Rows((Row("a", "above", "1"), Row("a", "below", "9"))))
    with pytest.raises(BadCondition, match="nothing to compare"):
        when_of(Rows((Row("a", "is", " "),)))
    with pytest.raises(BadCondition, match="no YAML"):
        places("codes: [")


def test_planted_a_condition_that_does_not_read_back_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("postroom.composition.when_source._flow", lambda when: "other")
    with pytest.raises(BadCondition, match="cannot be written"):
        written(SOURCE, "codes/pay", {"currency": "EUR"})
