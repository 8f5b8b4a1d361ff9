"""P7, deny by default, walked: every address says who may use it, and answers each role as it says.

A route declares with ``postroom.identity.access``: the API by ``auth=needs(..)``, pages by ``@declare(Access(..))``.
Whoever adds a route without a declaration turns this test red; addresses of libraries stand below with a reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from api_kit import World

if TYPE_CHECKING:
    from postroom.identity.access import Access

#: Addresses of libraries, which cannot declare, by what their route starts with, and why they are open.
LIBRARIES = {
    "account/": "Signing in, out and changing one's own password (allauth); asks for a session where it needs one.",
    "static/": "Built assets of the desk, without data.",
}
_NO_ID = "00000000-0000-7000-8000-000000000000"
#: What stands in for a parameter of an address, from the ``world`` fixture.
VALUES: dict[str, Callable[[World], str]] = {
    "ref": lambda world: world.run,
    "run": lambda world: world.run,
    "run_ref": lambda world: world.run,
    "record_id": lambda world: world.record,
    "record": lambda world: world.record,
    "document_id": lambda world: world.document,
    "document": lambda world: world.document,
    "delivery_id": lambda world: world.delivery,
    "delivery": lambda world: world.delivery,
    "party": lambda world: world.party,
    "key": lambda world: world.party,
    "template": lambda world: "invoice",
    "party_id": lambda world: world.party_id,
    "number": lambda world: "1",
    "no": lambda world: "1",
    "width": lambda world: "440",
    "session": lambda world: "1",
    "pk": lambda world: "1",
    "token": lambda world: "no-such-token",
    "secret": lambda world: "no-such-secret",
    "mail_id": lambda world: "no-such-mail",
    "user_id": lambda world: "1",
    "token_id": lambda world: "1",
    "destination": lambda world: "letters",
    "schedule": lambda world: "no-such-schedule",
    "cause": lambda world: "no-such-cause",
    "alarm_id": lambda world: world.document,
    "draft": lambda world: _NO_ID,
    "conflict": lambda world: _NO_ID,
    "comment_id": lambda world: _NO_ID,
    "kind": lambda world: "block",
    "part": lambda world: "no-such-part",
    "step": lambda world: "sent",
    "version": lambda world: _NO_ID,
    "starter": lambda world: "licence",
    "layout": lambda world: "no-such-layout",
    "digest": lambda world: "0" * 64,
    "letter_id": lambda world: _NO_ID,
    "limit_id": lambda world: _NO_ID,
    "place": lambda world: "1",
}
#: Addresses whose open door shows as a refusal of another kind here, to those who may pass it, and why.
OTHERWISE: dict[str, tuple[int, str]] = {
    "letters/<uuid:letter_id>/": (404, "the world has no letter"),
    "api/v1/letters/<letter_id>": (404, "the world has no letter"),
    "api/v1/letters/<uuid:letter_id>": (404, "the world has no letter"),
    "settings/letters/<uuid:limit_id>/": (404, "the world has no limit"),
    "outbox/<str:mail_id>/": (404, "the world has caught no mail"),
    "runs/schedules/<slug:schedule>/": (404, "the world has no schedule"),
    "api/v1/schedules/<schedule>": (404, "the world has no schedule"),
    "api/v1/events/<path:cause>": (404, "nobody has told of a cause"),
    "settings/health/alarms/": (404, "nothing gave an alarm"),
    "templates/drafts/": (404, "the world has no draft"),
    "api/v1/drafts/": (404, "the world has no draft"),
    "api/v1/template-tests": (422, "which tests is asked for by their digests"),
    "templates/uses/<str:digest>/picture/": (404, "no template has a picture of that digest"),
    "templates/house/brand/<slug:part>/logo/": (404, "the world has no brand with a logo"),
    "templates/house/new/<slug:kind>/": (403, "content blocks and brands are asked for apart"),
    "templates/house/<slug:kind>/": (404, "the world has no content block"),
    "runs/<str:ref>/data/": (404, "the template of the world has no layout"),
    "api/v1/runs/<ref>/data/": (404, "the template of the world has no layout"),
    "api/v1/alarms/<alarm_id>/acknowledge": (404, "nothing has raised an alarm"),
    "documents/zip/": (422, "an archive of nothing is not made"),
    "settings/tokens/<int:token_id>/": (404, "the world has issued no token"),
    "home/step/": (404, "the walk has no steps for who may not take all of them"),
    "account/reauthenticate/": (403, "the people of this test have no password to ask for"),
    "account/2fa/reauthenticate/": (403, "the people of this test have no app to ask for a code of"),
    "account/2fa/webauthn/": (404, "the people of this test have no passkey to change"),
    "account/2fa/webauthn/reauthenticate/": (403, "the people of this test have no passkey to ask for"),
    "account/2fa/totp/deactivate/": (404, "the people of this test have no app to switch off"),
    "account/2fa/recovery-codes/": (404, "the people of this test have no recovery codes"),
}
#: The same name means another thing below these routes.
BELOW: dict[str, dict[str, Callable[[World], str]]] = {
    "api/v1/templates/": {"key": lambda world: "invoice"},
    "templates/": {"key": lambda world: "invoice"},
    "help/": {"key": lambda world: "runs"},
}
#: Bodies that acts accept; anything else is answered 4xx after the door, which shows as much.
BODIES: dict[str, dict[str, Any]] = {
    "api/v1/runs/<ref>/cancel": {"reason": "matrix"},
    "api/v1/deliveries/<delivery_id>/decide": {"arrived": True, "reason": "matrix"},
    "api/v1/alarms/<alarm_id>/acknowledge": {"reason": "matrix"},
}


@dataclass(frozen=True)
class Route:
    """One address of the URL conf with its view."""

    pattern: str
    view: Any

    def address(self, world: World) -> str:
        names = {**VALUES}
        for start, more in BELOW.items():
            if self.pattern.startswith(start):
                names |= more

        def filled(match: re.Match[str]) -> str:
            name = match[2]
            if name not in names:
                raise AssertionError(f"{self.pattern}: say in VALUES what stands for <{name}>")
            return names[name](world)

        return "/" + re.sub(r"<(?:(\w+):)?(\w+)>", filled, self.pattern)


def routes(patterns: Any = None, before: str = "") -> Iterator[Route]:
    """Every address of the URL conf."""
    from django.urls import URLResolver, get_resolver

    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        text = before + str(pattern.pattern).lstrip("^")
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, text)
        else:
            yield Route(text, pattern.callback)


def undeclared(patterns: Any = None) -> list[str]:
    """Addresses that neither declare whom they let in nor belong to a library named above."""
    from postroom.identity.access import access_of

    return [
        route.pattern
        for route in routes(patterns)
        if not access_of(route.view) and not route.pattern.startswith(tuple(LIBRARIES))
    ]


def test_p7_every_address_says_whom_it_lets_in(db: str) -> None:
    from postroom.api.api import api, door_of

    assert undeclared() == []
    # and every operation of the API has a door, for each of its methods
    assert [operation.operation_id for operation in api.operations() if door_of(operation).access is None] == []


def test_p7_what_is_public_has_a_reason(db: str) -> None:
    from postroom.identity.access import access_of

    for route in routes():
        for access in access_of(route.view).values():
            assert not access.public or len(access.public.split()) > 2, route.pattern
            assert not (access.public and access.needs), route.pattern
    assert all(len(reason) > 20 for reason in LIBRARIES.values())


def test_p7_planted_an_undeclared_address_turns_this_red(db: str) -> None:
    from django.http import HttpRequest, HttpResponse
    from django.urls import path
    from ninja import Router

    from postroom.api.api import assembled

    def leak(request: HttpRequest) -> HttpResponse:
        return HttpResponse("everything")

    forgetful = Router()
    forgetful.get("/open")(leak)
    # when somebody adds a page, and an operation, without saying who may use them
    assert undeclared([path("leak/", leak)]) == ["leak/"]
    assert undeclared([path("api/v1/", assembled(("/planted", forgetful)).urls)]) == ["api/v1/planted/open"]


ROLES = ("operator", "author", "approver", "clerk", "records_manager", "auditor", "administrator")


@pytest.mark.parametrize("role", ["nobody", *ROLES])
def test_p7_each_role_is_answered_as_the_address_says(
    world: World, role: str, user_of: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Acts are called with bodies that do nothing or little; what matters is whether the door opened."""
    from django.test import Client

    from postroom.identity import roles
    from postroom.identity.access import access_of
    from postroom.identity.actor import NOBODY, actor_of_user

    assert set(ROLES) == set(roles.ROLES), "a new role joins the matrix"
    actor = NOBODY if role == "nobody" else actor_of_user(user_of(role))
    wrong: list[str] = []
    signed_in: dict[str, str] = {}
    for route in routes():
        for method, access in access_of(route.view).items():
            if access.public:
                continue
            for verb in ("GET", "POST") if method == "*" else (method,):
                client = Client(raise_request_exception=False)
                if role != "nobody":
                    signed_in = _signed_in(signed_in, user_of(role))
                    client.cookies.load(signed_in)
                body = BODIES.get(route.pattern, {})
                answer = client.generic(
                    verb, route.address(world), _json(body) if verb == "POST" else "", content_type="application/json"
                )
                told = _judged(route, verb, access, actor, role, answer.status_code)
                if told:
                    wrong.append(f"{role} {verb} {route.pattern}: {answer.status_code}, {told}")
    assert not wrong, "\n".join(wrong)


