"""Every page for everybody: no finding of axe-core in both themes, no sideways scrolling on any width."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from journeys.conftest import PICTURES, Company

AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
_RUN = """async () => (await axe.run(document, {resultTypes: ["violations"], iframes: false})).violations
    .flatMap(found => found.nodes.map(node => `${found.id}: ${node.target.join(" ")}: ${node.failureSummary}`))"""
_WIDE = """() => [...document.querySelectorAll("body *")]
    .filter(each => each.getBoundingClientRect().right > innerWidth + 1 && !each.closest(".sr-only, .t-wrap, nav.rail"))
    .slice(0, 5).map(each => `${each.tagName}.${each.className}`)"""
_STILL = """async () => {
    const moving = () => document.getAnimations().some(each => each.effect.getComputedTiming().endTime !== Infinity);
    for (let calm = 0, turns = 0; calm < 3 && turns < 40; calm = moving() ? 0 : calm + 1, turns += 1)
        await new Promise(done => setTimeout(done, 30));
}"""
NAMES = (
    "login", "home", "runs", "run", "correct", "documents", "found", "nothing", "document", "every-event",
    "deliveries", "delivery", "returned", "parties", "party", "templates", "outbox", "mail", "missing", "portal",
    "portal-document", "portal-link",
)  # fmt: skip


@pytest.fixture(scope="module")
def reader(browser: Browser, company: Company, session: dict[str, object]) -> Iterator[Page]:
    """A tab without the content policy, which would keep axe out; everything else is as everybody has it."""
    context = browser.new_context(
        base_url=company.address,
        storage_state=session,  # type: ignore[arg-type]
        bypass_csp=True,
        reduced_motion="reduce",
    )
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def addresses(reader: Page) -> dict[str, str]:
    def first(page: str, selector: str) -> str:
        reader.goto(page)
        return str(reader.locator(selector).first.get_attribute("href"))

    party = first("/parties/", "a[data-open]")
    portal = first(party, "a:has-text('See their portal')")
    return {
        "login": "/account/login/",
        "home": "/",
        "runs": "/runs/",
        "run": "/runs/R-2026-0001/",
        "correct": first("/runs/R-2026-0001/", "a[id^=correct-]"),
        "documents": "/documents/",
        "found": "/documents/?q=press",
        "nothing": "/documents/?q=unicorn",
        "document": (document := first("/documents/?q=statement", "a[data-open]")),
        "every-event": f"{document}?events=all",
        "deliveries": "/deliveries/",
        "delivery": first("/deliveries/?state=delivered&channel=email", "a[data-open]"),
        "returned": first("/deliveries/?state=failed", "a[data-open]"),
        "parties": "/parties/",
        "party": party,
        "templates": "/templates/",
        "outbox": "/outbox/",
        "mail": first("/outbox/", "a[data-open]"),
        "missing": "/nowhere/",
        "portal": portal,
        "portal-document": first(portal, "a.p-row"),
        "portal-link": "/portal/nonsense/",
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_page_reaches_everybody(name: str, reader: Page, addresses: dict[str, str]) -> None:
    if name == "login":
        kept = reader.context.cookies()
        reader.context.clear_cookies()
    reader.emulate_media(color_scheme="light", reduced_motion="reduce")
    reader.set_viewport_size({"width": 1440, "height": 900})
    reader.goto(addresses[name])
    reader.add_script_tag(path=AXE)
    found = []
    for scheme in ("light", "dark"):
        reader.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        for width in (1440, 390):
            reader.set_viewport_size({"width": width, "height": 900})
            reader.evaluate(_STILL)  # colours change in a moment, not at once
            found += [f"{scheme} {width}: {line}" for line in reader.evaluate(_RUN)]
            if (scheme, width) != ("light", 390):
                reader.screenshot(path=PICTURES / f"{name}-{scheme}-{width}.png")
    for width in (360, 768, 1280):
        reader.set_viewport_size({"width": width, "height": 900})
        if reader.evaluate("() => document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{width}: wider than the window: {reader.evaluate(_WIDE)}")
    if name == "login":
        reader.context.add_cookies(kept)  # type: ignore[arg-type]
    assert found == []


def test_the_gate_closes_on_a_planted_fault(reader: Page) -> None:
    """A picture without words and a box that is too wide are found."""
    reader.set_viewport_size({"width": 360, "height": 900})
    reader.set_content('<html lang="en"><title>x</title><main><h1>x</h1><img src="x.png"><p id="w">x</p></main></html>')
    reader.evaluate("() => { document.getElementById('w').setAttribute('style', 'width: 3000px') }")
    reader.add_script_tag(path=AXE)
    assert any(line.startswith("image-alt") for line in reader.evaluate(_RUN))
    assert reader.evaluate("() => document.documentElement.scrollWidth > innerWidth")
