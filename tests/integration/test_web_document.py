"""The document page: its viewer's bytes, its versions, and what stands against deleting, to each reader their own."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from api_kit import World
from desk_kit import Desk, acts_of, desk_of, said


@pytest.fixture
def desk(user_of: Callable[[str], Any]) -> Desk:
    return desk_of(user_of)


def _version(world: World, content: bytes, media_type: str, pages: int = 0) -> Any:
    """A second version of the world's document, with these bytes."""
    from postroom.documents.models import Version
    from postroom.kernel import clock
    from postroom.kernel.ids import new_id
    from postroom.vault.models import Blob
    from postroom.vault.write import Batch

    batch = Batch()
    stored = batch.add(content)
    batch.sync()
    batch.record()
    newest = Version.objects.filter(document=world.document).order_by("-no")[0]
    return Version.objects.create(
        id=new_id(),
        document_id=world.document,
        no=newest.no + 1,
        blob=Blob.objects.get(pk=stored.id),
        sha256=hashlib.sha256(content).digest(),
        size=len(content),
        pages=pages,
        media_type=media_type,
        created_at=clock.now(),
    )


def test_the_viewer_gets_the_bytes_whole_or_in_parts_and_asks_again_only_for_others(world: World, desk: Desk) -> None:
    browser, address = desk("clerk"), f"/documents/{world.document}/content.pdf"
    # when the viewer asks
    whole = browser.get(address)
    # then the bytes are those of the download, shown and not saved, and nothing in them can run or be framed elsewhere
    assert whole.status_code == 200 and whole.content == browser.get(f"/documents/{world.document}/download/").content
    assert whole["Content-Type"] == "application/pdf" and whole["Content-Disposition"].startswith("inline")
    assert "default-src 'none'" in whole["Content-Security-Policy"] and whole["X-Content-Type-Options"] == "nosniff"
    assert whole["Accept-Ranges"] == "bytes" and whole["Cache-Control"] == "private, no-cache"
    size = len(whole.content)
    # and parts are parts of them
    for asked, start, stop in (("0-9", 0, 10), ("10-", 10, size), ("-5", size - 5, size), (f"5-{size + 9}", 5, size)):
        part = browser.get(address, headers={"Range": f"bytes={asked}"})
        assert part.status_code == 206, asked
        assert part.content == whole.content[start:stop], asked
        assert part["Content-Range"] == f"bytes {start}-{stop - 1}/{size}", asked
    assert browser.get(address, headers={"Range": f"bytes={size}-"}).status_code == 416
    # and several ranges, nonsense, or a part of other bytes get the whole
    for asked in ("bytes=0-1,4-5", "pages=1-2", "bytes=-", "bytes=x-y"):
        assert browser.get(address, headers={"Range": asked}).status_code == 200, asked
    assert browser.get(address, headers={"Range": "bytes=0-9", "If-Range": '"other"'}).status_code == 200
    # and what the browser has is not sent again
    assert browser.get(address, headers={"If-None-Match": whole["ETag"]}).status_code == 304


def test_looking_is_not_noted_as_taking_away(world: World, desk: Desk) -> None:
    from postroom.ledger.models import Entry

    browser = desk("clerk")
    before = Entry.objects.count()
    browser.get(f"/documents/{world.document}/content.pdf")
    assert Entry.objects.count() == before
    assert acts_of("document.reprinted") == []


def test_p7_who_may_not_see_the_document_gets_no_byte_of_it(world: World, desk: Desk) -> None:
    from postroom.documents.models import Folder

    for address in ("content.pdf", "content/", "?version=1", "content.pdf?version=1"):
        assert desk("author").get(f"/documents/{world.document}/{address}").status_code == 404, address
    # and a permission that has gone takes the browser's own copy with it
    tag = desk("clerk").get(f"/documents/{world.document}/content.pdf")["ETag"]
    Folder.objects.update(roles=["operator"])
    again = desk("clerk").get(f"/documents/{world.document}/content.pdf", headers={"If-None-Match": tag})
    assert again.status_code == 404


