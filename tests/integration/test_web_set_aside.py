"""Everything set aside, grouped by its cause, filtered, and let go on together after its cause was mended."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api_kit import World, as_file, carry_through, records
from desk_kit import Desk, acts_of, desk_of, said


@pytest.fixture
def desk(user_of: Callable[[str], Any]) -> Desk:
    return desk_of(user_of)


def stopped_run(count: int, **wrong: Any) -> Any:
    """A run all of whose records are set aside for one reason."""
    from postroom.identity.actor import SYSTEM
    from postroom.production.actions.start_run import start_run
    from postroom.production.models import Run

    with tempfile.NamedTemporaryFile(suffix=".jsonl") as file:
        file.write(as_file([{**item, "number": f"S{item['number']}", **wrong} for item in records(count)]).read())
        file.flush()
        run = start_run(SYSTEM, template="invoice", path=Path(file.name), name="wrong.jsonl").run
    carry_through(run.pk)
    return Run.objects.get(pk=run.pk)


def test_records_stand_in_groups_of_one_cause_over_all_runs(world: World, desk: Desk) -> None:
    # given the world's line that is no record, and four records with a day that is none
    run = stopped_run(4, due_on="soon")
    page = said(desk("operator").get("/set-aside/"))
    # then there are two groups; of the larger one three rows and a way to the rest
    assert "5 records" in page and "A date that is none" in page and "Lines that cannot be read" in page
    assert page.count(f"{run.ref}, line") == 3 * 2 and "Show the other one" in page
    assert f"/runs/{run.ref}/set-aside/" in page  # the form of the run's page opens here
    # what cannot be read cannot go on as it is, so only one group offers it
    assert page.count("go on again") == 1 and "Let 4 go on again" in page


def test_filters_narrow_it_and_nothing_typed_is_an_error(world: World, desk: Desk) -> None:
    run, browser = stopped_run(4, due_on="soon"), desk("operator")
    assert said(browser.get("/set-aside/", {"code": "not-date"})).count(f"{run.ref}, line") == 4 * 2
    assert "4 records" in said(browser.get("/set-aside/", {"run": run.ref.lower()}))
    assert "1 record" in said(browser.get("/set-aside/", {"stage": "read"}))
    assert "Nothing of this kind" in said(browser.get("/set-aside/", {"template": "statement"}))
    for odd in ("\x00", "%", "'", "a" * 400):
        assert browser.get("/set-aside/", {"run": odd, "code": odd, "stage": odd, "template": odd}).status_code == 200


def test_p3_a_group_goes_on_after_its_cause_was_mended(world: World, desk: Desk) -> None:
    # given records that no destination could take, and which can be reached now
    from postroom.delivery.actions.switch_destination import switch_destination
    from postroom.identity.actor import SYSTEM
    from postroom.production.balance import balance
    from postroom.production.models import SetAside

    for key in ("portal", "letters"):
        switch_destination(SYSTEM, key, enabled=False)
    run = stopped_run(3, sepa=False)
    assert set(SetAside.objects.filter(run=run).values_list("code", flat=True)) == {"no-channel"}
    for key in ("portal", "letters"):
        switch_destination(SYSTEM, key, enabled=True)
    # when the group is let go on
    browser = desk("operator")
    done = browser.post("/set-aside/go-on/?code=no-channel&stage=determine&template=invoice")
    assert (done.status_code, done["Location"]) == (303, "/set-aside/")
    assert "3 records go on." in said(browser.get("/set-aside/"))
    carry_through(run.pk)
    # then they are documents, the run balances, and the ledger names each
    counted = balance(run.pk)
    assert counted.records["completed"] == 3 and counted.records_difference == 0
    assert len(acts_of("record.resubmitted")) == 3


def test_what_is_still_wrong_comes_back_and_a_cancelled_run_stays(world: World, desk: Desk) -> None:
    from postroom.production.models import Run, SetAside

    run, browser = stopped_run(2, due_on="soon"), desk("operator")
    address = "/set-aside/go-on/?code=not-date&stage=validate&template=invoice"
    # when nothing was mended, then they are set aside again, once each
    browser.post(address)
    carry_through(run.pk)
    assert SetAside.objects.filter(run=run, resolved_at=None).count() == 2
    assert SetAside.objects.filter(run=run, resolution="resubmitted").count() == 2
    # when the run was cancelled, then they stay and the page says so
    Run.objects.filter(pk=run.pk).update(cancelled_at="2026-11-19T10:00:00Z")
    browser.post(address)
    assert "2 stay set aside, because their runs were cancelled." in said(browser.get("/set-aside/"))
    assert SetAside.objects.filter(run=run, resolved_at=None).count() == 2


def test_many_go_on_in_chunks_and_a_second_click_finds_nothing(world: World, desk: Desk, monkeypatch: Any) -> None:
    from postroom.identity.actor import SYSTEM
    from postroom.production.actions import resubmit_records as module
    from postroom.production.models import READY, Chunk, SetAside

    run = stopped_run(5, due_on="soon")
    monkeypatch.setattr(module, "_TOGETHER", 2)
    ids = list(SetAside.objects.filter(run=run).values_list("record_id", flat=True))
    assert module.resubmit_records(SYSTEM, ids) == module.Resubmitted(gone_on=5, left=0)
    assert Chunk.objects.filter(run=run, state=READY).count() == 3
    assert module.resubmit_records(SYSTEM, ids) == module.Resubmitted(gone_on=0, left=0)


def test_who_may_only_look_sees_rows_and_no_buttons(world: World, desk: Desk) -> None:
    stopped_run(1, due_on="soon")
    page = said(desk("auditor").get("/set-aside/"))
    assert "A date that is none" in page and "go on again" not in page and "Correct…" not in page
    assert desk("auditor").post("/set-aside/go-on/?code=not-date").status_code == 403
    assert desk("clerk").get("/set-aside/").status_code == 404
    assert desk("operator").post("/set-aside/go-on/").status_code == 422  # which group?
