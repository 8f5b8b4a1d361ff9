"""The sample company, opened as a user opens it (``postroom demo``), and a real browser that walks through its desk.

One server for all journeys: they change it (records are corrected, documents sent again), so each makes what it
changes, under a name that nobody had (``twice.fresh``): then the order does not matter, and who failed can be walked
once more. Pictures of what was walked through lie in ``pictures/`` afterwards.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from journeys.reach import PICTURES
from journeys.screens import places_of
from journeys.twice import fresh, walk_again
from servers import need

#: How long a page may take to show what a person waits for. Playwright's own 5 seconds are short on a busy machine.
PATIENCE = 20_000
expect.set_options(timeout=PATIENCE)
_OURS = ("POSTROOM_", "DATABASE_URL", "DJANGO_")
MANAGER, PASSWORD = "ingrid@lindqvist-offset.example", "offset-since-1931"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys need a browser and a minute for the company to open: none of them belongs to ``make check``."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)
    walk_again(items, Path(__file__).parent)


@dataclass
class Company:
    """The open sample company. ``link`` signs in once."""

    process: subprocess.Popen[str]
    home: Path
    said: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        return self.link.partition("/enter/")[0]

    @property
    def link(self) -> str:
        found = re.search(r"http://\S+/enter/\S+", "".join(self.said))
        return found.group() if found else ""

    def await_opening(self, seconds: float = 240.0) -> None:
        deadline = time.monotonic() + seconds
        while not self.link:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError("the sample company did not open:\n" + "".join(self.said)[-4000:])
            time.sleep(0.1)  # its output is a list that a thread fills


def shut(window: BrowserContext | Page) -> None:
    """Closes a window or a tab, once nothing in it is on its way.

    Chromium acknowledges a close that meets the commit of a navigation, and drops it (crbug.com/536385539); Playwright
    then waits for ever, with no time-out to set. So each tab goes to an empty page first; and a close that hangs all
    the same is left behind, to end with the browser.
    """
    for page in [window] if isinstance(window, Page) else window.pages:
        with suppress(PlaywrightError):
            page.goto("about:blank", timeout=10_000)
    if isinstance(window, Page):
        closing = window._impl_obj.close(reason=None, run_before_unload=None)
    else:
        closing = window._impl_obj.close(reason=None)
    with suppress(TimeoutError):
        window._sync(_within(30, closing))


async def _within(seconds: float, awaited: Awaitable[None]) -> None:
    async with asyncio.timeout(seconds):
        await awaited


@contextmanager
def opened(
    command: list[str], environment: dict[str, str], home: Path, folder: Path | None = None
) -> Iterator[Company]:
    """The sample company as ``command`` opens it, stopped by its handle."""
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    company = Company(process, home)
    assert process.stdout is not None
    reader = threading.Thread(target=lambda lines: company.said.extend(lines), args=(process.stdout,), daemon=True)
    reader.start()
    try:
        company.await_opening()
        yield company
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=10)
        reader.join(timeout=10)
        process.stdout.close()


@pytest.fixture(scope="package")
def company() -> Iterator[Company]:
    """``postroom demo`` on a free port in a home of its own."""
    home = Path(tempfile.mkdtemp(prefix="pr-journey-"))
    environment = {key: value for key, value in os.environ.items() if not key.startswith(_OURS)}
    command = [sys.executable, "-m", "postroom.cli.app", "demo", "--home", str(home), "--port", "0"]
    try:
        with opened(command, environment, home) as here:
            yield here
    finally:
        shutil.rmtree(home, ignore_errors=True)


@dataclass
class People:
    """Whoever works here besides those of the sample company, made at its terminal, one for each role and language.

    Each has put the tour away and chosen a language at the desk, so no journey trips over either.
    """

    company: Company
    browser: Browser
    made: dict[tuple[str, str], str] = field(default_factory=dict)

    def email(self, role: str, language: str = "en") -> str:
        """The address of somebody with ``role`` whose desk speaks ``language``."""
        if (role, language) not in self.made:
            email = f"{fresh(role.replace('_', '-'))}-{language}@journey.example"
            terminal(self.company, "user", "create", email, f"{role.title()} {language.upper()}", "--role", role)
            context = self.browser.new_context(base_url=self.company.address, viewport={"width": 1440, "height": 900})
            page = context.new_page()
            sign_in(page, self.company, email)
            settle_in(page, language)
            shut(context)
            self.made[role, language] = email
        return self.made[role, language]


def terminal(company: Company, *words: str) -> str:
    """A command of the company's terminal; who is made there gets the password of everybody."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(_OURS)}
    environment |= {"POSTROOM_HOME": str(company.home), "POSTROOM_PASSWORD": PASSWORD}
    command = [sys.executable, "-m", "postroom.cli.app", *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def settle_in(page: Page, language: str = "en") -> None:
    """What somebody does on the first page at the first time: the language, and the tour put away."""
    if page.evaluate("() => document.documentElement.lang") != language:
        page.locator(".who summary").click()
        with page.expect_navigation():
            page.locator(f".who button[name=language][value={language}]").click()
    offer = page.locator("desk-tour [data-offer]")
    if offer.is_visible():
        with page.expect_navigation():
            offer.locator("form button").click()


@pytest.fixture(scope="package")
def people(browser: Browser, company: Company) -> People:
    return People(company, browser)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. Closed with this package: an open Playwright keeps Django's ORM from working."""
    PICTURES.mkdir(exist_ok=True)
    path = need("chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield opened
        opened.close()


@pytest.fixture(scope="package")
def session(browser: Browser, company: Company) -> dict[str, object]:
    """The manager's cookies, got by the sign-in form. The tour is put away, which it is for good."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    sign_in(page, company)
    settle_in(page)
    state = context.storage_state()
    shut(context)
    return dict(state)


@pytest.fixture(scope="package")
def places(browser: Browser, company: Company, session: dict[str, object]) -> dict[str, str]:
    """Where the things stand that addresses of screens name."""
    context = browser.new_context(base_url=company.address, storage_state=session)  # type: ignore[arg-type]
    found = places_of(context.new_page())
    shut(context)
    return found


@pytest.fixture
def context(browser: Browser, session: dict[str, object], company: Company) -> Iterator[BrowserContext]:
    """A browser window in which the manager is signed in."""
    opened = browser.new_context(
        viewport={"width": 1440, "height": 900},
        base_url=company.address,
        storage_state=session,  # type: ignore[arg-type]
    )
    opened.set_default_timeout(PATIENCE)
    yield opened
    shut(opened)


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A tab of it. Whatever the browser complains of (scripts, policy, failed requests) fails the journey."""
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("console", lambda said: complaints.append(said.text) if _is_fault(said) else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    assert complaints == []


def _is_fault(said: ConsoleMessage) -> bool:
    """422 is how a form comes back that was refused: no fault, but Chromium complains of it."""
    return said.type == "error" and "status of 422" not in said.text


def sign_in(page: Page, company: Company, who: str = MANAGER) -> None:
    """By the form, with a password."""
    page.goto(f"{company.address}/account/login/")
    page.fill("[name=login]", who)
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(f"{company.address}/")


def signed_in(browser: Browser, company: Company, email: str) -> Page:
    """A tab of its own, in which ``email`` has signed in."""
    context = browser.new_context(base_url=company.address, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(30_000)
    page = context.new_page()
    sign_in(page, company, email)
    return page


def follow(page: Page, link: Locator) -> None:
    """Click what leads to another page, and be there: what is read next does not belong to the page before."""
    with page.expect_navigation():
        link.click()


def keep(page: Page, name: str, *, whole: bool = False) -> None:
    """A picture for people to look at."""
    page.screenshot(path=PICTURES / f"{name}.png", full_page=whole)
