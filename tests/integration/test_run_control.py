"""The operator in control: hold, release, cancel, the gate and reprints; P3 at each moment, P4 whatever happens."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from api_kit import records
from kit.runs import balance_of, postroom, settled, start, through, write


def _set(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    from django.conf import settings

    monkeypatch.setattr(settings, "CONFIG", settings.CONFIG.model_copy(update=changes))


def _zero(run: Any) -> Any:
    counted = balance_of(run)
    assert (counted.records_difference, counted.deliveries_difference) == (0, 0), counted
    return counted


def _compose(run: Any, most: int = 1000) -> None:
    from postroom.production.models import READY, Chunk
    from postroom.production.pipeline import compose_chunk

    for chunk in list(Chunk.objects.filter(run=run, state=READY).order_by("no")[:most]):
        compose_chunk(chunk.pk)


def _states(run: Any) -> dict[str, int]:
    from collections import Counter

    from postroom.delivery.models import Delivery

    return dict(Counter(Delivery.objects.filter(run_id=run.pk).values_list("state", flat=True)))


def _deliver() -> None:
    from postroom.delivery.dispatch import dispatch, due_destinations

    for destination in due_destinations():
        dispatch(destination)


def test_p3_a_held_run_neither_composes_nor_sends_and_goes_on_where_it_was(
    starters: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from postroom.delivery.claiming import claim
    from postroom.delivery.models import Delivery
    from postroom.delivery.settle import settle
    from postroom.delivery.spec import Deferred, Truth
    from postroom.identity.actor import SYSTEM
    from postroom.kernel import liveness
    from postroom.production.actions.hold_run import hold_run
    from postroom.production.actions.release_run import release_run
    from postroom.production.errors import RunOnHold
    from postroom.production.models import Chunk, Run
    from postroom.production.reading import read_parcel
    from postroom.production.settling import settle_run

    # given a run of three chunks: one composed of which one delivery is being sent, two that wait
    _set(monkeypatch, chunk_size=2)
    run = start(write(tmp_path, records(6)))
    read_parcel(run.pk)
    _compose(run, 1)
    first = Delivery.objects.filter(run_id=run.pk).first()
    assert first is not None
    sending = claim(first.destination_id, liveness.current().number)
    assert sending is not None
    # when it is held
    hold_run(SYSTEM, run.pk, "the bank calls back")
    # then what had not left is held, also the chunks; nothing is lost from the balance; it is not settled
    counted = _zero(run)
    assert set(Chunk.objects.filter(run=run).values_list("state", flat=True)) == {"done", "held"}
    assert (counted.records["held"], counted.records["in_progress"], counted.deliveries["held"]) == (5, 1, 1)
    assert not settle_run(run.pk)
    with pytest.raises(RunOnHold, match="held already"):
        hold_run(SYSTEM, run.pk)
    # when the one under way comes back deferred, then it is held too
    settle(sending, Deferred("later"), Truth.RELAYED)
    sending.refresh_from_db()
    assert (sending.state, sending.code, sending.reason) == ("held", "run-held", "later")
    _compose(run)
    _deliver()
    assert _zero(run).deliveries["held"] == 2
    assert not settle_run(run.pk)
    # when it is released, then all six arrive
    release_run(SYSTEM, run.pk)
    assert Run.objects.get(pk=run.pk).held_at is None
    assert settled(run, hurry=True).records["completed"] == 6
    with pytest.raises(RunOnHold):
        release_run(SYSTEM, run.pk)


def test_p4_a_fallback_of_a_held_or_cancelled_run_is_not_sent(starters: list[str], tmp_path: Path) -> None:
    from postroom.delivery.claiming import claim
    from postroom.delivery.models import Delivery
    from postroom.delivery.settle import settle
    from postroom.delivery.spec import Refused, Truth
    from postroom.identity.actor import SYSTEM
    from postroom.kernel import liveness
    from postroom.production.actions.cancel_run import cancel_run
    from postroom.production.actions.hold_run import hold_run
    from postroom.production.reading import read_parcel

    for act, state, code in ((hold_run, "held", "run-held"), (cancel_run, "cancelled", "run-cancelled")):
        # given a delivery with a fallback that is being sent
        run = start(write(tmp_path, records(1)), run_key=state)
        read_parcel(run.pk)
        _compose(run)
        Delivery.objects.filter(run_id=run.pk).update(fallbacks=["letters"])
        first = Delivery.objects.get(run_id=run.pk)
        sending = claim(first.destination_id, liveness.current().number)
        assert sending is not None
        # when its run is held or cancelled meanwhile, and the receiver refuses it
        act(SYSTEM, run.pk, "stop")
        settle(sending, Refused("unknown", "no"), Truth.RELAYED)
        # then the fallback is made, and waits or is cancelled with its run
        other = Delivery.objects.get(run_id=run.pk, fallback_for=sending.pk)
        assert (other.state, other.code) == (state, code)
        _zero(run)


def test_p3_a_gated_run_is_composed_and_sends_nothing_until_it_is_released(starters: list[str], tmp_path: Path) -> None:
    from postroom.identity.actor import SYSTEM
    from postroom.production.actions.hold_part import hold_part, release_part
    from postroom.production.actions.release_run import release_run
    from postroom.production.errors import NotComposed
    from postroom.production.models import Run
    from postroom.production.part import part_of
    from postroom.production.reading import read_parcel
    from postroom.production.settling import settle_run

    # given a run started with a gate, of which nothing is composed yet
    run = start(write(tmp_path, records(3)), gate=True)
    with pytest.raises(NotComposed):
        release_run(SYSTEM, run.pk)
    read_parcel(run.pk)
    # when it is composed, then everything is held, and it is not settled
    _compose(run)
    assert set(_states(run)) == {"held"}
    _deliver()
    assert not settle_run(run.pk)
    assert (_zero(run).records["held"], _zero(run).documents) == (3, 3)
    # when one of them is held by itself and the run is released, then all others are sent
    assert hold_part(SYSTEM, run.pk, part_of(records="2")).deliveries >= 1
    release_run(SYSTEM, run.pk)
    assert Run.objects.get(pk=run.pk).gate == "released"
    counted = settled(run)
    assert (counted.records["completed"], counted.records["held"]) == (2, 1)
    # when that is released too, then it is sent
    release_part(SYSTEM, run.pk, part_of(records="2"))
    assert settled(run).records["completed"] == 3


def test_p3_a_part_is_held_before_and_after_composing_and_let_go_on(
    starters: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from postroom.identity.actor import SYSTEM
    from postroom.kernel.errors import BadInput
    from postroom.production.actions.hold_part import Acted, cancel_part, hold_part, release_part
    from postroom.production.part import part_of
    from postroom.production.reading import read_parcel

    # given six records in three chunks, the first one composed
    _set(monkeypatch, chunk_size=2)
    run = start(write(tmp_path, records(6)))
    read_parcel(run.pk)
    _compose(run, 1)
    # when records 2 to 4 are held, then one delivery and two records are
    acted = hold_part(SYSTEM, run.pk, part_of(records="2-4"), "look first")
    assert (acted.records, acted.deliveries >= 1) == (2, True)
    assert _zero(run).records["held"] == 3
    # when the run goes on, then all others arrive, and it settles with what is held
    assert settled(run).records["completed"] == 3
    assert _zero(run).records["held"] == 3
    # when one of them is cancelled and the others are released, then those arrive
    assert cancel_part(SYSTEM, run.pk, part_of(records="3"), "not wanted") == Acted(1, 0)
    assert release_part(SYSTEM, run.pk, part_of(records="1-6")).records == 1
    counted = settled(run)
    assert (counted.records["completed"], counted.records["cancelled"], counted.records_difference) == (5, 1, 0)
    # when what is meant is not clear or not there, then it is said
    for wrong in ({}, {"records": "5-2"}, {"records": "x"}, {"records": "0"}, {"records": "1", "chunk": 1}):
        with pytest.raises(BadInput):
            part_of(**wrong)
    for absent in (part_of(records="7-9"), part_of(chunk=99), part_of(numbers="NO-1..NO-2")):
        with pytest.raises(BadInput):
            hold_part(SYSTEM, run.pk, absent)


@pytest.mark.parametrize("act", ["hold", "cancel"])
def test_p4_a_record_in_a_composers_hands_is_kept_back_when_its_chunk_is_committed(
    starters: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    from postroom.identity.actor import SYSTEM
    from postroom.production import stages
    from postroom.production.actions.hold_part import cancel_part, hold_part, release_part
    from postroom.production.part import part_of
    from postroom.production.reading import read_parcel

    # given a chunk that is being composed
    run = start(write(tmp_path, records(2)))
    read_parcel(run.pk)
    real, seen = stages.store, []

    def in_the_middle(*arguments: Any) -> Any:
        if act == "hold":
            hold_part(SYSTEM, run.pk, part_of(records="1"))
            seen.append(release_part(SYSTEM, run.pk, part_of(records="1")))
        else:
            cancel_part(SYSTEM, run.pk, part_of(records="1"), "stop")
        _zero(run)
        return real(*arguments)

    monkeypatch.setattr(stages, "store", in_the_middle)
    # when its first record is held or cancelled in the middle
    _compose(run)
    # then it is composed, and its deliveries never were ready; a release in the middle says that it came too early
    state = "held" if act == "hold" else "cancelled"
    assert _states(run)[state] >= 1
    assert (_zero(run).records[state], _zero(run).records["in_progress"]) == (1, 1)
    assert all(acted.left == 1 for acted in seen)
    if act == "hold":
        release_part(SYSTEM, run.pk, part_of(records="1"))
        assert settled(run).records["completed"] == 2


def test_one_delivery_is_held_released_and_cancelled(starters: list[str], tmp_path: Path) -> None:
    from postroom.delivery.actions.cancel_delivery import cancel_delivery
    from postroom.delivery.actions.hold_delivery import hold_delivery
    from postroom.delivery.actions.release_delivery import release_delivery
    from postroom.delivery.errors import WrongState
    from postroom.delivery.models import Delivery
    from postroom.identity.actor import SYSTEM
    from postroom.production.actions.hold_run import hold_run
    from postroom.production.actions.release_run import release_run
    from postroom.production.reading import read_parcel

    # given three deliveries that wait
    run = start(write(tmp_path, records(3)))
    read_parcel(run.pk)
    _compose(run)
    one, two, *_ = list(Delivery.objects.filter(run_id=run.pk, state="ready").order_by("pk"))
    # when two are held, then the run settles without them
    hold_delivery(SYSTEM, one.pk, "call first")
    hold_delivery(SYSTEM, two.pk)
    settled(run)
    assert _zero(run).deliveries["held"] == 2
    # when one is cancelled and the other released, then only that is sent
    cancel_delivery(SYSTEM, two.pk, "paid already")
    assert release_delivery(SYSTEM, one.pk).state == "ready"
    with pytest.raises(WrongState):
        release_delivery(SYSTEM, two.pk)
    with pytest.raises(WrongState):
        cancel_delivery(SYSTEM, two.pk, "again")
    _deliver()
    settled(run)
    counted = _zero(run)
    assert (counted.deliveries["held"], counted.deliveries["cancelled"]) == (0, 1)
    with pytest.raises(WrongState):
        hold_delivery(SYSTEM, one.pk)
    # given one held by a person in a run that is held, when it is released, then it waits with its run
    other = start(write(tmp_path, records(1)), run_key="other")
    read_parcel(other.pk)
    _compose(other)
    third = Delivery.objects.filter(run_id=other.pk).first()
    assert third is not None
    hold_delivery(SYSTEM, third.pk)
    hold_run(SYSTEM, other.pk)
    assert release_delivery(SYSTEM, third.pk).code == "run-held"
    with pytest.raises(WrongState, match="with its run"):
        release_delivery(SYSTEM, third.pk)
    release_run(SYSTEM, other.pk)
    assert settled(other).records["completed"] == 1


@pytest.mark.parametrize("seed", range(6))
def test_p3_the_balances_are_zero_whatever_an_operator_does_at_random_moments(
    starters: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    from postroom.delivery.actions.cancel_delivery import cancel_delivery
    from postroom.delivery.actions.hold_delivery import hold_delivery
    from postroom.delivery.actions.release_delivery import release_delivery
    from postroom.delivery.claiming import claim
    from postroom.delivery.dispatch import due_destinations
    from postroom.delivery.models import Attempt, Delivery
    from postroom.delivery.settle import settle
    from postroom.delivery.spec import Deferred, Refused, Sent, Truth
    from postroom.identity.actor import SYSTEM
    from postroom.kernel import clock, liveness
    from postroom.kernel.errors import PostroomError
    from postroom.production.actions.cancel_run import cancel_run
    from postroom.production.actions.hold_part import cancel_part, hold_part, release_part
    from postroom.production.actions.hold_run import hold_run
    from postroom.production.actions.release_run import release_run
    from postroom.production.models import CLOSED, Record, Run
    from postroom.production.part import part_of
    from postroom.production.reading import read_parcel
    from postroom.production.recovery import sweep

    # given a run of a dozen records in small chunks, one bad, with a gate every second time
    dice = random.Random(seed)
    _set(monkeypatch, chunk_size=3)
    made: list[Any] = [*records(12), "no record"]
    run = start(write(tmp_path, made), gate=bool(seed % 2))
    flying: list[Any] = []

    def some_part() -> Any:
        first = dice.randint(1, 13)
        return part_of(records=f"{first}-{dice.randint(first, 13)}")

    def some_delivery() -> Any:
        return dice.choice(list(Delivery.objects.filter(run_id=run.pk).values_list("pk", flat=True)) or [run.pk])

    def take() -> None:
        Delivery.objects.filter(state="ready").update(next_attempt_at=clock.now())
        for key in due_destinations()[:1]:
            if taken := claim(key, liveness.current().number):
                flying.append(taken)

    def land() -> None:
        if flying:
            outcome: Any = dice.choice([Sent(Truth.RELAYED, "ok"), Deferred("later"), Refused("no", "never")])
            settle(flying.pop(dice.randrange(len(flying))), outcome, Truth.RELAYED)

    steps: list[Any] = [
        lambda: read_parcel(run.pk),
        lambda: _compose(run, 1),
        take,
        land,
        take,
        land,
        sweep,
        lambda: hold_run(SYSTEM, run.pk),
        lambda: release_run(SYSTEM, run.pk),
        lambda: release_run(SYSTEM, run.pk),
        lambda: hold_part(SYSTEM, run.pk, some_part()),
        lambda: release_part(SYSTEM, run.pk, some_part()),
        lambda: cancel_part(SYSTEM, run.pk, some_part(), "no"),
        lambda: hold_delivery(SYSTEM, some_delivery()),
        lambda: release_delivery(SYSTEM, some_delivery()),
        lambda: cancel_delivery(SYSTEM, some_delivery(), "no"),
    ]
    if seed == 5:
        steps.append(lambda: cancel_run(SYSTEM, run.pk, "stop"))
    # when an operator and the workers act in any order, then both balances are zero after each act
    for _ in range(70):
        try:
            dice.choice(steps)()
        except PostroomError as refused:
            assert refused.message
        _zero(run)
    # and when everything is released at last, then every record ends, and no delivery was sent twice
    while flying:
        settle(flying.pop(), Sent(Truth.RELAYED, "ok"), Truth.RELAYED)
    read_parcel(run.pk)
    if Run.objects.get(pk=run.pk).held_at:
        release_run(SYSTEM, run.pk)
    if Run.objects.get(pk=run.pk).cancelled_at is None:
        _compose(run)
        if Run.objects.get(pk=run.pk).gate == CLOSED:
            release_run(SYSTEM, run.pk)
        release_part(SYSTEM, run.pk, part_of(records="1-13"))
    counted = settled(run, hurry=True)
    assert (counted.records["held"], counted.records["in_progress"]) == (0, 0)
    assert (counted.records_difference, counted.deliveries_difference) == (0, 0)
    assert not Record.objects.filter(run=run, state__in=("waiting", "held")).exists()
    sent = list(Attempt.objects.filter(outcome="sent").values_list("delivery_id", flat=True))
    assert len(sent) == len(set(sent))


def test_the_check_tells_what_is_unlike_the_last_runs(starters: list[str], tmp_path: Path) -> None:
    from postroom.production.models import Run
    from postroom.production.precheck import precheck, sentence
    from postroom.production.reading import read_parcel

    # given a settled run of twelve documents
    earlier = through(write(tmp_path, records(12)))
    # when a run like it waits at its gate, then nothing stands out, and the figures of the settled one are kept
    same = start(write(tmp_path, records(12), "same.jsonl"), gate=True, run_key="same")
    read_parcel(same.pk)
    assert not precheck(same).ready
    _compose(same)
    checked = precheck(Run.objects.get(pk=same.pk))
    assert (checked.ready, checked.figures.documents, checked.compared) == (True, 12, (earlier.ref,))
    assert checked.findings == ()
    kept = Run.objects.get(pk=earlier.pk).figures
    assert kept is not None and kept["documents"] == 12
    # when a larger one comes with amounts a hundred times as high, to people never written to, and one bad record
    made: list[Any] = records(30)
    for number, each in enumerate(made):
        each["customer"]["key"] = f"NEW-{number}"
        each["number"] = f"NEW-{number}"
    other = start(write(tmp_path, [*made, "no record"], "other.jsonl"), gate=True)
    read_parcel(other.pk)
    _compose(other)
    found = precheck(Run.objects.get(pk=other.pk))
    codes = [each.code for each in found.findings]
    # then each of these is told in a sentence with its numbers
    assert codes[:2] == ["set-aside", "many-documents"]
    assert "1 of 31 records is set aside" in sentence(found.findings[0])
    assert "30 documents" in sentence(found.findings[1])
    assert found.figures.parties + found.figures.documents > 0
    assert found.set_aside[0][1] == 1
    assert found.as_json(other.ref)["findings"][0]["code"] == "set-aside"


@pytest.mark.usefixtures("db")
def test_planted_an_outlier_of_each_kind_is_found() -> None:
    from decimal import Decimal

    from postroom.production.precheck import Figures, Money, _compare, sentence

    def figures(**changes: Any) -> Figures:
        usual: dict[str, Any] = {
            "documents": 100,
            "pages": {1: 80, 2: 20},
            "amounts": {"EUR": Money(Decimal(1000), Decimal(50), Decimal(1))},
            "channels": {"email": 70, "folder": 30},
            "parties": 100,
            "new_parties": 5,
        }
        return Figures(**{**usual, **changes})

    # given the last runs, when a run is like them, then nothing is told
    assert _compare(figures(), [figures(), figures()]) == []
    # when one thing is unlike them, then just that is told
    planted: dict[str, dict[str, Any]] = {
        "many-documents": {"documents": 200, "pages": {1: 160, 2: 40}},
        "few-documents": {"documents": 20, "pages": {1: 16, 2: 4}},
        "long-documents": {"pages": {1: 99, 9: 1}},
        "unusual-pages": {"pages": {2: 100, 1: 0}},
        "new-currency": {"amounts": {"CHF": Money(Decimal(1), Decimal(1), Decimal(1))}},
        "large-total": {"amounts": {"EUR": Money(Decimal(9000), Decimal(50), Decimal(1))}},
        "large-amount": {"amounts": {"EUR": Money(Decimal(1000), Decimal(900), Decimal(1))}},
        "negative-amount": {"amounts": {"EUR": Money(Decimal(1000), Decimal(50), Decimal(-1))}},
        "new-parties": {"new_parties": 80},
    }
    for code, change in planted.items():
        (found,) = _compare(figures(**change), [figures()])
        assert found.code == code
        assert "{" not in sentence(found)
    both = _compare(figures(channels={"email": 20, "folder": 80}), [figures()])
    assert [(each.code, each.facts["channel"]) for each in both] == [
        ("unusual-channel", "email"),
        ("unusual-channel", "folder"),
    ]


def test_a_range_is_reprinted_once_with_the_same_bytes(starters: list[str], tmp_path: Path) -> None:
    from postroom.delivery.models import Delivery
    from postroom.documents.models import Document
    from postroom.identity.actor import SYSTEM
    from postroom.kernel.errors import BadInput
    from postroom.ledger.models import Entry
    from postroom.production.actions.reprint_range import range_of, reprint_range
    from postroom.production.part import part_of

    # given a run of five documents that arrived
    run = through(write(tmp_path, records(5)))
    by_place = list(Document.objects.filter(run_id=run.pk).order_by("record_id").values_list("number", flat=True))
    # when two to four are to be printed again, then the count is known before
    part = part_of(records="2-4")
    meant = range_of(SYSTEM, run, part)
    assert (meant.documents, meant.pages >= 3, {meant.first, meant.last} <= set(by_place)) == (3, True, True)
    # when it is done, then there are three new deliveries outside the balance of the run, noted in the ledger
    before = _zero(run)
    done = reprint_range(SYSTEM, run.pk, part, destination="letters", reason="paper jam")
    assert (done.deliveries, done.unreachable) == (3, 0)
    made = Delivery.objects.filter(run_id=None, destination_id="letters")
    assert made.count() == 3
    assert made[0].explanation["run"] == run.ref
    assert _zero(run) == before
    assert Entry.objects.filter(act="run.reprinted").count() == 1
    _deliver()
    assert set(made.values_list("state", flat=True)) == {"delivered"}
    # when it is named by numbers, then it is the same range; without a reason or documents it is refused
    assert range_of(SYSTEM, run, part_of(numbers=f"{meant.first}..{meant.last}")) == meant
    with pytest.raises(BadInput):
        reprint_range(SYSTEM, run.pk, part, destination="letters", reason=" ")
    with pytest.raises(BadInput):
        range_of(SYSTEM, run, part_of(records="90-91"))


def test_workers_are_told_with_what_they_do(starters: list[str], tmp_path: Path) -> None:
    from postroom.delivery.claiming import claim
    from postroom.delivery.models import Delivery
    from postroom.kernel import liveness
    from postroom.production.models import CLAIMED, Chunk
    from postroom.production.reading import read_parcel
    from postroom.production.workers import doing, pace

    # given this process as a worker, first at a chunk, then at a letter, then at nothing
    run = start(write(tmp_path, records(2)))
    read_parcel(run.pk)
    me = liveness.current().number

    def mine() -> Any:
        return next(one for one in doing() if one.lock == me)

    assert mine().act == ""
    Chunk.objects.filter(run=run).update(state=CLAIMED, worker_lock=me)
    assert (mine().act, mine().what, mine().run_id) == ("compose", run.ref, run.pk)
    Chunk.objects.filter(run=run).update(state="ready", worker_lock=None)
    _compose(run)
    taken = Delivery.objects.filter(run_id=run.pk).first()
    assert taken is not None and claim(taken.destination_id, me) is not None
    assert (mine().act, mine().run_id, mine().number) == ("send", run.pk, 1)
    going = pace(run.pk, balance_of(run), run.started_at)
    assert going.made > 0 and going.left is None


def test_an_operator_is_in_control_by_the_terminal(starters: list[str], tmp_path: Path) -> None:
    import json

    from postroom.delivery.models import Delivery
    from postroom.production.reading import read_parcel

    # given a run at its gate
    run = start(write(tmp_path, records(3)), gate=True)
    read_parcel(run.pk)
    _compose(run)
    # when it is looked at, a record of it is cancelled, the rest held, let go on and released, then it is told
    assert json.loads(postroom("runs", "check", run.ref, "--json").stdout)["documents"] == 3
    assert "no earlier run" in postroom("runs", "check", run.ref).stdout
    assert "are cancelled" in postroom("runs", "cancel", run.ref, "--records", "3", "--reason", "test").stdout
    assert "held" in postroom("runs", "hold", run.ref).stdout
    assert postroom("runs", "hold", run.ref).returncode != 0
    for _ in range(2):
        assert postroom("runs", "release", run.ref).returncode == 0
    one = Delivery.objects.filter(run_id=run.pk, state="ready").first()
    assert one is not None
    assert "is held" in postroom("deliveries", "hold", str(one.pk)).stdout
    assert "is ready" in postroom("deliveries", "release", str(one.pk)).stdout
    settled(run)
    done = postroom("runs", "reprint", run.ref, "--to", "letters", "--reason", "jam", "--records", "1-2", "--yes")
    assert "2 documents" in done.stdout and "2 deliveries made" in done.stdout


def test_an_operator_is_in_control_by_the_api(
    starters: list[str], tmp_path: Path, program_of: Any, actor_of: Any
) -> None:
    from postroom.production.reading import read_parcel

    # given a run at its gate, an operator's program and an auditor's
    run = start(write(tmp_path, records(3)), gate=True)
    read_parcel(run.pk)
    _compose(run)
    operator, auditor = program_of("operator"), program_of("auditor")
    at = f"/runs/{run.ref}"
    # when it is looked at, then both see the figures, and only the operator may act
    assert auditor.get(f"{at}/check").json()["documents"] == 3
    assert auditor.post(f"{at}/release", {}).status_code == 403
    assert operator.post(f"{at}/hold", {"reason": "wait"}).json()["held_at"]
    assert operator.post(f"{at}/release", {}).json()["gate"] == "closed"
    acted = operator.post(f"{at}/part/cancel", {"records": "3", "reason": "no"}).json()
    assert acted["deliveries"] >= 1
    assert operator.post(f"{at}/part/hold", {"records": "x"}).status_code == 422
    assert operator.post(f"{at}/release", {}).json()["gate"] == "released"
    settled(run)
    body = {"records": "1-2", "destination": "letters", "reason": "jam", "dry_run": True}
    assert operator.post(f"{at}/reprint", body).json()["deliveries"] == 0
    assert operator.post(f"{at}/reprint", body | {"dry_run": False}).json()["deliveries"] == 2


def test_an_operator_is_in_control_at_the_desk(starters: list[str], tmp_path: Path, user_of: Any) -> None:
    from desk_kit import desk_of
    from postroom.delivery.models import Delivery
    from postroom.production.models import Run
    from postroom.production.reading import read_parcel

    # given a run at its gate
    run = start(write(tmp_path, records(3)), gate=True)
    read_parcel(run.pk)
    _compose(run)
    desk = desk_of(user_of)
    operator, auditor = desk("operator"), desk("auditor")
    at = f"/runs/{run.ref}/"
    # then the page shows the check, with the release for the operator alone
    page = operator.get(at).content.decode()
    assert "Before it is released" in page and f"{at}release/" in page and f"{at}hold/" in page
    seen = auditor.get(at).content.decode()
    assert "Before it is released" in seen and f"{at}release/" not in seen and f"{at}hold/" not in seen
    # when it is held, then it says so and offers to let it go on
    operator.post(f"{at}hold/")
    assert "Held since" in operator.get(at).content.decode()
    operator.post(f"{at}release/")
    assert Run.objects.get(pk=run.pk).held_at is None
    # when a part is looked at and cancelled, then it is done once; the auditor is refused
    form = {"way": "records", "first": "3", "last": "", "act": "cancel", "reason": "not wanted", "do": "look"}
    looked = operator.post(f"{at}part/", form)
    assert "Cancel 1 record" in looked.content.decode()
    mark = looked.content.decode().split('name="mark" value="')[1].split('"')[0]
    assert operator.post(f"{at}part/", form | {"do": "act", "mark": mark}).status_code == 303
    assert operator.post(f"{at}part/", form | {"do": "act", "mark": mark}).status_code == 422
    assert auditor.post(f"{at}part/", form).status_code == 422
    assert _zero(run).records["cancelled"] == 1
    # when it is released, and one delivery held and let go on by its page, then everything else arrives
    operator.post(f"{at}release/")
    assert Run.objects.get(pk=run.pk).gate == "released"
    one = Delivery.objects.filter(run_id=run.pk, state="ready").first()
    assert one is not None
    operator.post(f"/deliveries/{one.pk}/hold/")
    one.refresh_from_db()
    assert one.state == "held"
    assert "Let it go on" in operator.get(f"/deliveries/{one.pk}/").content.decode()
    operator.post(f"/deliveries/{one.pk}/release/")
    assert settled(run).records["completed"] == 2
