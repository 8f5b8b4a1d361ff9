"""Every page of the desk answers with real data, shows each role only what it may see, and asks few questions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from api_kit import World

Desk = Callable[[str], Any]


@pytest.fixture
def desk(user_of: Callable[[str], Any]) -> Desk:
    """A browser in which somebody with a role is signed in: ``desk("operator").get("/runs/")``."""
    from django.test import Client

    def sign_in(role: str) -> Client:
        client = Client(enforce_csrf_checks=False)
        client.force_login(user_of(role), backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return sign_in


def pages(world: World) -> dict[str, str]:
    from postroom.documents.models import Document

    document = Document.objects.get(pk=world.document)
    return {
        "home": "/",
        "home-live": "/home/live/",
        "runs": "/runs/",
        "runs-live": "/runs/live/",
        "run": f"/runs/{world.run}/",
        "run-live": f"/runs/{world.run}/live/",
        "balance": f"/runs/{world.run}/balance.json",
        "set-aside": f"/runs/{world.run}/set-aside/{world.record}/",
        "documents": "/documents/",
        "search": f"/documents/?q={world.number}&run={world.run}",
        "document": f"/documents/{world.document}/",
        "document-all": f"/documents/{world.document}/?events=all",
        "page": f"/documents/{world.document}/pages/1-96.png",
        "download": f"/documents/{world.document}/download/",
        "deliveries": "/deliveries/",
        "delivery": f"/deliveries/{world.delivery}/",
        "parties": "/parties/",
        "party": f"/parties/{document.party_id}/",
        "templates": "/templates/",
        "template-picture": "/templates/invoice/1.png",
        "outbox": "/outbox/",
    }


#: Roles that see a page besides those listed nowhere: everybody signed in.
_SEES = {
    "home": {"operator", "author", "clerk", "records_manager", "auditor", "administrator"},
    "runs": {"operator", "auditor", "administrator"},
    "run": {"operator", "auditor", "administrator"},
    "set-aside": {"operator", "auditor", "administrator"},
    "document": {"operator", "clerk", "records_manager", "auditor", "administrator"},
    "delivery": {"operator", "clerk", "records_manager", "auditor", "administrator"},
    "templates": {"operator", "author", "clerk", "records_manager", "auditor", "administrator"},
    "outbox": {"operator", "auditor", "administrator"},
}


def test_every_page_answers_an_administrator(world: World, desk: Desk) -> None:
    browser = desk("administrator")
    for name, address in pages(world).items():
        answer = browser.get(address)
        assert answer.status_code == 200, (name, answer.status_code)
        if answer["Content-Type"].startswith("text/html"):
            assert "Content-Security-Policy" in answer.headers
            assert answer["Cache-Control"] == "no-store", name


def test_p7_a_page_without_permission_is_not_there(world: World, desk: Desk) -> None:
    # given somebody of each role
    for role in ("operator", "author", "clerk", "records_manager", "auditor", "administrator"):
        browser, addresses = desk(role), pages(world)
        # when they open each page
        for name, roles in _SEES.items():
            answer = browser.get(addresses[name])
            # then it is there for those who may see it, and a 404 for all others
            assert answer.status_code == (200 if role in roles else 404), (role, name)


def test_the_rail_shows_only_what_the_role_may_see(world: World, desk: Desk) -> None:
    for role, seen, hidden in (
        ("author", ["/templates/"], ["/runs/", "/documents/", "/deliveries/", "/parties/", "/outbox/"]),
        ("clerk", ["/documents/", "/parties/", "/deliveries/"], ["/runs/", "/outbox/"]),
        ("operator", ["/documents/", "/runs/"], []),
    ):
        text = desk(role).get("/").content.decode()
        for address in seen:
            assert f'href="{address}"' in text, (role, address)
        for address in hidden:
            assert f'href="{address}"' not in text, (role, address)
        assert 'href=""' not in text


def test_without_signing_in_every_page_leads_to_the_door(world: World, desk: Desk) -> None:
    from django.test import Client

    stranger = Client()
    for name, address in pages(world).items():
        answer = stranger.get(address)
        assert answer.status_code == 302 and answer["Location"].startswith("/account/login/?next="), name
    assert stranger.get("/runs/", headers={"HX-Request": "true"}).status_code == 401


#: Most queries one page may ask, however long its lists are: session, person, two of the rail, and its own.
_MOST = {
    "home": 20,
    "runs": 12,
    "run": 22,
    "documents": 12,
    "search": 16,
    "document": 26,
    "deliveries": 10,
    "delivery": 26,
    "parties": 10,
    "party": 17,
    "templates": 12,
    "outbox": 6,
}


def test_a_page_asks_few_questions_and_no_more_when_lists_grow(world: World, desk: Desk) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from api_kit import as_file, carry_through, records
    from postroom.identity.actor import SYSTEM
    from postroom.production.actions.start_run import start_run

    browser, addresses = desk("administrator"), pages(world)

    def asked() -> dict[str, int]:
        counts = {}
        for name in _MOST:
            browser.get(addresses[name])  # what is loaded once is loaded now
            with CaptureQueriesContext(
                connection,
            ) as queries:
                browser.get(addresses[name])
            counts[name] = len(queries)
        return counts

    # given the questions each page asks of a small archive
    few = asked()
    print(few)
    for name, count in few.items():
        assert count <= _MOST[name], (name, count)
    # when another run brings more documents, deliveries and records set aside
    import tempfile
    from pathlib import Path

    more = [*records(12), *['{"number": ' + str(n) for n in range(4)]]
    for record in more[:12]:
        record["number"] = f"M-{record['number']}"
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as file:
        file.write(as_file(more).read())
        file.flush()
        carry_through(start_run(SYSTEM, template="invoice", path=Path(file.name), name="more.jsonl").run.pk)
    # then no page asks more
    many = asked()
    print(many)
    assert {name: many[name] - few[name] for name in many if many[name] > few[name]} == {}
