"""What happens in one tab is seen in the other without a hand on it: told by the stream, and asked for without it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from journeys.conftest import PATIENCE, Company, shut
from journeys.test_send_journeys import choose, lines, record
from journeys.twice import fresh

_LOADS = "() => performance.getEntriesByType('navigation')[0].startTime + performance.timeOrigin"


@pytest.fixture
def other(browser: Browser, session: dict[str, object], company: Company) -> Iterator[BrowserContext]:
    """A second window of the manager."""
    opened = browser.new_context(
        viewport={"width": 1440, "height": 900},
        base_url=company.address,
        storage_state=session,  # type: ignore[arg-type]
    )
    opened.set_default_timeout(PATIENCE)
    yield opened
    shut(opened)


def start(page: Page, name: str, *numbers: str, bad: int = 0) -> str:
    """A run of invoices, ``bad`` of them not to be made; its address."""
    sample = record(page, "x")
    good = [{**sample, "number": number} for number in numbers]
    page.goto("/runs/new/")
    choose(page, name, lines(*good, *[json.dumps({"number": fresh(name)}) for _ in range(bad)]))
    page.get_by_label("Template", exact=True).select_option("invoice")
    page.get_by_role("button", name="Start the run").click()
    page.wait_for_url(re.compile(r"/runs/R-"), timeout=60_000)
    return page.url


def waiting(page: Page) -> int:
    """How many records wait, by the rail."""
    return int(page.locator("nav.rail [data-count=set_aside]").inner_text() or 0)


def test_a_run_shows_in_another_window_by_the_stream(page: Page, other: BrowserContext) -> None:
    # given another window that looks at the runs, and is told
    watcher = other.new_page()
    with watcher.expect_request(re.compile("/events/stream")):
        watcher.goto("/runs/")
    loaded, before = watcher.evaluate(_LOADS), waiting(watcher)
    polled: list[str] = []
    watcher.on("request", lambda asked: polled.append(asked.url) if asked.url.endswith("/runs/live/") else None)
    # when a run is started here, with two records that cannot go on
    address = start(page, "live.jsonl", fresh("LV"), fresh("LV"), bad=2)
    number = re.search(r"R-[0-9-]+", address)
    assert number
    # then it stands in the other's list and its count on the rail, which was not loaded again
    expect(watcher.locator("main").get_by_text(number[0]).first).to_be_visible(timeout=30_000)
    # (more, when what an earlier journey handed in comes back meanwhile)
    watcher.wait_for_function(
        "least => parseInt(document.querySelector('nav.rail [data-count=set_aside]').innerText) >= least",
        arg=before + 2,
        timeout=60_000,
    )
    assert watcher.evaluate(_LOADS) == loaded
    # and the page of a run settles before the eyes of both
    watcher.goto(address)
    for one in (page, watcher):
        expect(one.locator(".head-title").get_by_text("Settled")).to_be_visible(timeout=60_000)


def test_without_the_stream_it_is_asked_for(page: Page, other: BrowserContext) -> None:
    # given a window whose network lets no stream through
    blocked: list[str] = []

    def shut(route: Route) -> None:
        blocked.append(route.request.url)
        route.abort()

    other.route(re.compile("/events/stream"), shut)
    watcher = other.new_page()
    # when a run goes on
    address = start(page, "polled.jsonl", *[fresh("LP") for _ in range(30)])
    watcher.goto(address)
    loaded = watcher.evaluate(_LOADS)
    # then its page says the end of it, without a hand and without being loaded again
    expect(watcher.locator(".head-title").get_by_text("Settled")).to_be_visible(timeout=90_000)
    expect(watcher.locator(".equation")).to_contain_text("Completed 30", timeout=60_000)
    assert blocked and watcher.evaluate(_LOADS) == loaded


def test_an_answer_on_its_way_leaves_a_form_alone_that_was_opened_meanwhile(page: Page) -> None:
    # given the page of a settled run, which has asked for its news and waits for the answer
    address = start(page, "form.jsonl", fresh("LF"), bad=1)
    expect(page.locator(".head-title").get_by_text("Settled")).to_be_visible(timeout=60_000)
    page.goto(address)
    held: list[Route] = []
    page.route(re.compile(r"/runs/R-[^/]+/live/"), lambda route: held.append(route))
    with page.expect_request(re.compile(r"/runs/R-[^/]+/live/")):
        page.evaluate(
            "() => { const part = document.querySelector('#run-live'); part.setAttribute('data-due', '');"
            " part.dispatchEvent(new Event('live')) }"
        )
    # when a correction is begun before it comes
    page.locator("a[id^=correct-]").click()
    field = page.get_by_label("The record, corrected")
    field.fill("{}")
    with page.expect_response(re.compile(r"/runs/R-[^/]+/live/")):
        held[0].continue_()
    # then the form stays as it is
    page.wait_for_timeout(500)  # nothing is to happen: there is nothing to wait for
    expect(field).to_have_value("{}")
