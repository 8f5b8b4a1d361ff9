"""Choices of channels are kept for later chunks, and only as long as everything they follow from is the same."""

from __future__ import annotations

from typing import Any

import pytest

from api_kit import World


def _table(send: str) -> Any:
    from postroom import rules
    from postroom.delivery.determine import INPUTS, OUTPUTS

    rows = [{"send": send, "else": "", "why": "Always", "description": f"Always {send}."}]
    return rules.compile_table("Test", inputs=INPUTS, outputs=OUTPUTS, rows=rows)


def _chosen(language: str = "en") -> Any:
    from postroom.delivery.determine import Case, determine

    (choice,) = determine([Case("invoice", "", True, "SE", language)])
    return choice


def test_a_case_that_was_decided_is_not_decided_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from postroom import rules

    # given a case that was decided, when the rules cannot be asked any more
    first = _chosen()

    def refuse(*_: Any) -> Any:
        raise AssertionError("asked again")

    monkeypatch.setattr(rules, "decide", refuse)
    # then its choice is there, and a case that is new is asked for
    assert _chosen() is first
    with pytest.raises(AssertionError, match="asked again"):
        _chosen("xx")


def test_another_table_or_another_destination_is_another_choice(world: World) -> None:
    from postroom.delivery.errors import NoChannel
    from postroom.delivery.models import Destination, Determination
    from postroom.kernel import clock

    # given two destinations, and a choice by one table
    for key in ("one", "two"):
        Destination.objects.create(key=key, channel="folder")
    Determination.objects.create(table=_table("one"), created_by="test", created_at=clock.now())
    assert _chosen().destinations == ("one",)
    # when a newer table says something else, then that counts at once
    Determination.objects.create(table=_table("two"), created_by="test", created_at=clock.now())
    assert _chosen().destinations == ("two",)
    # when the destination is taken out of use, then there is none, until it is back
    Destination.objects.filter(key="two").update(enabled=False)
    assert isinstance(_chosen(), NoChannel)
    Destination.objects.filter(key="two").update(enabled=True)
    assert _chosen().destinations == ("two",)
