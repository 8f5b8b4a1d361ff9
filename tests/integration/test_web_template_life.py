"""The desk's pages of a template's life: from a draft over its review to a published version."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from desk_kit import desk_of, said


@pytest.fixture(autouse=True)
def through() -> Iterator[None]:
    """Tests that go on without their page end before their database goes away."""
    from postroom.composition.checks import underway

    yield
    underway.finish()


def test_a_draft_goes_through_the_desk(starters: list[str], user_of: Callable[[str], Any]) -> None:
    from postroom.composition import drafts
    from postroom.composition.checks import underway
    from postroom.composition.queries import newest_version

    desk = desk_of(user_of)
    author, approver = desk("author"), desk("approver")
    # given a draft that its author begins and changes on the desk
    assert "Begin a draft" in said(author.get("/templates/invoice/"))
    at = author.post("/templates/invoice/draft/")["Location"]
    text = drafts.files(drafts.open_for("invoice"))["words/en.json"].decode()
    fields = {"file": "words/en.json", "text": text.replace('"Invoice date"', '"Date"'), "revision": "0"}
    assert author.post(f"{at}save/", fields).status_code == 303
    assert "words/en.json" in said(author.get(f"{at}?file=words/en.json"))
    # when somebody typed over the old revision, then both texts are shown
    fields["text"] = text.replace('"Invoice date"', '"Day"')
    clash = author.post(f"{at}save/", fields)["Location"]
    assert "/conflicts/" in clash and all(word in said(author.get(clash)) for word in ("Day", "Date"))
    # when it is sent to review, then its author cannot approve it, and somebody else can
    assert author.post(f"{at}send/", {"note": "Shorter"}).status_code == 303
    assert "It waits for you." in said(approver.get("/templates/"))
    assert "In review" in said(author.get("/templates/")) and "waits for you" not in said(author.get("/templates/"))
    assert "In review" not in said(desk("clerk").get("/templates/"))
    page = said(approver.get(f"{at}review/"))
    assert "Approve" in page and "Shorter" in page and "Invoice date" in page
    assert author.post(f"{at}approve/", {"revision": "1"}).status_code == 403
    approver.post(f"{at}comment/", {"text": "Good", "file": "words/en.json", "line": "4"})
    refused = approver.post(f"{at}reject/", {"reason": " "})
    assert refused.status_code == 422 and "There is no reason" in said(refused)
    underway.finish()
    approver.post(f"{at}approve/", {"revision": "1"})
    assert "It waits to be published." in said(approver.get("/templates/"))
    approver.post(f"{at}publish/")
    assert "waits to be published" not in said(approver.get("/templates/"))
    # then it is the version in force
    assert newest_version("invoice").no == 2
    assert "In use" in said(approver.get("/templates/invoice/"))
    assert approver.get("/templates/house/").status_code == 200
    assert approver.get("/templates/").status_code == 200
