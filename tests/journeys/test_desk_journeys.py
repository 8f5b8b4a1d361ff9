"""What an operator does in a day: sign in, look at a run, mend a record, find a document, send it again."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Browser, Page, expect

from journeys.conftest import Company, follow, keep, shut, sign_in
from journeys.keys import tab_to as _tab_to
from journeys.test_send_journeys import choose, lines, record
from journeys.twice import fresh

INVOICES = "/runs/R-2026-0001/"


def test_signing_in_by_the_form_opens_the_first_page(browser: Browser, company: Company) -> None:
    page = browser.new_page()
    # given the door, with a wrong password first
    page.goto(f"{company.address}/runs/")
    page.fill("[name=login]", "ingrid@lindqvist-offset.example")
    page.fill("[name=password]", "not-this-one")
    page.click("main button[type=submit]")
    expect(page.get_by_role("alert").first).to_be_visible()
    # when she signs in, then the page she wanted opens
    page.fill("[name=login]", "ingrid@lindqvist-offset.example")
    page.fill("[name=password]", "offset-since-1931")
    page.click("main button[type=submit]")
    page.wait_for_url(f"{company.address}/runs/")
    expect(page.get_by_role("heading", name="Runs")).to_be_visible()
    shut(page)


@pytest.mark.once("the link that the company printed signs in once")
def test_the_printed_link_signs_in_once(browser: Browser, company: Company) -> None:
    first, second = browser.new_context(), browser.new_context()
    page = first.new_page()
    page.goto(company.link)
    expect(page).to_have_url(f"{company.address}/")
    expect(page.get_by_role("heading", name=re.compile("’s post"))).to_be_visible()
    late = second.new_page()
    late.goto(company.link)
    expect(late.get_by_role("heading", name="This link was used already")).to_be_visible()
    keep(late, "enter-used")
    shut(first)
    shut(second)


def test_a_run_shows_where_every_record_is(page: Page) -> None:
    page.goto("/runs/")
    keep(page, "runs")
    page.locator(f"a[data-open][href='{INVOICES}']").click()
    expect(page).to_have_url(re.compile(INVOICES))
    expect(page.get_by_role("heading", name="Where the 200 are")).to_be_visible()
    expect(page.get_by_text("Balances")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Export balance").click()
    counted = json.loads(download.value.path().read_text())
    assert (counted["received"], counted["balance"], counted["deliveries"]["balance"]) == (200, 0, 0)


def test_a_record_is_mended_and_goes_on_before_ones_eyes(page: Page) -> None:
    # given a run of an invoice that is in order and two that are not: an amount that is a number, a field too many
    good = record(page, fresh("DJ"))
    number = re.sub(r'("gross": )"([0-9.]+)"', r"\1\2", json.dumps({**good, "number": fresh("DJ")}), count=1)
    bad = [number, {**good, "number": fresh("DJ"), "no_such_field": "1"}]
    page.goto("/runs/new/")
    choose(page, "mended.jsonl", lines(good, *bad))
    page.get_by_label("Template", exact=True).select_option("invoice")
    page.get_by_role("button", name="Start the run").click()
    page.wait_for_url(re.compile(r"/runs/R-"), timeout=60_000)
    expect(page.locator(".head-title").get_by_text("Settled")).to_be_visible(timeout=60_000)
    expect(page.locator("#h-aside + span")).to_have_text("2")
    expect(page.locator(".equation")).to_contain_text("Completed 1")
    row = page.locator("tbody[id^=set-aside-]", has_text="must be text")
    row.get_by_role("link", name="Correct").click()
    field = page.get_by_label("The record, corrected")
    expect(field).to_be_focused()
    # when she breaks it, then what she typed stays and the fault is named
    mended = re.sub(r'("gross": )([0-9.]+)', r'\1"\2"', field.input_value())
    field.fill(mended.replace("{", "", 1))
    page.get_by_role("button", name="Hand in again", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="not JSON")).to_be_visible()
    expect(page.get_by_label("The record, corrected")).to_have_value(mended.replace("{", "", 1))
    keep(page, "correction-refused")
    # when she mends it, then it goes on while the page looks after itself
    page.get_by_label("The record, corrected").fill(mended)
    page.get_by_role("button", name="Hand in again", exact=True).click()
    expect(page.get_by_text("was handed in again and goes on")).to_be_visible()
    expect(page.locator("#h-aside + span")).to_have_text("1")
    expect(page.locator(".head-title").get_by_text("Settled")).to_be_visible(timeout=60_000)
    expect(page.locator(".equation")).to_contain_text("Completed 2", timeout=60_000)
    keep(page, "run-corrected", whole=True)


def test_a_document_is_found_by_a_word_and_sent_again(page: Page) -> None:
    page.goto("/documents/")
    # when she types, then the list follows, the word is marked, and the address can be kept
    page.get_by_role("searchbox", name="A word, a number, a name").type("harbour quill", delay=20)
    expect(page.locator("#found mark").first).to_be_visible()
    expect(page).to_have_url(re.compile(r"q=harbour(\+|%20)quill"))
    keep(page, "search")
    follow(page, page.locator("#found a[data-open]").first)
    expect(page.locator("img.page-img").first).to_be_visible()
    assert page.locator("img.page-img").first.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1240
    keep(page, "document")
    # when she sends it again with a reason
    page.get_by_text("Resend…").click()
    page.get_by_label("Why is it sent again?").fill("She never got it")
    page.get_by_role("button", name="Resend", exact=True).click()
    # then she stands at the new delivery, which knows why
    expect(page).to_have_url(re.compile("/deliveries/"))
    expect(page.get_by_text("She never got it")).to_be_visible()
    expect(page.locator("#tell")).not_to_be_empty()
    keep(page, "delivery-resent", whole=True)


def test_the_same_path_with_nothing_but_a_keyboard(browser: Browser, company: Company) -> None:
    context = browser.new_context(base_url=company.address, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto("/account/login/")
    press = page.keyboard.press
    # sign in: Tab to the two fields, Enter
    _tab_to(page, "[name=login]")
    page.keyboard.type("olle@lindqvist-offset.example")
    _tab_to(page, "[name=password]")
    page.keyboard.type("offset-since-1931")
    press("Enter")
    page.wait_for_url(f"{company.address}/")
    # to the runs, down the list, into the oldest run of invoices (other journeys may have started more above it)
    press("g")
    press("r")
    page.wait_for_url("**/runs/")
    listed = [one.get_attribute("href") for one in page.locator("a[data-open]").all()]
    for _ in range(listed.index(INVOICES) + 1):
        press("j")
    expect(page.locator("a[data-open]:focus")).to_have_attribute("href", INVOICES)
    press("Enter")
    page.wait_for_url(f"**{INVOICES}")
    # open a record, look, leave it as it is: the focus comes back to where it was
    _tab_to(page, "a[id^=correct-]", most=60)
    press("Enter")
    expect(page.get_by_label("The record, corrected")).to_be_focused()
    _tab_to(page, "a:has-text('Leave it set aside')")
    press("Enter")
    expect(page.get_by_label("The record, corrected")).to_have_count(0)
    # search from anywhere
    press("/")
    page.keyboard.type("INV-2026-1195")
    press("Enter")
    page.wait_for_url("**/documents/?q=INV-2026-1195")
    expect(page.locator("#found a[data-open]").first).to_be_visible()
    press("Escape")
    press("j")
    press("Enter")
    page.wait_for_url(re.compile(r"/documents/[0-9a-f-]{36}/"))
    page.wait_for_selector("pdf-viewer[data-ready]")
    # send it again
    _tab_to(page, "summary:has-text('Resend')", most=40)
    press("Enter")
    expect(page.get_by_label("Why is it sent again?")).to_be_focused()
    page.keyboard.type("Asked for it by telephone")
    _tab_to(page, "button:has-text('Resend')")
    press("Enter")
    page.wait_for_url(re.compile("/deliveries/"))
    expect(page.get_by_text("Asked for it by telephone")).to_be_visible()
    shut(context)


def test_signing_out_closes_the_desk(browser: Browser, company: Company) -> None:
    context = browser.new_context(base_url=company.address)
    page = context.new_page()
    sign_in(page, company)
    page.locator(".who summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/account/login/**")
    page.goto("/runs/")
    expect(page).to_have_url(re.compile("/account/login/"))
    shut(context)
