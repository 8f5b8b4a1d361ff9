"""P3, P4: whatever is killed at whatever moment, nothing is lost, nothing arrives twice, and everything is counted."""

from __future__ import annotations

import copy
from collections import Counter
from typing import Any

import pytest

from crash.house import House, verdict
from crash.run import storm

slow = pytest.mark.slow


@slow
def test_p4_kills_at_random_moments_lose_nothing_and_double_nothing() -> None:
    # given a run of 600 invoices to a folder, to the Outbox, and to a relay that cannot be asked
    with House(records=600) as house:
        # when the program, a composing worker, the delivering worker or the database is killed up to ten times
        killed = storm(house, kills=10, seed=2026)
        # then both balances are zero, and each receiver has each letter once, the relay at most once
        found = house.judge()
    assert len(killed) >= 5, "a machine that is done before the storm is over needs more records"
    assert (found["lost"], found["doubled"]) == (0, 0)


@slow
@pytest.mark.parametrize(
    ("failpoint", "hits"),
    [
        ("after-append", 1),  # the parcel itself, in the program that received it
        ("after-append", 40),
        ("after-fsync", 2),
        ("before-commit", 2),
        ("after-intent", 5),
        ("after-send", 5),
    ],
)
def test_p4_a_crash_exactly_there_is_made_good(failpoint: str, hits: int) -> None:
    # given a program that kills itself at a named place
    with House(records=60) as house:
        house.start(POSTROOM_FAILPOINT=f"{failpoint}:{hits}")
        house.until_dead()
        house.kill_all()
        # when it is started again without that
        house.until_settled()
        # then everything is whole
        found = house.judge()
    # and what nobody can be asked about is with an operator, and counted as such
    counted = found["facts"]["balance"]
    assert counted["deliveries"]["in_doubt"] == counted["held"] == found["in_doubt"]
    if failpoint in ("after-fsync", "before-commit") or hits == 40:
        assert found["facts"]["vault"]["orphans"] > 0, "the crash came between the bytes and their rows"


@slow
@pytest.mark.parametrize(
    ("mutation", "complaint"),
    [("drop-intent", "more than once"), ("drop-look-up", "more than once"), ("forget-bytes", "failed|damaged")],
)
def test_p4_without_its_safeguard_the_harness_turns_red(mutation: str, complaint: str) -> None:
    # given a program without its intent commit, its look-up, or its bytes
    with House(records=36, mutation=mutation) as house:
        # Which receiver the fatal send goes to is chance, and one of them cannot be asked anyway: so die several times.
        for hits in {"drop-intent": (4,), "drop-look-up": (4, 5, 4, 5)}.get(mutation, ()):
            house.start(POSTROOM_FAILPOINT=f"after-send:{hits}")
            house.until_dead()
            house.kill_all()
        house.until_settled()
        # when the house is judged, then it is found out
        with pytest.raises(AssertionError, match=complaint):
            house.judge()


def _facts() -> tuple[dict[str, Any], dict[str, Counter[str]]]:
    counted = {"created": 2, "delivered": 2, "in_doubt": 0, "balance": 0}
    facts = {
        "state": "settled",
        "balance": {
            **{"received": 2, "completed": 2, "in_progress": 0, "set_aside": 0, "failed": 0, "balance": 0},
            "deliveries": counted,
        },
        "documents": [1, 1],
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


def test_the_judge_passes_a_whole_house_and_sees_each_fault() -> None:
    # given a whole house
    facts, arrived = _facts()
    assert verdict(facts, arrived, 2)["lost"] == 0
    # when one thing is wrong with it, then it is named
    twice = copy.deepcopy(arrived)
    twice["relay"]["b" * 32] = 2
    with pytest.raises(AssertionError, match="more than once"):
        verdict(facts, twice, 2)
    never = copy.deepcopy(arrived)
    never["letters"].clear()
    with pytest.raises(AssertionError, match="never arrived"):
        verdict(facts, never, 2)
    stranger = copy.deepcopy(arrived)
    stranger["email"]["c" * 32] = 1
    with pytest.raises(AssertionError, match="without a delivery"):
        verdict(facts, stranger, 2)
    for path, value in ((("documents",), [1, 2]), (("vault",), {"whole": False}), (("balance", "balance"), 1)):
        broken = copy.deepcopy(facts)
        place: dict[str, Any] = broken
        for name in path[:-1]:
            place = place[name]
        place[path[-1]] = value
        with pytest.raises(AssertionError):
            verdict(broken, arrived, 2)
