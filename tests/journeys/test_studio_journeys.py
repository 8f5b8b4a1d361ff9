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
    # and by keys: from pane to pane, from value to value
    page.keyboard.press("F6")
    page.locator("[data-sheets]").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("() => document.activeElement.classList.contains('st-mark')")


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
