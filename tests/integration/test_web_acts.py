"""What people do on the desk goes through the actions: corrected, cancelled, sent again, decided, entered."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api_kit import World, as_file, carry_through, records

HTMX = {"HX-Request": "true"}
Desk = Callable[[str], Any]


@pytest.fixture
def desk(user_of: Callable[[str], Any]) -> Desk:
    """A browser in which somebody with a role is signed in."""
    from django.test import Client

    def sign_in(role: str) -> Client:
        client = Client(raise_request_exception=False)
        client.force_login(user_of(role), backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return sign_in


def open_run(count: int = 2) -> Any:
    """A run that was started and that no worker has touched yet."""
    from postroom.identity.actor import SYSTEM
    from postroom.production.actions.start_run import start_run

    with tempfile.NamedTemporaryFile(suffix=".jsonl") as file:
        items = records(count)
        for item in items:
            item["number"] = f"O-{item['number']}"
        file.write(as_file(items).read())
        file.flush()
        return start_run(SYSTEM, template="invoice", path=Path(file.name), name="open.jsonl").run


def in_doubt(world: World) -> Any:
    """A delivery whose receiver fell silent."""
    from postroom.delivery.models import IN_DOUBT, Delivery

    Delivery.objects.filter(pk=world.delivery).update(state=IN_DOUBT, code="in-doubt", reason="The line went dead.")
    return f"/deliveries/{world.delivery}/"


def test_a_record_is_corrected_and_goes_on(world: World, desk: Desk) -> None:
    # given the form of a record that was set aside, alone for htmx and in its page for everybody else
    browser, address = desk("operator"), f"/runs/{world.run}/set-aside/{world.record}/"
    alone = browser.get(address, headers=HTMX)
    assert alone.content.strip().startswith(b"<tbody") and alone["X-Postroom-Partial"] == "1"
    assert b"<html" in browser.get(address).content
    # when it is handed in with a mistake, then what was typed stays and the mistake is named
    wrong = browser.post(address, {"record": '{"number": "T-0004",'}, headers=HTMX)
    assert wrong.status_code == 422
    assert "&quot;T-0004&quot;," in wrong.content.decode() and "line 1" in wrong.content.decode()
    # when it is handed in as it should be
    good = {**records(1)[0], "number": "T-0009"}
    done = browser.post(address, {"record": json.dumps(good)})
    # then the run goes on with it, and the balance stays zero
    assert (done.status_code, done["Location"]) == (303, f"/runs/{world.run}/")
    carry_through_chunks(world)
    said = browser.get(f"/runs/{world.run}/").content.decode()
    assert "Set aside" not in said.split("By channel")[0].split("Documents")[0] or "T-0009" in said
    assert json.loads(browser.get(f"/runs/{world.run}/balance.json").content)["completed"] == 4
    # and there is nothing left to correct
    assert browser.get(address).status_code == 404


def carry_through_chunks(world: World) -> None:
    from postroom.production.models import Run

    carry_through(Run.objects.get(ref=world.run).pk)


def test_htmx_is_led_to_the_whole_page_after_a_correction(world: World, desk: Desk) -> None:
    address = f"/runs/{world.run}/set-aside/{world.record}/"
    done = desk("operator").post(address, {"record": json.dumps(records(1)[0])}, headers=HTMX)
    assert (done.status_code, done["HX-Redirect"]) == (204, f"/runs/{world.run}/")


def test_who_may_look_but_not_correct_gets_no_form(world: World, desk: Desk) -> None:
    address = f"/runs/{world.run}/set-aside/{world.record}/"
    looked = desk("auditor").get(address)
    assert looked.status_code == 200 and b"<textarea" not in looked.content
    assert desk("auditor").post(address, {"record": "{}"}).status_code == 403


def test_a_run_is_cancelled_with_a_reason(starters: list[str], desk: Desk) -> None:
    run, browser = open_run(), desk("operator")
    # when no reason is given, then nothing happens and the page says what is missing
    refused = browser.post(f"/runs/{run.ref}/cancel/", {"reason": " "})
    assert refused.status_code == 422 and b"A reason is needed." in refused.content
    # when one is given
    done = browser.post(f"/runs/{run.ref}/cancel/", {"reason": "Wrong month"})
    # then the run is cancelled, and its page says why and offers it no more
    assert done.status_code == 303
    page = browser.get(done["Location"]).content.decode()
    assert "Wrong month" in page and "Cancel run" not in page
    assert desk("auditor").post(f"/runs/{run.ref}/cancel/", {"reason": "x"}).status_code == 403


def test_a_document_is_sent_again_and_printed_again(world: World, desk: Desk) -> None:
    browser, address = desk("clerk"), f"/documents/{world.document}/"
    assert browser.post(f"{address}resend/", {"reason": ""}).status_code == 422
    # when it is sent again with a reason
    done = browser.post(f"{address}resend/", {"reason": "She never got it"})
    # then there is a new delivery that keeps the reason, and the story tells it
    assert done.status_code == 303 and done["Location"].startswith("/deliveries/")
    assert "She never got it" in browser.get(done["Location"]).content.decode()
    printed = browser.post(f"{address}reprint/")
    assert printed.content == browser.get(f"{address}download/").content
    assert printed["Content-Disposition"] == f'attachment; filename="{world.number}.pdf"'
    story = browser.get(address).content.decode()
    assert "Sent again" in story and "Given out to be printed again" in story


def test_a_clerk_sees_no_data_and_no_run(world: World, desk: Desk) -> None:
    page = desk("clerk").get(f"/documents/{world.document}/").content.decode()
    assert "Made from this data" not in page and world.run not in page
    assert "Made from this data" in desk("operator").get(f"/documents/{world.document}/").content.decode()


@pytest.mark.parametrize(("answer", "state"), [("yes", "delivered"), ("no", "ready")])
def test_a_doubt_is_decided_by_a_person(world: World, desk: Desk, answer: str, state: str) -> None:
    from postroom.delivery.models import Delivery

    # given a delivery in doubt: the page says that we do not know, never that it arrived
    address, browser = in_doubt(world), desk("operator")
    page = browser.get(address).content.decode()
    assert "We do not know whether it arrived" in page and "Did it arrive?" in page
    assert "Did it arrive?" not in desk("clerk").get(address).content.decode()
    # when somebody decides without saying how they know, then nothing is decided
    assert browser.post(f"{address}decide/?arrived={answer}", {"reason": ""}).status_code == 422
    assert browser.post(f"{address}decide/", {"reason": "x"}).status_code == 422
    # when they say it, then it is settled
    assert browser.post(f"{address}decide/?arrived={answer}", {"reason": "Asked her"}).status_code == 303
    assert Delivery.objects.get(pk=world.delivery).state == state


def test_the_desk_refuses_a_form_from_elsewhere(world: World, user_of: Callable[[str], Any]) -> None:
    from django.test import Client

    browser = Client(enforce_csrf_checks=True)
    browser.force_login(user_of("operator"), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert browser.post(f"/documents/{world.document}/resend/", {"reason": "x"}).status_code == 403


def test_a_sign_in_link_works_once(db: str, user_of: Callable[[str], Any]) -> None:
    from django.test import Client

    from postroom.identity.actions.sign_in_link import make_sign_in_link
    from postroom.identity.actor import SYSTEM

    secret = make_sign_in_link(SYSTEM, user_of("operator"))
    browser = Client()
    assert browser.head(f"/enter/{secret}/").status_code == 200  # a scanner's look does not use it up
    done = browser.get(f"/enter/{secret}/")
    assert (done.status_code, done["Location"]) == (303, "/")
    assert browser.get("/runs/").status_code == 200
    again = Client().get(f"/enter/{secret}/")
    assert again.status_code == 410 and b"used already" in again.content
    assert b"cut off" in Client().get("/enter/nonsense/").content


def test_signing_in_by_the_form(db: str, user_of: Callable[[str], Any]) -> None:
    from django.test import Client

    person = user_of("operator")
    person.set_password("a-long-one-of-ours")
    person.save()
    answer = Client().post("/account/login/?next=/runs/", {"login": person.email, "password": "a-long-one-of-ours"})
    assert (answer.status_code, answer["Location"]) == (302, "/runs/")


def test_what_is_typed_into_a_search_is_never_an_error(world: World, desk: Desk) -> None:
    browser = desk("administrator")
    for text in ("\x00", "'; drop table", "a" * 5000, "%%%", "((", "🎉", "1533.50", "-", "T-000"):
        for address in ("/documents/", "/deliveries/", "/parties/", "/outbox/"):
            assert browser.get(address, {"q": text}).status_code == 200, (address, text)
    odd = {"from": "soon", "to": "2026-13-40", "min": "a lot", "max": "1e9", "run": "R-1", "party": "\x00", "kind": "x"}
    found = browser.get("/documents/", odd)
    assert found.status_code == 200 and "cannot be read" in found.content.decode()
    for before in ("x", "WyJ4Il0:1:1"):
        assert browser.get("/documents/", {"before": before}).status_code == 200


def test_an_error_page_never_shows_a_stack(world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from postroom.web.fill import runs

    monkeypatch.setattr(runs, "rows_of", lambda rows: 1 / 0)  # the planted fault
    answer = desk("operator").get("/runs/")
    assert answer.status_code == 500
    assert b"Reference" in answer.content and b"ZeroDivisionError" not in answer.content


def test_health_is_public_and_tells_when_the_database_is_away(db: str) -> None:
    from django.conf import settings
    from django.test import Client

    assert Client().get("/healthz").content == b"ok\n"
    kept = settings.DATABASE_URL
    try:
        settings.DATABASE_URL = "postgresql://127.0.0.1:1/none"
        answer = Client().get("/healthz")
    finally:
        settings.DATABASE_URL = kept
    assert (answer.status_code, answer.content) == (503, b"the database does not answer\n")


def test_without_a_database_every_page_says_so(home: Any) -> None:
    """A web process whose database is away answers 503 with a page, signed in or not (a cookie is enough to ask)."""
    script = """
import django; django.setup()
from django.test import Client
browser = Client(raise_request_exception=False)
browser.cookies["sessionid"] = "x" * 32
for address in ("/", "/runs/", "/portal/x/", "/enter/x/"):
    answer = browser.get(address)
    print(address, answer.status_code, b"The database does not answer" in answer.content)
"""
    environment = {
        **os.environ,
        "POSTROOM_HOME": str(home.root),
        "POSTROOM_DATABASE_URL": "postgresql://127.0.0.1:1/none?connect_timeout=2",
        "DJANGO_SETTINGS_MODULE": "postroom.project.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("/")]
    signed = "/portal/x/ 404 False"  # a bad link is refused before the database is asked
    assert lines == ["/ 503 True", "/runs/ 503 True", signed, "/enter/x/ 503 True"], done.stderr[-2000:]
