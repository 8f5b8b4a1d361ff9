"""Sessions end, networks break, people click twice, two tabs disagree: nothing typed is lost, nothing happens twice."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, expect

from journeys.conftest import MANAGER, PASSWORD, PATIENCE, Company, follow, keep, shut, sign_in
from journeys.test_live_journeys import start
from journeys.twice import fresh

_KEPT = """() => JSON.stringify(Object.fromEntries(
    Object.entries(sessionStorage).filter(([name]) => name.startsWith("postroom.kept."))))"""
OTHER = "olle@lindqvist-offset.example"


@pytest.fixture
def window(browser: Browser, company: Company) -> Iterator[BrowserContext]:
    """A browser of its own with a session of its own, which these journeys break; its complaints are their matter."""
    opened = browser.new_context(base_url=company.address, viewport={"width": 1440, "height": 900})
    opened.set_default_timeout(PATIENCE)
    page = opened.new_page()
    sign_in(page, company)
    shut(page)
    yield opened
    shut(opened)


def to_the_form(page: Page, party: str = "a") -> None:
    """The form of an invoice to somebody."""
    page.goto(f"/send/?template=invoice&q={party}")
    page.locator("ul.rows a", has_text="Choose").first.click()
    page.wait_for_url("**party=**")
    expect(page.locator("#h-preview")).to_be_visible()


def number_it(page: Page, number: str) -> str:
    field = page.locator("#data")
    text = re.sub(r'"number": "[^"]*"', f'"number": "{number}"', field.input_value(), count=1)
    field.fill(text)
    return text


def kept(page: Page) -> str:
    """Everything this tab keeps."""
    return str(page.evaluate(_KEPT))


def put_away(page: Page, number: str) -> None:
    """Wait until the tab keeps what was typed, which it does a moment after the last key."""
    page.wait_for_function(f"number => ({_KEPT})().includes(number)", arg=number)


def nothing_kept(page: Page) -> None:
    page.wait_for_function(f"() => ({_KEPT})() === '{{}}'")


def documents_of(page: Page, number: str) -> int:
    page.goto(f"/documents/?q={number}")
    return page.locator("#found a[data-open]").count()


def sign_in_here(page: Page, who: str = MANAGER) -> None:
    page.fill("[name=login]", who)
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")


def test_a_session_that_ends_in_a_form_costs_nothing(window: BrowserContext) -> None:
    page, number = window.new_page(), fresh("RW")
    to_the_form(page)
    typed = number_it(page, number)
    expect(page.locator("#h-preview")).to_contain_text(number)
    # given a session that ended, when she sends
    window.clear_cookies()
    page.get_by_role("button", name="Send", exact=True).click()
    # then the form stays, says so, and leads to the door and back
    page.get_by_role("link", name="Sign in again").click()
    page.wait_for_url("**/account/login/**")
    sign_in_here(page)
    page.wait_for_url("**/send/?template=invoice&party=**")
    expect(page.locator("#send-form").get_by_text("What you typed here is back")).to_be_visible()
    expect(page.locator("#data")).to_have_value(typed)
    keep(page, "typing-is-back", whole=True)
    # and nothing was sent meanwhile; sent once it is gone from the browser
    page.get_by_role("button", name="Send", exact=True).click()
    page.wait_for_url("**/deliveries/**")
    nothing_kept(page)
    assert documents_of(page, number) == 1


def test_without_the_question_before_it_the_typing_survives_too(window: BrowserContext) -> None:
    """The session ends between the question and the form: the server leads to the door, and back to the page."""
    page, number = window.new_page(), fresh("RW")
    to_the_form(page)
    typed = number_it(page, number)
    person = page.locator("keep-typing").get_attribute("person")
    page.route("**/account/here/", lambda route: route.fulfill(json={"person": person, "csrf": "x"}))
    put_away(page, number)
    window.clear_cookies()
    page.get_by_role("button", name="Send", exact=True).click()
    page.wait_for_url(re.compile("/account/login/.*ended=1"))
    expect(page.get_by_text("Your session had ended, so nothing was sent")).to_be_visible()
    expect(page.get_by_text("What you typed is kept in this tab")).to_be_visible()
    page.unroute("**/account/here/")
    sign_in_here(page)
    page.wait_for_url("**/send/?template=invoice&party=**")
    expect(page.locator("#data")).to_have_value(typed)
    assert documents_of(page, number) == 0


def test_somebody_else_never_sees_it_and_signing_out_leaves_nothing(window: BrowserContext) -> None:
    page, number = window.new_page(), fresh("RW")
    to_the_form(page)
    number_it(page, number)
    put_away(page, number)
    address = page.url
    # when the session ends and somebody else signs in in the same tab
    window.clear_cookies()
    page.goto(address)
    sign_in_here(page, OTHER)
    page.wait_for_url("**/send/**")
    expect(page.locator("#h-preview")).to_be_visible()
    assert number not in kept(page) and number not in page.content()
    # when they type and sign out, then nothing is left, in this tab and in the other one
    other = window.new_page()
    other.goto(address)
    for one, number in ((page, fresh("RW")), (other, fresh("RW"))):
        number_it(one, number)
        put_away(one, number)
    # (a last key just before it does not come back either)
    page.locator("#data").press("End")
    page.keyboard.type(" ")
    page.locator(".who summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/account/login/**")
    nothing_kept(page)
    nothing_kept(other)


def test_without_a_network_the_form_waits_and_then_goes_once(window: BrowserContext) -> None:
    page, number = window.new_page(), fresh("RW")
    to_the_form(page)
    typed = number_it(page, number)
    expect(page.locator("#h-preview")).to_contain_text(number)
    window.set_offline(True)
    send = page.get_by_role("button", name="Send", exact=True)
    send.click()
    line = page.locator("#send-form").get_by_role("alert")
    expect(line).to_contain_text("The desk cannot be reached. Nothing was sent")
    expect(page.locator("live-region")).to_contain_text("The desk cannot be reached")
    assert page.locator("#data").input_value() == typed
    keep(page, "no-network")
    # when it is back, then the same button sends it, once, however often it is clicked
    window.set_offline(False)
    send.dblclick()
    page.wait_for_url("**/deliveries/**")
    assert documents_of(page, number) == 1


def test_two_tabs_and_one_record(window: BrowserContext) -> None:
    first, second = window.new_page(), window.new_page()
    run = start(first, "tabs.jsonl", fresh("RW"), bad=1)
    expect(first.locator(".head-title").get_by_text("Settled")).to_be_visible(timeout=60_000)
    # given both have its one record open, when the first hands in its text
    for page in (first, second):
        page.goto(run)
        page.locator("a[id^=correct-]").click()
        expect(page.get_by_label("The record, corrected")).to_be_focused()
    first.get_by_label("The record, corrected").fill(json.dumps({"number": "RW-TAB-1"}))
    first.get_by_role("button", name="Hand in again").click()
    expect(first.get_by_text("was handed in again")).to_be_visible()
    # then the second is told what happened and by whom, and keeps its own
    mine = json.dumps({"number": "RW-TAB-2"})
    second.get_by_label("The record, corrected").fill(mine)
    second.get_by_role("button", name="Hand in again").click()
    said = second.locator("main form").get_by_role("alert")
    # (the first tab's text is still wrong, so the record may be back already: then it is the second's turn)
    expect(said.or_(second.get_by_text("was handed in again"))).to_be_visible()
    if said.count():
        expect(said).to_contain_text("not set aside any more")
        expect(second.get_by_label("The record, corrected")).to_have_value(mine)


def test_without_scripts_the_desk_works(browser: Browser, company: Company) -> None:
    window = browser.new_context(base_url=company.address, java_script_enabled=False)
    page = window.new_page()
    sign_in(page, company)
    number = fresh("RW")
    assert "Scripts are off in this browser" in page.content()
    page.goto("/documents/?q=press")
    assert page.locator("#found a[data-open]").count() > 0
    page.goto("/send/?template=invoice&q=a")
    page.locator("ul.rows a", has_text="Choose").first.click()
    number_it(page, number)
    page.get_by_role("button", name="Look at it").click()
    expect(page.locator("#h-preview")).to_contain_text(number)
    page.get_by_role("button", name="Send", exact=True).click()
    page.wait_for_url("**/deliveries/**")
    keep(page, "without-scripts", whole=True)
    # and the customer's portal, which never needs them
    page.goto("/parties/")
    page.locator("a[data-open]").first.click()
    page.get_by_role("link", name="See their portal").click()
    expect(page.locator("a.p-row").first).to_be_visible()
    shut(window)


def test_script_in_fields_never_runs(window: BrowserContext) -> None:
    page = window.new_page()
    ran: list[str] = []

    def refuse(dialog: Dialog) -> None:
        ran.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", refuse)
    evil = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    to_the_form(page)
    field = page.locator("#data")
    record = json.loads(field.input_value())
    record["number"], record["reference"] = fresh("RW"), evil
    record["lines"][0]["text"] = evil
    field.fill(json.dumps(record, indent=2))
    page.get_by_role("button", name="Send", exact=True).click()
    page.wait_for_url("**/deliveries/**")
    page.goto(f"/documents/?q={record['number']}")
    follow(page, page.locator("#found a[data-open]").first)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.goto("/runs/new/")
    content = f'"{fresh(evil)}"\n'.encode()
    page.set_input_files("#file", {"name": f"{evil}.jsonl", "mimeType": "text/plain", "buffer": content})
    expect(page.locator("[data-picked]")).to_be_visible()
    page.select_option("#template", "invoice")
    page.get_by_role("button", name="Start the run").click()
    page.wait_for_url(re.compile(r"/runs/R-"), timeout=60_000)
    page.goto("/set-aside/")
    expect(page.get_by_role("heading", name="Set aside", level=1)).to_be_visible()
    assert ran == [] and page.evaluate("document.querySelectorAll('img[src=x]').length") == 0
