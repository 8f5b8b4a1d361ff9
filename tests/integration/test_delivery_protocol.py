"""P4: intent before effect. What each ending of a send leads to, with real rows and channels that end as told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from api_kit import carry_through, records
from kit.runs import balance_of, settled, start, write
from postroom.delivery.spec import (
    Channel,
    ChannelConfig,
    Deferred,
    Finding,
    Letter,
    Outcome,
    Refused,
    Sent,
    Truth,
    Unknown,
)


class ToldChannel(Channel):
    """Ends as told, and remembers what arrived."""

    name: ClassVar[str] = "told"
    final_truth: ClassVar[Truth] = Truth.ACCEPTED
    ends: ClassVar[list[Outcome | Exception]] = []
    arrived: ClassVar[list[str]] = []
    askable: ClassVar[bool] = True

    def __init__(self, config: ChannelConfig) -> None:
        super().__init__(config)
        self.can_look_up = type(self).askable

    def send(self, letter: Letter) -> Outcome:
        end = self.ends.pop(0) if self.ends else Sent(Truth.ACCEPTED, "fine")
        if isinstance(end, Sent) or "arrived" in str(end):
            self.arrived.append(letter.key)
        if isinstance(end, Exception):
            raise end
        return end

    def look_up(self, letter: Letter) -> Sent | None:
        return Sent(Truth.ACCEPTED, "found") if letter.key in self.arrived else None

    def check(self) -> list[Finding]:
        return []


@pytest.fixture
def told(starters: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[type[ToldChannel]]:
    """All letters go to a channel that ends as told; time-outs are short."""
    from django.conf import settings

    from postroom.delivery.models import Destination
    from postroom.kernel import registry

    real = registry.provider
    monkeypatch.setattr(registry, "provider", lambda group, name: ToldChannel if name == "told" else real(group, name))
    quick = {"take_over_delay": 0.3, "send_timeout": 0.2, "retry_delays": (0.05, 0.05)}
    monkeypatch.setattr(settings, "CONFIG", settings.CONFIG.model_copy(update=quick))
    Destination.objects.filter(key="letters").update(channel="told", config={})
    monkeypatch.setattr(ToldChannel, "ends", [])
    monkeypatch.setattr(ToldChannel, "arrived", [])
    monkeypatch.setattr(ToldChannel, "askable", True)
    yield ToldChannel


def _one(tmp_path: Path, count: int = 1) -> Any:
    made = records(count)
    for number, record in enumerate(made):
        record["customer"] = {**record["customer"], "key": f"C-{number}", "email": None}
        del record["customer"]["email"]
    return start(write(tmp_path, made))


def _delivery(run: Any) -> Any:
    from postroom.delivery.models import Delivery

    return Delivery.objects.get(run_id=run.pk)


def test_p4_a_silent_end_is_asked_about_after_the_delay(told: type[ToldChannel], tmp_path: Path) -> None:
    # given a send that ended in silence, although it arrived
    told.ends[:] = [Unknown("arrived, but nothing was heard")]
    run = _one(tmp_path)
    carry_through(run.pk)
    waiting = _delivery(run)
    assert (waiting.state, waiting.code, waiting.worker_lock) == ("sending", "asking", None)
    assert balance_of(run).deliveries["in_progress"] == 1
    # when the delay is over, then the receiver is asked, and nothing is sent again
    assert settled(run).deliveries["delivered"] == 1
    assert len(told.arrived) == 1


def test_p4_a_silent_end_that_never_arrived_is_sent_again(told: type[ToldChannel], tmp_path: Path) -> None:
    # given a send that ended in silence and did not arrive
    told.ends[:] = [Unknown("gone")]
    run = _one(tmp_path)
    carry_through(run.pk)
    # when the receiver says that it has nothing, then it is sent again, under a new key
    assert settled(run).deliveries["delivered"] == 1
    assert told.arrived == [_delivery(run).key]
    assert _delivery(run).attempts == 2


def test_p4_a_silent_end_of_one_that_cannot_be_asked_waits_for_a_person(
    told: type[ToldChannel], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from postroom.delivery.actions.decide_doubt import decide_doubt
    from postroom.identity.actor import SYSTEM
    from postroom.production.models import Run
    from postroom.production.recovery import sweep

    # given a receiver that cannot be asked
    monkeypatch.setattr(ToldChannel, "askable", False)
    told.ends[:] = [Unknown("gone")]
    run = _one(tmp_path)
    carry_through(run.pk)
    counted = settled(run)
    assert (counted.deliveries["in_doubt"], counted.records["held"]) == (1, 1)
    # when an operator lets it be sent again, then the run is at work again, and ends whole
    decide_doubt(SYSTEM, _delivery(run).pk, arrived=False, reason="The relay has nothing.")
    sweep()
    assert Run.objects.get(pk=run.pk).state == "working"
    assert settled(run).records["completed"] == 1


def test_p4_what_a_dead_worker_left_is_asked_about_only_after_the_delay(
    told: type[ToldChannel], tmp_path: Path
) -> None:
    from postroom.delivery.claiming import claim
    from postroom.kernel.liveness import WorkerLock, note_the_gone

    # given a worker that died between its claim and its send
    run = _one(tmp_path)
    from postroom.production.models import Chunk
    from postroom.production.pipeline import compose_chunk
    from postroom.production.reading import read_parcel

    read_parcel(run.pk)
    compose_chunk(Chunk.objects.get(run=run).pk)
    dead = WorkerLock("deliver").take()
    assert claim("letters", dead.number) is not None
    assert dead.number not in note_the_gone(), "it lives"
    dead.release()
    # when its lock is free, then it counts as gone only after the delay, and its letter is sent once
    assert dead.number not in note_the_gone()
    assert settled(run).deliveries["delivered"] == 1
    assert len(told.arrived) == 1


def test_p4_a_channel_that_breaks_its_contract_is_never_taken_for_not_sent(
    told: type[ToldChannel], tmp_path: Path
) -> None:
    # given a channel that fails in the middle, after the letter arrived
    told.ends[:] = [RuntimeError("arrived, then lost the thread")]
    run = _one(tmp_path)
    carry_through(run.pk)
    # then it is asked, not sent again
    assert settled(run).deliveries["delivered"] == 1
    assert len(told.arrived) == 1


def test_a_refusal_and_a_hopeless_delay_fail_with_their_reason(told: type[ToldChannel], tmp_path: Path) -> None:
    # given a refusal with words no database keeps, and one that is deferred again and again
    told.ends[:] = [Refused("no-such-box" + "x" * 90, "no\x00such box"), *[Deferred("later\x00", "4\x005")] * 3]
    run = _one(tmp_path, count=2)
    carry_through(run.pk)
    # when it is settled, then both failed, each with its reason, and both balances are zero
    counted = settled(run)
    assert (counted.deliveries["failed"], counted.records["failed"]) == (2, 2)
    assert (counted.records_difference, counted.deliveries_difference) == (0, 0)
    from postroom.delivery.models import Delivery

    reasons = set(Delivery.objects.filter(run_id=run.pk).values_list("reason", flat=True))
    assert "no\ufffdsuch box" in reasons
    assert any(reason.startswith("Tried 3 times") for reason in reasons)


def test_a_letter_that_cannot_be_put_together_is_tried_later_not_left_behind(
    told: type[ToldChannel], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.conf import settings

    from postroom.delivery import dispatch

    # given a fault of our own while the letter is put together, and waits longer than this test
    monkeypatch.setattr(settings, "CONFIG", settings.CONFIG.model_copy(update={"retry_delays": (60.0,)}))

    def broken(delivery: Any) -> Letter:
        raise KeyError("subject")

    monkeypatch.setattr(dispatch, "letter_for", broken)
    run = _one(tmp_path)
    carry_through(run.pk)
    # then nothing was sent, and it waits to be tried again; mended, it goes
    assert (_delivery(run).state, told.arrived) == ("ready", [])
    assert "put together" in _delivery(run).reason
    monkeypatch.undo()


def test_recovery_of_one_broken_destination_keeps_nobody_else_waiting(told: type[ToldChannel], tmp_path: Path) -> None:
    from postroom.delivery.dispatch import recover
    from postroom.delivery.models import Delivery, Destination
    from postroom.kernel import clock

    # given two silent ends, one at a destination whose settings broke meanwhile
    told.ends[:] = [Unknown("arrived"), Unknown("arrived")]
    run = _one(tmp_path, count=2)
    carry_through(run.pk)
    Destination.objects.create(key="broken", channel="folder", config={"folder": "not absolute"})
    first, second = Delivery.objects.filter(run_id=run.pk).order_by("id")
    Delivery.objects.filter(pk=first.pk).update(destination_id="broken")
    Delivery.objects.filter(run_id=run.pk).update(next_attempt_at=clock.now())
    # when they are recovered, then the sound one is, and the other says what is wrong
    assert recover([]) == 2
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("sending", "delivered")
    assert "absolute" in first.reason


def test_no_channel_may_send_longer_than_the_installation_allows(told: type[ToldChannel]) -> None:
    from postroom.delivery.channels import build

    # given a destination with the usual time-out of 20 s, when the installation allows 0.2 s, then that holds
    assert build("x", "told", {}).config.timeout == 0.2
    assert build("x", "told", {"timeout": 0.1}).config.timeout == 0.1


def test_p4_an_outcome_that_cannot_be_written_at_first_is_written_later(
    told: type[ToldChannel], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import OperationalError

    from postroom.delivery import dispatch

    # given a database that is away right after a send
    real, away = dispatch.settle, [1, 1]

    def flaky(*arguments: Any, **options: Any) -> bool:
        if away:
            away.pop()
            raise OperationalError("the connection is lost")
        return real(*arguments, **options)

    monkeypatch.setattr(dispatch, "settle", flaky)
    run = _one(tmp_path)
    carry_through(run.pk)
    # then it is delivered once, and known to be
    assert settled(run).deliveries["delivered"] == 1
    assert len(told.arrived) == 1