def _signed_in(cookies: dict[str, str], user: Any) -> dict[str, str]:
    """Cookies of a session of ``user``: those there are, or of a new one when the last act ended it."""
    from django.conf import settings
    from django.contrib.sessions.models import Session
    from django.test import Client

    name = settings.SESSION_COOKIE_NAME
    if name in cookies and Session.objects.filter(pk=cookies[name]).exists():
        return cookies
    client = Client()
    client.force_login(user)
    return {name: client.cookies[name].value}


def _json(body: dict[str, Any]) -> str:
    import json

    return json.dumps(body)


def _judged(route: Route, verb: str, access: Access, actor: Any, role: str, status: int) -> str:
    """What is wrong with the answer; "" when nothing is."""
    if status >= 500:
        return "a fault of ours"
    if access.customer:  # a portal link is asked for, and the matrix has none
        return "" if status in (401, 403, 404, 410) else "is open without a portal link"
    if role == "nobody":
        expected = (401,) if route.pattern.startswith("api/") else (302, 401)
        return "" if status in expected else f"nobody is to get {expected}"
    due = access.status_for(actor)
    if due == 200:
        if any(route.pattern.startswith(start) and status == other for start, (other, _) in OTHERWISE.items()):
            return ""
        if verb in ("GET", "HEAD"):
            return "" if status < 400 or status == 405 else "is allowed in"
        # the door opened: 2xx, or what the action itself has to say of this body or state
        return "" if status < 400 or status in (400, 405, 409, 415, 422) else "is allowed in"
    return "" if status == due else f"is to get {due}"
