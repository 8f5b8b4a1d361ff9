"""Why a document cannot be deleted: what each stage says, to whom, and until when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from api_kit import World


@pytest.fixture
def guards() -> Iterator[Any]:
    """The registry, left as it was."""
    from postroom.documents import guards

    kept = dict(guards._GUARDS)
    yield guards
    guards._GUARDS.clear()
    guards._GUARDS.update(kept)


@pytest.fixture
def document(world: World) -> Any:
    from postroom.documents.models import Document

    return Document.objects.get(pk=world.document)


def _actor(user_of: Callable[[str], Any], role: str) -> Any:
    from postroom.identity.actor import actor_of_user

    return actor_of_user(user_of(role))


def _delivery(document: Any, **changes: Any) -> Any:
    from postroom.delivery.queries import deliveries_of

    row = deliveries_of(document)[0]
    for name, value in changes.items():
        setattr(row, name, value)
    row.save()
    return row


def test_p6_a_document_that_was_sent_is_kept_as_evidence(document: Any, guards: Any) -> None:
    from postroom.identity.actor import SYSTEM

    # given a document that was delivered
    told = guards.reasons(SYSTEM, document)
    # then somebody, the law and the sending stand against it, in this order, each with a way out and no known day
    assert [reason.group for reason in told] == ["someone", "law", "sent"]
    assert all(reason.sentence.endswith(".") and reason.way_out.endswith(".") for reason in told)
    assert told[-1].about is not None and told[-1].about[0] == "delivery"
    assert guards.earliest(told) is None


def test_deliveries_in_doubt_and_under_way_need_it(document: Any, guards: Any) -> None:
    from postroom.identity.actor import SYSTEM

    for state, words in (("in_doubt", "in doubt"), ("ready", "under way"), ("held", "under way")):
        # given its delivery in a state that is no end
        _delivery(document, state=state)
        # then somebody needs it, and it is not claimed that it was sent
        told = guards.reasons(SYSTEM, document)
        assert any(words in reason.sentence for reason in told if reason.group == "someone"), state
        assert not [reason for reason in told if reason.group == "sent"], state


def test_a_run_that_works_needs_its_documents(document: Any, guards: Any, user_of: Callable[[str], Any]) -> None:
    from postroom.identity.actor import SYSTEM
    from postroom.production.models import WORKING, Run

    # given a run that is not settled
    run = Run.objects.get(pk=document.run_id)
    Run.objects.filter(pk=run.pk).update(state=WORKING)
    # then it is named to who may see runs, and only mentioned to a clerk
    assert any(run.ref in reason.sentence for reason in guards.reasons(SYSTEM, document))
    told = guards.reasons(_actor(user_of, "clerk"), document)
    about_run = [reason for reason in told if "not settled" in reason.sentence]
    assert len(about_run) == 1 and run.ref not in about_run[0].sentence and about_run[0].about is None


def test_p7_who_may_not_see_deliveries_learns_no_id(document: Any, guards: Any) -> None:
    from postroom.identity.actor import Actor

    blind = Actor("user:0", frozenset({"clerk"}), frozenset({"document.view"}))
    assert all(reason.about is None for reason in guards.reasons(blind, document))


def test_a_role_that_may_delete_is_named_to_the_others(
    document: Any, guards: Any, user_of: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from postroom.identity import roles
    from postroom.identity.actor import Actor

    # given the day on which records managers may delete
    monkeypatch.setitem(roles.PERMISSIONS, guards.DELETE, "Delete documents")
    monkeypatch.setitem(roles.ROLES, "records_manager", roles.ROLES["records_manager"] | {guards.DELETE})
    # then a clerk is told whom to ask, and a records manager nothing of the kind
    told = guards.reasons(_actor(user_of, "clerk"), document)
    assert any("records manager" in reason.way_out for reason in told)
    manager = Actor("user:0", frozenset({"records_manager"}), roles.ROLES["records_manager"])
    assert not [reason for reason in guards.reasons(manager, document) if reason.group == "someone"]


def test_whoever_knows_the_schedule_takes_the_place_of_not_knowing(document: Any, guards: Any) -> None:
    from postroom.identity.actor import SYSTEM

    # given a schedule under the name that stands for it, and a second law
    until = dt.date(2033, 12, 31)
    law = guards.Reason("law", "Bookkeeping, 7 years.", "Wait.", until)
    guards.register("retention", lambda actor, found: [law])
    guards.register("tax", lambda actor, found: [guards.Reason("law", "Tax.", "Wait.", dt.date(2030, 1, 1))])
    # then the later day counts, and the day after it is the earliest
    told = guards.reasons(SYSTEM, document)
    assert [reason.sentence for reason in told if reason.group == "law"] == ["Bookkeeping, 7 years.", "Tax."]
    assert guards.earliest(told) == dt.date(2034, 1, 1)
    # and one law without a day makes it unknown again
    guards.register("tax", lambda actor, found: [guards.Reason("law", "Tax.", "Wait.")])
    assert guards.earliest(guards.reasons(SYSTEM, document)) is None


def _missing(told: list[Any]) -> set[str]:
    """Groups that must object to deleting a document that was delivered."""
    return {"someone", "law", "sent"} - {reason.group for reason in told}


def test_planted_a_guard_that_is_taken_away_is_missed(document: Any, guards: Any) -> None:
    from postroom.identity.actor import SYSTEM

    assert _missing(guards.reasons(SYSTEM, document)) == set()
    guards.unregister("delivery")
    assert _missing(guards.reasons(SYSTEM, document)) == {"sent"}
