"""Less movement, colours of one's own, paper: the same page for whoever needs it another way."""

from __future__ import annotations

from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import Browser, Page, expect

from journeys.conftest import Company, keep, shut
from journeys.reach import SHAPES, violations

_MOVES = """() => [...document.querySelectorAll("*")].flatMap(each => {
    const style = getComputedStyle(each);
    const long = [...style.transitionDuration.split(","), ...style.animationDuration.split(",")]
        .some(one => parseFloat(one) > 0.05);
    return long ? [`${each.tagName}.${each.className}`] : [];
}).slice(0, 5)"""
_LOOK = """one => {
    const {backgroundColor, borderInlineStartColor, borderInlineStartWidth, outlineStyle, fontWeight, boxShadow,
        textDecorationLine, color} = getComputedStyle(one);
    return [backgroundColor, borderInlineStartColor, borderInlineStartWidth, outlineStyle, fontWeight, boxShadow,
        textDecorationLine, color].join();
}"""


def window(browser: Browser, company: Company, session: dict[str, object], **options: object) -> Page:
    context = browser.new_context(
        base_url=company.address,
        viewport={"width": 1440, "height": 900},
        storage_state=session,  # type: ignore[arg-type]
        **options,  # type: ignore[arg-type]
    )
    return context.new_page()


@pytest.mark.parametrize("address", ["/", "/runs/R-2026-0001/", "/documents/?q=press"])
def test_with_less_movement_nothing_moves(
    browser: Browser, company: Company, session: dict[str, object], address: str
) -> None:
    page = window(browser, company, session, reduced_motion="reduce")
    page.goto(address)
    assert page.evaluate(_MOVES) == []
    shut(page.context)


@pytest.mark.parametrize(("name", "address"), [("home", "/"), ("run", "/runs/R-2026-0001/"), ("found", "/documents/")])
def test_with_colours_of_ones_own_everything_is_still_told(
    browser: Browser, company: Company, session: dict[str, object], name: str, address: str
) -> None:
    page = window(browser, company, session, forced_colors="active")
    page.goto(address)
    # where somebody is, and what has the focus, is told by more than a colour of ours
    here = page.locator("nav.rail a[aria-current=page]")
    others = page.locator("nav.rail a[data-go]:not([aria-current])").first
    assert here.evaluate(_LOOK) != others.evaluate(_LOOK)
    others.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    expect(others).to_be_focused()
    assert others.evaluate("one => getComputedStyle(one).outlineStyle") != "none"
    keep(page, f"{name}-forced-colours")
    assert violations(page, SHAPES) == []  # the colours are not ours
    shut(page.context)


def printed(page: Page, path: Path) -> str:
    """What stands on paper."""
    page.pdf(path=path, prefer_css_page_size=True)
    with pypdfium2.PdfDocument(path) as paper:
        return " ".join(" ".join(sheet.get_textpage().get_text_range().split()) for sheet in paper)


@pytest.mark.parametrize("name", ["run", "delivery", "document"])
def test_on_paper_stands_the_evidence_and_no_furniture(
    page: Page, places: dict[str, str], name: str, tmp_path: Path
) -> None:
    page.goto({**places, "run": "/runs/R-2026-0001/"}[name])
    expect(page.locator("h1")).to_be_visible()
    title = " ".join(page.locator("h1").inner_text().split())
    evidence = {"run": "received", "delivery": "sha256", "document": "sha256"}[name]
    text = printed(page, tmp_path / f"{name}.pdf")
    assert title in text and evidence in text.lower()
    assert "As shown to" in text and "Ingrid Lindqvist" in text
    for furniture in ("Skip to the page", "Ctrl K", "Sign out", "Pigeonhole", "Commands"):
        assert furniture not in text, furniture
    rooms = [link.inner_text().split("\n")[0] for link in page.locator("nav.rail a[data-go]").all()]
    assert " ".join(rooms) not in text
