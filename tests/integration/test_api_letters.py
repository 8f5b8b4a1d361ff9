"""Letters by the API: the same acts as on the desk, the same limits, the same second person, and every number told."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

import letters_kit as kit
from api_kit import Program, World, carry_through
from desk_kit import acts_of


@pytest.fixture
def program(world: World, program_of: Callable[..., Program]) -> Callable[..., Program]:
    kit.publish()
    kit.party("C-1", name="Anna Holm")
    kit.party("C-2", name="Bo Dahl")
    return program_of


def begun(program: Program, party: str = "C-1") -> dict[str, Any]:
    answer = program.post("/letters", {"template": kit.TEMPLATE, "party": party})
    assert answer.status_code == 201, answer.content
    assert answer["Location"] == f"/api/v1/letters/{answer.json()['id']}"
    return dict(answer.json())


def act(program: Program, letter: dict[str, Any], verb: str, body: Any = None, status: int = 200) -> dict[str, Any]:
    """One act on a letter; its answer."""
    answer = program.post(f"/letters/{letter['id']}/{verb}", body)
    assert answer.status_code == status, answer.content
    return dict(answer.json())


def test_a_letter_is_begun_written_looked_at_on_every_channel_and_handed_in(program: Callable[..., Program]) -> None:
    from postroom.documents.models import Document

    clerk = program("clerk")
    # given what may be begun
    (kind,) = [one for one in clerk.get("/letter-kinds").json() if one["template"] == kit.TEMPLATE]
    assert [passage["key"] for passage in kind["passages"]] == ["intro"]
    letter = begun(clerk)
    assert letter["state"] == "unfinished" and letter["passages"][0]["text"] is None
    # when a passage and the data are written, then the digits stay, and what the template says is no change
    data = letter["data"] | {"fee": "1200.50"}
    letter = act(clerk, letter, "write", {"revision": 1, "data": data, "passages": {"intro": "Our **own** words."}})
    assert letter["data"]["fee"] == "1200.50" and letter["passages"][0]["text"] == "Our **own** words."
    usual = letter["passages"][0]["usual"]
    assert act(clerk, letter, "write", {"revision": 2, "passages": {"intro": usual}})["passages"][0]["text"] is None
    letter = act(clerk, letter, "write", {"revision": 3, "passages": {"intro": "Our own words."}})
    # then every channel that the template writes for is there, and the document itself
    seen = clerk.get(f"/letters/{letter['id']}/preview").json()
    assert seen["problems"] == [] and seen["number"] == letter["data"]["number"]
    (mail,) = [one for one in seen["channels"] if one["channel"] == "email"]
    assert mail["address"] == "c-1@example.org" and "<" in mail["html"] and mail["text"]
    content = clerk.get(f"/letters/{letter['id']}/preview/content")
    assert content["Content-Type"] == "application/pdf" and content.content.startswith(b"%PDF-")
    # when it is handed in twice under one key, then it is one run
    key = str(uuid.uuid4())
    first, again = (
        clerk.post(f"/letters/{letter['id']}/submit", {"revision": letter["revision"]}, Idempotency_Key=key)
        for _ in range(2)
    )
    assert (first.json()["state"], again["Idempotency-Replayed"]) == ("released", "true")
    carry_through(acts_of("letter.released")[0]["run"])
    assert Document.objects.get(number=seen["number"], kind=kit.TEMPLATE).party.key == "C-1"
    assert clerk.get(f"/letters/{letter['id']}/preview").status_code == 409


def test_what_a_form_cannot_say_is_refused_with_its_reason(program: Callable[..., Program]) -> None:
    clerk = program("clerk")
    letter = begun(clerk)
    address = f"/letters/{letter['id']}/write"
    other = {**letter["data"], "customer": {**letter["data"]["customer"], "name": "Somebody else"}}
    for body, code in (
        ({"revision": 1, "passages": {"intor": "x"}}, "passage-refused"),
        ({"revision": 1, "data": other}, "bad-recipient"),
        ({"revision": 1, "data": {**letter["data"], "passages": {}}}, "bad-recipient"),
        ({"revision": 1, "destination": "nowhere"}, "no-channel"),
    ):
        answer = clerk.post(address, body)
        assert (answer.status_code, answer.json()["code"]) == (422, code) and answer.json()["hint"], body
    assert clerk.post(address, {"revision": 1, "passages": {"intro": "Mine."}}).status_code == 200
    stale = clerk.post(address, {"revision": 1, "passages": {"intro": "Theirs."}})
    assert (stale.status_code, stale.json()["code"]) == (409, "letter-changed")
    # what cannot be made is told with its place, looked at and handed in
    act(clerk, letter, "write", {"revision": 2, "passages": {"intro": "{{ customer.nmae }}"}})
    (problem,) = clerk.get(f"/letters/{letter['id']}/preview").json()["problems"]
    assert problem["path"] == "$.passages.intro" and "nmae" in problem["reason"]
    assert clerk.get(f"/letters/{letter['id']}/preview/content").status_code == 422
    refused = clerk.post(f"/letters/{letter['id']}/submit", {"revision": 3})
    assert (refused.status_code, refused.json()["code"]) == (422, "letter-refused")
    assert clerk.get(f"/letters/{letter['id']}/preview", {"place": 2}).status_code == 404


def test_four_eyes_a_batch_and_its_numbers(program: Callable[..., Program]) -> None:
    from postroom.identity.actor import SYSTEM
    from postroom.production.letters.actions.set_limit import set_limit

    set_limit(SYSTEM, verb="count", value="1")
    clerk, other = program("clerk"), program("operator")
    letter = begun(clerk)
    assert other.get(f"/letters/{letter['id']}").status_code == 404  # unfinished ones are their writers' own
    letter = act(clerk, letter, "recipients", {"party": "C-2"})
    letter = act(clerk, letter, "submit", {"revision": letter["revision"]})
    assert letter["state"] == "waiting" and letter["asks"] == [{"verb": "count", "above": "1", "found": "2"}]
    # given a writer who may not approve, and somebody who looked at another text
    assert clerk.post(f"/letters/{letter['id']}/approve", {"seen": letter["seen"]}).status_code == 403
    assert act(other, letter, "approve", {"seen": "0" * 64}, 409)["code"] == "letter-changed"
    assert [one["id"] for one in other.get("/letters", {"state": "waiting"}).json()["items"]] == [letter["id"]]
    # when one is taken out, then it is a letter of its own, with its number, and the other is approved
    apart = act(other, letter, "take-out", {"places": [2], "reason": "Bo has moved"}, 201)
    assert (apart["state"], apart["recipients"][0]["party"], apart["steps"][-1]["reason"]) == (
        "sent_back",
        "C-2",
        "Bo has moved",
    )
    left = other.get(f"/letters/{letter['id']}").json()
    assert act(other, letter, "approve", {"seen": left["seen"]})["state"] == "released"
    # when the other one is thrown away, then its number says so, and it can be had back
    assert clerk.client.delete(f"/api/v1/letters/{apart['id']}", headers=clerk._headers({})).status_code == 200
    told = {one["number"]: one["state"] for one in clerk.get("/letter-numbers").json()["items"]}
    assert sorted(told.values()) == ["thrown_away", "used"] and told[apart["data"]["number"]] == "thrown_away"
    assert act(clerk, apart, "restore")["state"] == "unfinished"
    # and what waits can be sent back, and taken back
    again = act(clerk, apart, "recipients", {"party": "C-1"})
    again = act(clerk, again, "submit", {"revision": again["revision"]})
    assert act(other, again, "send-back", {"reason": "Say it kindly"})["state"] == "sent_back"
    again = act(clerk, again, "submit", {"revision": again["revision"]})
    assert act(clerk, again, "withdraw")["state"] == "unfinished"


def test_p7_letters_are_for_who_writes_them(program: Callable[..., Program]) -> None:
    from postroom.identity.roles import ROLES

    letter = begun(program("clerk"))
    for role, permissions in ROLES.items():
        if "letter.write" not in permissions:
            assert program(role).get("/letters").status_code == 403, role
            assert program(role).get(f"/letters/{letter['id']}").status_code == 403, role
    assert program("operator").post(f"/letters/{letter['id']}/write", {"revision": 1}).status_code == 404
