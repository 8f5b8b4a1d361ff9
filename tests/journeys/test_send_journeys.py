"""Send one document, start a run from a file, mend many at once: with a mouse, and again with nothing but keys."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from journeys.conftest import Company, follow, keep
from journeys.keys import pick
from journeys.keys import tab_to as _tab_to
from journeys.reach import reaches
from journeys.twice import fresh

SAMPLE = "/send/?template=invoice"


def record(page: Page, number: str) -> dict[str, object]:
    """An invoice that is in order, from the form of Send."""
    page.goto(f"{SAMPLE}&q=a")
    page.locator("ul.rows a", has_text="Choose").first.click()
    page.wait_for_url("**party=**")
    found: dict[str, object] = json.loads(page.locator("#data").input_value())
    return found | {"number": number}


def lines(*records: object) -> bytes:
    return "".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in records).encode()


def hand_over(page: Page, name: str, content: bytes) -> None:
    """Choose a file, which is on its way then."""
    page.set_input_files("#file", {"name": name, "mimeType": "application/octet-stream", "buffer": content})


def choose(page: Page, name: str, content: bytes) -> None:
    """Choose a file and wait until it is there: the form cannot be handed in before."""
    hand_over(page, name, content)
    expect(page.locator("drop-file [data-way]")).to_be_hidden()
    expect(page.locator("[data-picked]")).to_be_visible()


def test_one_document_is_sent_by_hand(page: Page) -> None:
    # given a template and somebody found by name
    page.goto("/send/")
    page.get_by_label("Template", exact=True).select_option("invoice")
    page.get_by_label("For whom?").fill("a")
    follow(page, page.get_by_role("button", name="Find"))
    page.locator("ul.rows a", has_text="Choose").first.click()
    # then the pages stand there before anything is asked for, and follow what is typed
    expect(page.locator("#h-preview")).to_be_visible()
    field = page.get_by_label("Record for Invoice, as JSON")
    number = fresh("SJ")
    good = re.sub(r'"number": "[^"]*"', f'"number": "{number}"', field.input_value(), count=1)
    field.fill(good)
    expect(page.locator("#h-preview")).to_contain_text(number)
    expect(page.locator("#seen img").first).to_be_visible()
    keep(page, "send-ready", whole=True)
    # when something is wrong, then it is named while typing, and again when it is sent; the text stays
    field.fill(good.replace('"due_on"', '"due_no"'))
    expect(page.locator("#seen")).to_contain_text("due_on")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("heading", name="This cannot go on yet")).to_be_visible()
    expect(page.locator("#data")).to_have_value(re.compile('"due_no"'))
    keep(page, "send-refused", whole=True)
    # when it is mended and sent, then she stands at its delivery
    page.locator("#data").fill(good)
    page.get_by_role("button", name="Send", exact=True).click()
    page.wait_for_url(re.compile("/deliveries/[0-9a-f-]{36}/"))
    expect(page.locator("#tell")).not_to_be_empty()
    # and the next sending begins with the same template
    page.goto("/send/")
    expect(page.get_by_label("Template", exact=True)).to_have_value("invoice")


def test_one_document_is_sent_with_keys_alone(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("g")
    page.keyboard.press("s")
    page.wait_for_url("**/send/")
    _tab_to(page, "#template", most=40)
    pick(page, "#template", "Invoice", "invoice")
    _tab_to(page, "#party-q")
    page.keyboard.type("a")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=a**")
    _tab_to(page, "a:has-text('Choose')", most=50)
    page.keyboard.press("Enter")
    page.wait_for_url("**party=**")
    expect(page.locator("#h-preview")).to_be_visible()
    _tab_to(page, "#data", most=50)
    expect(page.locator("#data")).to_be_focused()
    # the first value of the record is its number: into its quotes, and another one typed
    page.keyboard.press("Control+Home")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    number = fresh("K")
    page.keyboard.type(number)
    expect(page.locator("#h-preview")).to_contain_text(number)
    expect(page.locator("#data")).to_be_focused()  # the preview does not take the cursor away
    _tab_to(page, "button[value=send]", most=20)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/deliveries/[0-9a-f-]{36}/"))


def test_a_run_is_started_from_a_file(page: Page) -> None:
    one = record(page, "")
    good = [{**one, "number": fresh("SJ")} for _ in range(3)]
    page.goto("/runs/new/")
    # a file of nothing, and a file of something else, are told at their field
    for name, content in (("empty.jsonl", b""), ("photo.png", b"\x89PNG\r\n\x1a\n\x00\x00")):
        choose(page, name, content)
        expect(page.locator("[data-name]")).to_have_text(name)
        page.get_by_label("Template", exact=True).select_option("invoice")
        follow(page, page.get_by_role("button", name="Look at the first records"))
        expect(page.locator("#e-file")).to_be_visible()
    keep(page, "run-wrong-file")
    # a file with bad records is looked at: what is good, what is not, where and why
    choose(page, "mixed.jsonl", lines(good[0], '{"number": ', {**good[1], "due_on": "soon"}, good[2]))
    expect(page.locator("[data-name]")).to_have_text("mixed.jsonl")
    follow(page, page.get_by_role("button", name="Look at the first records"))
    expect(page.get_by_text("2 of 4 can go on")).to_be_visible()
    expect(page.locator("#h-look")).to_have_text("mixed.jsonl")
    keep(page, "run-looked-at", whole=True)
    # and started without being handed in again: its run balances, two are set aside
    page.get_by_role("button", name="Start the run").click()
    page.wait_for_url(re.compile(r"/runs/R-"), timeout=60_000)
    expect(page.locator(".head-title").get_by_text("Settled")).to_be_visible(timeout=60_000)
    expect(page.locator(".equation")).to_contain_text("Completed 2", timeout=60_000)
    keep(page, "run-from-file", whole=True)
    # when the same file is started again, then nothing is done twice
    page.goto("/runs/new/")
    choose(page, "mixed.jsonl", lines(good[0], '{"number": ', {**good[1], "due_on": "soon"}, good[2]))
    page.get_by_role("button", name="Start the run").click()
    expect(page.get_by_text("nothing is done twice")).to_be_visible()


def test_an_upload_shows_its_way_can_be_stopped_and_be_dropped(browser: Browser, company: Company, page: Page) -> None:
    page.goto("/runs/new/")
    page.route("**/runs/new/", lambda route: None if route.request.method == "POST" else route.continue_())
    hand_over(page, "large.jsonl", b"{}\n" * 400_000)
    # given a file on its way
    expect(page.get_by_role("progressbar")).to_be_visible()
    keep(page, "upload")
    # when it is stopped with the keyboard, then it is told and the form is free
    page.get_by_role("button", name="Stop").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Stopped. The file was not taken.").first).to_be_visible()
    page.unroute("**/runs/new/")
    # when another is dropped on the field, then it is taken
    page.evaluate("""() => {
        const moved = new DataTransfer();
        moved.items.add(new File(['{"number": "D"}\\n'], "dropped.jsonl"));
        for (const kind of ["dragover", "drop"])
            document.querySelector("drop-file").dispatchEvent(
                new DragEvent(kind, {dataTransfer: moved, bubbles: true, cancelable: true}));
    }""")
    expect(page.locator("[data-name]")).to_have_text("dropped.jsonl")


def test_a_run_is_started_with_keys_alone(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "keys.jsonl"
    path.write_bytes(lines(record(page, fresh("SJ"))))
    page.goto("/runs/new/")
    # (listened to from here on: Chromium is told to hand out its choosers, and Enter must not overtake that)
    page.on("filechooser", lambda asked: asked.set_files(path))
    _tab_to(page, "#file", most=40)
    page.keyboard.press("Enter")
    expect(page.locator("[data-picked]")).to_be_visible()
    _tab_to(page, "#template")
    pick(page, "#template", "Invoice", "invoice")
    _tab_to(page, "button[value=start]")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/runs/R-"), timeout=60_000)


def test_a_group_that_was_set_aside_goes_on_at_one_click(page: Page) -> None:
    # given records that were set aside for two reasons, so that one group is left when the other one goes on
    one = record(page, "")
    page.goto("/runs/new/")
    choose(page, "groups.jsonl", lines(*({**one, "number": fresh("SJ"), **bad} for bad in ({"gross": 1}, {"no": "1"}))))
    page.get_by_label("Template", exact=True).select_option("invoice")
    page.get_by_role("button", name="Start the run").click()
    page.wait_for_url(re.compile(r"/runs/R-"), timeout=60_000)
    expect(page.locator(".head-title").get_by_text("Settled")).to_be_visible(timeout=60_000)
    # when one group goes on, by a hand that clicks twice
    page.goto("/set-aside/")
    button = page.get_by_role("button", name=re.compile(r"Let \d+ go on again")).first
    keep(page, "set-aside-all", whole=True)
    button.dblclick()
    expect(page.get_by_role("status").filter(has_text=re.compile(r"\bgo(es)? on\b")).first).to_be_visible()
    # and with keys alone
    page.goto("/set-aside/")
    _tab_to(page, "button:has-text('go on again')", most=80)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text=re.compile(r"\bgo(es)? on\b")).first).to_be_visible()


@pytest.mark.parametrize("name", ["send-offline", "run-held"])
def test_what_stands_in_these_forms_meanwhile_reaches_everybody(context: BrowserContext, name: str) -> None:
    page = context.new_page()
    if name == "send-offline":
        record(page, "x")
        expect(page.locator("#h-preview")).to_be_visible()
        context.set_offline(True)
        page.get_by_role("button", name="Send", exact=True).click()
        expect(page.locator("#send-form").get_by_role("alert")).to_be_visible()
        context.set_offline(False)
    else:
        page.goto("/runs/new/")
        choose(page, f"{'long-name-' * 12}.jsonl", b"{}\n")
    reaches(page, name)
