"""Every page for everybody: no finding of axe-core in both themes and both languages, no sideways scrolling."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from journeys import screens
from journeys.conftest import Company, People, shut, sign_in
from journeys.reach import DAY, faults, reaches, too_wide, violations
from journeys.screens import SCREENS

INSIDE = [name for name, screen in SCREENS.items() if not screen.guest]
OUTSIDE = [name for name, screen in SCREENS.items() if screen.guest]


def window(browser: Browser, company: Company, **options: object) -> BrowserContext:
    opened = browser.new_context(base_url=company.address, reduced_motion="reduce", **options)  # type: ignore[arg-type]
    opened.set_default_timeout(20_000)
    return opened


@pytest.fixture(scope="module")
def managers(browser: Browser, company: Company, session: dict[str, object]) -> Iterator[BrowserContext]:
    """The manager's window, in English."""
    opened = window(browser, company, storage_state=session)
    yield opened
    shut(opened)


@pytest.fixture(scope="module")
def administrators(browser: Browser, company: Company, people: People) -> Iterator[BrowserContext]:
    """The window of an administrator whose desk speaks German."""
    opened = window(browser, company)
    sign_in(opened.new_page(), company, people.email("administrator", "de"))
    yield opened
    shut(opened)


@pytest.fixture(scope="module")
def strangers(browser: Browser, company: Company) -> Iterator[BrowserContext]:
    opened = window(browser, company)
    yield opened
    shut(opened)


@pytest.fixture(scope="module")
def fremde(browser: Browser, company: Company) -> Iterator[BrowserContext]:
    """Nobody we know, whose browser asks for German."""
    opened = window(browser, company, locale="de-DE")
    yield opened
    shut(opened)


def tab_of(opened: BrowserContext, request: pytest.FixtureRequest) -> Page:
    """The tab of a window, which a hundred pages share; a new one for a page that is looked at once more."""
    if not opened.pages or getattr(request.node, "execution_count", 1) > 1:
        return opened.new_page()
    return opened.pages[-1]


@pytest.fixture
def reader(managers: BrowserContext, request: pytest.FixtureRequest) -> Page:
    return tab_of(managers, request)


@pytest.fixture
def leser(administrators: BrowserContext, request: pytest.FixtureRequest) -> Page:
    return tab_of(administrators, request)


@pytest.fixture
def stranger(strangers: BrowserContext, request: pytest.FixtureRequest) -> Page:
    return tab_of(strangers, request)


@pytest.fixture
def fremder(fremde: BrowserContext, request: pytest.FixtureRequest) -> Page:
    return tab_of(fremde, request)


def open_screen(page: Page, name: str, places: dict[str, str]) -> None:
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(SCREENS[name].address.format_map(places))


def language_of(page: Page) -> str:
    return str(page.evaluate("() => document.documentElement.lang"))


@pytest.mark.parametrize("name", INSIDE)
def test_a_page_of_the_desk_reaches_everybody(name: str, reader: Page, places: dict[str, str]) -> None:
    open_screen(reader, name, places)
    reaches(reader, name)


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_page_before_the_door_reaches_everybody(name: str, stranger: Page, places: dict[str, str]) -> None:
    open_screen(stranger, name, places)
    reaches(stranger, name)


@pytest.mark.parametrize("name", INSIDE)
def test_a_german_page_reaches_everybody(name: str, leser: Page, places: dict[str, str]) -> None:
    open_screen(leser, name, places)
    assert language_of(leser) == "de"
    reaches(leser, f"{name}-de", DAY)


@pytest.mark.parametrize("name", [name for name in OUTSIDE if not name.startswith("portal")])
def test_a_german_page_before_the_door_reaches_everybody(name: str, fremder: Page, places: dict[str, str]) -> None:
    open_screen(fremder, name, places)
    assert language_of(fremder) == "de"
    reaches(fremder, f"{name}-de", DAY)


def test_every_page_has_its_picture() -> None:
    assert screens.without_picture() == []
    assert screens.left_over() == []


def test_planted_a_page_nobody_looks_at_turns_this_red() -> None:
    import django
    from django.http import HttpRequest, HttpResponse
    from django.urls import path

    django.setup()
    from postroom.web.access import acts, needs

    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    added = [path("new/", needs()(view), name="new"), path("act/", acts()(view), name="act")]
    assert screens.without_picture(added) == ["new/ (new)"]


def test_planted_a_picture_without_words_and_a_box_too_wide_are_found(reader: Page) -> None:
    reader.set_viewport_size({"width": 360, "height": 900})
    reader.goto("/healthz")
    reader.set_content('<html lang="en"><title>x</title><main><h1>x</h1><img src="x.png"><p id="w">x</p></main></html>')
    reader.evaluate("() => { document.getElementById('w').style.width = '3000px' }")
    assert any(line.startswith("image-alt") for line in violations(reader))
    assert len(too_wide(reader)) == 4
    assert any("image-alt" in line for line in faults(reader, "planted", DAY))
