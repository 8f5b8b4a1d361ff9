"""Everything that goes wrong at the door is one kind of object: application/problem+json with a hint."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from api_kit import Program, World, as_file, records

Programs = Callable[..., Program]


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert (answer.status_code, answer.json().get("code")) == (status, code), answer.content
    assert answer["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    assert body["type"] == f"urn:postroom:problem:{code}"
    assert body["title"] and body["detail"] and body["hint"]
    return body


def test_without_a_token_there_is_only_a_sign_at_the_door(nobody: Program) -> None:
    answer = nobody.get("/runs")
    problem(answer, 401, "not-signed-in")
    assert answer["WWW-Authenticate"].startswith("Bearer")
    problem(nobody.get("/me", **{"Authorization": "Basic YTpi"}), 401, "bad-credentials")
    problem(nobody.get("/me", **{"Authorization": "Bearer nonsense"}), 401, "bad-token")
    assert nobody.get("/health").json() == {"status": "up"}


def test_an_address_that_is_none_and_a_method_that_is_none(world: World, program_of: Programs) -> None:
    program = program_of("administrator")
    problem(program.get("/nowhere"), 404, "not-found")
    problem(program.get("/"), 404, "not-found")
    problem(program.get("/documents/no-uuid"), 404, "not-found")
    problem(program.get("/runs/R-1999-0001"), 404, "not-found")
    answer = program.post("/me")
    problem(answer, 405, "method-not-allowed")
    assert answer["Allow"] == "GET"


def test_p7_who_may_not_see_gets_404_and_who_may_not_act_gets_403(world: World, program_of: Programs) -> None:
    problem(program_of("author").get(f"/runs/{world.run}"), 404, "not-found")
    problem(program_of("auditor").post(f"/runs/{world.run}/cancel", {"reason": "x"}), 403, "not-allowed")
    problem(program_of("clerk").post(f"/runs/{world.run}/cancel", {"reason": "x"}), 404, "not-found")
    # the refusal comes before the body is looked at
    problem(program_of("auditor").post(f"/runs/{world.run}/cancel", "{"), 403, "not-allowed")


def test_every_fault_of_a_request_is_named(world: World, program_of: Programs) -> None:
    program = program_of("operator")
    body = problem(program.get("/documents", {"limit": 0, "issued_from": "soon"}), 422, "invalid-request")
    assert {one["path"] for one in body["context"]["problems"]} == {"query.limit", "query.issued_from"}
    problem(program.post(f"/records/{world.record}/correct", "{"), 400, "unreadable-body")
    problem(program.post(f"/records/{world.record}/correct", {"data": []}), 422, "invalid-request")
    problem(program.post("/runs", {"template": "invoice"}, form=True), 422, "invalid-request")


def test_a_field_that_is_too_large_is_413(starters: list[str], program_of: Programs) -> None:
    form = {"template": "invoice", "options": "x" * (33 << 20), "data": as_file(records(1))}
    problem(program_of("operator").post("/runs", form, form=True), 413, "too-large")


def test_a_session_needs_the_csrf_token_to_act(world: World, user_of: Callable[[str], Any]) -> None:
    # given somebody signed in at the desk
    client = Client(enforce_csrf_checks=True)
    client.force_login(user_of("clerk"))
    assert client.get("/api/v1/me").json()["actor"].startswith("user:")
    # when they act without and with the proof that a page of ours sent it
    address = f"/api/v1/documents/{world.document}/reprint"
    problem(client.post(address), 403, "csrf-failed")
    client.cookies["csrftoken"] = token = "a" * 32
    answer = client.post(address, headers={"X-CSRFToken": token})
    # then only the second is done
    assert answer.status_code == 200, answer.content


def test_a_token_has_no_more_than_its_scopes_and_none_after_its_owner_left(
    world: World, program_of: Programs, user_of: Callable[[str], Any]
) -> None:
    program = program_of("administrator", scopes=["run.view"])
    assert program.get("/me").json()["permissions"] == ["run.view"]
    assert program.get("/runs").status_code == 200
    problem(program.get("/documents"), 404, "not-found")
    user = user_of("administrator")
    user.is_active = False
    user.save()
    problem(program.get("/runs"), 401, "bad-token")


def test_a_fault_of_ours_gives_an_id_and_no_insides(
    db: str, program_of: Programs, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from postroom.api.routes import ledger

    def broken(**stretch: object) -> None:
        raise ZeroDivisionError("secret inside")

    monkeypatch.setattr(ledger, "verify", broken)
    answer = program_of("auditor").get("/ledger/verify")
    body = problem(answer, 500, "internal")
    assert b"secret" not in answer.content and b"ZeroDivision" not in answer.content
    assert body["context"]["id"] in caplog.text and "secret inside" in caplog.text


def test_planted_an_operation_without_a_declaration_lets_nobody_in(db: str, program_of: Programs) -> None:
    from django.test import override_settings
    from django.urls import path
    from ninja import Router

    from postroom.api.api import assembled

    # given a router that forgot to say who may use it
    forgetful = Router()

    @forgetful.get("/open")
    def unguarded(request: Any) -> dict[str, str]:
        return {"leaked": "everything"}

    forgetful.get("/none", auth=None)(lambda request: {"leaked": "everything"})

    class Addresses:
        urlpatterns = [path("api/v1/", assembled(("/planted", forgetful)).urls)]

    # when even an administrator asks; then nothing is answered
    with override_settings(ROOT_URLCONF=Addresses):
        for name in ("open", "none"):
            answer = program_of("administrator").get(f"/planted/{name}")
            problem(answer, 403, "not-allowed")
            assert b"leaked" not in answer.content


def test_the_pages_about_the_api_come_from_here_or_not_at_all(nobody: Program) -> None:
    from django.apps import apps

    page = nobody.get("/docs")
    if apps.is_installed("ninja"):
        assert b"/static/ninja/swagger-ui-bundle.js" in page.content
    assert b"https://" not in page.content


def test_an_id_that_cannot_be_one_names_nothing(db: str) -> None:
    from postroom.delivery.queries import delivery
    from postroom.documents.queries import document
    from postroom.identity.actor import SYSTEM
    from postroom.kernel.errors import NotFound
    from postroom.production.actions.correct_record import correct_record
    from postroom.production.queries import record, run

    for find in (document, delivery, record, run, correct_record):
        with pytest.raises(NotFound):
            find(SYSTEM, "no-uuid")