def test_each_version_can_be_opened_and_downloaded(world: World, desk: Desk) -> None:
    browser = desk("administrator")
    first = browser.get(f"/documents/{world.document}/content.pdf").content
    # given a second version
    _version(world, b"%PDF-1.7 another", "application/pdf", 1)
    page = said(browser.get(f"/documents/{world.document}/"))
    # then the newest is shown, both are listed, and the page says which of them can be made again
    assert "not the one in force" not in page
    assert hashlib.sha256(first).hexdigest() in page
    assert "Can be made again, byte for byte." in page and "Stored only; it cannot be made again." in page
    # and the older one is one click away, marked as such, with its own bytes everywhere
    old = said(browser.get(f"/documents/{world.document}/?version=1"))
    assert "This is version 1 of 2, not the one in force." in old
    assert f'src="/documents/{world.document}/content.pdf?version=1"' in old
    assert "reprint/" not in old
    assert browser.get(f"/documents/{world.document}/content.pdf?version=1").content == first
    assert browser.get(f"/documents/{world.document}/download/?version=1").content == first
    assert browser.get(f"/documents/{world.document}/content.pdf").content == b"%PDF-1.7 another"
    for odd in ("3", "x", "-1", "9999999", "²"):
        assert browser.get(f"/documents/{world.document}/", {"version": odd}).status_code == 404, odd


def test_what_is_no_pdf_is_shown_as_far_as_it_can_be(world: World, desk: Desk) -> None:
    browser, address = desk("administrator"), f"/documents/{world.document}/"
    # a text is text, whatever it says
    _version(world, b"Hello <script>alert(1)</script>", "text/plain")
    page = said(browser.get(address))
    assert "Hello &lt;script&gt;" in page and "<pdf-viewer" not in page
    assert browser.get(f"{address}content/").status_code == 404
    # HTML stands in a frame that may do nothing
    _version(world, b"<p>Hello</p>", "text/html")
    assert '<iframe sandbox=""' in said(browser.get(address))
    framed = browser.get(f"{address}content/")
    assert framed.status_code == 200 and framed["Content-Security-Policy"].startswith("sandbox;")
    # a picture is a picture; one that can hold scripts is not shown
    _version(world, b"\x89PNG", "image/png")
    assert f'src="{address}content/"' in said(browser.get(address))
    _version(world, b"<svg/>", "image/svg+xml")
    assert "is not shown in a browser" in said(browser.get(address))
    assert browser.get(f"{address}content/").status_code == 404


def test_the_words_of_the_search_come_along(world: World, desk: Desk) -> None:
    browser, address = desk("clerk"), f"/documents/{world.document}/"
    assert 'find="paper &quot;x"' in said(browser.get(address, {"q": 'paper "x'}))
    here = {"Referer": "http://testserver/documents/?q=offset+paper"}
    assert 'find="offset paper"' in said(browser.get(address, headers=here))
    for elsewhere in ("http://evil.example/documents/?q=x", "http://testserver/runs/?q=x"):
        assert " find=" not in said(browser.get(address, headers={"Referer": elsewhere})), elsewhere


def test_the_page_says_why_it_cannot_be_deleted_and_offers_no_dead_button(world: World, desk: Desk) -> None:
    page = said(desk("clerk").get(f"/documents/{world.document}/"))
    assert "Why can’t I delete this?" in page
    for words in ("No role may delete documents", "No retention schedule", "It left the house on", "no day is known"):
        assert words in page, words
    assert f"/deliveries/{world.delivery}/" in page
    assert "delete/" not in page


def _kept_by_browser(answer: Any) -> list[str]:
    """Complaints about an answer that shows bytes of strangers on our address."""
    policy = answer.get("Content-Security-Policy", "")
    wanted = {
        "default-src 'none'": policy,
        "frame-ancestors 'self'": policy,
        "nosniff": answer["X-Content-Type-Options"],
    }
    return [part for part, place in wanted.items() if part not in place] + (
        ["script-src"] if "script-src" in policy else []
    )


def test_planted_bytes_without_a_policy_of_their_own_are_noticed(world: World, desk: Desk) -> None:
    answer = desk("clerk").get(f"/documents/{world.document}/content.pdf")
    assert _kept_by_browser(answer) == []
    # planted: the policy of ordinary pages
    answer["Content-Security-Policy"] = "default-src 'self'; script-src 'self'"
    assert _kept_by_browser(answer) == ["default-src 'none'", "frame-ancestors 'self'", "script-src"]
