"""Ctrl K: a page, a thing, an act, found by name, run by keys or mouse, with its command line beside it."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Locator, Page, expect

from journeys.conftest import Company, keep, shut, sign_in
from journeys.reach import reaches
from journeys.test_control_journeys import at_its_gate


def opened(page: Page) -> None:
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name="Commands")).to_be_visible()
    expect(page.locator("#palette-input")).to_be_focused()


def options(page: Page) -> Locator:
    """What the palette offers; lists of the page below have options too."""
    return page.get_by_role("dialog", name="Commands").get_by_role("option")


def nothing_but_the_search(page: Page, typed: str) -> None:
    """What nothing is called can still be a word inside a document; no act, no page and no thing is offered."""
    expect(options(page)).to_have_text([f"“{typed}” in documents"])


def test_a_page_a_thing_and_an_act_are_found_with_keys(page: Page) -> None:
    page.goto("/")
    # a page
    opened(page)
    page.keyboard.type("set aside")
    expect(options(page).first).to_contain_text("et aside")
    page.keyboard.press("Enter")
    page.wait_for_url("**/set-aside/**")
    # a thing: Esc closes and leads nowhere; the command line of what is chosen stands beside it
    opened(page)
    page.keyboard.type("R-2026-0001")
    option = options(page).filter(has_text="R-2026-0001").first
    expect(option).to_be_visible()
    expect(page.locator("[data-cli]")).to_contain_text("postroom")
    keep(page, "palette-run")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Commands")).to_be_hidden()
    expect(page).to_have_url(re.compile("/set-aside/$"))
    # an act, by somebody who types faster than the list follows: what was typed counts, not what still stood there
    opened(page)
    page.keyboard.type("start a run")
    page.keyboard.press("Enter")
    page.wait_for_url("**/runs/new/**")


def test_it_works_with_a_mouse_and_offers_the_search_when_nothing_has_the_name(page: Page) -> None:
    page.goto("/")
    opened(page)
    page.locator("#palette-input").fill("zzzz-nothing")
    nothing_but_the_search(page, "zzzz-nothing")
    page.locator("#palette-input").fill("INV-2026-1195")
    options(page).filter(has_text="INV-2026-1195").first.click()
    page.wait_for_url(re.compile("/documents/[0-9a-f-]{36}/"))
    opened(page)
    page.get_by_role("dialog", name="Commands").locator("[data-close]").click()
    expect(page.get_by_role("dialog", name="Commands")).to_be_hidden()


def test_a_run_is_held_let_go_on_and_cancelled_without_leaving_the_keyboard(page: Page) -> None:
    # given a run at its gate, and somebody who is elsewhere
    run, ref = at_its_gate(page, "palette.jsonl"), page.url.rstrip("/").rpartition("/")[2]
    page.goto("/documents/")
    opened(page)
    page.keyboard.type(f"hold {ref}")
    option = options(page).filter(has_text=f"Hold {ref}…")
    expect(option).to_be_visible()
    expect(page.locator("[data-cli]")).to_have_text(f"postroom runs hold {ref}")
    # when she chooses it, then it says what would happen; Escape leads back to the list, and nothing was done
    page.keyboard.press("Enter")
    button = page.get_by_role("button", name=f"Hold {ref}")
    expect(button).to_be_focused()
    expect(page.get_by_text(f"Nothing more of {ref} is composed or sent until")).to_be_visible()
    reaches(page, "palette-act")
    page.keyboard.press("Escape")
    expect(page.locator("#palette-input")).to_be_focused()
    expect(option).to_be_visible()
    # when she says yes, then she stands at its page, where it is held
    page.keyboard.press("Enter")
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(run)
    expect(page.get_by_role("status").filter(has_text="Held since")).to_be_visible()
    # and the same way back, and to its end, for which a reason is asked
    opened(page)
    page.keyboard.type(f"resume {ref}")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=f"Let {ref} go on")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("goes on.").first).to_be_visible()
    opened(page)
    page.keyboard.type(f"cancel {ref}")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Why is this run cancelled?").last).to_be_focused()
    page.keyboard.press("Enter")  # without a reason the browser asks for one
    page.keyboard.type("wrong price list")
    page.keyboard.press("Enter")
    expect(page.get_by_text("is cancelled. What is sent stays sent.").first).to_be_visible()


def test_it_offers_nobody_what_they_may_not_do(browser: Browser, company: Company) -> None:
    context = browser.new_context(base_url=company.address)
    page = context.new_page()
    sign_in(page, company, "olle@lindqvist-offset.example")
    opened(page)
    page.keyboard.type("invite somebody")
    nothing_but_the_search(page, "invite somebody")
    shut(context)
