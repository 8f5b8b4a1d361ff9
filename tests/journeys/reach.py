"""What "a page reaches everybody" means: WCAG 2.2 AA and good practice by axe-core, and nothing wider than its window.

``reaches`` is asked of a page as it stands, in whatever state somebody brought it to. One load serves all variants:
both themes on a desk and on a telephone. Pictures of each lie in ``pictures/`` afterwards, for people to look at.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from pathlib import Path

from playwright.sync_api import Page

PICTURES = Path(__file__).parent / "pictures"
AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
Variant = tuple[str, int, dict[str, object]]
#: A telephone, 1280 and 1536 at 200 % (WCAG 1.4.4), a tablet, a small desk.
WIDTHS = (360, 640, 768, 1280)
#: All rules of axe-core, and the size of targets (WCAG 2.5.8), which it leaves out by itself.
ALL: dict[str, object] = {"rules": {"target-size": {"enabled": True}}}
#: What a theme decides. Everything else of a page is the same by day and by night.
COLOURS: dict[str, object] = {"runOnly": ["color-contrast", "link-in-text-block"]}
#: What a language decides: all but the colours.
SHAPES: dict[str, object] = {
    "rules": {
        "target-size": {"enabled": True},
        "color-contrast": {"enabled": False},
        "link-in-text-block": {"enabled": False},
    }
}
_RUN = """async options => (await axe.run(document, {
    resultTypes: ["violations"], iframes: false, ...options,
})).violations
    .flatMap(found => found.nodes.map(node => `${found.id}: ${node.target.join(" ")}: ${node.failureSummary}`))"""
EVERY = (("light", 1440, ALL), ("light", 390, ALL), ("dark", 1440, COLOURS), ("dark", 390, COLOURS))
DAY = (("light", 1440, SHAPES), ("light", 390, SHAPES))
#: What sticks out and is not scrolled by a box of its own.
_WIDE = """() => [...document.querySelectorAll("body *")]
    .filter(each => each.getBoundingClientRect().right > innerWidth + 1)
    .filter(each => getComputedStyle(each).position === "absolute" || !each.closest(".t-wrap, row-cursor, nav.rail"))
    .slice(0, 5).map(each => `${each.tagName}.${each.className}`)"""
_STILL = """async () => {
    const moving = () => document.getAnimations().some(each => each.effect.getComputedTiming().endTime !== Infinity);
    for (let calm = 0, turns = 0; calm < 3 && turns < 40; calm = moving() ? 0 : calm + 1, turns += 1)
        await new Promise(done => setTimeout(done, 30));
}"""


@functools.cache
def _axe() -> str:
    return AXE.read_text(encoding="utf-8")


def violations(page: Page, rules: dict[str, object] | None = None) -> list[str]:
    """What axe-core finds on the page as it stands. It comes in past the content policy, which stays as it is."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_axe())
    page.evaluate(_STILL)  # colours change in a moment, not at once
    return [str(line) for line in page.evaluate(_RUN, rules or ALL)]


def too_wide(page: Page, widths: Iterable[int] = WIDTHS) -> list[str]:
    """Widths at which the page scrolls sideways, with what sticks out."""
    found = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        if page.evaluate("() => document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{width}: wider than the window: {page.evaluate(_WIDE)}")
    return found


def faults(page: Page, name: str, variants: Iterable[Variant] = EVERY) -> list[str]:
    """Everything that keeps somebody from this page. It stands in day and at 1440 again afterwards."""
    found = []
    PICTURES.mkdir(exist_ok=True)
    for scheme, width, rules in variants:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 900})
        found += [f"{name}, {scheme} {width}: {line}" for line in violations(page, rules)]
        page.screenshot(path=PICTURES / f"{name}-{scheme}-{width}.png")
    found += [f"{name}, {line}" for line in too_wide(page)]
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.set_viewport_size({"width": 1440, "height": 900})
    return found


def reaches(page: Page, name: str, variants: Iterable[Variant] = EVERY) -> None:
    """Asserts that the page as it stands reaches everybody, and keeps its pictures under ``name``."""
    found = faults(page, name, variants)
    if found:
        raise AssertionError(f"{len(found)} faults:\n" + "\n".join(found))
