"""Names of 200 letters, from right to left, with emoji and with tags: kept as they are, shown whole, never run."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from html.parser import HTMLParser
from typing import Any

import pytest

from api_kit import World
from desk_kit import Desk, desk_of, mark_in, said

LONG = "Wolkenbruch " * 16 + "Ende.end"
STRANGE = {
    "long": LONG,
    "from right to left": "شركة النور للطباعة \u202eevil\u202c",
    "emoji": "Zoë 👩🏽‍🏭🖨️ & Søns",
    "tags": "<script>alert('owned')</script><img src=x onerror=alert(1)>",
    "attribute": '" autofocus onfocus=alert(1) x="\'{{ 7*7 }}',
}


@pytest.fixture
def desk(user_of: Callable[[str], Any]) -> Desk:
    return desk_of(user_of)


def harm(page: str, name: str) -> list[str]:
    """What a page does with a name besides showing it as text."""
    found = []
    if "<" in name and name in page:
        found.append("the name stands there as markup")
    seen = _Seen()
    seen.feed(page)
    return found + seen.found


class _Seen(HTMLParser):
    """Reads a page as a browser does, and notes what would run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name for name, _ in attrs}
        if any(name.startswith("on") for name in names):
            self.found.append(f"<{tag}> has a handler")
        if tag == "script" and "src" not in names:
            self.found.append("there is a script in the page")


def shown(page: str, name: str) -> bool:
    """Whether the whole name is in the page, as text or as a title."""
    return escape(name, quote=True).replace("&#x27;", "&#39;") in page.replace("&#x27;", "&#39;")


def test_planted_an_unescaped_name_is_seen() -> None:
    assert harm(f"<p>{STRANGE['tags']}</p>", STRANGE["tags"])
    assert harm(f'<input value="{STRANGE["attribute"]}">', STRANGE["attribute"])
    assert harm(f"<p>{escape(STRANGE['tags'])}</p>", STRANGE["tags"]) == []


@pytest.mark.parametrize("kind", list(STRANGE))
def test_people_and_tokens_keep_strange_names(db: str, desk: Desk, kind: str) -> None:
    from postroom.identity.models import ApiToken, User

    name, admin = STRANGE[kind], desk("administrator")
    # when somebody is invited under that name, and a token is made
    form = {"token": mark_in(admin.get("/settings/people/")), "name": name, "email": "x@x.example", "role": ["clerk"]}
    assert admin.post("/settings/people/invite/", form).status_code == 200
    user = User.objects.get(email="x@x.example")
    assert user.name == " ".join(name.split())
    token = {"token": mark_in(admin.get("/settings/tokens/")), "name": name[:100], "scope": ["run.view"], "days": "30"}
    answer = admin.post("/settings/tokens/", token)
    assert answer.status_code == 200 and ApiToken.objects.get().name == name[:100].strip()
    # then every page shows it whole, and nothing of it runs
    for address in ("/settings/people/", f"/settings/people/{user.pk}/"):
        page = said(admin.get(address))
        assert shown(page, user.name) and harm(page, name) == [], address
    page = said(admin.get("/settings/tokens/"))
    assert shown(page, name[:100].strip()) and harm(page, name) == []
    user.roles = []
    user.save()


@pytest.mark.parametrize("kind", list(STRANGE))
def test_parties_and_templates_keep_strange_names(world: World, desk: Desk, kind: str) -> None:
    from django.test import Client

    from postroom.composition.models import Template
    from postroom.parties.models import Party
    from postroom.parties.portal import portal_link

    name = STRANGE[kind]
    Party.objects.filter(pk=world.party_id).update(name=name)
    Template.objects.update(name=name)
    admin = desk("administrator")
    for address in ("/parties/", f"/parties/{world.party_id}/", "/templates/", f"/documents/{world.document}/"):
        answer = admin.get(address)
        assert answer.status_code == 200 and shown(said(answer), name), address
        assert harm(said(answer), name) == [], address
    # and the customer reads their own name on the portal
    link = "/portal/" + portal_link(world.party_id, 0).partition("/portal/")[2]
    page = said(Client().get(f"{link}documents/"))
    assert shown(page, name) and harm(page, name) == []
    assert re.search(r'<h1[^>]*dir="auto"', page)


@pytest.mark.parametrize("kind", list(STRANGE))
def test_a_destination_with_a_strange_name_is_refused_and_told_as_text(
    starters: list[str], desk: Desk, kind: str
) -> None:
    admin = desk("administrator")
    answer = admin.post("/settings/channels/new/", {"kind": "portal", "key": STRANGE[kind]})
    assert answer.status_code == 422 and harm(said(answer), STRANGE[kind]) == []
    assert shown(said(answer), STRANGE[kind].strip())


@pytest.mark.parametrize("kind", list(STRANGE))
def test_saved_views_keep_strange_names(world: World, desk: Desk, kind: str) -> None:
    from postroom.web.models import SavedView

    name, clerk = STRANGE[kind], desk("clerk")
    saved = clerk.post("/lists/views/save/", {"list": "documents", "query": "q=press", "name": name})
    # a name that is too long for a tab is refused in words, and nothing is kept of it
    if len(name) > 80:
        told = said(clerk.get(saved["Location"]))
        assert "at most 80 letters" in told and harm(told, name) == [] and not SavedView.objects.exists()
        name = name[:80].strip()
        saved = clerk.post("/lists/views/save/", {"list": "documents", "query": "q=press", "name": name})
    view = SavedView.objects.get()
    assert view.name == " ".join(name.split())
    # every place that shows it shows it whole, and nothing of it runs
    clerk.post("/lists/views/pin/", {"view": view.pk, "pinned": "1"})
    for address in (saved["Location"], "/"):
        page = said(clerk.get(address))
        assert shown(page, view.name) and harm(page, name) == [], address
    # also while it is deleted, and brought back
    gone = clerk.get(clerk.post("/lists/views/delete/", {"view": view.pk})["Location"])
    assert shown(said(gone), view.name) and harm(said(gone), name) == []
    clerk.post("/lists/views/restore/", {"token": mark_in(gone)})
    assert SavedView.objects.get().name == view.name


@pytest.mark.parametrize("kind", list(STRANGE))
def test_lists_are_searched_and_filtered_by_strange_words(world: World, desk: Desk, kind: str) -> None:
    admin = desk("administrator")
    for address in ("/documents/", "/deliveries/", "/runs/", "/parties/"):
        page = said(admin.get(address, {"q": STRANGE[kind], "state": STRANGE[kind], "kind": STRANGE[kind]}))
        assert harm(page, STRANGE[kind]) == [], address
