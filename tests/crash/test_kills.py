"""P3, P4: whatever is killed at whatever moment, nothing is lost, nothing arrives twice, and everything is counted."""

from __future__ import annotations

import copy
from collections import Counter
from typing import Any

import pytest

from crash.house import House
from crash.run import last_line, main, report, storm
from crash.verdict import verdict
from crash.victims import VICTIMS
from postroom.kernel import failpoints

slow = pytest.mark.slow
KILLS = 56


@slow
def test_p4_kills_of_every_role_lose_nothing_and_double_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    # given an installation that serves, a store on S3, receivers that can be asked and one that cannot
    with House(records=400, stored=True) as house:
        # when each role in turn and then any of them is killed, while a program goes on posting runs
        done = storm(house, kills=KILLS, seed=2026)
        # then both balances are zero, each key has one run, and each receiver has each letter once, the relay at
        # most once; every blob is re-hashed from the store, and the ledger is proved
        found = report(house, done)
        with capsys.disabled():
            print(f"\n{last_line(len(done.killed), found)} in {done.seconds:.0f} s")
    assert len(done.killed) == KILLS
    assert set(done.killed) == set(VICTIMS)
    assert sum(done.tries.values()) > len(done.sent), "no request was cut off: the web process was never in danger"
    assert found["facts"]["vault"]["segments"].get("s3", 0) > 1
    assert not done.strange, done.strange[:3]


@slow
def test_p4_a_crash_exactly_there_is_made_good() -> None:
    # given a run, a place at which the first to come by dies, and no upkeep, which would clear away what is left there
    with House(records=200, more={"CRASH_UPKEEP": "900"}) as house:
        house.start()
        for place in failpoints.NAMES:
            house.arm(place)
            assert house.met(40), f"nobody came by {place}\n{house.logs()}"
            if not house.running:  # it was the program itself, with the parcel in its hands
                house.kill_all()
                house.start()
        # when it goes on
        house.until_settled()
        # then everything is whole
        found = house.judge()
    # and the crash came between the bytes and their rows
    assert found["facts"]["vault"]["orphans"] > 0


@slow
@pytest.mark.parametrize(
    ("mutation", "place", "to", "complaint"),
    [
        # A relay forgets whom it has heard; a folder would know the key, which is the same when the intent is gone too.
        ("drop-intent", "after-send:4", "relay", "more than once"),
        ("drop-look-up", "after-send:4", "letters", "more than once"),
        ("forget-bytes", "", "letters", "^damaged: "),
        ("rows-before-bytes", "after-commit", "letters", "^damaged: "),
    ],
)
def test_planted_without_its_safeguard_the_harness_turns_red(
    mutation: str, place: str, to: str, complaint: str
) -> None:
    # given a program without its intent commit, its look-up, its bytes, or their order
    with House(records=24, mutation=mutation) as house:
        if place:
            house.start(to=to, POSTROOM_FAILPOINT=place)
            house.until_dead()
            house.kill_all()
        house.start(to=to)
        house.wait(60 if place.startswith("after-send") else 15)  # what is damaged will not be sent
        house.kill_all()
        # when the house is judged, then it is found out
        with pytest.raises(AssertionError, match=complaint):
            house.judge()


def test_the_command_line_takes_numbers_only(capsys: pytest.CaptureFixture[str]) -> None:
    # given a word that is no count, when the harness is started, then it says how it is used and does nothing
    assert main(["KILLS=many"]) == 2
    assert main(["HITS=3"]) == 2
    assert "KILLS=n" in capsys.readouterr().err


def _facts() -> tuple[dict[str, Any], dict[str, Counter[str]]]:
    counted = {"created": 2, "delivered": 2, "in_doubt": 0, "balance": 0}
    balance = {"received": 2, "completed": 2, "in_progress": 0, "set_aside": 0, "failed": 0, "held": 0, "balance": 0}
    facts = {
        "runs": [
            {"key": "main", "state": "settled", "balance": {**balance, "deliveries": counted}, "documents": [1, 1]}
        ],
        "numbers": 2,
        "deliveries": [
            {"id": "a" * 32, "destination": "letters", "state": "delivered", "attempts": 1},
            {"id": "b" * 32, "destination": "relay", "state": "delivered", "attempts": 1},
        ],
        "vault": {"whole": True},
        "ledger": {"whole": True},
    }
    arrived = {"letters": Counter(["a" * 32]), "email": Counter[str](), "relay": Counter(["b" * 32])}
    return facts, arrived


def test_planted_faults_of_a_house_are_each_named() -> None:
    # given a whole house
    facts, arrived = _facts()
    assert verdict(facts, arrived, {"main": 2})["lost"] == 0
    # when one thing is wrong with it, then it is named
    twice = copy.deepcopy(arrived)
    twice["relay"]["b" * 32] = 2
    with pytest.raises(AssertionError, match="more than once"):
        verdict(facts, twice, {"main": 2})
    never = copy.deepcopy(arrived)
    never["letters"].clear()
    with pytest.raises(AssertionError, match="never arrived"):
        verdict(facts, never, {"main": 2})
    stranger = copy.deepcopy(arrived)
    stranger["email"]["c" * 32] = 1
    with pytest.raises(AssertionError, match="without a delivery"):
        verdict(facts, stranger, {"main": 2})
    with pytest.raises(AssertionError, match="nobody asked for, or lost"):
        verdict(facts, arrived, {"main": 2, "program-1": 6})
    run = ("runs", 0)
    for path, value in (
        ((*run, "documents"), [1, 2]),
        ((*run, "state"), "working"),
        ((*run, "balance", "balance"), 1),
        ((*run, "balance", "held"), 1),
        (("vault",), {"whole": False}),
        (("ledger",), {"whole": False}),
    ):
        broken = copy.deepcopy(facts)
        place: Any = broken
        for name in path[:-1]:
            place = place[name]
        place[path[-1]] = value
        with pytest.raises(AssertionError):
            verdict(broken, arrived, {"main": 2})
