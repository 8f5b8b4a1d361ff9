"""What the palette offers to do to a run: to who may, while it can be done, said before it is, and then really done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api_kit import records
from desk_kit import Desk, acts_of, desk_of
from kit.runs import start, write


@pytest.fixture
def desk(user_of: Callable[[str], Any]) -> Desk:
    return desk_of(user_of)


@pytest.fixture
def gated(starters: list[str], tmp_path: Path) -> Any:
    """A run that is composed and waits for its check: two good records and a bad one."""
    from postroom.production.models import READY, Chunk
    from postroom.production.pipeline import compose_chunk
    from postroom.production.reading import read_parcel

    good = records(2)
    run = start(write(tmp_path, [*good, {**good[0], "number": "B-1", "gross": 1.5}]), gate=True)
    read_parcel(run.pk)
    for chunk in Chunk.objects.filter(run=run, state=READY):
        compose_chunk(chunk.pk)
    return run


def offered(browser: Any, q: str) -> dict[str, dict[str, str]]:
    """What is offered to do for ``q``, by its label."""
    groups = browser.get("/palette/", {"q": q}).json()["groups"]
    return {item["label"]: item for group in groups if group["title"] == "Do" for item in group["items"]}


def test_a_run_is_held_let_go_on_released_and_cancelled_as_its_state_allows(gated: Any, desk: Desk) -> None:
    from postroom.production.models import Run

    browser, ref = desk("operator"), gated.ref
    check, release, hold, cancel = f"Check of {ref}", f"Release {ref}…", f"Hold {ref}…", f"Cancel {ref}…"

    def acts() -> set[str]:
        found: set[str] = set()
        for verb in ("release", "check", "hold", "cancel", "let"):
            found |= {label for label in offered(browser, f"{verb} {ref}") if ref in label and " again" not in label}
        return found

    # given a run at its gate
    assert acts() == {check, release, hold, cancel}
    told = offered(browser, f"hold {ref}")[hold]
    assert told["cli"] == f"postroom runs hold {ref}" and ref in told["ask"] and not told["why"]
    # when it is held, then it can only be let go on or cancelled
    assert browser.post(told["url"]).status_code == 303 and Run.objects.get(pk=gated.pk).held_at
    assert acts() == {f"Let {ref} go on…", cancel}
    assert browser.post(offered(browser, "resume")[f"Let {ref} go on…"]["url"]).status_code == 303
    # when it is released, which says how much leaves the house, then it is no longer at its gate
    told = offered(browser, f"release {ref}")[release]
    assert told["ask"].startswith(f"2 deliveries of {ref} leave the house")
    assert browser.post(told["url"]).status_code == 303
    assert Run.objects.get(pk=gated.pk).gate == "released" and acts() == {hold, cancel}
    # when it is cancelled without a reason, then it is refused as on its page; with one it is done, and nothing is left
    told = offered(browser, f"cancel {ref}")[cancel]
    assert told["why"] == "Why is this run cancelled?" and told["cli"].startswith(
        f"postroom runs cancel {ref} --reason"
    )
    assert browser.post(told["url"], {"reason": ""}).status_code == 422
    assert browser.post(told["url"], {"reason": "wrong price list"}).status_code == 303
    assert Run.objects.get(pk=gated.pk).cancelled_at and acts() == set()
    assert offered(browser, f"again {ref}") == {}  # what was set aside of a cancelled run stays
    # and each is in the ledger once
    assert [len(acts_of(f"run.{act}")) for act in ("held", "let_go_on", "released", "cancelled")] == [1, 1, 1, 1]


def test_before_everything_is_composed_no_release_is_offered(starters: list[str], desk: Desk, tmp_path: Path) -> None:
    run = start(write(tmp_path, records(1)), gate=True)
    found = offered(desk("operator"), f"release {run.ref}")
    assert set(found) == {f"Check of {run.ref}"} and found[f"Check of {run.ref}"]["ask"] == ""


def test_a_reference_alone_opens_the_run_and_does_nothing_to_it(gated: Any, desk: Desk) -> None:
    assert offered(desk("operator"), gated.ref) == {}
    assert offered(desk("operator"), "").keys() == offered(desk("operator"), " ").keys()
    assert not any(gated.ref in label for label in offered(desk("operator"), ""))


def test_what_was_set_aside_of_a_run_goes_on_again(gated: Any, desk: Desk) -> None:
    from postroom.production.models import SetAside

    browser = desk("operator")
    for q in (f"again {gated.ref}", "retry", "let 1 record"):
        told = offered(browser, q)[f"Let 1 record of {gated.ref} go on again…"]
    assert told["cli"] == f"postroom records resubmit --run {gated.ref}"
    assert told["ask"].startswith("1 record that was set aside goes on")
    assert browser.post(told["url"]).status_code == 303
    assert SetAside.objects.get().resolved_at is not None
    # and it is offered no more; without a group or a run nothing goes on
    assert offered(browser, f"again {gated.ref}") == {}
    assert browser.post("/set-aside/go-on/").status_code == 422


def test_p7_who_may_not_is_offered_nothing(gated: Any, desk: Desk) -> None:
    from postroom.identity.roles import permissions_of

    for role in ("auditor", "clerk", "author"):
        # given a role that may do none of it
        assert not permissions_of([role]) & {"run.hold", "run.release", "run.cancel", "record.correct"}
        found = {label for verb in ("hold", "release", "cancel", "again", "let") for label in offered(desk(role), verb)}
        assert {label for label in found if gated.ref in label} <= {f"Check of {gated.ref}"}, role
