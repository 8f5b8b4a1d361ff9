"""An expert's way through the lists: by keys alone, with panels, ticks, a saved view and its undo."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from journeys.conftest import follow, keep
from journeys.twice import fresh


def test_an_expert_works_through_a_list_without_a_pointer(page: Page) -> None:
    # given a search
    page.goto("/documents/?q=press")
    page.wait_for_selector(".facet-value")
    rows = page.locator("row-cursor tbody tr")
    # when she goes down and peeks, then the panel shows the row and the focus stays on it
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press(" ")
    expect(page.locator("#peek h2")).to_be_visible()
    second = rows.nth(1).locator("a[data-open]")
    expect(second).to_be_focused()
    expect(page).to_have_url(re.compile("peek="))
    # and it follows her
    number = rows.nth(2).locator("a[data-open] .id").inner_text()
    page.keyboard.press("j")
    expect(page.locator("#peek .peek-head .id")).to_have_text(number)
    # when she ticks rows, then the bar says how many, and nothing is replaced
    page.keyboard.press("x")
    page.keyboard.press("k")
    page.keyboard.press("x")
    expect(page.locator(".bulk-count")).to_have_text("2 selected")
    expect(rows.nth(0)).to_be_visible()
    # and the panel went up with her
    above = rows.nth(1).locator("a[data-open] .id").inner_text()
    expect(page.locator("#peek .peek-head .id")).to_have_text(above)
    keep(page, "list-documents-peek")
    # and the address shows the same panel again
    page.reload()
    expect(page.locator("#peek .peek-head .id")).to_have_text(above)
    page.keyboard.press("Escape")
    expect(page.locator("#peek")).to_be_hidden()
    expect(page).not_to_have_url(re.compile("peek="))


def test_a_view_is_saved_and_its_deletion_undone(page: Page) -> None:
    page.goto("/deliveries/?state=failed")
    page.get_by_text("Save this view…").click()
    name = fresh("Came back")
    page.get_by_label("Name of the view").fill(name)
    page.get_by_role("button", name="Save", exact=True).click()
    tab = page.locator(".views-tabs a[aria-current]")
    expect(tab).to_have_text(name)
    page.get_by_text("This view").click()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".views-tabs a[aria-current]")).to_have_text(name)
    page.get_by_text("This view").click()
    page.get_by_role("button", name="Delete").click()  # others find the company as it was
    expect(page.get_by_role("button", name="Undo")).to_be_visible()


def columns_as_they_come(page: Page) -> None:
    """The list of parties, without what somebody chose who did not get to the end."""
    page.goto("/parties/")
    page.locator(".list-foot summary").click()
    again = page.get_by_role("button", name="As it comes")
    if again.count():
        follow(page, again)
    else:
        page.locator(".list-foot summary").click()


def test_a_chosen_column_stands_where_it_was_put(page: Page) -> None:
    columns_as_they_come(page)
    page.locator(".list-foot summary").click()
    page.get_by_label("E-mail", exact=True).check()
    page.get_by_role("button", name="Show these").click()
    expect(page.locator("thead")).to_contain_text("E-mail")
    page.locator(".list-foot summary").click()
    page.get_by_role("button", name="As it comes").click()
    expect(page.locator("thead")).not_to_contain_text("E-mail")


def test_a_facet_is_chosen_by_keys_and_the_focus_stays_on_it(page: Page) -> None:
    # given the facets of everything
    page.goto("/documents/")
    page.wait_for_selector(".facet-value")
    page.evaluate("window.sameDocument = true")
    first = page.locator("[id^=facet-kind-]").first
    name, place = first.locator(".facet-name").inner_text(), first.get_attribute("id")
    # when one is chosen with Enter
    first.focus()
    page.keyboard.press("Enter")
    # then results and facets are new, the address says it, and neither page nor focus was lost
    chosen = page.locator(f"#{place}")
    expect(chosen).to_have_attribute("aria-current", "true")
    expect(chosen).to_be_focused()
    expect(page.locator(".chips")).to_contain_text(name)
    expect(page).to_have_url(re.compile("kind="))
    expect(page).not_to_have_url(re.compile("facets="))
    assert page.evaluate("window.sameDocument") is True
    # and what is typed next searches within it
    page.locator("#q").fill("press")
    expect(page).to_have_url(re.compile("q=press"))
    assert "kind=" in page.url
    page.reload()
    expect(page.locator(".chips")).to_contain_text(name)


def test_a_column_is_moved_twice_by_the_same_key(page: Page) -> None:
    columns_as_they_come(page)
    page.locator(".list-foot summary").click()
    page.get_by_role("button", name="Move Documents to the left").focus()
    page.keyboard.press("Enter")
    heads, again = page.locator("thead th:not(.pick)"), page.get_by_role("button", name="Move Documents to the left")
    expect(heads.nth(3)).to_have_text("Documents")  # the page is a new one
    expect(again).to_be_focused()
    page.keyboard.press("Enter")
    expect(heads.nth(2)).to_have_text("Documents")
    expect(again).to_be_focused()
    page.get_by_role("button", name="As it comes").click()
    expect(heads.nth(2)).not_to_have_text("Documents")
