"""Somebody installs the wheel and opens the sample company: without Node, without the checkout, from nothing."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Response, expect

import wheel_kit

from .conftest import Company, follow, keep, opened, shut, sign_in


@pytest.fixture(scope="module")
def installed() -> Iterator[wheel_kit.Installation]:
    folder = Path(tempfile.mkdtemp(prefix="pr-installed-"))
    yield wheel_kit.install(wheel_kit.wheel(), folder / "venv")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A folder that is not there yet."""
    folder = Path(tempfile.mkdtemp(prefix="pr-wheel-home-"))
    folder.chmod(0o755)  # the account of the database passes through it
    yield folder / "new" / "home"
    shutil.rmtree(folder, ignore_errors=True)


def opening(installed: wheel_kit.Installation, home: Path) -> AbstractContextManager[Company]:
    """``postroom demo`` of the installation, as its user types it."""
    command = [str(installed.program), "demo", "--home", str(home), "--port", "0"]
    return opened(command, installed.environment, home, installed.folder)


@contextmanager
def watched(browser: Browser, address: str, *, scripts: bool = True) -> Iterator[BrowserContext]:
    """A browser window of which nothing may be complained: no console error, no answer of 400 or more."""
    complaints: list[str] = []

    def answered(response: Response) -> None:
        if response.status >= 400:
            complaints.append(f"{response.status} {response.url}")

    context = browser.new_context(
        base_url=address, viewport={"width": 1440, "height": 900}, java_script_enabled=scripts
    )
    context.set_default_timeout(20_000)
    context.on("response", answered)
    context.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    yield context
    shut(context)
    assert complaints == []


def test_the_installation_has_neither_node_nor_the_checkout(installed: wheel_kit.Installation) -> None:
    # given the wheel in an environment of its own
    where = installed.python("import postroom; print(postroom.__file__)")
    # then its code is there, its plug-ins are its own, and no program of Node's is to be found
    assert where.startswith(str(installed.folder))
    assert str(wheel_kit.ROOT / "src") not in installed.python("import sys; print(sys.path)").split("'")
    assert "postroom.plugins" in installed.python(
        "from importlib.metadata import entry_points; print(entry_points(group='postroom.renderers')['typst'].value)"
    )
    for program in ("node", "npm", "npx"):
        assert installed.python(f"import shutil; print(shutil.which('{program}'))") == "None"
    assert installed.python("import shutil; print(shutil.which('sh'))") != "None"


def test_somebody_opens_the_company_from_the_wheel_and_walks_through_it(
    installed: wheel_kit.Installation, home: Path, browser: Browser
) -> None:
    with opening(installed, home) as company:
        said = "".join(company.said)
        assert said.count("difference 0 and 0: balances") == 3
        with watched(browser, company.address) as context:
            page = context.new_page()
            # given somebody who signs in and arrives at Home
            sign_in(page, company)
            expect(page.locator("h1")).to_be_visible()
            # when they look for a document and open it
            page.goto("/documents/?q=ST-2026")
            page.goto(str(page.locator("a[data-open]").first.get_attribute("href")))
            # then the viewer draws its page from the assets of the wheel
            page.wait_for_selector("pdf-viewer[data-ready]")
            expect(page.locator("#page-1 .vp-text")).to_contain_text("Lindqvist")
            drawn = page.locator("#page-1 canvas").evaluate(
                "drawn => new Set(drawn.getContext('2d').getImageData(0, 0, drawn.width, drawn.height).data).size"
            )
            assert drawn > 10  # a blank sheet has one colour
            keep(page, "wheel-document")
            # and the guide speaks German to whoever does
            page.locator(".who summary").click()
            with page.expect_navigation():
                page.locator(".who button[name=language][value=de]").click()
            page.goto("/help/document/")
            assert page.evaluate("document.documentElement.lang") == "de"
            expect(page.locator("main")).to_contain_text("Dokument")
            assert re.search(r"\b(und|nicht|oder)\b", page.locator("main").inner_text())
            keep(page, "wheel-help")
            # and the mail of a customer has a link
            page.goto("/outbox/")
            follow(page, page.locator("a[data-open]").nth(3))
            link = page.get_by_text(re.compile("/portal/")).first.inner_text()
        found = re.search(r"http://\S+/portal/\S+/", link)
        assert found
        with watched(browser, company.address, scripts=False) as context:
            guest = context.new_page()
            guest.goto(found.group())
            expect(guest.locator("img.page-img").first).to_be_visible()
            assert guest.locator("img.page-img").first.evaluate("image => image.naturalWidth") > 100
        # and every asset of the wheel is answered with its bytes
        assert unanswered(company.address, wheel_kit.wheel()) == []
        # (planted: what is missing, differs, or is answered with a fault is told)
        planted = home.parent / "planted.whl"
        with zipfile.ZipFile(planted, "w") as packed:
            packed.writestr("postroom/web/static/dist/icons.json", "{}")
            packed.writestr("postroom/web/static/dist/assets/no-such.js", "")
        told = unanswered(company.address, planted)
        assert [line.split(":")[0] for line in told] == ["other bytes", "HTTP Error 404"]
        with pytest.raises(AssertionError, match="404"), watched(browser, company.address) as context:
            context.new_page().goto("/static/dist/assets/no-such.js")


def test_the_same_home_opens_again_and_still_balances(installed: wheel_kit.Installation, home: Path) -> None:
    # given a home that was used, by the journey before when it was walked
    if not (home / "demo.json").is_file():
        with opening(installed, home):
            pass
    assert (home / "demo.json").is_file()
    # when it is opened twice more
    for _ in range(2):
        done = subprocess.run(
            [installed.program, "demo", "--home", str(home), "--once"],
            cwd=installed.folder,
            env=installed.environment,
            capture_output=True,
            text=True,
            timeout=180,
        )
        # then it says the same
        assert done.returncode == 0, done.stdout + done.stderr
        assert (done.stdout + done.stderr).count("difference 0 and 0: balances") == 3


def unanswered(address: str, made: Path) -> list[str]:
    """Assets of the wheel that the server does not give out as they are in it."""
    prefix, told = "postroom/web/static/", []
    with zipfile.ZipFile(made) as packed:
        for name in packed.namelist():
            if not name.startswith(prefix) or name.endswith("/manifest.json"):
                continue
            try:
                with urllib.request.urlopen(f"{address}/static/{name.removeprefix(prefix)}", timeout=20) as answer:
                    if answer.read() != packed.read(name):
                        told.append(f"other bytes: {name}")
            except OSError as error:
                told.append(f"{error}: {name}")
    return told
