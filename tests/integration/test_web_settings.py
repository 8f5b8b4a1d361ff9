"""Settings: people and roles, tokens, channels, folders, health, about. Each act is in the ledger."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from api_kit import World
from desk_kit import Desk, acts_of, desk_of, mark_in, said


@pytest.fixture
def desk(user_of: Callable[[str], Any]) -> Desk:
    return desk_of(user_of)


def secret_in(answer: Any) -> str:
    found = re.search(r'id="once-secret">([^<]+)<', said(answer))
    assert found is not None, "no secret is shown"
    return found[1]


# --- people --------------------------------------------------------------------------------------------------------


def test_somebody_is_invited_and_comes_in_by_a_link_that_is_shown_once(db: str, desk: Desk) -> None:
    from django.test import Client

    from postroom.identity.models import User

    browser = desk("administrator")
    form = {"token": mark_in(browser.get("/settings/people/")), "name": "Petra", "email": "petra@x.example"}
    # when a clerk is invited
    answer = browser.post("/settings/people/invite/", form | {"role": ["clerk"]})
    # then the link is on this page and lets them in
    link = secret_in(answer)
    came = Client()
    assert came.get(urlsplit(link).path).status_code == 303
    assert came.get("/documents/").status_code == 200 and came.get("/runs/").status_code == 404
    # when the answer is loaded again, then nobody is made twice and no link is made
    again = browser.post("/settings/people/invite/", form | {"role": ["clerk"]})
    assert again.status_code == 303 and User.objects.filter(email="petra@x.example").count() == 1
    assert "once-secret" not in said(browser.get("/settings/people/"))
    assert acts_of("user.created")[-1]["roles"] == ["clerk"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"email": "nobody"}, "valid email"),
        ({"name": " "}, "A name is needed"),
        ({"role": []}, "at least one role"),
        ({"role": ["emperor"]}, "no role"),
        ({"email": "administrator@postroom.example"}, "is taken"),
    ],
)
def test_an_invitation_with_a_mistake_comes_back_with_what_was_typed(
    db: str, desk: Desk, changes: dict[str, Any], told: str
) -> None:
    browser = desk("administrator")
    form = {"name": "Petra Ekdahl", "email": "petra@x.example", "role": ["clerk", "author"]} | changes
    form["token"] = mark_in(browser.get("/settings/people/"))
    answer = browser.post("/settings/people/invite/", form)
    assert answer.status_code == 422 and told in said(answer)
    assert str(form["email"]) in said(answer)


def test_roles_are_changed_and_hold_from_the_next_request(db: str, desk: Desk, user_of: Any) -> None:
    clerk, browser, theirs = user_of("clerk"), desk("administrator"), desk("clerk")
    assert theirs.get("/runs/").status_code == 404
    done = browser.post(f"/settings/people/{clerk.pk}/roles/", {"role": ["operator", "clerk"]})
    assert done.status_code == 303 and theirs.get("/runs/").status_code == 200
    facts = acts_of("user.roles_changed")[-1]
    assert (facts["before"], facts["roles"]) == (["clerk"], ["clerk", "operator"])
    refused = browser.post(f"/settings/people/{clerk.pk}/roles/", {})
    assert refused.status_code == 422 and "at least one role" in said(refused)


def test_somebody_who_leaves_is_out_at_once_and_their_tokens_too(db: str, desk: Desk, user_of: Any) -> None:
    from postroom.identity.actions.issue_token import issue_token
    from postroom.identity.actor import SYSTEM
    from postroom.identity.errors import BadToken
    from postroom.identity.queries import actor_by_secret

    clerk, browser, theirs = user_of("clerk"), desk("administrator"), desk("clerk")
    _, secret = issue_token(SYSTEM, user=clerk, name="shop")
    # when the person is deactivated
    assert browser.post(f"/settings/people/{clerk.pk}/deactivate/").status_code == 303
    # then session and token end
    assert theirs.get("/documents/").status_code == 302
    with pytest.raises(BadToken):
        actor_by_secret(secret)
    assert "Deactivated" in said(browser.get("/settings/people/"))
    # when they are let in again, then the token stays revoked
    assert browser.post(f"/settings/people/{clerk.pk}/reactivate/").status_code == 303
    with pytest.raises(BadToken):
        actor_by_secret(secret)
    clerk.refresh_from_db()
    assert desk("clerk").get("/documents/").status_code == 200


def test_the_last_administrator_stays(db: str, desk: Desk, user_of: Any) -> None:
    last, browser = user_of("administrator"), desk("administrator")
    # when the last one would give the role away, or leave
    given = browser.post(f"/settings/people/{last.pk}/roles/", {"role": ["clerk"]})
    left = browser.post(f"/settings/people/{last.pk}/deactivate/")
    # then both are refused, and the form keeps what was ticked
    assert given.status_code == 422 and "last administrator" in said(given)
    assert left.status_code == 422
    last.refresh_from_db()
    assert last.is_active and last.roles == ["administrator"]


@pytest.mark.parametrize("planted", [False, True])
def test_two_administrators_cannot_remove_each_other(
    db: str, planted: bool, user_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gate is the lock of ``people.locked``. Planted: without it both see the other, and nobody stays."""
    from django.db import connection

    from postroom.identity.actions import change_roles as module
    from postroom.identity.actions.change_roles import change_roles
    from postroom.identity.actions.create_user import create_user
    from postroom.identity.actor import SYSTEM
    from postroom.identity.errors import LastAdministrator
    from postroom.identity.models import User

    if planted:
        seen = threading.Barrier(2)
        asked = module.keep_an_administrator

        def both_look(user: Any) -> None:
            asked(user)
            seen.wait(10)

        monkeypatch.setattr(module, "locked", lambda user_id: User.objects.get(pk=user_id))
        monkeypatch.setattr(module, "keep_an_administrator", both_look)

    def race() -> int:
        both = [
            create_user(SYSTEM, email=f"{mark}@x.example", name=mark, roles=["administrator"])
            for mark in (f"a{User.objects.count()}", f"b{User.objects.count()}")
        ]
        User.objects.exclude(pk__in=[one.pk for one in both]).update(roles=["clerk"])
        gate, refused = threading.Barrier(2), []

        def demote(user: Any) -> None:
            try:
                gate.wait(10)
                change_roles(SYSTEM, user.pk, ["clerk"])
            except LastAdministrator:
                refused.append(user.pk)
            finally:
                connection.close()

        threads = [threading.Thread(target=demote, args=[user]) for user in both]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        return User.objects.filter(is_active=True, roles__contains=["administrator"]).count()

    assert race() == (0 if planted else 1)


