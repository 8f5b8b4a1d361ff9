"""A file of records over the API: started once, balanced, corrected, cancelled."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable

from api_kit import Program, as_file, carry_through, records, sample

Programs = Callable[..., Program]


def test_a_file_becomes_a_run_that_balances_to_zero(starters: list[str], program_of: Programs) -> None:
    # given three good records and a broken line
    program = program_of("operator")
    upload = as_file([*records(3), '{"number": '])
    # when they are sent and the workers have done their work
    started = program.post("/runs", {"template": "invoice", "data": upload}, form=True)
    assert started.status_code == 201, started.content
    ref = started.json()["run"]
    assert started["Location"] == f"/api/v1/runs/{ref}"
    assert started.json()["balance"] == 0
    carry_through(uuid.UUID(started.json()["id"]))
    # then the balance says where each one is
    run = program.get(f"/runs/{ref}").json()
    assert (run["received"], run["completed"], run["set_aside"], run["balance"]) == (4, 3, 1, 0), run
    assert run["documents"] == 3
    assert run["deliveries"]["created"] == run["deliveries"]["delivered"]
    assert run["state"] == "settled"
    assert [row["run"] for row in program.get("/runs").json()["items"]] == [ref]


def test_the_same_file_again_is_the_same_run(starters: list[str], program_of: Programs) -> None:
    program = program_of("operator")
    first = program.post("/runs", {"template": "invoice", "data": as_file(records(1)), "run_key": "k-1"}, form=True)
    # when the same file comes again, and then another file under the same key
    again = program.post("/runs", {"template": "invoice", "data": as_file(records(1)), "run_key": "k-1"}, form=True)
    other = program.post("/runs", {"template": "invoice", "data": as_file(records(2)), "run_key": "k-1"}, form=True)
    # then the first is repeated and the second is refused
    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
    assert (other.status_code, other.json()["code"]) == (409, "run-key-taken")


def test_a_mapping_comes_as_text_or_as_a_file_but_not_both(starters: list[str], program_of: Programs) -> None:
    program = program_of("operator")
    upload = {"template": "invoice", "data": as_file(records(1)), "mapping": ["a: 1", as_file(["b: 2"], "m.yaml")]}
    answer = program.post("/runs", upload, form=True)
    assert answer.status_code == 422
    assert "both" in answer.json()["detail"]


def test_options_of_the_source_are_a_json_object(starters: list[str], program_of: Programs) -> None:
    program = program_of("operator")
    for options in ("[1]", "{", '{"no_such_option": 1}'):
        form = {"template": "invoice", "data": as_file(records(1)), "options": options}
        answer = program.post("/runs", form, form=True)
        assert answer.status_code == 422, options
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["hint"]


def test_a_large_upload_is_spooled_to_disk(starters: list[str], program_of: Programs) -> None:
    # given a file well above what Django keeps in memory
    upload = as_file(records(1500))
    assert upload.size > 1 << 20
    # when it is sent; then it starts a run of exactly these bytes, and nothing stays behind
    program = program_of("operator")
    answer = program.post("/runs", {"template": "invoice", "data": upload}, form=True)
    assert answer.status_code == 201
    from postroom.kernel.home import home
    from postroom.production.models import Run

    assert Run.objects.get(pk=answer.json()["id"]).parcel.size == upload.size
    assert not list(home().work.glob("upload-*"))


def test_a_record_that_was_set_aside_is_corrected_with_exact_figures(starters: list[str], program_of: Programs) -> None:
    # given a run whose only record lacks its number
    program = program_of("operator")
    broken = sample("invoice")
    del broken["number"]
    run = program.post("/runs", {"template": "invoice", "data": as_file([broken])}, form=True).json()
    carry_through(uuid.UUID(run["id"]))
    waiting = program.get(f"/runs/{run['run']}/set-aside").json()["items"]
    assert [row["line"] for row in waiting] == [1]
    assert waiting[0]["problems"][0]["hint"]
    record = waiting[0]["record_id"]
    # when it is corrected
    shown = program.get(f"/records/{record}").json()
    assert shown["state"] == "set_aside"
    body = json.dumps({"data": {**shown["data"], "number": "T-1", "note": None}})
    body = body.replace('"note": null', '"weight": 12.50')
    corrected = program.post(f"/records/{record}/correct", body)
    # then it goes on with the digits it was given
    assert corrected.status_code == 200, corrected.content
    assert (corrected.json()["state"], corrected.json()["revision"]) == ("waiting", 1)
    assert b'"weight":12.50' in corrected.content
    # and a record that is not set aside cannot be resubmitted
    assert program.post(f"/records/{record}/resubmit").json()["code"] == "not-set-aside"


def test_cancelling_needs_a_reason_and_happens_once(starters: list[str], program_of: Programs) -> None:
    program = program_of("operator")
    run = program.post("/runs", {"template": "invoice", "data": as_file(records(1))}, form=True).json()["run"]
    assert program.post(f"/runs/{run}/cancel", {"reason": ""}).status_code == 422
    cancelled = program.post(f"/runs/{run}/cancel", {"reason": "wrong file"})
    assert cancelled.status_code == 200
    assert cancelled.json()["cancel_reason"] == "wrong file"
    assert program.post(f"/runs/{run}/cancel", {"reason": "again"}).status_code == 409
