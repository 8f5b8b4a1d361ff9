"""Holding everything against everything: what a house says of itself, what arrived, and what was put in."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any


def arrivals(letters: Path, outbox: Path, relayed: Path) -> dict[str, Counter[str]]:
    """How often something arrived, by destination and delivery id; keys begin with the delivery's id."""
    filed = [
        json.loads(path.read_text("utf-8"))["key"]
        for path in letters.rglob("*.json")
        if not any(part.startswith(".") for part in path.relative_to(letters).parts)
    ]
    mails = [path.name for path in (outbox / "by-key").iterdir()]
    return {
        "letters": Counter(key[:32] for key in filed),
        "email": Counter(key[:32] for key in mails),
        "relay": Counter(key[:32] for key in relayed.read_text("ascii").split()),
    }


def verdict(found: dict[str, Any], arrived: dict[str, Counter[str]], expected: dict[str, int]) -> dict[str, Any]:
    """Nothing lost, nothing doubled, everything counted (P3, P4). ``expected``: records by the key of each run.

    AssertionError names what is wrong.
    """
    runs = {run["key"]: run for run in found["runs"]}
    assert len(runs) == len(found["runs"]), "a key has one run, however often it was asked for"
    assert set(runs) == set(expected), f"runs nobody asked for, or lost ones: {set(runs) ^ set(expected)}"
    assert found["vault"]["whole"], f"damaged: {found['vault']}"
    assert found["ledger"]["whole"], f"the ledger does not hold: {found['ledger']}"
    for key, records in expected.items():
        _one_run(runs[key], records)
    assert found["numbers"] == sum(expected.values())
    lost, doubled, in_doubt = [], [], 0
    for row in found["deliveries"]:
        times = arrived[row["destination"]][row["id"]]
        if times > 1:
            doubled.append(row)
        if row["state"] == "in_doubt":
            assert row["destination"] == "relay", f"a receiver that can be asked is never in doubt: {row}"
            in_doubt += 1
        else:
            assert row["state"] == "delivered", row
            if times == 0:
                lost.append(row)
    assert not lost, f"told as delivered, never arrived: {lost}"
    assert not doubled, f"arrived more than once: {doubled}"
    known = {row["id"] for row in found["deliveries"]}
    strangers = [key for each in arrived.values() for key in each if key not in known]
    assert not strangers, f"arrived without a delivery: {strangers}"
    counted = sum(run["balance"]["deliveries"]["in_doubt"] for run in found["runs"])
    assert counted == in_doubt == sum(run["balance"]["held"] for run in found["runs"]), "what is in doubt is counted"
    return {"lost": len(lost), "doubled": len(doubled), "in_doubt": in_doubt, "facts": found}


def _one_run(run: dict[str, Any], records: int) -> None:
    counted = run["balance"]
    assert run["state"] == "settled", (run["key"], run["state"])
    assert counted["received"] == records, counted
    assert (counted["balance"], counted["deliveries"]["balance"]) == (0, 0), counted
    assert counted["in_progress"] == counted["set_aside"] == counted["failed"] == 0, counted
    assert run["documents"] == [1] * records, f"each record of {run['key']} has exactly one document"


def sum_of_balances(found: dict[str, Any]) -> int:
    """What the last line of a storm tells."""
    return sum(abs(run["balance"]["balance"]) + abs(run["balance"]["deliveries"]["balance"]) for run in found["runs"])