def test_who_does_not_manage_people_finds_no_people(db: str, desk: Desk, user_of: Any) -> None:
    clerk = user_of("clerk")
    for role in ("operator", "auditor", "clerk"):
        assert desk(role).get("/settings/people/").status_code == 404
        assert desk(role).post(f"/settings/people/{clerk.pk}/roles/", {"role": ["administrator"]}).status_code == 403
    clerk.refresh_from_db()
    assert clerk.roles == ["clerk"]
    assert desk("clerk").get("/settings/")["Location"] == "/settings/tokens/"
    assert desk("administrator").get("/settings/people/987654/").status_code == 404


# --- tokens --------------------------------------------------------------------------------------------------------


def test_a_token_of_ones_own_is_shown_once_and_holds_no_more_than_its_owner(world: World, desk: Desk) -> None:
    from postroom.identity.models import ApiToken
    from postroom.identity.queries import actor_by_secret

    browser = desk("clerk")
    form = {"name": "Shop", "days": "90", "scope": ["document.view", "user.manage"]}
    form["token"] = mark_in(browser.get("/settings/tokens/"))
    # when a clerk asks for a token, also for what they may not do
    secret = secret_in(browser.post("/settings/tokens/", form))
    # then it can what its owner can, and the page never shows it again
    assert actor_by_secret(secret).permissions == {"document.view"}
    assert ApiToken.objects.get().scopes == ["document.view"]
    assert secret not in said(browser.get("/settings/tokens/")) and "Shop" in said(browser.get("/settings/tokens/"))
    # when its form is handed in again, then no second one is made
    assert browser.post("/settings/tokens/", form).status_code == 303
    assert ApiToken.objects.count() == 1
    # and nothing to do, or no name, is a mistake that keeps what was typed
    fresh = mark_in(browser.get("/settings/tokens/"))
    empty = browser.post("/settings/tokens/", {"name": "Keeps", "token": fresh})
    assert empty.status_code == 422 and "Keeps" in said(empty)


