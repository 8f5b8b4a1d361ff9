"""Holds bind whoever makes work ready (P4; docs/adr/0025): the database's triggers, and what is on its way then."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from api_kit import records
from kit.runs import balance_of, settled, start, write


def _zero(run: Any) -> None:
    counted = balance_of(run)
    assert (counted.records_difference, counted.deliveries_difference) == (0, 0), counted


def _compose(run: Any) -> None:
    from postroom.production.models import READY, Chunk
    from postroom.production.pipeline import compose_chunk

    for chunk in list(Chunk.objects.filter(run=run, state=READY)):
        compose_chunk(chunk.pk)


def _in_flight(run: Any) -> Any:
    """One delivery of the run, on its way; with a fallback."""
    from postroom.delivery.claiming import claim
    from postroom.delivery.models import Delivery
    from postroom.kernel import liveness

    Delivery.objects.filter(run_id=run.pk).update(fallbacks=["letters"])
    first = Delivery.objects.filter(run_id=run.pk, state="ready").first()
    assert first is not None
    sending = claim(first.destination_id, liveness.current().number)
    assert sending is not None
    return sending


def _composed(folder: Path, key: str, count: int = 1) -> Any:
    from postroom.production.reading import read_parcel

    run = start(write(folder, records(count), f"{key}.jsonl"), run_key=key)
    read_parcel(run.pk)
    _compose(run)
    return run


def _hold_part(run: Any, sending: Any) -> None:
    from postroom.identity.actor import SYSTEM
    from postroom.production.actions.hold_part import hold_part
    from postroom.production.part import part_of

    assert hold_part(SYSTEM, run.pk, part_of(records="1"), "call first").left == 1


def _hold_one(run: Any, sending: Any) -> None:
    from postroom.delivery.actions.hold_delivery import hold_delivery
    from postroom.delivery.errors import WrongState
    from postroom.identity.actor import SYSTEM

    assert hold_delivery(SYSTEM, sending.pk, "call first").state == "sending"
    with pytest.raises(WrongState):
        hold_delivery(SYSTEM, sending.pk)


@pytest.mark.parametrize("hold", [_hold_part, _hold_one])
def test_p4_what_is_held_while_it_is_sent_is_not_sent_again_when_it_comes_back(
    starters: list[str], tmp_path: Path, hold: Any
) -> None:
    from postroom.delivery.actions.release_delivery import release_delivery
    from postroom.delivery.dispatch import _again
    from postroom.delivery.models import Delivery
    from postroom.delivery.settle import settle
    from postroom.delivery.spec import Deferred, Refused, Sent, Truth, Unknown
    from postroom.identity.actor import SYSTEM

    # given a delivery on its way that is held meanwhile: whatever comes of it, no further try follows by itself
    for name, outcome, told in (
        ("later", Deferred("later"), ("held", "held", "call first")),
        ("refused", Refused("unknown", "no"), ("failed", "unknown", "no")),
        ("arrived", Sent(Truth.RELAYED, "ok"), ("delivered", "", "")),
    ):
        run = _composed(tmp_path, name)
        sending = _in_flight(run)
        hold(run, sending)
        settle(sending, outcome, Truth.RELAYED)
        sending.refresh_from_db()
        assert (sending.state, sending.code, sending.reason) == told
        other = Delivery.objects.filter(fallback_for=sending.pk).first()
        assert (other is not None) == (name == "refused")
        assert other is None or (other.state, other.code, other.reason) == ("held", "held", "call first")
        _zero(run)
    # given one whose worker died, and that the receiver surely does not have, then it is held too
    run = _composed(tmp_path, "lost")
    sending = _in_flight(run)
    hold(run, sending)
    _again(sending)
    sending.refresh_from_db()
    assert (sending.state, sending.code, sending.worker_lock) == ("held", "held", None)
    _zero(run)
    # given one that ended in silence, then it is asked about first, and held when it never arrived
    run = _composed(tmp_path, "silent")
    sending = _in_flight(run)
    hold(run, sending)
    settle(sending, Unknown("gone"), Truth.RELAYED, askable=True)
    sending.refresh_from_db()
    assert (sending.state, sending.code) == ("sending", "held")
    _again(sending)
    sending.refresh_from_db()
    assert sending.state == "held"
    # when it is released, then it goes on
    release_delivery(SYSTEM, sending.pk)
    assert settled(run, hurry=True).records["completed"] == 1


@pytest.mark.parametrize("let_go", ["part", "one"])
def test_p4_a_hold_that_is_taken_back_while_it_is_sent_holds_nothing(
    starters: list[str], tmp_path: Path, let_go: str
) -> None:
    from postroom.delivery.actions.release_delivery import release_delivery
    from postroom.delivery.settle import settle
    from postroom.delivery.spec import Deferred, Truth
    from postroom.identity.actor import SYSTEM
    from postroom.production.actions.hold_part import release_part
    from postroom.production.part import part_of

    run = _composed(tmp_path, "back")
    sending = _in_flight(run)
    _hold_part(run, sending)
    if let_go == "part":
        release_part(SYSTEM, run.pk, part_of(records="1"))
    else:
        assert release_delivery(SYSTEM, sending.pk).state == "sending"
    settle(sending, Deferred("later"), Truth.RELAYED)
    sending.refresh_from_db()
    assert (sending.state, sending.code) == ("ready", "deferred")


def test_planted_a_deferral_that_forgets_the_hold_is_noticed(
    starters: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from postroom.delivery import decide

    monkeypatch.setattr(decide, "_kept_back", lambda row, change: change)
    with pytest.raises(AssertionError):
        test_p4_what_is_held_while_it_is_sent_is_not_sent_again_when_it_comes_back([], tmp_path, _hold_part)


def _slipped_through(folder: Path, key: str) -> set[str]:
    """The gate: what becomes ready although its run is held or waits at its gate, each way there is."""
    from postroom.delivery.models import Delivery
    from postroom.delivery.settle import settle
    from postroom.delivery.spec import Deferred, Truth
    from postroom.identity.actor import SYSTEM
    from postroom.production import protocol as p
    from postroom.production.actions.hold_run import hold_run
    from postroom.production.models import Chunk
    from postroom.production.pipeline import _COMPOSING
    from postroom.production.reading import read_parcel

    found = set()
    # a chunk that is read while its run is held
    read = start(write(folder, records(1), f"{key}-1.jsonl"), run_key=f"{key}-1")
    hold_run(SYSTEM, read.pk)
    read_parcel(read.pk)
    if Chunk.objects.get(run=read).state == "ready":
        found.add("run_chunk_made_ready")
    # a chunk in a composer's hands that lets go of it after its run was held
    claimed = start(write(folder, records(1), f"{key}-2.jsonl"), run_key=f"{key}-2")
    read_parcel(claimed.pk)
    chunk = Chunk.objects.get(run=claimed)
    _COMPOSING[p.TakeChunk](p.TakeChunk(chunk.pk, chunk.pk))
    hold_run(SYSTEM, claimed.pk)
    _COMPOSING[p.Release](p.Release(chunk.pk, chunk.pk, blame=False))
    if Chunk.objects.get(run=claimed).state == "ready":
        found.add("run_chunk_ready_again")
    # deliveries that are born behind a closed gate
    gated = start(write(folder, records(1), f"{key}-3.jsonl"), run_key=f"{key}-3", gate=True)
    read_parcel(gated.pk)
    _compose(gated)
    if Delivery.objects.filter(run_id=gated.pk, state="ready").exists():
        found.add("delivery_made_ready")
    # a delivery that is put off after its run was held
    run = _composed(folder, f"{key}-4")
    sending = _in_flight(run)
    hold_run(SYSTEM, run.pk)
    settle(sending, Deferred("later"), Truth.RELAYED)
    if Delivery.objects.get(pk=sending.pk).state == "ready":
        found.add("delivery_ready_again")
    return found


def test_p4_planted_each_trigger_of_a_hold_that_is_dropped_is_missed(starters: list[str], tmp_path: Path) -> None:
    from django.db import connection

    # given all of them, then nothing slips through
    assert _slipped_through(tmp_path, "all") == set()
    # given a database without one of them, then just that one is missed
    tables = {"delivery_made_ready": "delivery", "delivery_ready_again": "delivery"}
    for name in ("run_chunk_made_ready", "run_chunk_ready_again", *tables):
        table = tables.get(name, "run_chunk")
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
        assert _slipped_through(tmp_path, name.replace("_", "-")) == {name}
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {name}")
