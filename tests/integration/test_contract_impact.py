"""A data contract that changes under a published template: the impact is listed, and publishing is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from desk_kit import desk_of, said
from kit.runs import postroom


def a_schedule(**more: Any) -> Any:
    """A schedule whose records come as the contract of the invoice is."""
    from postroom.kernel import clock
    from postroom.kernel.ids import new_id
    from postroom.schedules.models import Schedule

    return Schedule.objects.create(
        id=new_id(), key="month-end", name="Month end", template_key="invoice", created_by="system:test",
        created_at=clock.now(), **more,
    )  # fmt: skip


def narrower(own: dict[str, bytes]) -> dict[str, bytes]:
    """The invoice's own files with a contract that asks for what was optional."""
    contract = json.loads(own["contract.json"])
    contract["required"] = [*contract["required"], "order"]
    samples = {
        name: json.dumps({**json.loads(content), "order": "O-1"}).encode()
        for name, content in own.items()
        if name.startswith("samples/")
    }
    return {"contract.json": json.dumps(contract, indent=2).encode(), **samples}


def test_a_contract_that_asks_for_more_is_listed_and_not_published_while_it_would_break_something(
    starters: list[str], user_of: Callable[[str], Any], actor_of: Callable[[str], Any], program_of: Callable[..., Any]
) -> None:
    from postroom.composition import drafts
    from postroom.composition.queries import newest_version
    from postroom.schedules.models import Schedule

    # given a schedule without a mapping, and a draft whose contract asks for a field that was optional
    a_schedule()
    author = actor_of("author")
    draft = drafts.open_for("invoice", author)
    drafts.save(author, draft.pk, narrower(drafts.files(draft)), draft.revision)
    desk = desk_of(user_of)
    # when somebody looks at the review, then they see what is asked and what would break
    page = said(desk("approver").get(f"/templates/drafts/{draft.pk}/review/"))
    assert "order must be there now" in page and "Month end" in page and "It cannot be published" in page
    # and it is not sent to review, on the desk and in the terminal, with the schedule named
    client = desk("author")
    assert client.post(f"/templates/drafts/{draft.pk}/send/", {"note": "x"}).status_code == 303
    assert "Month end" in said(client.get(f"/templates/drafts/{draft.pk}/")) and drafts.find(draft.pk).state == "draft"
    told = postroom("template", "impact", "invoice", "--json")
    found = json.loads(told.stdout)
    assert told.returncode == 3 and found["asks"] == ["order must be there now"]
    assert [use["key"] for use in found["breaks"]] == ["month-end"]
    sent = postroom("template", "review", "invoice")
    assert sent.returncode != 0 and "Month end" in sent.stderr
    # and a program is told the same, and refused with what uses it
    program = program_of("author")
    told_program = program.get(f"/drafts/{draft.pk}/impact").json()
    assert told_program["asks"] == ["order must be there now"]
    assert [use["key"] for use in told_program["breaks"]] == ["month-end"]
    refused = program.post(f"/drafts/{draft.pk}/send", {})
    assert (refused.status_code, refused.json()["context"]["uses"][0]["key"]) == (409, "month-end")
    # and once nothing uses it, it goes on
    Schedule.objects.update(removed_at=newest_version("invoice").published_at)
    assert postroom("template", "review", "invoice").returncode == 0
    assert drafts.find(draft.pk).state == "review"


def test_planted_a_contract_that_breaks_is_refused_at_the_last_door_too(
    starters: list[str], actor_of: Callable[[str], Any]
) -> None:
    import pytest

    from postroom.composition import drafts
    from postroom.composition.actions.publish_template import publish_template
    from postroom.composition.errors import BreaksUse
    from postroom.composition.queries import newest_version, sources_of
    from postroom.identity.actor import SYSTEM

    own = sources_of(newest_version("invoice"))
    files = {**own, **narrower(own)}
    # given a schedule that is set up after everybody looked
    a_schedule()
    with pytest.raises(BreaksUse, match="order must be there now") as refused:
        publish_template(SYSTEM, files)
    assert refused.value.context["uses"][0]["key"] == "month-end"
    assert newest_version("invoice").no == 1 and drafts.standing("invoice") is None


def test_planted_a_schedule_set_up_after_the_approval_keeps_it_from_being_published(
    starters: list[str], user_of: Callable[[str], Any], actor_of: Callable[[str], Any], program_of: Callable[..., Any]
) -> None:
    from postroom.composition import drafts
    from postroom.composition.actions.approve_draft import approve_draft
    from postroom.composition.actions.send_draft import send_draft
    from postroom.composition.queries import newest_version

    # given a draft that asks for more, approved while nothing used the template
    author = actor_of("author")
    draft = drafts.open_for("invoice", author)
    drafts.save(author, draft.pk, narrower(drafts.files(draft)), draft.revision)
    send_draft(author, draft.pk)
    approve_draft(actor_of("approver"), draft.pk, revision=1)
    # when somebody sets up a schedule since, then it is refused by every door, with its name
    a_schedule()
    at, approver = f"/templates/drafts/{draft.pk}/", desk_of(user_of)("approver")
    assert "Month end" in said(approver.get(approver.post(f"{at}publish/")["Location"]))
    answer = program_of("approver").post(f"/drafts/{draft.pk}/publish", prefer="wait=30")
    assert (answer.status_code, answer.json()["code"]) == (409, "breaks-use"), answer.content
    assert "Month end" in postroom("template", "publish", "invoice").stderr
    assert newest_version("invoice").no == 1 and drafts.find(draft.pk).state == "approved"
