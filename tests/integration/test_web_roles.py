"""P7 for every role and every address of the desk, with the ids of things that are really there.

The matrix (``tests/architecture/test_permission_matrix.py``) holds each address against what it declares. This holds
it against what people see: the navigation of a role leads only to pages that open, and every other page is not there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from api_kit import World
from architecture.test_permission_matrix import OTHERWISE, Route, routes
from desk_kit import Desk, desk_of, said

#: What each role finds on the rail, in its order. Whoever changes a role changes this sentence by sentence.
RAIL = {
    "operator": [
        "home",
        "send",
        "letters",
        "templates",
        "runs",
        "set-aside",
        "deliveries",
        "documents",
        "parties",
        "settings",
    ],
    "author": ["home", "templates", "settings"],
    "clerk": ["home", "letters", "templates", "deliveries", "documents", "parties", "settings"],
    "records_manager": ["home", "templates", "deliveries", "documents", "parties", "settings"],
    "auditor": ["home", "templates", "runs", "set-aside", "deliveries", "documents", "parties", "settings"],
    "administrator": [
        "home",
        "send",
        "letters",
        "templates",
        "runs",
        "set-aside",
        "deliveries",
        "documents",
        "parties",
        "settings",
    ],
}
#: Below these nobody needs a role: one's own sessions and sign-in, and doors with a proof of their own.
OPEN = ("account/", "static/", "api/", "enter/", "portal/", "healthz", "sessions/")
#: And these are nobody's secret: the guide, and what people keep for themselves.
THEIR_OWN = ("home/", "palette/", "help/", "events", "lists/", "language", "counts")


@pytest.fixture
def desk(user_of: Callable[[str], Any]) -> Desk:
    return desk_of(user_of)


def on_the_rail(answer: Any) -> list[str]:
    """First parts of the addresses of the navigation."""
    rail = re.search(r'<nav class="rail".*?<pop-up', said(answer), re.DOTALL)
    assert rail is not None
    return [address.strip("/") or "home" for address in re.findall(r'href="(/[^"]*)" data-go', rail[0])]


def pages() -> Iterator[Route]:
    """Addresses of the desk that answer GET to whoever has the permissions."""
    from postroom.identity.access import access_of

    for route in routes():
        told = access_of(route.view)
        if (
            "GET" in told
            and not told["GET"].public
            and not told["GET"].customer
            and not route.pattern.startswith((*OPEN, "help/<"))
        ):
            yield route


def wrong_pages(client: Any, actor: Any, world: World, found: Iterator[Route]) -> list[str]:
    """Pages that open although they should not be there, or are not there although they should open."""
    from postroom.identity.access import access_of

    wrong = []
    for route in found:
        due = access_of(route.view)["GET"].status_for(actor)
        answer = client.get(route.address(world))
        if any(
            route.pattern.startswith(start) and answer.status_code == other for start, (other, _) in OTHERWISE.items()
        ):
            continue
        there = answer.status_code not in (403, 404) and answer.status_code < 500  # 422: an act that names nothing
        if there != (due == 200) or (not there and answer.status_code != 404):
            wrong.append(f"{route.pattern}: {answer.status_code}")
    return wrong


@pytest.mark.parametrize("role", list(RAIL))
def test_p7_the_rail_shows_what_a_role_may_open_and_all_else_is_not_there(
    world: World, desk: Desk, role: str, user_of: Callable[[str], Any]
) -> None:
    from postroom.identity.actor import actor_of_user

    client, actor = desk(role), actor_of_user(user_of(role))
    rail = on_the_rail(client.get("/"))
    assert rail == RAIL[role]
    for section in rail:
        answer = client.get("/" if section == "home" else f"/{section}/")
        assert answer.status_code in (200, 303), section
    assert wrong_pages(client, actor, world, pages()) == []


def test_p7_planted_a_page_that_forgets_its_door_turns_this_red(
    world: World, desk: Desk, user_of: Callable[[str], Any]
) -> None:
    from postroom.identity.actor import actor_of_user
    from postroom.web.views.settings import people

    class Leaky:
        """A browser to which the list of people is open, whatever the role."""

        def get(self, address: str) -> Any:
            return desk("administrator" if address == "/settings/people/" else "author").get(address)

    (route,) = (route for route in pages() if route.view is people.index)
    told = wrong_pages(Leaky(), actor_of_user(user_of("author")), world, iter([route]))
    assert told == ["settings/people/: 200"]


@pytest.mark.parametrize("roles", [[], ["emperor"], ["emperor", "king"]])
def test_p7_who_has_no_role_this_version_knows_finds_who_can_help_and_nothing_else(
    world: World, desk: Desk, user_of: Callable[[str], Any], roles: list[str]
) -> None:
    from postroom.identity.models import User

    # given somebody who lost their role, or has one of another version
    client = desk("clerk")
    boss = user_of("administrator")
    User.objects.filter(pk=user_of("clerk").pk).update(roles=roles)
    # then the first page is calm, and says who can help
    home = client.get("/")
    assert home.status_code == 200 and str(boss) in said(home) and "no role here" in said(home)
    assert on_the_rail(home) == ["home"]
    assert client.get("/sessions/").status_code == 200
    # and nothing else is there, by name or by number
    found = [
        f"{route.pattern}: {answer.status_code}"
        for route in pages()
        if route.pattern and not route.pattern.startswith(THEIR_OWN)
        for answer in [client.get(route.address(world))]
        if answer.status_code != 404
    ]
    assert found == []


def test_acts_a_role_may_not_do_are_not_shown(world: World, desk: Desk) -> None:
    # given pages of things that somebody may see and others may change
    hidden = {
        f"/runs/{world.run}/": ("auditor", ("cancel/", "Correct…")),
        f"/documents/{world.document}/": ("auditor", ("resend/",)),
        f"/deliveries/{world.delivery}/": ("records_manager", ("resend/", "decide/")),
        f"/parties/{world.party_id}/": ("auditor", ("wishes/", "revoke-links/")),
        "/set-aside/": ("auditor", ("go-on/", "Correct…")),
        "/runs/": ("auditor", ("/runs/new/",)),
        "/": ("clerk", ("/runs/new/",)),
    }
    for address, (role, acts) in hidden.items():
        page = said(desk(role).get(address)).partition("<main")[2].partition("</main")[0]
        assert page, address
        for act in acts:
            assert act not in page, (address, role, act)
