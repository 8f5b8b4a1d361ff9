"""Somebody new finds their way: the tour, a word explained, the guide for a screen, and a page printed as evidence."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
from playwright.sync_api import Page, expect

from journeys.conftest import follow, keep

AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"


def no_violations(page: Page) -> None:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("() => axe.run(document).then(said => said.violations.map(one => one.id))")
    assert found == []


def test_the_tour_goes_past_the_furniture_by_keys_and_is_put_away(page: Page) -> None:
    page.goto("/?tour=on")
    card = page.locator(".tour-card")
    expect(card).to_be_visible()
    expect(card).to_be_focused()
    no_violations(page)
    # when the arrows go on and back
    first = card.locator("h2").inner_text()
    page.keyboard.press("ArrowRight")
    expect(card.locator("h2")).not_to_have_text(first)
    expect(page.locator("[data-tour-at]")).to_have_count(1)
    page.keyboard.press("ArrowLeft")
    expect(card.locator("h2")).to_have_text(first)
    keep(page, "tour")
    # then Escape ends it for good
    with page.expect_response(lambda answer: "put-away" in answer.url):
        page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    page.goto("/")
    expect(page.locator("desk-tour")).to_have_count(0)


def test_a_word_is_explained_by_keyboard_and_f1_opens_the_guide_with_a_way_back(page: Page) -> None:
    # given the page of a run that is over: nothing of it is exchanged while somebody reads
    page.goto("/runs/")
    follow(page, page.locator("main a[href='/runs/R-2026-0001/']").first)
    run = page.url
    page.locator("button.term").first.focus()
    page.keyboard.press("Enter")
    note = page.locator(".term-pop:popover-open")
    expect(note).to_be_visible()
    no_violations(page)
    page.keyboard.press("Escape")
    expect(note).to_have_count(0)
    page.keyboard.press("F1")
    page.wait_for_url("**/help/run/**")
    no_violations(page)
    page.locator(".crumbs a").first.click()
    page.wait_for_url(run)


def test_a_delivery_prints_as_evidence_without_the_furniture(page: Page, tmp_path: Path) -> None:
    page.goto("/deliveries/?state=delivered")
    follow(page, page.locator("main a.name").first)
    title = page.locator("h1").inner_text()
    said = page.locator("#tell").inner_text()
    rail = page.locator("#rail a >> nth=1").inner_text()
    page.pdf(path=tmp_path / "delivery.pdf", prefer_css_page_size=True)
    with pypdfium2.PdfDocument(tmp_path / "delivery.pdf") as printed:
        width, height = printed[0].get_size()
        pages = [" ".join(sheet.get_textpage().get_text_range().split()) for sheet in printed]
    # then it is A4, says what the page says, and where it was shown
    assert (round(width), round(height)) == (595, 842)
    text = " ".join(pages)
    assert title in text and " ".join(said.split()) in text and "sha256" in text
    assert "As shown to" in text and page.url.rstrip("/")[-12:] in text
    # the foot of each sheet names the object and counts
    for number, sheet in enumerate(pages, 1):
        assert f"{number} / {len(pages)}" in sheet and title in sheet
    # and nothing of the furniture is on it
    assert rail and "Skip to the page" not in text and "Ctrl K" not in text and "Copy as answer" not in text
