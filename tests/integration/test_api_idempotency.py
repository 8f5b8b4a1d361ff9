"""A POST with an Idempotency-Key acts once, also when its process dies in between."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

from api_kit import Program, World, as_file, records

Programs = Callable[..., Program]
KEY = {"Idempotency-Key": "11111111-2222"}


def _deliveries() -> int:
    from postroom.delivery.models import Delivery

    return Delivery.objects.count()


def test_a_repeated_post_acts_once_and_gets_the_same_answer(world: World, program_of: Programs) -> None:
    program, address = program_of("clerk"), f"/documents/{world.document}/resend"
    before = _deliveries()
    # when the same request comes twice
    first = program.post(address, {}, **KEY)
    second = program.post(address, {}, **KEY)
    # then it was done once, and told twice
    assert _deliveries() == before + 1
    assert (second.status_code, second.content, second["Location"]) == (201, first.content, first["Location"])
    assert second["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    # and another request under the same key is refused
    other = program.post(address, {"destination": "letters"}, **KEY)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    assert _deliveries() == before + 1


def test_a_key_belongs_to_its_caller(world: World, program_of: Programs) -> None:
    address, before = f"/documents/{world.document}/resend", _deliveries()
    assert program_of("clerk").post(address, {}, **KEY).status_code == 201
    assert program_of("operator").post(address, {}, **KEY).status_code == 201
    assert _deliveries() == before + 2


def test_a_run_is_told_again_by_the_digest_of_its_file(starters: list[str], program_of: Programs) -> None:
    program = program_of("operator")
    first = program.post("/runs", {"template": "invoice", "data": as_file(records(2))}, form=True, **KEY)
    second = program.post("/runs", {"template": "invoice", "data": as_file(records(2))}, form=True, **KEY)
    other = program.post("/runs", {"template": "invoice", "data": as_file(records(3))}, form=True, **KEY)
    assert (first.status_code, second.status_code, second.content) == (201, 201, first.content)
    assert second["Idempotency-Replayed"] == "true"
    assert other.json()["code"] == "idempotency-key-reused"


def test_p11_the_bytes_of_documents_are_not_kept_with_the_key(world: World, program_of: Programs) -> None:
    from postroom.api.models import IdempotentRequest
    from postroom.ledger.models import Entry

    program, address = program_of("clerk"), f"/documents/{world.document}/reprint"
    first, second = program.post(address, **KEY), program.post(address, **KEY)
    assert first.content == second.content and second["Idempotency-Replayed"] == "true"
    assert Entry.objects.filter(act="document.reprinted").count() == 1
    assert IdempotentRequest.objects.get().answer is None


def test_what_was_refused_leaves_the_key_free(world: World, program_of: Programs) -> None:
    from postroom.api.models import IdempotentRequest

    program, address = program_of("clerk"), f"/documents/{world.document}/resend"
    assert program.post(address, {"destination": "pigeon"}, **KEY).status_code == 422
    assert not IdempotentRequest.objects.exists()
    assert program.post(address, {}, **KEY).status_code == 201


def test_who_lost_the_permission_gets_no_stored_answer(
    world: World, program_of: Programs, user_of: Callable[[str], Any]
) -> None:
    program, address = program_of("clerk"), f"/documents/{world.document}/resend"
    assert program.post(address, {}, **KEY).status_code == 201
    user = user_of("clerk")
    user.roles = ["author"]
    user.save()
    assert program.post(address, {}, **KEY).status_code == 404


def test_a_key_that_is_none_is_refused(world: World, program_of: Programs) -> None:
    for key in ("", " ", "x" * 256):
        answer = program_of("clerk").post(f"/documents/{world.document}/reprint", **{"Idempotency-Key": key})
        assert (answer.status_code, answer.json()["code"]) == (400, "bad-idempotency-key")


def test_answers_are_forgotten_after_a_day(world: World, program_of: Programs, monkeypatch: pytest.MonkeyPatch) -> None:
    from postroom.api.idempotency import purge_idempotent_requests
    from postroom.api.models import IdempotentRequest
    from postroom.kernel import clock

    program, address = program_of("clerk"), f"/documents/{world.document}/resend"
    assert program.post(address, {}, **KEY).status_code == 201
    assert purge_idempotent_requests() == 0
    monkeypatch.setenv("POSTROOM_CLOCK", (clock.now() + dt.timedelta(hours=25)).isoformat())
    assert "Idempotency-Replayed" not in program.post(address, {}, **KEY)
    monkeypatch.delenv("POSTROOM_CLOCK")
    IdempotentRequest.objects.update(created_at=clock.now() - dt.timedelta(hours=25))
    assert purge_idempotent_requests() == 1


def test_two_at_once_act_once(world: World, program_of: Programs) -> None:
    from django.db import connection

    program, address, before = program_of("clerk"), f"/documents/{world.document}/resend", _deliveries()
    answers: list[Any] = []
    gate = threading.Barrier(4)

    def send() -> None:
        gate.wait()
        answers.append(program.post(address, {}, **KEY))
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _deliveries() == before + 1
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert 201 in {answer.status_code for answer in answers}


_DYING = """
import os, signal, sys
from postroom.project.boot import boot
boot(migrate=False)
from django.test import Client
from postroom.api import idempotency
from postroom.delivery.actions import resend as action
{cut}
Client().post(sys.argv[1], "{{}}", content_type="application/json",
              headers={{"Authorization": "Bearer " + sys.argv[2], "Idempotency-Key": "11111111-2222"}})
"""
_BEFORE_THE_ANSWER_IS_KEPT = """
def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)
idempotency._keep = die
"""
_AFTER_THE_COMMIT = """
keep = idempotency._keep
def kept(row, response):
    from django.db import transaction
    keep(row, response)
    transaction.on_commit(lambda: os.kill(os.getpid(), signal.SIGKILL))
idempotency._keep = kept
"""


@pytest.mark.parametrize("cut", [_BEFORE_THE_ANSWER_IS_KEPT, _AFTER_THE_COMMIT], ids=["before", "after"])
def test_p4_a_process_that_dies_in_between_neither_loses_nor_doubles(
    world: World, program_of: Programs, cut: str
) -> None:
    # given a process that is killed while it works on the request
    program, address, before = program_of("clerk"), f"/documents/{world.document}/resend", _deliveries()
    command = [sys.executable, "-c", _DYING.format(cut=cut), f"/api/v1{address}", program.secret]
    died = subprocess.run(command, env=dict(os.environ), check=False, timeout=60)
    assert died.returncode == -signal.SIGKILL
    assert _deliveries() == before + (cut is _AFTER_THE_COMMIT)
    # when the caller, who got no answer, sends the same again
    answer = program.post(address, "{}", **KEY)
    # then it is done exactly once
    assert answer.status_code == 201, answer.content
    assert _deliveries() == before + 1
    assert ("Idempotency-Replayed" in answer) == (cut is _AFTER_THE_COMMIT)