def test_everybody_revokes_their_own_and_administrators_anybodys(db: str, desk: Desk, user_of: Any) -> None:
    from postroom.identity.actions.issue_token import issue_token
    from postroom.identity.actor import SYSTEM

    mine, _ = issue_token(SYSTEM, user=user_of("clerk"), name="mine")
    other, _ = issue_token(SYSTEM, user=user_of("operator"), name="others-till")
    browser = desk("clerk")
    assert "others-till" not in said(browser.get("/settings/tokens/")).split("A new token")[0]
    assert browser.post(f"/settings/tokens/{other.pk}/revoke/").status_code == 404
    assert browser.post("/settings/tokens/98765/revoke/").status_code == 404  # not even whether there is one
    assert browser.post(f"/settings/tokens/{mine.pk}/revoke/").status_code == 303
    assert desk("administrator").post(f"/settings/tokens/{other.pk}/revoke/").status_code == 303
    for token in (mine, other):
        token.refresh_from_db()
        assert token.revoked_at is not None


def test_a_program_cannot_make_tokens(db: str, user_of: Any) -> None:
    from postroom.identity.actions.issue_token import issue_token
    from postroom.identity.actor import SYSTEM, actor_of_token
    from postroom.kernel.errors import NotAllowed

    clerk = user_of("clerk")
    token, _ = issue_token(SYSTEM, user=clerk, name="shop")
    with pytest.raises(NotAllowed):
        issue_token(actor_of_token(token), user=clerk, name="another")


# --- channels ------------------------------------------------------------------------------------------------------


def test_a_destination_is_set_up_by_a_form_made_from_its_channel(starters: list[str], desk: Desk, home: Any) -> None:
    from postroom.delivery.models import Destination

    browser = desk("operator")
    page = said(browser.get("/settings/channels/new/?kind=email"))
    assert 'name="set-host"' in page and 'name="set-security"' in page and "Password variable" in page
    # when it is handed in with mistakes, then each stands at its field and what was typed stays
    wrong = {"kind": "email", "key": "mail relay", "set-port": "99999", "set-sender_address": "us@x.example"}
    answer = browser.post("/settings/channels/new/", wrong)
    text = said(answer)
    assert answer.status_code == 422
    assert 'id="e-host"' in text and 'id="e-port"' in text and 'id="e-key"' in text and "us@x.example" in text
    # when it is right, then it is kept with real types, and without what was left empty
    right = wrong | {"key": "relay", "set-port": "2525", "set-host": "127.0.0.1", "set-security": "none"}
    assert browser.post("/settings/channels/new/", right).status_code == 303
    config = Destination.objects.get(key="relay").config
    assert config["port"] == 2525 and "username" not in config and config["attach"] is False
    # when it is changed, then the rest stays
    change = {"set-host": "127.0.0.1", "set-port": "2526", "set-security": "none", "set-sender_address": "us@x.example"}
    assert browser.post("/settings/channels/relay/", change | {"set-attach": "true"}).status_code == 303
    config = Destination.objects.get(key="relay").config
    assert (config["port"], config["attach"]) == (2526, True)
    assert acts_of("destination.set")[-1]["key"] == "relay"
    assert browser.get("/settings/channels/new/?kind=pigeon")["Location"] == "/settings/channels/"
    taken = browser.post("/settings/channels/new/", right | {"key": "letters"})
    assert taken.status_code == 422 and "of this name already" in said(taken)


def test_a_check_tells_what_it_found_and_delivers_nothing(starters: list[str], desk: Desk) -> None:
    from postroom.delivery.models import Destination

    browser = desk("operator")
    assert "dest-found" in said(browser.post("/settings/channels/portal/check/"))
    # a destination nobody answers at, and one whose settings are broken, are told in words
    email = {"host": "127.0.0.1", "port": 1, "security": "none", "sender_address": "us@x.example"}
    Destination.objects.create(key="dead", channel="email", config=email)
    Destination.objects.create(key="broken", channel="email", config={"host": ""})
    assert "refuses the connection" in said(browser.post("/settings/channels/dead/check/"))
    assert "setting" in said(browser.post("/settings/channels/broken/check/"))
    assert browser.post("/settings/channels/nothing/check/").status_code == 404


