"""The document page in a real browser: reading, finding, sizes, keys, damaged files, a phone; nothing complained of."""

from __future__ import annotations

import re

from playwright.sync_api import Page, Route, expect

from journeys.conftest import keep
from journeys.reach import violations

#: What axe-core looks for by itself.
_USUAL: dict[str, object] = {"resultTypes": ["violations"]}


def _open(page: Page, query: str = "") -> None:
    """The longest statement: several pages."""
    page.goto("/documents/?q=ST-2026")
    address = page.get_attribute("a[data-open]", "href")
    page.goto(f"{address}{query}")
    page.wait_for_selector("pdf-viewer[data-ready]")
    page.wait_for_selector(".vp canvas", state="attached")


def _first_sheet(page: Page, shape: str, of: float = 0) -> float:
    """Wait until the first sheet is so (``box.width > of``), which it is when it was laid out; its width."""
    page.wait_for_function(
        f"of => {{ const box = document.querySelector('#page-1').getBoundingClientRect(); return {shape}; }}", arg=of
    )
    box = page.locator("#page-1").bounding_box()
    assert box
    return box["width"]


def test_somebody_reads_a_document(page: Page) -> None:
    # given an open document, its pages are text that can be selected
    _open(page)
    expect(page.locator("#page-1 .vp-text")).to_contain_text("Lindqvist")
    count = int(page.locator("[data-of]").inner_text())
    assert count > 1
    expect(page.locator(".vp")).to_have_count(count)
    # when they go through it by keys and by number
    page.locator("[data-pane]").focus()
    page.keyboard.press("PageDown")
    expect(page.locator("[data-page]")).to_have_value("2")
    page.keyboard.press("End")
    expect(page.locator(f"#page-{count} canvas")).to_be_attached()
    page.fill("[data-page]", "1")
    page.keyboard.press("Enter")
    # and make it larger, then turn it
    before = _first_sheet(page, "box.width > 0")
    page.locator("[data-pane]").focus()
    page.keyboard.press("Control++")
    after = _first_sheet(page, "box.width > of", before)
    page.click("[data-do=turn]")
    _first_sheet(page, "box.width > box.height")
    # then the size is kept for the next document of the session
    page.reload()
    page.wait_for_selector("pdf-viewer[data-ready]")
    _first_sheet(page, "Math.abs(box.width - of) < 2", after)
    assert violations(page, _USUAL) == []
    keep(page, "document-larger")


def test_somebody_finds_words_in_it(page: Page) -> None:
    # given words of the archive's search
    _open(page, "?q=lindqvist")
    expect(page.locator("[data-search] [data-count]")).to_have_text(re.compile(r"^1 of \d+$"))
    expect(page.locator("mark[data-current]").first).to_have_text(re.compile("lindqvist", re.IGNORECASE))
    # when they look for something else, forwards and backwards
    page.keyboard.press("Control+f")
    expect(page.locator("[data-search] input")).to_be_focused()
    page.keyboard.type("2026")
    expect(page.locator("[data-search] [data-count]")).to_have_text(re.compile(r"^1 of \d+$"))
    page.keyboard.press("Enter")
    expect(page.locator("[data-search] [data-count]")).to_have_text(re.compile(r"^2 of "))
    page.keyboard.press("Shift+Enter")
    expect(page.locator("[data-search] [data-count]")).to_have_text(re.compile(r"^1 of "))
    keep(page, "document-found")
    # and for what is not there
    page.fill("[data-search] input", "xyzzy")
    expect(page.locator("[data-search] [data-count]")).to_have_text("Not found")
    # then Escape closes the box and takes the marks away
    page.keyboard.press("Escape")
    expect(page.locator("[data-search]")).to_be_hidden()
    expect(page.locator(".vp-text mark")).to_have_count(0)


def test_a_damaged_file_says_so_and_can_still_be_downloaded(page: Page) -> None:
    # given bytes on their way that are no PDF
    def spoilt(route: Route) -> None:
        route.fulfill(status=200, content_type="application/pdf", body=b"no PDF at all")

    page.route("**/content.pdf*", spoilt)
    page.goto("/documents/")
    page.goto(str(page.get_attribute("a[data-open]", "href")))
    sheet = page.locator(".viewer-fault:visible")
    expect(sheet).to_contain_text("not a sound PDF")
    expect(sheet.get_by_role("link", name="Download")).to_be_visible()


def test_on_a_phone_the_document_opens_from_a_card_and_back_closes_it(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    _open(page)
    expect(page.locator("[data-tools]")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.click("[data-do=read]")
    expect(page.locator("pdf-viewer[data-reading]")).to_be_visible()
    expect(page).to_have_url(re.compile("#read$"))
    keep(page, "document-phone")
    page.go_back()
    expect(page.locator("pdf-viewer:not([data-reading])")).to_be_visible()
    assert violations(page, _USUAL) == []
