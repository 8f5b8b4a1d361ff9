"""The twins of the day's work, without a mouse. After each step the focus is somewhere, and somebody can see it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from journeys.conftest import PASSWORD, PATIENCE, Company, People, keep, shut
from journeys.keys import focus_of, not_lost, opened, press, stands_at, tab_to
from journeys.test_send_journeys import choose, lines, record
from journeys.twice import fresh

#: The body stands for the browser's own buttons, which a modal dialog leaves reachable.
_KEPT_IN = "() => document.activeElement === document.body || !!document.activeElement.closest('dialog')"


@pytest.fixture
def hands(browser: Browser, company: Company, people: People) -> Iterator[Page]:
    """Somebody at a keyboard, who signs in with it."""
    context = browser.new_context(base_url=company.address, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto("/account/login/")
    tab_to(page, "[name=login]")
    page.keyboard.type(people.email("operator"))
    press(page, "Tab")
    assert focus_of(page).startswith("input"), "the password comes after the name"
    tab_to(page, "[name=password]")
    page.keyboard.type(PASSWORD)
    press(page, "Enter")
    opened(page, f"{company.address}/")
    yield page
    shut(context)


def test_the_first_tab_skips_the_furniture(hands: Page) -> None:
    hands.goto("/runs/")
    press(hands, "Tab")
    expect(hands.get_by_role("link", name="Skip to the page")).to_be_focused()
    press(hands, "Enter")
    expect(hands).to_have_url(re.compile("#"))
    press(hands, "Tab")
    hands.wait_for_function("() => document.activeElement.closest('main') !== null")


def test_a_record_is_corrected(hands: Page, page: Page) -> None:
    # given a run of one bad record, of her own
    bad = {**record(page, fresh("KB")), "gross": 12.5}
    page.goto("/runs/new/")
    choose(page, "keyboard.jsonl", lines(bad))
    page.get_by_label("Template", exact=True).select_option("invoice")
    page.get_by_role("button", name="Start the run").click()
    page.wait_for_url(re.compile(r"/runs/R-"), timeout=60_000)
    expect(page.locator("a[id^=correct-]")).to_be_visible(timeout=60_000)
    expect(page.locator(".head-title").get_by_text("Settled")).to_be_visible(timeout=60_000)
    hands.goto(page.url)
    # when she opens it, mends it where it is wrong, and hands it in
    tab_to(hands, "a[id^=correct-]", most=60)
    press(hands, "Enter")
    field = hands.get_by_label("The record, corrected")
    expect(field).to_be_focused()
    good = re.sub(r'("gross": )([0-9.]+)', r'\1"\2"', field.input_value())
    press(hands, "Control+a")
    hands.keyboard.insert_text(good)
    tab_to(hands, "button:has-text('Hand in again')", most=12)
    press(hands, "Enter")
    # then she is told, and stands somewhere
    expect(hands.get_by_text("was handed in again").first).to_be_visible()
    not_lost(hands, "handing in a corrected record")


def test_a_document_is_searched_opened_and_sent_again(hands: Page) -> None:
    hands.goto("/parties/")
    press(hands, "g", "d")
    opened(hands, "**/documents/")
    press(hands, "/")
    expect(hands.get_by_role("searchbox", name="A word, a number, a name")).to_be_focused()
    hands.keyboard.type("INV-2026-11", delay=10)
    expect(hands).to_have_url(re.compile(r"q=INV-2026-11(&|$)"))
    expect(hands.locator("#found mark").first).to_be_visible()
    not_lost(hands, "the results came")
    expect(hands.get_by_role("searchbox", name="A word, a number, a name")).to_be_focused()
    press(hands, "Escape", "j", "j", "k")
    expect(hands.locator("#found a[data-open]").first).to_be_focused()
    press(hands, "Enter")
    hands.wait_for_url(re.compile(r"/documents/[0-9a-f-]{36}/"))
    hands.wait_for_selector("pdf-viewer[data-ready]")
    tab_to(hands, "summary:has-text('Resend')", most=60)
    press(hands, "Enter")
    expect(hands.get_by_label("Why is it sent again?")).to_be_focused()
    # Escape closes the question and comes back to where it was asked
    press(hands, "Escape")
    not_lost(hands, "closing the question")
    expect(hands.locator("summary", has_text="Resend")).to_be_focused()
    press(hands, "Enter")
    expect(hands.get_by_label("Why is it sent again?")).to_be_focused()
    hands.keyboard.type("Asked for at the counter")
    tab_to(hands, "button:has-text('Resend')", most=12)
    press(hands, "Enter")
    hands.wait_for_url(re.compile(r"/deliveries/[0-9a-f-]{36}/"))
    # and the delivery is sent again from its own page
    tab_to(hands, "summary:has-text('again')", most=60)
    press(hands, "Enter")
    not_lost(hands, "opening the question of a delivery")


def test_a_token_is_made_shown_once_and_revoked(hands: Page) -> None:
    press(hands, "g", "c")
    hands.wait_for_url("**/settings/**")
    tab_to(hands, "main a:has-text('Tokens')", most=40)
    press(hands, "Enter")
    opened(hands, "**/settings/tokens/")
    name = fresh("Till at the counter")
    tab_to(hands, "#token-name", most=40)
    hands.keyboard.type(name)
    tab_to(hands, "#token-days")
    press(hands, "ArrowDown")
    tab_to(hands, "input[name=scope]")
    press(hands, "Space")
    tab_to(hands, "button:has-text('Make it')", most=40)
    press(hands, "Enter")
    expect(hands.get_by_text(name).first).to_be_visible()
    not_lost(hands, "making a token")
    keep(hands, "keys-token")
    tab_to(hands, "button:has-text('Revoke')", most=60)
    press(hands, "Enter")
    expect(hands.locator("main").get_by_text(re.compile("evoked")).first).to_be_visible()


def test_a_view_is_saved_and_deleted(hands: Page) -> None:
    hands.goto("/deliveries/?state=failed")
    tab_to(hands, "summary:has-text('Save this view')", most=40)
    press(hands, "Enter")
    name = fresh("Came back, by keys")
    tab_to(hands, "input[name=name]", most=12)
    hands.keyboard.type(name)
    press(hands, "Enter")
    expect(hands.locator(".views-tabs a[aria-current]")).to_have_text(name)
    press(hands, "Tab")
    not_lost(hands, "saving a view")
    tab_to(hands, "summary:has-text('This view')", most=40)
    press(hands, "Enter")
    tab_to(hands, "button:has-text('Delete')", most=20)
    press(hands, "Enter")
    expect(hands.get_by_role("button", name="Undo")).to_be_visible()
    expect(hands.locator(".views-tabs")).not_to_contain_text(name)
    press(hands, "Tab")
    not_lost(hands, "deleting a view")


def test_many_are_sent_again(hands: Page) -> None:
    hands.goto("/deliveries/?state=delivered")
    press(hands, "j", "x", "j", "x")
    expect(hands.locator(".bulk-count")).to_have_text("2 selected")
    not_lost(hands, "ticking rows")
    tab_to(hands, ".bulk button:has-text('again')", most=300)
    press(hands, "Enter")
    hands.wait_for_url("**/deliveries/resend/**")
    tab_to(hands, "textarea[name=reason]", most=40)
    hands.keyboard.type("The printer ran dry")
    tab_to(hands, "main button[type=submit]", most=12)
    press(hands, "Enter")
    hands.wait_for_url("**/lists/jobs/**")
    expect(hands.locator("h1")).to_contain_text("2")
    press(hands, "Tab")
    not_lost(hands, "acting on many")


def test_the_panel_follows_and_gives_the_focus_back(hands: Page) -> None:
    hands.goto("/runs/")
    press(hands, "j")
    expect(hands.locator("a[data-open]:focus")).to_be_visible()
    where = hands.evaluate("() => document.activeElement.getAttribute('href')")
    press(hands, "Space")
    expect(hands.locator("#peek h2")).to_be_visible()
    not_lost(hands, "opening the panel")
    press(hands, "Escape")
    expect(hands.locator("#peek")).to_be_hidden()
    # by its address, not by its place: a run that begins meanwhile comes in above it
    expect(hands.locator(f"a[data-open][href='{where}']")).to_be_focused()


def test_dialogs_give_the_focus_back(hands: Page) -> None:
    hands.goto("/runs/")
    press(hands, "j")
    expect(hands.locator("a[data-open]:focus")).to_be_visible()
    where = focus_of(hands)
    press(hands, "Control+k")
    expect(hands.locator("#palette-input")).to_be_focused()
    # no Tab leads out of it
    for _ in range(12):
        press(hands, "Tab")
        assert hands.evaluate(_KEPT_IN)
    press(hands, "Escape")
    stands_at(hands, where, "closing the palette")
    press(hands, "?")
    expect(hands.get_by_role("dialog")).to_be_visible()
    not_lost(hands, "the list of keys")
    press(hands, "Escape")
    stands_at(hands, where, "closing the list of keys")


def test_planted_a_lost_focus_is_found(context: BrowserContext) -> None:
    page = context.new_page()
    page.goto("/help/")  # no part of it is live: a swap would find the focus a place again
    page.evaluate("() => document.activeElement.blur()")
    with pytest.raises(AssertionError, match="the focus is lost after a planted fault"):
        not_lost(page, "a planted fault")
    assert focus_of(page) == ""
