"""An author in the studio: types and sees the page, breaks it, finds where a value comes from, changes words."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from journeys.conftest import keep


@pytest.fixture
def studio(page: Page) -> Iterator[Page]:
    """The studio of a draft of the statement, open and mapped."""
    page.goto("/templates/statement/")
    begin = page.locator("main form[action$='/draft/'] button")
    if begin.count():
        begin.first.click()
    else:
        page.locator("main a[href*='/templates/drafts/']").first.click()
    page.wait_for_url("**/templates/drafts/**")
    found = re.match(r".*/drafts/[^/]+/", page.url)
    assert found is not None
    page.goto(f"{found[0]}studio/")
    page.wait_for_selector("template-studio[mapped]", timeout=60_000)
    yield page
    page.wait_for_function("() => document.querySelector('[data-saved]').dataset.standing === 'saved'", timeout=30_000)


def test_the_page_follows_and_a_fault_stands_on_its_line(studio: Page) -> None:
    page = studio
    picture = page.locator(".st-sheet img").first
    before = picture.get_attribute("src")
    # when something is typed that the page shows
    page.locator("[data-editor]").click()
    page.keyboard.press("Control+Home")
    # (what is typed holds letters and signs that are keys of the desk elsewhere)
    page.keyboard.type("// jk? g r /\n#text(40pt)[Seen]\n")
    expect(picture).not_to_have_attribute("src", before or "", timeout=30_000)
    # then a fault is told with its line, and the last good page stays
    page.keyboard.type("#let broken = (")
    expect(page.locator("[data-faults] li").first).to_be_visible(timeout=30_000)
    expect(page.locator("[data-faults] button").first).to_contain_text(".typ")
    expect(picture).to_be_visible()
    keep(page, "studio-fault")
    # when the line is taken away again, there is nothing to mend
    page.keyboard.press("Shift+Home")
    page.keyboard.press("Delete")
    expect(page.locator("[data-faults] li")).to_have_count(0, timeout=30_000)


def test_a_value_leads_to_its_slot_and_a_field_into_the_source(studio: Page) -> None:
    page = studio
    mark = page.locator(".st-mark[data-what^='slot/']").first
    path = (mark.get_attribute("data-what") or "").removeprefix("slot/")
    mark.click()
    found = page.locator(".st-found")
    expect(found).to_be_visible()
    expect(found).to_contain_text(path)
    keep(page, "studio-found")
    # a value whose slot is written out in the page leads to that one place, and its field is lit
    page.locator(".st-mark[data-what='slot/closing']").first.click()
    expect(found).to_contain_text(re.compile(r"closing is written in main\.typ:\d+"))
    expect(page.locator("[data-tree] [data-path='closing']")).to_have_attribute("data-lit", "")
    # a field that is pressed is written where the cursor stands, and taken back like anything that was typed
    page.locator("[data-editor]").click()
    page.keyboard.press("Control+End")
    editor = page.locator("[data-editor] .cm-content")
    page.locator("[data-tree] [data-path='customer.key']").click()
    expect(editor).to_contain_text('#slot("customer.key")')
    page.keyboard.press("Control+z")
    expect(editor).not_to_contain_text('#slot("customer.key")')
    # the contract is offered while a name is typed: of a row only what its own list has
    page.keyboard.type('\n#band("summary", row => slot(row, "t')
    expect(page.locator(".cm-tooltip-autocomplete li").first).to_contain_text("text")
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+Home")
    page.keyboard.press("Delete")
    page.keyboard.press("Backspace")
    expect(page.locator("[data-faults] li")).to_have_count(0, timeout=30_000)
    # and by keys: from pane to pane, from value to value
    page.keyboard.press("F6")
    page.locator("[data-sheets]").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("() => document.activeElement.classList.contains('st-mark')")


def test_zoom_and_place_stay_while_language_brand_and_channel_change(studio: Page) -> None:
    page = studio
    sheets, follows = page.locator("[data-sheets]"), page.locator("[data-follows]")
    page.locator("[data-by='1']").click()
    sheets.evaluate("pane => { pane.scrollTop = 700 }")

    def place() -> tuple[str, int]:
        return page.locator("[data-zoom-word]").inner_text(), sheets.evaluate("pane => Math.round(pane.scrollTop)")

    before = place()
    assert before[1] == 700
    # when the language and the brand are others, and the mail was looked at meanwhile
    picture = page.locator(".st-sheet img").nth(1)  # the first may hold nothing but what was typed before
    for name in ("language", "brand"):
        shown = picture.get_attribute("src")
        page.locator(f"select[name={name}]").select_option(index=2 if name == "language" else 1)
        if name == "language":
            expect(picture).not_to_have_attribute("src", shown or "", timeout=30_000)
    page.locator("[data-channel=text]").click()
    expect(page.locator("[data-shows=text]")).to_be_visible()
    expect(sheets).to_be_hidden()
    page.locator("[data-channel=page]").click()
    expect(sheets).to_be_visible()
    expect(follows).to_have_attribute("data-standing", "ok", timeout=30_000)
    # then the page is as large as before, and at the same place
    assert place() == before


def test_the_wording_is_changed_in_a_form_whose_page_follows(studio: Page) -> None:
    page = studio
    page.goto(page.url.replace("studio/", "studio/words/"))
    picture = page.locator("#words-look img")
    before = picture.get_attribute("src")
    field = page.locator("[name='en:title']")
    field.fill(f"{field.input_value()} again")
    page.locator("main button[value=save]").click()
    expect(page.locator("p.note[role=status]").first).to_be_visible()
    assert before
    page.go_back()
    page.goto(page.url.replace("words/", ""))
    page.wait_for_selector("template-studio[ready]")
