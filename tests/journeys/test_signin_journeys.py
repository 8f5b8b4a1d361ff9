"""How a person signs in: by a passkey (Chromium's own virtual authenticator), by codes of an app, from two places.

Passkeys need a host name, so these journeys open the company as ``localhost``. Each makes a person of its own.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from journeys.conftest import PATIENCE, Company, follow, keep, shut
from journeys.reach import reaches
from journeys.twice import fresh

SECRET = "a-long-enough-secret"


@contextmanager
def window(browser: Browser, company: Company, agent: str = "") -> Iterator[BrowserContext]:
    """A browser of its own, at ``localhost``."""
    address = company.address.replace("127.0.0.1", "localhost")
    options = {"user_agent": agent} if agent else {}
    opened = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=address, **options)  # type: ignore[arg-type]
    opened.set_default_timeout(PATIENCE)
    try:
        yield opened
    finally:
        shut(opened)


def postroom(company: Company, *words: str) -> str:
    """A command of the company's terminal."""
    environment = {**os.environ, "POSTROOM_HOME": str(company.home), "POSTROOM_PASSWORD": SECRET}
    for name in ("DATABASE_URL", "POSTROOM_DATABASE_URL", "POSTROOM_SECRET_KEY"):
        environment.pop(name, None)
    done = subprocess.run(
        [sys.executable, "-m", "postroom.cli.app", *words], env=environment, capture_output=True, text=True, timeout=90
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def email(company: Company) -> str:
    """Somebody new."""
    made = f"{fresh('jo')}@journey.example"
    postroom(company, "user", "create", made, "Jo Journey", "--role", "operator")
    return made


def by_password(page: Page, email: str) -> None:
    page.goto("/account/login/")
    page.fill("[name=login]", email)
    page.fill("[name=password]", SECRET)
    follow(page, page.get_by_role("button", name="Sign in", exact=True))


def prove(page: Page) -> None:
    """The password once more, when it is asked for."""
    if "reauthenticate" in page.url:
        page.fill("[name=password]", SECRET)
        page.get_by_role("button", name="Go on").click()


def code_of(secret: str, steps: int = 0) -> str:
    """The code an app shows (RFC 6238); ``steps`` ahead."""
    counter = int(time.time() // 30) + steps
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", counter), hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


def authenticator(page: Page) -> tuple[object, str]:
    """A key as it is in laptops and telephones: it knows its owner and keeps the passkey (WebDriver, section 11)."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    return session, session.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]


def complaints_of(page: Page) -> list[str]:
    """What the browser complains of: scripts, the content policy."""
    told: list[str] = []
    page.on("console", lambda said: told.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: told.append(str(error)))
    return told


def test_a_passkey_is_made_and_signs_in_alone(browser: Browser, company: Company, email: str) -> None:
    with window(browser, company) as context:
        page = context.new_page()
        told = complaints_of(page)
        session, key = authenticator(page)
        # given somebody who signed in by password and adds a passkey
        by_password(page, email)
        page.goto("/account/2fa/webauthn/add/")
        prove(page)
        expect(page.get_by_role("heading", name="Add a passkey")).to_be_visible()
        page.get_by_label("Name", exact=True).fill("Laptop")
        reaches(page, "passkey-add")
        page.get_by_role("button", name="Add a passkey").click()
        # then recovery codes are shown once, and the key holds one credential
        expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
        expect(page.locator("#recovery-codes li")).to_have_count(10)
        reaches(page, "recovery-codes")
        held = session.send("WebAuthn.getCredentials", {"authenticatorId": key})["credentials"]  # type: ignore[attr-defined]
        assert len(held) == 1 and held[0]["isResidentCredential"]
        page.goto("/account/2fa/webauthn/")
        expect(page.get_by_text("Signs in alone.")).to_be_visible()
        reaches(page, "passkeys")
        # and can be given another name, or removed, each on a page that asks first
        page.locator("main a[href$='/edit/']").click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        reaches(page, "passkey-name")
        page.goto("/account/2fa/webauthn/")
        page.locator("main a[href$='/remove/']").click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        reaches(page, "passkey-remove")
        # when she signs out and in by the key alone, then she is in, without a password or a second step
        context.clear_cookies()
        page.goto("/account/login/")
        keep(page, "login-passkey")
        page.get_by_role("button", name="Sign in with a passkey").click()
        page.wait_for_url(re.compile(r"localhost:\d+/$"))
        expect(page.get_by_role("heading", name=re.compile("post"))).to_be_visible()
        # and before a change the key is asked for once more
        page.goto("/account/2fa/totp/activate/")
        page.get_by_role("link", name="Use a security key").click()
        expect(page.get_by_role("button", name="Use a passkey")).to_be_visible()
        reaches(page, "passkey-again")
        page.get_by_role("button", name="Use a passkey").click()
        expect(page.get_by_role("heading", name="Codes from an app")).to_be_visible()
        # and the password now needs the key as its second step
        context.clear_cookies()
        by_password(page, email)
        expect(page.get_by_role("heading", name="One more step")).to_be_visible()
        page.get_by_role("button", name="Use a passkey").click()
        page.wait_for_url(re.compile(r"localhost:\d+/$"))
        assert told == []


def test_a_refused_passkey_is_told_and_opens_nothing(browser: Browser, company: Company) -> None:
    with window(browser, company) as context:
        page = context.new_page()
        authenticator(page)  # it holds no passkey of ours
        page.goto("/account/login/")
        page.get_by_role("button", name="Sign in with a passkey").click()
        expect(page.get_by_text("The passkey was not used")).to_be_visible(timeout=20_000)
        assert page.url.endswith("/account/login/")


def test_an_address_that_is_a_number_offers_no_passkey(browser: Browser, company: Company) -> None:
    page = browser.new_page()
    page.goto(f"{company.address}/account/login/")
    expect(page.get_by_label("Password")).to_be_visible()
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_have_count(0)
    shut(page)


def test_codes_of_an_app_are_switched_on_and_asked(browser: Browser, company: Company, email: str) -> None:
    with window(browser, company) as context:
        page = context.new_page()
        told = complaints_of(page)
        by_password(page, email)
        page.goto("/account/2fa/")
        keep(page, "how-you-sign-in")
        follow(page, page.get_by_role("link", name="Switch on"))
        prove(page)
        expect(page.get_by_alt_text("QR code for the app")).to_be_visible()
        reaches(page, "totp-on")
        secret = page.locator("#totp-secret").inner_text()
        page.fill("[name=code]", code_of(secret))
        page.get_by_role("button", name="Switch on").click()
        expect(page.locator("#recovery-codes li")).to_have_count(10)
        # new codes, and the end of it, each ask first
        page.goto("/account/2fa/recovery-codes/generate/")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        reaches(page, "recovery-codes-new")
        page.goto("/account/2fa/totp/deactivate/")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        reaches(page, "totp-off")
        context.clear_cookies()
        by_password(page, email)
        expect(page.get_by_role("heading", name="One more step")).to_be_visible()
        reaches(page, "second-step")
        page.fill("[name=code]", code_of(secret, 1))
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(re.compile(r"localhost:\d+/$"))
        assert told == []


def test_one_sees_where_one_is_signed_in_and_ends_the_rest(browser: Browser, company: Company, email: str) -> None:
    telephone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"
    with window(browser, company) as here, window(browser, company, telephone) as there:
        mine, other = here.new_page(), there.new_page()
        by_password(mine, email)
        by_password(other, email)
        mine.locator(".who summary").click()
        mine.get_by_role("link", name="Where you are signed in").click()
        expect(mine.get_by_role("row").filter(has_text="Safari, iPhone")).to_be_visible()
        keep(mine, "sessions")
        mine.get_by_role("button", name="End all others").click()
        expect(mine.get_by_text("1 other session was ended.")).to_be_visible()
        other.goto("/runs/")
        expect(other).to_have_url(re.compile("/account/login/"))


def test_whoever_guesses_is_locked_out_until_the_terminal_helps(browser: Browser, company: Company, email: str) -> None:
    with window(browser, company) as context:
        page = context.new_page()
        for _ in range(6):
            page.goto("/account/login/")
            page.fill("[name=login]", email)
            page.fill("[name=password]", "guess")
            follow(page, page.get_by_role("button", name="Sign in", exact=True))
        expect(page.get_by_text("Too many attempts to sign in")).to_be_visible()
        keep(page, "locked-out")
        assert "may try again" in postroom(company, "user", "unlock", email)
        by_password(page, email)
        page.wait_for_url(re.compile(r"localhost:\d+/$"))
        # and when they are deactivated in the terminal, the open page leads to the door
        postroom(company, "user", "deactivate", email)
        page.goto("/runs/")
        expect(page).to_have_url(re.compile("/account/login/"))
        # and let in again, and signed out everywhere, and rid of factors they do not have
        assert "may sign in again" in postroom(company, "user", "activate", email)
        by_password(page, email)
        page.wait_for_url(re.compile(r"localhost:\d+/$"))
        assert "signed out everywhere; 1 sessions" in postroom(company, "user", "sign-out", email)
        page.goto("/runs/")
        expect(page).to_have_url(re.compile("/account/login/"))
        assert "0 factors" in postroom(company, "user", "forget-factors", email)
