"""The desk's pages of content blocks and brands: written in a form, seen on every page, approved by somebody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from desk_kit import desk_of, said

AT = "/templates/house/block/terms/"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9"/></svg>'


@pytest.fixture
def shared(starters: list[str]) -> list[str]:
    """A content block that two templates show."""
    from postroom.composition.actions.publish_part import publish_part
    from postroom.composition.actions.publish_template import publish_template
    from postroom.composition.actions.save_part import save_part
    from postroom.composition.queries import newest_version, sources_of
    from postroom.identity.actor import SYSTEM

    body = [{"kind": "paragraph", "children": [{"kind": "text", "text": "Payable within ten days."}]}]
    save_part(SYSTEM, "block", "terms", name="Terms", content={"variants": [{"body": body}]})
    publish_part(SYSTEM, "block", "terms", unreviewed=True)
    for key in ("invoice", "reminder"):
        own = sources_of(newest_version(key))
        page = own["main.typ"] + b'\n#import "postroom-block.typ": *\n#content-block("terms")\n'
        manifest = own["template.yaml"] + b"blocks: [terms]\n"
        publish_template(SYSTEM, {**own, "main.typ": page, "template.yaml": manifest})
    return ["invoice", "reminder"]


def test_a_changed_sentence_is_seen_on_each_page_and_approved_by_somebody_else(
    shared: list[str], user_of: Callable[[str], Any]
) -> None:
    from postroom.composition.queries import files_of, newest_version

    desk = desk_of(user_of)
    author, approver = desk("author"), desk("approver")
    # given the form with the text as it is, and the templates that get it
    form = said(author.get(AT))
    assert "Payable within ten days." in form and "used by 2 templates" in form and "customer.name" in form
    typed = {"name": "Terms", "revision": "0", "text-1": "Payable **at once**, {{ customer.name }}.", "note": "Sooner"}
    # when it is typed, then its page is shown with a box around what differs, and nothing is kept
    seen = author.post(f"{AT}pages/", {**typed, "template": "reminder"})
    assert seen.status_code == 200 and "data:image/png" in said(seen) and "<rect" in said(seen)
    assert "Payable within ten days." in said(author.get(AT))
    # when it is kept and sent, then its author cannot approve, and the approver sees both states of the pages
    assert author.post(AT, typed).status_code == 303
    assert author.post(f"{AT}sent/", {"revision": "1"}).status_code == 303
    assert author.post(f"{AT}approved/", {"revision": "1"}).status_code == 403
    page = said(approver.get(f"{AT}?template=invoice"))
    assert "Approve" in page and "Sooner" in page and page.count("data:image/png") >= 2
    assert "as it is" in said(approver.get(f"{AT}pages/?template=reminder"))
    approver.post(f"{AT}rejected/", {"reason": " "})
    assert "There is no reason" in said(approver.get(AT))
    approver.post(f"{AT}approved/", {"revision": "1"})
    approver.post(f"{AT}published/")
    done = said(approver.get(AT))
    # then both templates have a version with it, and the old text can be had again
    assert "new versions of 2 templates" in done
    for key in shared:
        assert b"at once" in files_of(newest_version(key))["blocks/terms.en.json"]
    author.post(f"{AT}back/1/")
    assert "Payable within ten days." in said(author.get(AT)) and "As in version 1" in said(author.get(AT))


def test_what_is_wrong_with_a_text_is_told_and_what_was_typed_stays(
    shared: list[str], user_of: Callable[[str], Any]
) -> None:
    author = desk_of(user_of)("author")
    typed = {"name": "Terms", "revision": "0", "text-1": "Payable **at once."}
    answer = author.post(AT, typed)
    assert answer.status_code == 400 or answer.status_code == 422
    assert "is opened and not closed" in said(answer) and "Payable **at once." in said(answer)
    # a field that one of the templates has not, and nobody could show
    seen = said(author.post(f"{AT}pages/", {**typed, "text-1": "{{ custmer.name }}", "template": "invoice"}))
    assert "custmer.name" in seen and "It would have faults" in seen
    # two people typed over the same revision: the second one sees both texts
    author.post(AT, {**typed, "text-1": "First"})
    late = author.post(AT, {**typed, "text-1": "Second"})
    assert late.status_code == 409 and "First" in said(late) and "Second" in said(late)
    # another text is added without keeping anything, and a new block may not take a key that is there
    assert 'name="text-2"' in said(author.post(AT, {**typed, "text-1": "First", "more": "true"}))
    taken = author.post("/templates/house/new/block/", {"key": "terms", "name": "T", "text-1": "x"})
    assert "is there already" in said(taken)
    assert author.post(f"{AT}discarded/").status_code == 303
    assert author.get("/templates/house/block/nothing/").status_code == 404


def test_a_brand_is_written_in_a_form_with_its_account_checked(
    starters: list[str], user_of: Callable[[str], Any]
) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from postroom.composition import house

    author = desk_of(user_of)("author")
    typed = {
        "key": "house",
        "name": "House",
        "lines-address": "House AB\r\nKvarngatan 8",
        "bank-iban": "SE35 9990 0000 0193 1556 0121",
        "colours-ink": "#aaaaaa",
    }
    # given an account whose check digits are wrong, then it is refused with the reason and the contrast is told
    refused = author.post("/templates/house/new/brand/", typed)
    assert "bank.iban" in said(refused) and "to 1 on the paper" in said(refused)
    # when it is right and a logo comes along, then both are kept as a draft
    logo = SimpleUploadedFile("logo.svg", SVG, "image/svg+xml")
    typed["bank-iban"] = "DE89 3704 0044 0532 0130 00"
    made = author.post("/templates/house/new/brand/", {**typed, "logo": logo})
    assert made.status_code == 303 and made["Location"] == "/templates/house/brand/house/"
    change = house.on_its_way("brand", "house")
    assert change is not None and change.content["lines"]["address"] == ["House AB", "Kvarngatan 8"]
    page = said(author.get("/templates/house/brand/house/"))
    assert "DE89 3704" in page and f"/logo/{change.pk}/" in page
    picture = author.get(f"/templates/house/brand/house/logo/{change.pk}/")
    assert picture.content == SVG and "sandbox" in picture["Content-Security-Policy"]
    # and the sample company's account is warned of
    typed["bank-iban"] = "SE3599900000019315560120"
    author.post("/templates/house/brand/house/", {**typed, "revision": "1"})
    assert "sample company" in said(author.get("/templates/house/brand/house/"))


def test_p7_who_only_reads_templates_meets_no_form(shared: list[str], user_of: Callable[[str], Any]) -> None:
    desk = desk_of(user_of)
    clerk, approver = desk("clerk"), desk("approver")
    assert clerk.get(AT).status_code == 404 and clerk.get("/templates/house/").status_code == 200
    assert "part-form" not in said(approver.get(AT))
    assert approver.post(AT, {"name": "x", "revision": "0", "text-1": "x"}).status_code == 403
    assert approver.get("/templates/house/new/block/").status_code in (403, 404)
