"""A letter is written beside its page, approved by somebody else with a key, and tells who did."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from journeys.conftest import PATIENCE, Company, People, follow, keep, shut, sign_in
from journeys.reach import reaches
from journeys.twice import fresh


@pytest.fixture
def clerk(browser: Browser, company: Company, people: People) -> Iterator[Page]:
    """A tab in which somebody writes letters who approves none."""
    context = browser.new_context(base_url=company.address, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    sign_in(page, company, people.email("clerk"))
    yield page
    shut(context)


def begin(page: Page, letter: str, who: str) -> None:
    """Choose a letter, search while typing, write to the first that is found."""
    page.goto("/letters/")
    follow(page, page.get_by_role("link", name="Write a letter…").first)
    follow(page, page.get_by_role("link", name=letter))
    page.locator("#party-q").press_sequentially(who)
    found = page.get_by_role("button", name=re.compile(f"Write to them {who}"))
    expect(found.first).to_be_visible()
    follow(page, found.first)
    expect(page.locator("#h-preview")).to_be_visible()


def say(page: Page, passage: str, words: str) -> None:
    """Type a passage in the editor, and see it on the page's own words."""
    area = page.locator(f".passage:has(#p-{passage}) [contenteditable]")
    area.click()
    page.keyboard.press("Control+a")
    page.keyboard.type(words)


def test_a_letter_is_written_approved_by_somebody_else_and_tells_who(page: Page, clerk: Page) -> None:
    # given a clerk who writes a letter that is always approved by somebody else
    words = f"{fresh('Paper')} costs more."
    begin(clerk, "Price change", "St Ninian")
    expect(clerk.get_by_role("heading", name="Closed")).to_be_visible()
    say(clerk, "opening", words)
    # then the mail says it while it is typed, and it is kept: another tab has it
    expect(clerk.locator("#seen")).to_contain_text(words)
    keep(clerk, "letter-written", whole=True)
    reaches(clerk, "letter")
    address = clerk.url
    clerk.goto(address)
    expect(clerk.locator(".passage:has(#p-opening)")).to_contain_text(words)
    # when it is handed in
    follow(clerk, clerk.get_by_role("button", name="Hand it in"))
    expect(clerk.get_by_role("main")).to_contain_text("Waits for approval")
    expect(clerk.get_by_role("button", name=re.compile("Approve"))).to_have_count(0)
    # then it stands on the other one's Home, with what is said otherwise; sent back with a reason, and written again
    page.goto("/")
    expect(page.locator("#home-live")).to_contain_text("New prices")
    page.goto(address)
    expect(page.locator(".diff")).to_contain_text(words)
    reaches(page, "letter-approve")
    page.get_by_text("Send back…").click()
    page.get_by_label("What has to change?").first.fill("Say since when")
    follow(page, page.get_by_role("button", name="Send it back"))
    clerk.goto(address)
    expect(clerk.get_by_role("main")).to_contain_text("Say since when")
    say(clerk, "opening", f"{words} Since May.")
    expect(clerk.locator("#seen")).to_contain_text("Since May.")
    follow(clerk, clerk.get_by_role("button", name="Hand it in"))
    # when it is approved with its key
    page.goto(address)
    expect(page.get_by_role("button", name="Approve and release")).to_be_visible()
    with page.expect_navigation():
        page.keyboard.press("e")
    # then the document is made, and its story says who wrote and who approved
    page.goto(address)
    expect(page.get_by_role("heading", name="What became of it")).to_be_visible()
    document = page.get_by_role("main").get_by_role("link", name=re.compile("New prices"))
    for _ in range(40):
        if document.count():
            break
        page.reload()
    follow(page, document.first)
    expect(page.locator("#h-tl").locator("xpath=ancestor::section")).to_contain_text("Approved")


def test_a_batch_of_letters_is_added_up_by_search_and_one_is_taken_off(page: Page) -> None:
    # given a letter of the manager's own, to a second party
    begin(page, "New contact", "St Ninian")
    follow(page, page.get_by_role("link", name="Who else?"))
    page.locator("#party-q").press_sequentially("Harbour")
    add = page.get_by_role("button", name=re.compile("Add"))
    expect(add.first).to_be_visible()
    follow(page, add.first)
    expect(page.get_by_role("button", name=re.compile("Take off"))).to_have_count(2)
    reaches(page, "letter-parties")
    # when one is taken off again and the letter deleted, then it can be had back
    follow(page, page.get_by_role("button", name=re.compile("Take off")).last)
    expect(page.get_by_role("button", name=re.compile("Take off"))).to_have_count(0)
    follow(page, page.get_by_role("link", name="Back to the letter"))
    follow(page, page.get_by_role("button", name="Delete"))
    follow(page, page.get_by_role("button", name="Undo"))
    expect(page.get_by_role("heading", name="What you say")).to_be_visible()