def test_a_destination_is_taken_out_of_use_even_when_it_is_broken(starters: list[str], desk: Desk) -> None:
    from postroom.delivery.models import Destination

    Destination.objects.create(key="broken", channel="email", config={"host": ""})
    browser = desk("operator")
    assert browser.post("/settings/channels/broken/switch/").status_code == 303
    assert not Destination.objects.get(key="broken").enabled
    assert acts_of("destination.disabled") == [{"key": "broken"}]
    assert browser.post("/settings/channels/broken/switch/", {"to": "on"}).status_code == 303
    assert Destination.objects.get(key="broken").enabled
    assert desk("auditor").get("/settings/channels/").status_code == 404


def test_no_channel_setting_is_a_secret_itself(starters: list[str]) -> None:
    """Secrets are names of environment variables: no installed channel has a field that asks for one."""
    from postroom.kernel import registry

    def secrets_of(names: Any) -> list[str]:
        return [name for name in names if re.search("pass|secret|token|apikey", name) and not name.endswith("_env")]

    for kind in registry.names("channels"):
        assert secrets_of(registry.provider("channels", kind).Config.model_fields) == [], kind
    assert secrets_of(["password", "password_env"]) == ["password"]  # planted


# --- folders, health, about ----------------------------------------------------------------------------------------


def test_p7_a_folder_closed_to_a_role_is_closed_everywhere(world: World, desk: Desk) -> None:
    browser, theirs = desk("administrator"), desk("clerk")
    address = f"/documents/{world.document}/"
    assert theirs.get(address).status_code == 200
    # when the folder is closed to clerks
    done = browser.post("/settings/folders/", {"folder": ["invoices"], "see-invoices": ["operator", "auditor"]})
    # then page, search and palette know nothing of its documents any more; administrators do
    assert done.status_code == 303 and theirs.get(address).status_code == 404
    offered = theirs.get("/palette/", {"q": world.number}).json()["groups"]
    assert [item["glyph"] for group in offered for item in group["items"]] == ["search"]
    assert browser.get(address).status_code == 200
    facts = acts_of("folder.opened")[-1]
    assert facts["folder"] == "invoices" and facts["roles"] == ["auditor", "operator"]
    # and roles that see no documents, or are none, are not kept
    browser.post("/settings/folders/", {"folder": ["invoices"], "see-invoices": ["author", "emperor", "clerk"]})
    assert acts_of("folder.opened")[-1]["roles"] == ["clerk"]
    assert desk("operator").get("/settings/folders/").status_code == 404


def test_health_tells_what_is_there_and_what_is_missing(starters: list[str], desk: Desk) -> None:
    page = said(desk("operator").get("/settings/health/"))
    assert "PostgreSQL" in page and "Cage" in page and "Desk assets" in page
    assert "Nobody works: runs and deliveries wait." in page  # no worker runs in this test
    assert desk("clerk").get("/settings/health/").status_code == 404


def test_health_tells_of_workers_of_another_release(
    starters: list[str], desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from postroom.kernel import liveness

    # given workers of this release only, then there is nothing to tell; given one of another, then it is named
    mine = liveness.WorkerLock("render").take()
    assert "Versions of the workers" not in said(desk("operator").get("/settings/health/"))
    monkeypatch.setitem(vars(liveness), "__version__", "0.0.1")
    other = liveness.WorkerLock("render").take()
    page = said(desk("operator").get("/settings/health/"))
    assert "Versions of the workers" in page and "0.0.1 (" in page
    # and when it has gone, so has the note
    other.release()
    mine.release()
    assert "0.0.1 (" not in said(desk("operator").get("/settings/health/"))


def test_doctor_and_health_page_share_one_examination(db: str) -> None:
    from postroom.project.doctor import examine
    from postroom.support import health

    house = {finding.what for finding in health.examine(start_database=False)}
    assert {one.what for one in examine() if not one.what.startswith("lane ")} == house | {"Desk assets", "finishing"}


def test_about_names_what_postroom_is_made_of(db: str, desk: Desk) -> None:
    page = said(desk("clerk").get("/settings/about/"))
    assert "Apache-2.0" in page and "BSD-3-Clause" in page and "Django" in page and "htmx.org" in page
