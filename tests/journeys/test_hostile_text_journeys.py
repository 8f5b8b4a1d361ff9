"""Where people type, somebody types a script. It is shown as the text it is: nothing runs, nothing is complained of."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import BrowserContext, Dialog, Page, expect

from journeys.conftest import Company, follow, terminal
from journeys.test_send_journeys import choose, lines, record
from journeys.twice import fresh

EVIL = '"><img src=x onerror="window.ran=1;alert(1)"><script>window.ran=2;alert(2)</script>{{7*7}}'
#: What would be there if it were not text.
_RAN = "() => [window.ran ?? 0, document.querySelectorAll('img[src=x]').length]"


@pytest.fixture
def watched(context: BrowserContext) -> Iterator[Page]:
    """A tab in which a dialog, a complaint of the browser or a picture asked for by a text fails the journey."""
    page = context.new_page()
    told: list[str] = []

    def refuse(dialog: Dialog) -> None:
        told.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    page.on("dialog", refuse)
    page.on("console", lambda said: told.append(said.text) if said.type == "error" and "422" not in said.text else None)
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("request", lambda asked: told.append(asked.url) if asked.url.endswith("/x") else None)
    yield page
    assert told == []


def quiet(page: Page, *addresses: str) -> None:
    """Nothing ran on this page, nor on these."""
    assert page.evaluate(_RAN) == [0, 0], page.url
    for address in addresses:
        page.goto(address)
        expect(page.locator("h1").first).to_be_visible()
        assert page.evaluate(_RAN) == [0, 0], address


def test_in_search_fields_and_the_palette(watched: Page) -> None:
    for address in ("/documents/", "/parties/", "/deliveries/", "/runs/", "/outbox/"):
        watched.goto(address)
        field = watched.locator("main input[type=search], .top input[type=search]").first
        field.fill(EVIL)
        field.press("Enter")
        expect(watched).to_have_url(re.compile(r"[?&]q=."))
        watched.wait_for_load_state("networkidle")
        quiet(watched)
    watched.goto(f"/documents/?{urlencode({'q': EVIL, 'party': EVIL})}")
    quiet(watched)
    watched.keyboard.press("Control+k")
    watched.locator("#palette-input").fill(EVIL)
    expect(watched.get_by_role("option", name="in documents")).to_contain_text("<img src=x")
    quiet(watched)


def test_in_a_record_its_file_and_its_correction(watched: Page) -> None:
    number = fresh("HT")
    evil = {**record(watched, number), "reference": EVIL}
    watched.goto("/runs/new/")
    choose(watched, f"{EVIL.replace('/', '')}.jsonl", lines({**evil, "gross": EVIL}, {EVIL: EVIL}, evil))
    quiet(watched)
    watched.get_by_label("Template", exact=True).select_option("invoice")
    follow(watched, watched.get_by_role("button", name="Look at the first records"))
    expect(watched.locator("#h-look")).to_be_visible()
    quiet(watched)
    watched.get_by_role("button", name="Start the run").click()
    watched.wait_for_url(re.compile(r"/runs/R-"), timeout=60_000)
    run = watched.url
    expect(watched.locator(".head-title").get_by_text("Settled")).to_be_visible(timeout=60_000)
    quiet(watched, run, "/runs/", "/set-aside/", "/", f"/documents/?q={number}")
    # a correction that says as much again comes back as text
    watched.goto(run)
    watched.locator("a[id^=correct-]").first.click()
    field = watched.get_by_label("The record, corrected")
    field.fill(json.dumps({"number": EVIL}))
    watched.get_by_role("button", name="Hand in again").click()
    expect(watched.get_by_text("was handed in again").first).to_be_visible()
    quiet(watched, run, "/set-aside/")


def test_in_a_reason_a_view_a_token_a_folder_and_a_destination(watched: Page, places: dict[str, str]) -> None:
    watched.goto(places["document"])
    watched.get_by_text("Resend…").click()
    watched.get_by_label("Why is it sent again?").fill(EVIL)
    watched.get_by_role("button", name="Resend", exact=True).click()
    watched.wait_for_url(re.compile("/deliveries/[0-9a-f-]{36}/"))
    expect(watched.get_by_text("<script>").first).to_be_visible()
    quiet(watched, watched.url, places["document"], "/deliveries/")
    watched.goto("/runs/?state=settled")
    watched.get_by_text("Save this view…").click()
    view = fresh(EVIL[:70])
    watched.get_by_label("Name of the view").fill(view)
    watched.get_by_role("button", name="Save", exact=True).click()
    expect(watched.locator(".views-tabs a[aria-current]")).to_contain_text("<img")
    quiet(watched, "/runs/")
    follow(watched, watched.locator(".views-tabs a").filter(has_text=view))
    watched.get_by_text("This view").click()
    watched.get_by_role("button", name="Delete").click()
    expect(watched.get_by_role("button", name="Undo")).to_be_visible()
    quiet(watched)
    watched.goto("/settings/tokens/")
    watched.fill("#token-name", EVIL[:100])
    watched.locator("input[name=scope]").first.check()
    with watched.expect_navigation():
        watched.get_by_role("button", name="Make it").click()
    expect(watched.locator("main")).to_contain_text("<script>")
    quiet(watched, "/settings/tokens/")
    watched.goto("/settings/channels/new/?kind=folder")
    watched.fill("[name=key]", EVIL[:50])
    watched.fill("[name=set-folder]", EVIL)  # without one the browser would not hand the form in
    with watched.expect_navigation():
        watched.get_by_role("button", name="Keep").click()
    expect(watched.locator("[name=key]")).to_have_value(EVIL[:50])
    expect(watched.locator("[name=set-folder]")).to_have_value(EVIL)
    quiet(watched)


def test_in_the_name_of_somebody_and_of_a_customer(watched: Page, company: Company, tmp_path: Path) -> None:
    email = f"{fresh('evil')}@journey.example"
    terminal(company, "user", "create", email, EVIL, "--role", "clerk")
    quiet(watched, "/settings/people/")
    follow(watched, watched.locator("tr", has_text=email).locator("a").first)
    expect(watched.locator("h1").first).to_be_visible()
    quiet(watched)
    # and a customer whose name and address are a script, as the shop handed it in
    number = fresh("HT")
    evil = record(watched, number)
    evil["customer"] = {**dict(evil.get("customer") or {}), "key": "C-EVIL", "name": EVIL}  # type: ignore[call-overload]
    watched.goto("/runs/new/")
    choose(watched, "customers.jsonl", lines(evil))
    watched.get_by_label("Template", exact=True).select_option("invoice")
    watched.get_by_role("button", name="Start the run").click()
    watched.wait_for_url(re.compile(r"/runs/R-"), timeout=60_000)
    expect(watched.locator(".head-title").get_by_text("Settled")).to_be_visible(timeout=60_000)
    quiet(watched, "/parties/", f"/documents/?q={number}", "/deliveries/", "/outbox/")
