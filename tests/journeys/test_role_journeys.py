"""Each role's way through the house, by the rail and by keys: everything it may see, no act it may not do, and the
rest is not there (P7). The clerk works in German.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from integration.test_web_roles import RAIL
from journeys.conftest import PATIENCE, Company, People, follow, shut, sign_in
from journeys.keys import not_lost, press
from journeys.screens import SCREENS

#: ``g`` and this letter lead to a room of the rail.
KEYS = {
    "home": "h",
    "send": "s",
    "letters": "l",
    "templates": "t",
    "runs": "r",
    "set-aside": "a",
    "deliveries": "e",
    "outbox": "o",
    "documents": "d",
    "parties": "p",
    "settings": "c",
}
LANGUAGES = {"clerk": "de"}
#: The role as the rail says it, in the language its person works in.
TITLES = {
    "operator": "Output operator",
    "author": "Template author",
    "clerk": "Sachbearbeitung",
    "records_manager": "Records manager",
    "auditor": "Auditor",
    "administrator": "Administrator",
}
_LEADS = """() => {
    const found = [];
    for (const one of document.querySelectorAll("a[href], form[action], [formaction], [hx-get], [hx-post]")) {
        const form = one.closest("form");
        for (const [name, method] of [["href", "GET"], ["action", (one.method || "get").toUpperCase()],
                ["formaction", (form?.method || "get").toUpperCase()], ["hx-get", "GET"], ["hx-post", "POST"]]) {
            const said = one.getAttribute(name);
            if (said && !said.startsWith("#")) found.push([method, new URL(said, location.href).href]);
        }
    }
    return found;
}"""


@pytest.fixture(params=list(RAIL))
def role(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def page(role: str, browser: Browser, company: Company, people: People) -> Iterator[Page]:
    """A tab in which somebody with the role has signed in."""
    context = browser.new_context(base_url=company.address, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE)
    opened = context.new_page()
    told: list[str] = []
    opened.on("console", lambda said: told.append(said.text) if said.type == "error" else None)
    opened.on("pageerror", lambda error: told.append(str(error)))
    sign_in(opened, company, people.email(role, LANGUAGES.get(role, "en")))
    yield opened
    assert told == []
    shut(context)


def rooms_of(role: str) -> list[str]:
    """The rail of ``role`` in the sample company, which has an Outbox besides."""
    from postroom.identity.roles import permissions_of

    rooms = list(RAIL[role])
    if "outbox.view" in permissions_of([role]):
        rooms.insert(rooms.index("deliveries") + 1, "outbox")
    return rooms


def refusal(role: str, method: str, address: str) -> int:
    """What the address answers to ``role``, by what its view declares: 200 when it lets them in."""
    import django
    from django.urls import Resolver404, resolve

    from postroom.identity.access import access_of
    from postroom.identity.actor import Actor
    from postroom.identity.roles import permissions_of

    django.setup()
    try:
        told = access_of(resolve(urlsplit(address).path).func)
    except Resolver404:
        return 404
    access = told.get(method, told.get("*"))
    if access is None:
        return 405 if told else 200
    if access.public or access.customer:
        return 200
    return access.status_for(Actor("user:0", frozenset({role}), permissions_of([role])))


def leads_astray(role: str, leads: list[tuple[str, str]], address: str) -> list[str]:
    """Links, forms and buttons that would not let ``role`` in."""
    inside = [(method, lead) for method, lead in leads if lead.startswith(address + "/")]
    told = {f"{method} {urlsplit(lead).path}: {refusal(role, method, lead)}" for method, lead in inside}
    return sorted(line for line in told if not line.endswith(": 200"))


def leads_of(page: Page) -> list[tuple[str, str]]:
    return [(method, lead) for method, lead in page.evaluate(_LEADS)]


def test_p7_a_role_walks_all_of_its_rooms_and_meets_no_door_that_is_shut(
    page: Page, role: str, company: Company
) -> None:
    # given the first page: it says who is here, and which rooms there are
    expect(page.locator(".who small")).to_have_text(TITLES[role])
    assert page.evaluate("() => document.documentElement.lang") == LANGUAGES.get(role, "en")
    rooms = rooms_of(role)
    keys = [link.get_attribute("data-go") for link in page.locator("nav.rail a[data-go]").all()]
    assert keys == [KEYS[room] for room in rooms]
    astray = {}
    for room in rooms:
        # when they open each by the rail, and the first thing in it
        follow(page, page.locator(f"nav.rail a[data-go={KEYS[room]}]"))
        expect(page.locator(f"nav.rail a[data-go={KEYS[room]}]")).to_have_attribute("aria-current", "page")
        expect(page.locator("h1")).to_be_visible()
        astray[room] = leads_astray(role, leads_of(page), company.address)
        thing = page.locator("main a[data-open]").first
        if thing.count():
            follow(page, thing)
            expect(page.locator("h1")).to_be_visible()
            astray[f"in {room}"] = leads_astray(role, leads_of(page), company.address)
    # then nothing they are offered is refused
    assert {room: lines for room, lines in astray.items() if lines} == {}
    # and the keys lead to the same rooms
    for room in rooms:
        page.goto("/help/")
        press(page, "g", KEYS[room])
        page.wait_for_url(f"{company.address}/" if room == "home" else f"{company.address}/{room}/**")
        press(page, "Tab")
        not_lost(page, f"g {KEYS[room]}")


def test_p7_what_a_role_may_not_see_is_not_there_at_its_address(
    page: Page, role: str, places: dict[str, str], company: Company
) -> None:
    opened, wrong = 0, []
    for name, screen in SCREENS.items():
        address = company.address + screen.address.format_map(places)
        if screen.guest or not screen.route or refusal(role, "GET", address) == 200:
            continue
        opened += 1
        answer = page.context.request.get(address, max_redirects=0)
        if answer.status != 404:
            wrong.append(f"{name}: {answer.status}")
    assert wrong == []
    assert (opened == 0) == (role == "administrator")


def test_p7_planted_a_link_and_an_act_for_others_are_found(company: Company, browser: Browser) -> None:
    page = browser.new_page(base_url=company.address)
    page.goto("/healthz")
    page.set_content('<a href="/runs/">x</a><form method="post" action="/settings/people/invite/"></form>')
    told = leads_astray("author", leads_of(page), company.address)
    assert told == ["GET /runs/: 404", "POST /settings/people/invite/: 403"]
    shut(page)
