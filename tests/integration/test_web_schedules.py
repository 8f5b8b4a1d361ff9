"""The desk's pages of schedules: set up, refused field by field, paused, removed and brought back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api_kit import Program, records
from desk_kit import Desk, acts_of, desk_of, said
from kit.runs import postroom, write

FORM = {
    "set-name": "Morning invoices",
    "set-template_key": "invoice",
    "set-cron": "0 6 * * MON-FRI",
    "set-time_zone": "Europe/Berlin",
    "set-path": ".",
    "set-settle_seconds": "0",
}


@pytest.fixture
def desk(user_of: Callable[[str], Any]) -> Desk:
    return desk_of(user_of)


def test_a_schedule_is_set_up_run_paused_removed_and_brought_back(starters: list[str], desk: Desk) -> None:
    from postroom.production.models import Run
    from postroom.schedules.models import Schedule
    from postroom.schedules.places import roots

    # given an operator who sees the empty list and sets one up
    browser, one = desk("operator"), "/runs/schedules/morning-invoices/"
    assert "Nothing starts by itself yet" in said(browser.get("/runs/schedules/"))
    assert browser.post("/runs/schedules/new/", FORM).headers["Location"] == one
    assert "in Europe/Berlin" in said(browser.get(one))
    # when it is run now, then its file is a run; and a second time nothing is new
    write(roots()[0], records(2))
    run = browser.post(f"{one}run/")
    assert run.headers["Location"] == f"/runs/{Run.objects.get().ref}/"
    assert browser.post(f"{one}run/").headers["Location"] == one
    assert "Nothing new was there, so nothing was started." in said(browser.get(one))
    # when it is changed, paused and resumed
    assert browser.post(f"{one}edit/", FORM | {"set-cron": "0 7 * * *"}).status_code == 303
    assert "Paused" in said(browser.get(browser.post(f"{one}pause/").headers["Location"]))
    assert "starts nothing until it is resumed" in said(browser.get(one))
    browser.post(f"{one}resume/")
    # when it is removed, then the list offers to undo it, and brings it back
    gone = browser.post(f"{one}remove/").headers["Location"]
    assert "is removed" in said(browser.get(gone)) and browser.get(one).status_code == 404
    browser.post(f"{one}restore/")
    assert browser.get(one).status_code == 200
    assert Schedule.objects.get().cron == "0 7 * * *"
    assert [len(acts_of(f"schedule.{act}")) for act in ("added", "changed", "paused", "removed", "restored")] == [1] * 5


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"set-cron": "0 25 * * *"}, "The field for the hour cannot be read"),
        ({"set-cron": "0 6 30 2 *"}, "never comes"),
        ({"set-time_zone": "Berlin"}, "There is no time zone"),
        ({"set-name": " "}, "needs a name"),
        ({"set-path": "/etc"}, "not below a folder"),
        ({"set-path": ""}, "is not named"),
        ({"set-template_key": "gone"}, "There is no template"),
        ({"set-destination": "gone"}, "is not set up"),
        ({"set-settle_seconds": "soon"}, "is not a whole number"),
        ({"set-priority": "500"}, "between 0 and 99"),
        ({"set-mapping": "- nonsense: ["}, "mapping"),
    ],
)
def test_a_mistake_comes_back_at_its_field(starters: list[str], desk: Desk, changes: dict[str, str], told: str) -> None:
    answer = desk("operator").post("/runs/schedules/new/", FORM | changes)
    assert answer.status_code in (404, 409, 422) and told in said(answer)
    assert 'aria-invalid="true"' in said(answer)


def test_the_next_times_follow_what_is_typed(db: str, desk: Desk) -> None:
    browser = desk("operator")
    answer = browser.post("/runs/schedules/next/", {"set-cron": "0 6 1 1 *", "set-time_zone": "UTC"})
    assert said(answer).count("1 Jan") == 5
    assert "day of the week" in said(
        browser.post("/runs/schedules/next/", {"set-cron": "0 6 * * 9", "set-time_zone": "UTC"})
    )


def test_who_may_only_look_sees_no_buttons(starters: list[str], desk: Desk) -> None:
    desk("operator").post("/runs/schedules/new/", FORM)
    shown = said(desk("auditor").get("/runs/schedules/morning-invoices/"))
    assert "Morning invoices" in shown and "Run now" not in shown and "Remove" not in shown
    assert desk("auditor").get("/runs/schedules/new/").status_code == 404
    assert desk("clerk").get("/runs/schedules/").status_code == 404


def test_the_api_and_the_terminal_do_the_same(
    starters: list[str], program_of: Callable[..., Program], tmp_path: Path
) -> None:
    program = program_of("operator")
    made = program.post("/schedules", {"name": "Nightly", "template": "invoice", "cron": "0 2 * * *", "path": "."})
    assert made.status_code == 201 and len(made.json()["coming"]) == 5, made.json()
    assert program.post("/schedules", made.json() | {"template": "invoice"}).status_code in (409, 422)
    assert program.post("/schedules/nightly/pause").json()["state"] == "paused"
    assert program.post("/schedules/nightly/run").json()["state"] == "nothing"
    assert [each["key"] for each in program.get("/schedules").json()["items"]] == ["nightly"]
    assert postroom("schedule", "resume", "nightly").returncode == 0
    assert "nightly" in postroom("schedule", "list").stdout
    wrong = postroom("schedule", "add", "bad", "invoice", "--cron", "61 2 * * *", "--watch", ".")
    assert wrong.returncode == 3 and "minute" in wrong.stderr
    added = postroom("schedule", "add", "unpaid", "invoice", "--event", "invoice.unpaid")
    assert added.returncode == 0, added.stderr
    data = write(tmp_path, '{"number": "X"}', "event.json")
    told = postroom("event", "tell", "invoice.unpaid", "X/1", str(data), "--due", "2036-11-30")
    assert "planned, due 30 Nov 2036" in told.stdout, told.stderr
    assert "cancelled" in postroom("event", "lapse", "X/1").stdout
