"""A keyboard and nothing else. The focus is asked for after each step: a person who cannot see where it is, is lost."""

from __future__ import annotations

import re

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, expect

_WHERE = """() => {
    const here = document.activeElement;
    if (!here || here === document.body || here === document.documentElement) return "";
    const text = (here.innerText || here.name || "").slice(0, 40);
    return [here.tagName.toLowerCase(), here.id && `#${here.id}`, text].join(" ");
}"""
_SEEN = """() => {
    const here = document.activeElement;
    const box = here.getBoundingClientRect();
    return here.checkVisibility({visibilityProperty: true}) && box.bottom > 0 && box.top < innerHeight
        && box.right > 0 && box.left < innerWidth;
}"""


def focus_of(page: Page) -> str:
    """What has the focus, in words; "" when nothing has."""
    return str(page.evaluate(_WHERE))


def not_lost(page: Page, after: str) -> None:
    """Asserts that the focus is somewhere, after whatever moves it had a moment to."""
    try:
        page.wait_for_function(f"() => ({_WHERE})() !== ''", timeout=3000)
    except PlaywrightError as error:
        raise AssertionError(f"the focus is lost after {after}, at {page.url}") from error


def stands_at(page: Page, where: str, after: str) -> None:
    """Asserts that the focus comes to ``where`` (as ``focus_of`` tells it), however long the page takes."""
    try:
        page.wait_for_function(f"where => ({_WHERE})() === where", arg=where)
    except PlaywrightError as error:
        raise AssertionError(f"after {after} the focus is on {focus_of(page)!r} and not on {where!r}") from error


def pick(page: Page, selector: str, name: str, value: str) -> None:
    """Type the name of an option into a list that has the focus. A browser that is late takes it for two names."""
    field = page.locator(selector)
    expect(field).to_be_focused()
    page.keyboard.type(name)
    if field.input_value() != value:
        page.wait_for_timeout(1500)  # then what was typed is forgotten, and counts from its first letter again
        page.keyboard.type(name)
    expect(field).to_have_value(value)


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def tab_to(page: Page, selector: str, most: int = 30) -> None:
    """Press Tab until the focus is on ``selector`` (``css:has-text('..')``); every stop on the way must be visible."""
    css, text = re.sub(r":has-text\('.*'\)", "", selector), re.search(r":has-text\('(.*)'\)", selector)
    for step in range(most + 1):
        if page.evaluate("css => document.activeElement?.matches(css) ?? false", css) and (
            (text[1] if text else "") in page.evaluate("document.activeElement.innerText || ''")
        ):
            assert page.evaluate(_SEEN), f"{selector} has the focus and is not to be seen"
            return
        if step < most:
            page.keyboard.press("Tab")
    raise AssertionError(f"{selector} cannot be reached with {most} steps of Tab; the focus is on {focus_of(page)}")


def opened(page: Page, address: str) -> None:
    """A page was opened by a key: it is there, and the focus has a place to go on from (the first Tab finds one)."""
    page.wait_for_url(address)
    expect(page.locator("h1").first).to_be_visible()
    page.keyboard.press("Tab")
    not_lost(page, f"opening {address}")
