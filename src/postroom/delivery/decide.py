"""What follows from an outcome: one pure function from a row and an outcome to what changes.

No database and no clock: ``settle.py`` writes the change down, and ``tests/simulation`` does the same with a model.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from postroom.delivery import models as m
from postroom.delivery.spec import Deferred, Outcome, Refused, Sent, Truth, Unknown

#: In ``code`` of what is held: a person chose this one, and a release of its run leaves it alone. Of what is being
#: sent: it was held meanwhile, so what comes back of it is not sent again.
BY_PERSON = "held"
#: A receiver's wish to be asked again later is heard up to here, in seconds.
LONGEST_WAIT = 86400.0
#: Refusals that make further mail to the address pointless.
DEAD_ADDRESS = frozenset({"unknown-mailbox", "bad-domain", "bad-address"})


class Standing(Protocol):
    """What is looked at in a delivery's row."""

    @property
    def state(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def truth(self) -> int: ...
    @property
    def code(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def attempts(self) -> int: ...
    @property
    def channel(self) -> str: ...
    @property
    def next_attempt_at(self) -> dt.datetime: ...
    @property
    def fallbacks(self) -> Sequence[str]: ...  # in production a query, so asked for only when needed


@dataclass(frozen=True, slots=True)
class Plan:
    """The channel's final truth, whether it can be asked (now, by who settles), and the installation's waits."""

    final: Truth
    askable: bool
    retry_delays: Sequence[float]
    take_over_delay: float


@dataclass(frozen=True, slots=True)
class Change:
    """The row as it will stand (without a worker), and what is written beside it in the same transaction."""

    state: str
    truth: int
    code: str
    reason: str
    next_attempt_at: dt.datetime
    outcome: str
    answer: str
    act: str
    facts: Mapping[str, Any]
    receipt: bool = False
    wake: bool = False
    suppress: bool = False
    fall_back: bool = False
    hold_fallback: bool = False


def decide(row: Standing, key: str, outcome: Outcome, now: dt.datetime, plan: Plan) -> Change | None:
    """What follows from ``outcome`` of the attempt ``key``. None: it is not the present attempt any more.

    An unknown outcome of a receiver that can be asked stays ``sending`` without a worker until it is asked.
    """
    if row.state != m.SENDING or row.key != key:
        return None
    change = _follows(row, outcome, now, plan)
    return _kept_back(row, change) if row.code == BY_PERSON else change


def _kept_back(row: Standing, change: Change) -> Change:
    """It was held while it was being sent: what has left has left, and nothing follows without a person."""
    if change.state == m.READY:
        return replace(change, state=m.HELD, code=BY_PERSON, reason=row.reason or change.reason, wake=False)
    if change.state == m.SENDING:  # it is asked about first, and is still to be held when it never arrived
        return replace(change, code=BY_PERSON)
    return replace(change, hold_fallback=change.fall_back)


def _follows(row: Standing, outcome: Outcome, now: dt.datetime, plan: Plan) -> Change:
    if isinstance(outcome, Sent):
        return _arrived(row, outcome, plan)
    if isinstance(outcome, Deferred):
        return _later(row, outcome, now, plan)
    if isinstance(outcome, Refused):
        return _came_back(row, outcome, outcome.code, outcome.reason)
    if plan.askable:  # nobody may still be sending when the receiver is asked: it is asked after the take-over delay
        at = now + dt.timedelta(seconds=plan.take_over_delay)
        return _change(row, outcome, m.SENDING, "asking", outcome.reason, "unanswered", at=at)
    return _change(row, outcome, m.IN_DOUBT, "in-doubt", outcome.reason, "in_doubt")


def _arrived(row: Standing, outcome: Sent, plan: Plan) -> Change:
    state = m.DELIVERED if outcome.truth >= plan.final else m.SENT
    return Change(
        state=state,
        truth=int(outcome.truth),
        code="",
        reason="",
        next_attempt_at=row.next_attempt_at,
        outcome="sent",
        answer=_words(outcome),
        act=f"delivery.{state}",
        facts={
            "channel": row.channel,
            "truth": outcome.truth.name.lower(),
            "attempt": row.attempts,
            "key": row.key,
        },
        receipt=True,
    )


def _later(row: Standing, outcome: Deferred, now: dt.datetime, plan: Plan) -> Change:
    if row.attempts > len(plan.retry_delays):
        given_up = f"Tried {row.attempts} times; the last answer: {outcome.reason}"
        return _came_back(row, outcome, "gave-up", given_up)
    planned = plan.retry_delays[row.attempts - 1]
    wait = outcome.retry_after if outcome.retry_after is not None else planned
    at = now + dt.timedelta(seconds=min(max(wait, planned), LONGEST_WAIT))
    return _change(row, outcome, m.READY, "deferred", outcome.reason, "deferred", at=at, wake=True)


def _came_back(row: Standing, outcome: Deferred | Refused, code: str, reason: str) -> Change:
    code = _text(code)[:60]
    return _change(
        row,
        outcome,
        m.FAILED,
        code,
        reason,
        "failed",
        told={"code": code},
        suppress=code in DEAD_ADDRESS and row.channel == "email",
        fall_back=bool(row.fallbacks),
    )


def _change(
    row: Standing,
    outcome: Deferred | Refused | Unknown,
    state: str,
    code: str,
    reason: str,
    act: str,
    *,
    at: dt.datetime | None = None,
    told: Mapping[str, Any] | None = None,
    wake: bool = False,
    suppress: bool = False,
    fall_back: bool = False,
) -> Change:
    return Change(
        state=state,
        truth=row.truth,
        code=code,
        reason=_text(reason),
        next_attempt_at=at or row.next_attempt_at,
        outcome=type(outcome).__name__.lower(),
        answer=_words(outcome),
        act=f"delivery.{act}",
        facts={**(told or {}), "attempt": row.attempts, "key": row.key},
        wake=wake,
        suppress=suppress,
        fall_back=fall_back,
    )


def _words(outcome: Outcome) -> str:
    return _text(outcome.answer or getattr(outcome, "reason", ""))[:4000]


def _text(words: str) -> str:
    """A stranger's words, as PostgreSQL can keep them."""
    return words.replace("\x00", "\ufffd")
