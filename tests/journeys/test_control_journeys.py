"""The operator in control: look before anything leaves, stop at once and take it back, let runs start by themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from journeys.conftest import PATIENCE, Company, People, follow, shut, sign_in
from journeys.keys import not_lost, press, tab_to
from journeys.reach import reaches
from journeys.test_send_journeys import choose, lines, record
from journeys.twice import fresh

GATE = "Make everything, send nothing until somebody has checked and released it"


@pytest.fixture
def operator(browser: Browser, company: Company, people: People) -> Iterator[Page]:
    """Somebody who may hold and release, and set up schedules."""
    context = browser.new_context(base_url=company.address, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    sign_in(page, company, people.email("operator"))
    yield page
    shut(context)


def at_its_gate(operator: Page, name: str) -> str:
    """A run of two good invoices and a bad one that composed everything and sent nothing; its address."""
    one, numbers = record(operator, ""), (fresh("GATE"), fresh("GATE"))
    operator.goto("/runs/new/")
    bad = {**one, "number": f"{numbers[0]}-bad", "no_such_field": "1"}
    choose(operator, name, lines(*({**one, "number": number} for number in numbers), bad))
    operator.get_by_label("Template", exact=True).select_option("invoice")
    operator.get_by_label(GATE).check()
    operator.get_by_role("button", name="Start the run").click()
    operator.wait_for_url(re.compile(r"/runs/R-"), timeout=60_000)
    expect(operator.get_by_role("button", name=re.compile("^Release .* held"))).to_be_visible(timeout=60_000)
    return operator.url


def test_a_run_waits_at_its_gate_and_is_released(operator: Page) -> None:
    # given a run that is made and not sent
    at_its_gate(operator, "gate.jsonl")
    check = operator.locator("section[aria-labelledby=h-check]")
    # then the check says what would leave, what is unlike before, and what is missing
    expect(check.get_by_text("Documents", exact=True)).to_be_visible()
    expect(check.get_by_role("list", name="Look at")).to_contain_text("1 of 3 records is set aside")
    expect(check.get_by_role("list", name="Set aside, by cause").get_by_role("link")).to_be_visible()
    expect(check.get_by_text("Compared with R-")).to_be_visible()
    reaches(operator, "run-gate")
    # when she releases it, then it is sent, and she stands somewhere
    operator.get_by_role("button", name="Release 2 held").click()
    expect(operator.get_by_text("is released.").first).to_be_visible()
    expect(check).to_have_count(0)
    not_lost(operator, "releasing a run")
    expect(operator.locator("#run-live .equation, #run-live").first).to_contain_text("Completed", timeout=60_000)


def test_a_run_is_held_by_a_key_and_the_same_key_takes_it_back(operator: Page) -> None:
    at_its_gate(operator, "held.jsonl")
    # when she presses h, then it is held, and the note says since when
    press(operator, "h")
    note = operator.get_by_role("status").filter(has_text="Held since")
    expect(note).to_be_visible()
    expect(operator.get_by_role("button", name="Release 2 held")).to_have_count(0)
    reaches(operator, "run-held")
    # when she presses it again, then it goes on, back at its gate
    press(operator, "h")
    expect(operator.get_by_text("goes on.").first).to_be_visible()
    expect(note).to_have_count(0)
    expect(operator.get_by_role("button", name="Release 2 held")).to_be_visible()
    # and inside a field the key is a letter
    press(operator, "/")
    press(operator, "h")
    expect(operator.get_by_role("searchbox").first).to_have_value("h")
    expect(note).to_have_count(0)


def test_a_part_is_looked_at_before_it_is_cancelled_with_keys_alone(operator: Page) -> None:
    run = at_its_gate(operator, "part.jsonl")
    tab_to(operator, "a[href$='/part/']", most=60)
    press(operator, "Enter")
    operator.wait_for_url("**/part/")
    # when she says which, and looks, then it is counted and nothing is done
    tab_to(operator, "[name=first]", most=40)
    operator.keyboard.type("1")
    tab_to(operator, "[name=act]")
    press(operator, "ArrowDown", "ArrowDown")
    tab_to(operator, "button[value=look]")
    press(operator, "Enter")
    found = operator.locator("section[aria-labelledby=h-found]")
    expect(found).to_contain_text("What is sent stays sent")
    reaches(operator, "run-part-seen")
    # when she does it without a reason, then one is asked for and what was typed is kept
    follow(operator, operator.get_by_role("button", name="Cancel 1 record"))
    expect(operator.locator("[role=alert]").first).to_be_visible()
    expect(operator.locator("[name=first]")).to_have_value("1")
    # when she says why, then the run says what was done
    operator.fill("[name=reason]", "wrong price list")
    follow(operator, operator.locator("button[value=look]"))
    operator.get_by_role("button", name="Cancel 1 record").click()
    operator.wait_for_url(run)
    expect(operator.get_by_text("are cancelled.").first).to_be_visible()
    expect(operator.get_by_role("button", name="Release 1 held")).to_be_visible()


def test_a_schedule_is_set_up_with_the_next_five_times_in_sight(operator: Page) -> None:
    operator.goto("/runs/schedules/")
    operator.get_by_role("link", name="Set up a schedule…").first.click()
    operator.wait_for_url("**/schedules/new/")
    coming = operator.locator("section[aria-labelledby=h-coming] ol li")
    expect(coming).to_have_count(5)
    before = coming.first.inner_text()
    # when the rule is typed, then the times follow; what is no rule is told at once
    cron = operator.get_by_label("Cron expression")
    cron.fill("30 7 1 * *")
    expect(coming.first).to_contain_text(re.compile(r"\b1 \w+ \d{4}"))
    expect(coming.first).not_to_have_text(before)
    cron.fill("30 7 1 *")
    expect(operator.locator("section[aria-labelledby=h-coming] [role=alert]")).to_be_visible()
    cron.fill("30 7 1 * *")
    expect(coming).to_have_count(5)
    # when it is kept, then the same five times stand on its page, and it is in the list
    name = fresh("First of the month")
    operator.get_by_label("What shall it be called?").fill(name)
    operator.get_by_label("Template", exact=True).select_option("invoice")
    operator.get_by_role("button", name="Set it up").click()
    operator.wait_for_url(re.compile("/runs/schedules/first-of-the-month-[0-9]+/"))
    expect(operator.locator("section[aria-labelledby=h-coming] li")).to_have_count(5)
    reaches(operator, "schedule-set-up")
    # when it is removed, then the list brings it back
    operator.get_by_role("button", name="Remove").click()
    operator.get_by_role("button", name="Undo").click()
    expect(operator.get_by_role("heading", name=name)).to_be_visible()
    operator.get_by_role("button", name="Pause").click()
    expect(operator.get_by_text("It starts nothing until it is resumed.").first).to_be_visible()
