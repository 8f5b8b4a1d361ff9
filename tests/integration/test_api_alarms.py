"""Alarms by the API: listed for who sees the health page, taken down with a reason by who may, once."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from api_kit import World
from desk_kit import acts_of


def _alarm(world: World, told: str = "It becomes other bytes.") -> str:
    from postroom.composition.alarms import raise_alarm
    from postroom.composition.models import DIFFERENCE

    facts = {"outcome": "different", "first_byte": 9, "told": told[-1]}
    document = uuid.UUID(world.document)
    return str(raise_alarm("system:verify", DIFFERENCE, told, "Compare the fonts.", facts, document_id=document).pk)


def test_alarms_are_listed_and_taken_down_with_a_reason(world: World, program_of: Callable[..., Any]) -> None:
    administrator = program_of("administrator")
    # given nothing wrong, then none stands
    assert administrator.get("/alarms").json() == {"items": [], "next": None}
    # given two alarms, then both are told, a page at a time, with the document
    first, second = _alarm(world, "One"), _alarm(world, "Two")
    page = administrator.get("/alarms", {"limit": 1}).json()
    assert [item["id"] for item in page["items"]] == [second]
    (item,) = administrator.get(page["next"].removeprefix("/api/v1")).json()["items"]
    assert (item["id"], item["told"], item["document_id"]) == (first, "One", world.document)
    # when one is acknowledged, then it stands no longer, and the ledger notes it without the words
    answer = administrator.post(f"/alarms/{first}/acknowledge", {"reason": "the font was replaced on purpose"})
    assert answer.status_code == 200 and answer.json()["reason"] == "the font was replaced on purpose"
    assert answer.json()["acknowledged_by"].startswith(("user:", "token:"))
    assert [item["id"] for item in administrator.get("/alarms").json()["items"]] == [second]
    acknowledged = administrator.get("/alarms", {"state": "acknowledged"}).json()["items"]
    assert [item["id"] for item in acknowledged] == [first]
    assert len(administrator.get("/alarms", {"state": "any"}).json()["items"]) == 2
    assert [set(facts) for facts in acts_of("alarm.acknowledged")] == [{"kind", "reason_sha256"}]
    # when it is acknowledged again, without a reason, or is none, then that is told
    again = administrator.post(f"/alarms/{first}/acknowledge", {"reason": "once more"})
    assert (again.status_code, again.json()["code"]) == (409, "alarm-acknowledged")
    for reason in ("", "   ", "x" * 301):
        assert administrator.post(f"/alarms/{second}/acknowledge", {"reason": reason}).status_code == 422
    missing = administrator.post(f"/alarms/{world.run_id}/acknowledge", {"reason": "x"})
    assert (missing.status_code, missing.json()["code"]) == (404, "unknown-alarm")


def test_p7_alarms_are_for_who_may_and_name_no_document_to_others(world: World, program_of: Callable[..., Any]) -> None:
    from postroom.identity.roles import ROLES

    alarm = _alarm(world)
    for role, permissions in ROLES.items():
        program = program_of(role)
        answer = program.get("/alarms")
        assert answer.status_code == (200 if "health.view" in permissions else 404), role
        if "alarm.acknowledge" not in permissions:
            refused = program.post(f"/alarms/{alarm}/acknowledge", {"reason": "x"})
            assert refused.status_code in (403, 404), role
    # given somebody who sees the health page and no documents, then the alarm is told without its document
    (item,) = program_of("administrator", scopes=["health.view"]).get("/alarms").json()["items"]
    assert (item["id"], item["document_id"]) == (alarm, None)


def test_an_acknowledgement_with_a_key_acts_once(world: World, program_of: Callable[..., Any]) -> None:
    administrator, alarm = program_of("administrator"), _alarm(world)
    for _ in range(2):
        answer = administrator.post(f"/alarms/{alarm}/acknowledge", {"reason": "seen"}, Idempotency_Key="k")
        assert answer.status_code == 200
    assert len(acts_of("alarm.acknowledged")) == 1
