"""Sessions: listed, ended one by one or all at once, and over when their owner is let in no more."""

from __future__ import annotations

import re

import pytest
from signin_kit import PASSWORD, acts, browser, is_in, person, sign_in


def test_a_session_gets_a_new_key_at_sign_in_and_ends_at_sign_out(db: str) -> None:
    anna = person()
    desk = browser()
    # given a key an attacker might have fixed in the browser
    desk.get("/account/login/")
    session = desk.session
    session["x"] = 1
    session.save()
    fixed = session.session_key
    desk.cookies["sessionid"] = fixed
    sign_in(desk)
    assert desk.cookies["sessionid"].value != fixed
    kept = desk.cookies["sessionid"].value
    assert is_in(desk)
    desk.post("/account/logout/")
    desk.cookies["sessionid"] = kept
    assert not is_in(desk)
    assert acts("user.signed_in") == [{"user": anna.pk, "by": "password"}]
    assert acts("user.signed_out") == [{"user": anna.pk}]


def test_the_list_shows_where_and_with_what_and_ends_the_other_one(db: str) -> None:
    anna = person()
    here = browser("10.0.0.1")
    there = browser("10.0.0.2", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1")
    sign_in(here)
    sign_in(there)
    page = here.get("/sessions/").content.decode()
    assert "Firefox, Linux" in page and "Safari, iPhone" in page and "10.0.0.2" in page
    assert page.count("This one") == 1
    ended = re.findall(r'action="(/sessions/\d+/end/)"', page)
    assert len(ended) == 1
    # when the other one is ended, then it is out with its next request
    assert here.post(ended[0]).status_code == 303
    assert not is_in(there) and is_in(here)
    assert acts("user.session_revoked") == [{"user": anna.pk, "sessions": 1, "which": "one"}]


def test_all_others_end_at_once(db: str) -> None:
    person()
    here, *others = (browser(f"10.0.0.{number}") for number in range(4))
    for client in (here, *others):
        sign_in(client)
    here.post("/sessions/end-others/")
    assert is_in(here) and not any(is_in(client) for client in others)


def test_p7_nobody_ends_or_sees_a_session_of_somebody_else(db: str) -> None:
    from allauth.usersessions.models import UserSession

    from postroom.identity.actions.end_sessions import end_session
    from postroom.identity.actor import actor_of_user
    from postroom.kernel.errors import NotAllowed

    anna, ben = person(), person("ben@firm.example")
    hers, his = browser("10.0.0.1"), browser("10.0.0.2")
    sign_in(hers)
    sign_in(his, "ben@firm.example")
    of_anna = UserSession.objects.get(user=anna)
    assert "10.0.0.1" not in his.get("/sessions/").content.decode()
    his.post(f"/sessions/{of_anna.pk}/end/")
    assert is_in(hers)
    with pytest.raises(NotAllowed):
        end_session(actor_of_user(ben), anna, of_anna.pk)


def test_a_new_password_ends_the_other_sessions(db: str) -> None:
    anna = person()
    here, there = browser("10.0.0.1"), browser("10.0.0.2")
    sign_in(here)
    sign_in(there)
    new = "another-long-secret"
    answer = here.post(
        "/account/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new}, follow=False
    )
    assert answer.status_code == 302
    assert is_in(here) and not is_in(there)
    assert {"user": anna.pk, "what": "password_changed"} in acts("user.sign_in_changed")


def test_signing_somebody_out_ends_sessions_no_list_knows_too(db: str) -> None:
    from allauth.usersessions.models import UserSession

    from postroom.identity.actions.end_sessions import sign_out_everywhere
    from postroom.identity.actor import SYSTEM

    anna = person()
    listed, unlisted = browser("10.0.0.1"), browser("10.0.0.2")
    sign_in(listed)
    sign_in(unlisted)
    UserSession.objects.filter(ip="10.0.0.2").delete()
    assert is_in(unlisted)
    assert sign_out_everywhere(SYSTEM, anna) == 1
    assert not is_in(listed) and not is_in(unlisted)
    # and she may come in again
    assert sign_in(listed).status_code == 302 and is_in(listed)


def test_who_is_deactivated_is_out_at_once_by_session_token_and_link(db: str) -> None:
    from django.test import Client

    from postroom.identity.actions.activate_user import activate_user
    from postroom.identity.actions.deactivate_user import deactivate_user
    from postroom.identity.actions.issue_token import issue_token
    from postroom.identity.actions.sign_in_link import make_sign_in_link
    from postroom.identity.actor import SYSTEM

    anna = person()
    desk = browser()
    sign_in(desk)
    secret = issue_token(SYSTEM, user=anna, name="script")[1]
    link = make_sign_in_link(SYSTEM, anna)
    bearer = {"HTTP_AUTHORIZATION": f"Bearer {secret}"}
    program = Client(raise_request_exception=False)
    assert program.get("/api/v1/documents", **bearer).status_code == 200
    deactivate_user(SYSTEM, anna)
    assert not is_in(desk)
    assert program.get("/api/v1/documents", **bearer).status_code == 401
    assert browser().get(f"/enter/{link}/").status_code == 410
    # the right password leads to a page that says so, and to nothing else
    answer = sign_in(browser())
    assert answer.status_code == 302 and answer["Location"] == "/account/inactive/"
    assert "administrator has ended your access" in browser().get("/account/inactive/").content.decode()
    # let in again, nothing of before comes back to life
    activate_user(SYSTEM, anna)
    assert not is_in(desk) and program.get("/api/v1/documents", **bearer).status_code == 401
    assert sign_in(desk).status_code == 302 and is_in(desk)


def test_an_ordinary_page_does_not_write_where_it_was_seen(db: str) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    person()
    desk = browser()
    sign_in(desk)
    desk.get("/sessions/")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        desk.get("/account/2fa/")
    assert not [query["sql"] for query in asked if "UPDATE" in query["sql"] or "INSERT" in query["sql"]]


def test_the_one_click_link_makes_a_listed_session(db: str) -> None:
    from allauth.usersessions.models import UserSession

    from postroom.identity.actions.sign_in_link import make_sign_in_link
    from postroom.identity.actor import SYSTEM

    anna = person()
    desk = browser()
    desk.get(f"/enter/{make_sign_in_link(SYSTEM, anna)}/")
    assert is_in(desk)
    assert UserSession.objects.filter(user=anna).count() == 1
