"""What to tell her never says more than the evidence (P3): no word of arrival, reading or failing without proof."""

from __future__ import annotations

import datetime as dt
from typing import Any

NOW = dt.datetime(2026, 11, 19, 10, 24, tzinfo=dt.UTC)


def a_delivery(state: str, channel: str = "email", truth: int = 0, **more: Any) -> Any:
    from postroom.delivery.models import Delivery

    facts = {"address": "her@mail.example", "destination_id": "letters", "changed_at": NOW, "next_attempt_at": NOW}
    return Delivery(state=state, channel=channel, truth=truth, **{**facts, **more})


def a_receipt(truth: int, source: str = "email", detail: str = "") -> Any:
    from postroom.delivery.models import Receipt

    return Receipt(truth=truth, at=NOW, source=source, detail=detail)


def told(delivery: Any, *receipts: Any, **more: Any) -> str:
    from postroom.web.fill.tell import tell

    return tell(delivery, receipts, **more)


def test_p3_each_level_of_truth_is_told_as_what_it_is(db: str) -> None:
    from postroom.delivery.spec import Truth

    accepted = told(a_delivery("delivered", truth=1), a_receipt(Truth.ACCEPTED))
    assert "first mail server accepted it" in accepted and "no word from theirs" in accepted
    relayed = told(a_delivery("delivered", truth=2), a_receipt(Truth.RELAYED))
    assert "the mail server took it" in relayed and "Whether it was read we do not know" in relayed
    folder = told(a_delivery("delivered", "folder", 1), a_receipt(Truth.ACCEPTED))
    assert "put into the folder letters" in folder and "no proof" in folder
    portal = told(a_delivery("delivered", "portal", 3), a_receipt(Truth.CONFIRMED))
    assert "has not been opened there yet" in portal
    read = told(a_delivery("delivered", "portal", 4), a_receipt(Truth.CONFIRMED), a_receipt(Truth.READ, "portal"))
    assert "It was opened on the portal on 19 Nov 2026" in read
    for text in (accepted, relayed, folder, portal):
        assert "was opened" not in text and "confirmed" not in text


def test_p3_what_has_not_arrived_is_not_told_as_if_it_had(db: str) -> None:
    reason = "The line went dead after the last byte."
    said = {
        state: told(a_delivery(state, reason=reason))
        for state in ("ready", "sending", "sent", "in_doubt", "cancelled", "suppressed", "superseded", "held", "failed")
    }
    assert "We do not know whether it arrived" in said["in_doubt"]
    assert "no confirmation has come yet" in said["sent"]
    assert "has not been sent yet" in said["ready"]
    assert "did not arrive" in said["failed"]
    for state in ("cancelled", "suppressed", "superseded", "held"):
        assert said[state].startswith("It was not sent") and reason in said[state]
    for state, text in said.items():
        assert "took it" not in text and "accepted" not in text and "opened" not in text, state


def test_a_person_s_word_is_told_as_a_person_s_word(db: str) -> None:
    from postroom.delivery.spec import Truth

    text = told(a_delivery("delivered", truth=1), a_receipt(Truth.ACCEPTED, "person", "she called"))
    assert text.startswith("One of us found out that it arrived (she called)")


def test_a_fallback_tells_both_ways(db: str) -> None:
    from postroom.delivery.spec import Truth

    before = a_delivery("failed", code="unknown-mailbox", reason="550 5.1.1")
    text = told(a_delivery("delivered", "folder", 1), a_receipt(Truth.ACCEPTED), before=before)
    assert text.index("their server knows no such mailbox") < text.index("put into the folder letters")
    later = told(before, after=[a_delivery("ready", "folder")])
    assert "It is now on its way to letters" in later


def test_a_deferred_delivery_says_when_it_is_tried_again(db: str) -> None:
    text = told(a_delivery("ready", attempts=2, code="deferred", reason="Greylisted"))
    assert "We tried 2 times" in text and "Greylisted. We try again on 19 Nov 2026" in text