def test_a_letter_below_the_limit_is_seen_on_every_channel_and_released_at_once(clerk: Page) -> None:
    # given a letter whose template writes mails, text messages and push texts
    begin(clerk, "New contact", "Harbour")
    words = f"{fresh('Signe')} looks after you."
    say(clerk, "opening", words)
    seen = clerk.locator("#seen")
    expect(seen).to_contain_text(words)  # the mail's plain part
    # then the mail stands there as its reader sees it, in their own words
    mail = clerk.frame_locator(".mail-frame").locator("body")
    clerk.locator(".mail-frame").scroll_into_view_if_needed()
    expect(mail).to_contain_text(words)
    expect(mail.get_by_role("heading", name="Somebody new looks after you")).to_be_visible()
    expect(seen.locator("section").filter(has=clerk.get_by_role("heading", name="E-mail"))).to_contain_text("attached")
    # and a telephone shows what it would, with what it costs, though no channel sends it
    phone = clerk.locator(".phone-sms")
    expect(phone).to_contain_text("Elin Lindqvist looks after your orders")
    expect(clerk.locator(".phone").first).to_contain_text("2 parts")
    expect(clerk.locator(".phone-push")).to_contain_text("Somebody new looks after you")
    expect(clerk.locator(".phones")).to_contain_text("no channel for it is set up")
    keep(clerk, "letter-channels", whole=True)
    reaches(clerk, "letter-channels")
    # when it is handed in, then nobody else is asked: it goes to fewer than the limit says
    follow(clerk, clerk.get_by_role("button", name="Hand it in"))
    expect(clerk.get_by_role("main")).to_contain_text("Released")


def test_a_batch_above_the_limit_is_approved_by_somebody_else_with_one_taken_out(page: Page, clerk: Page) -> None:
    # given a letter to one more than may leave without a second person
    many = ("C-00087", "C-00019", "C-00023", "C-00031", "C-00042", "C-00058")
    begin(clerk, "New contact", "Harbour")
    address = clerk.url
    follow(clerk, clerk.get_by_role("link", name="Who else?"))
    listed = "\n".join(("party", *many)).encode()
    clerk.get_by_label("List of recipients").set_input_files(
        [{"name": "who.csv", "mimeType": "text/csv", "buffer": listed}]
    )
    follow(clerk, clerk.get_by_role("button", name="Read the list"))
    expect(clerk.get_by_role("button", name=re.compile("Take off"))).to_have_count(len(many))
    follow(clerk, clerk.get_by_role("link", name="Back to the letter"))
    words = f"{fresh('Elin')} has your orders."
    say(clerk, "opening", words)
    expect(clerk.locator("#seen")).to_contain_text(words)
    # when it is handed in, then it waits, and says why; who wrote it cannot approve it
    follow(clerk, clerk.get_by_role("button", name="Hand it in"))
    expect(clerk.get_by_role("main")).to_contain_text("It goes to 6 recipients, more than 5")
    expect(clerk.get_by_role("button", name=re.compile("Approve"))).to_have_count(0)
    # when somebody else takes one out, then five are left and the approval is of these
    page.goto(address)
    expect(page.get_by_role("button", name="Approve all 6 letters")).to_be_visible()
    page.get_by_text("Take letters out…").click()
    page.get_by_role("checkbox", name=re.compile("Kullaberg Cider")).check()
    page.locator("form[action$='take-out/']").get_by_role("textbox").fill("They have moved")
    reaches(page, "letter-take-out")
    follow(page, page.get_by_role("button", name="Take them out"))
    expect(page.get_by_role("button", name="Approve all 5 letters")).to_be_visible()
    follow(page, page.get_by_role("button", name="Approve all 5 letters"))
    page.goto(address)
    expect(page.get_by_role("heading", name="What became of it")).to_be_visible()
    # and the one that was taken out is its writer's again, with the reason
    clerk.goto("/letters/?state=sent_back")
    follow(clerk, clerk.get_by_role("link", name=re.compile("Your new contact")).first)
    expect(clerk.get_by_role("main")).to_contain_text("They have moved")
    expect(clerk.locator("#letter-form")).to_contain_text("Kullaberg Cider")
