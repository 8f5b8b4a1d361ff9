"""Approving, publishing and going back by the API: no connection is held while tests are made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from api_kit import Program
from kit.lanes import slip_files

Programs = Callable[..., Program]
WRONG = b"expect:\n  - text: '{customer.name}'\n    inside: [150, 250, 20, 20]\n"


@pytest.fixture(autouse=True)
def through() -> Iterator[None]:
    """Tests that go on without their request end before their database goes away."""
    from postroom.composition.checks import underway

    yield
    underway.finish()


def sent(actor_of: Callable[[str], Any], more: bytes = b"") -> Any:
    """A draft in review that nobody tested."""
    from postroom.composition import drafts
    from postroom.composition.actions.send_draft import send_draft

    author = actor_of("author")
    draft = drafts.begin(author, "slip", "Slip")
    files = {**slip_files("typst"), **({"tests/page.yaml": more} if more else {})}
    return send_draft(author, drafts.save(author, draft.pk, files, 0).pk)


def below(answer: Any) -> str:
    """Where an answer says to ask."""
    return str(answer["Location"]).removeprefix("/api/v1")


def test_an_approval_is_202_until_the_tests_hold_and_the_same_request_acts_then(
    db: str, actor_of: Callable[[str], Any], program_of: Programs
) -> None:
    from postroom.composition import drafts
    from postroom.composition.checks import underway
    from postroom.composition.checks.models import TemplateCheck

    draft = sent(actor_of)
    program, at, key = program_of("approver"), f"/drafts/{draft.pk}", "11111111-aaaa"
    # when it is approved before anybody tested it, then nothing is decided, and the answer says where to ask
    first = program.post(f"{at}/approve", {"revision": 1}, idempotency_key=key)
    assert (first.status_code, first["Retry-After"]) == (202, "1"), first.content
    assert first.json()["state"] in ("moving", "green") and drafts.find(draft.pk).state == "review"
    # and there it says when they are through, and the same request with the same key acts
    underway.finish()
    told = program.get(below(first)).json()
    assert told["state"] == "green" and told["done"] == told["total"] > 0 and told["problems"] == []
    second = program.post(f"{at}/approve", {"revision": 1}, idempotency_key=key)
    assert (second.status_code, second.json()["state"]) == (200, "approved"), second.content
    # and who prefers to wait gets it done in one request, also after an upgrade
    TemplateCheck.objects.all().delete()
    third = program.post(f"{at}/publish", prefer="respond-async, wait=900")
    assert (third.status_code, third["Preference-Applied"]) == (200, "wait=30"), third.content
    assert third.json()["state"] == "published"
    # and going back is the same
    TemplateCheck.objects.all().delete()
    body = {"to": 1, "reason": "Customers called"}
    assert program.post("/templates/slip/rollback", body).status_code == 202
    assert program.post("/templates/slip/rollback", body, prefer="wait=30").json() == {"no": 1}


def test_planted_red_tests_are_neither_approved_nor_waited_for_twice(
    db: str, actor_of: Callable[[str], Any], program_of: Programs
) -> None:
    from postroom.composition import drafts

    draft = sent(actor_of, WRONG)
    program, at = program_of("approver"), f"/drafts/{draft.pk}"
    # when somebody waits for an approval whose tests turn out red, then it is refused with the place
    answer = program.post(f"{at}/approve", {"revision": 1}, prefer="wait=30")
    assert (answer.status_code, answer.json()["code"]) == (422, "template-faults"), answer.content
    assert answer.json()["context"]["problems"][0]["file"] == "tests/page.yaml"
    assert drafts.find(draft.pk).state == "review"
    # and tests that nobody knows are told as such, and no digest as a fault
    assert program.get("/template-tests", {"digest": "0" * 64}).json()["state"] == "unknown"
    assert program.get("/template-tests", {"digest": "x"}).status_code == 422
    assert program.get("/template-tests").status_code == 422
