"""Signing in with the directory's password, against a real slapd. Needs the extra ``ldap``.

The web process is the served one: which backends there are is decided when a process starts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from signin_kit import acts, person, served

from servers import missing
from servers.slapd import PASSWORD, SEARCHER, SEARCHER_PASSWORD, Slapd

pytestmark = pytest.mark.slow

GROUPS = {"ops": ["olga"], "records": ["olga", "rita"], "everybody": ["olga", "rita", "ugo"]}


@dataclass
class Desk:
    """The desk and its directory."""

    address: str
    slapd: Slapd

    def sign_in(self, email: str, password: str = PASSWORD) -> tuple[requests.Session, requests.Response]:
        browser = requests.Session()
        browser.get(f"{self.address}/account/login/", timeout=20)
        data = {"login": email, "password": password, "csrfmiddlewaretoken": browser.cookies["csrftoken"]}
        return browser, browser.post(f"{self.address}/account/login/", data=data, timeout=20)

    def lets_in(self, browser: requests.Session) -> bool:
        return browser.get(f"{self.address}/", allow_redirects=False, timeout=20).status_code == 200


@pytest.fixture
def desk(db: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    from postroom.identity.ldap_config import ldap_installed
    from postroom.project.ports import free_port

    if not ldap_installed():
        missing("the extra ldap is not installed")
    with Slapd(GROUPS, ["olga", "rita", "ugo"]) as slapd:
        settings = {
            "POSTROOM_LDAP_URL": slapd.url,
            "POSTROOM_LDAP_BIND_DN": SEARCHER,
            "POSTROOM_LDAP_BIND_PASSWORD_ENV": "TESTS_LDAP_PASSWORD",
            "TESTS_LDAP_PASSWORD": SEARCHER_PASSWORD,
            "POSTROOM_LDAP_USER_BASE": "ou=people,dc=firm,dc=example",
            "POSTROOM_LDAP_GROUP_BASE": "ou=groups,dc=firm,dc=example",
            "POSTROOM_LDAP_GROUP_ROLES": "ops=operator,records=records_manager",
        }
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        with served(free_port("127.0.0.1", 0)) as address:
            yield Desk(address, slapd)


def user(email: str) -> Any:
    from postroom.identity.models import User

    return User.objects.get(email=email)


def test_the_directorys_password_opens_and_groups_give_roles(desk: Desk) -> None:
    browser, _ = desk.sign_in("Olga@firm.example")
    assert desk.lets_in(browser)
    olga = user("olga@firm.example")
    assert (olga.name, olga.roles) == ("Olga Firm", ["operator", "records_manager"])
    assert not olga.has_usable_password()  # the directory's password is kept nowhere
    assert acts("user.signed_in") == [{"user": olga.pk, "by": "ldap"}]
    # when a group is taken away, then the role is gone at the next sign-in
    desk.slapd.regroup({"ops": ["rita"], "records": ["olga"]})
    browser, _ = desk.sign_in("olga@firm.example")
    assert desk.lets_in(browser) and user("olga@firm.example").roles == ["records_manager"]


def test_doctor_asks_the_directory(desk: Desk) -> None:
    from postroom.identity.ldap_config import ldap_config
    from postroom.support.doors import doors

    ldap_config.cache_clear()
    try:
        found = {finding.what: finding for finding in doors()}
        assert found["LDAP"].state == "ok" and "2 groups mapped" in found["LDAP"].told
        desk.slapd.__exit__()
        assert {finding.what: finding for finding in doors()}["LDAP"].state == "wrong"
    finally:
        ldap_config.cache_clear()


def test_a_wrong_or_empty_password_opens_nothing_and_counts(desk: Desk) -> None:
    for password in ("wrong", ""):
        browser, answer = desk.sign_in("olga@firm.example", password)
        assert answer.status_code == 200 and not desk.lets_in(browser)
    assert acts("user.sign_in_failed") == [{"user": None, "by": "password"}]
    for _ in range(4):
        desk.sign_in("olga@firm.example", "wrong")
    browser, answer = desk.sign_in("olga@firm.example")
    assert "Too many attempts" in answer.text and not desk.lets_in(browser)


def test_text_that_would_widen_the_search_is_escaped(desk: Desk) -> None:
    """RFC 4515: an asterisk that was typed stands for itself."""
    browser, answer = desk.sign_in("olg*@firm.example")
    assert answer.status_code == 200 and not desk.lets_in(browser)


def test_without_a_mapped_group_one_is_refused_and_told_why_and_it_counts_as_no_guess(desk: Desk) -> None:
    from postroom.identity.models import SignInTry, User

    browser, answer = desk.sign_in("ugo@firm.example")
    assert answer.status_code == 403 and "none of your groups" in answer.text
    assert not desk.lets_in(browser) and not User.objects.exists() and not SignInTry.objects.exists()


def test_who_is_deactivated_here_is_out_and_refused(desk: Desk) -> None:
    from postroom.identity.actions.deactivate_user import deactivate_user
    from postroom.identity.actor import SYSTEM

    browser, _ = desk.sign_in("rita@firm.example")
    assert desk.lets_in(browser)
    deactivate_user(SYSTEM, user("rita@firm.example"))
    assert not desk.lets_in(browser)
    again, answer = desk.sign_in("rita@firm.example")
    assert answer.status_code == 403 and not desk.lets_in(again)


def test_a_directory_that_is_away_is_no_wrong_password_and_local_people_still_come_in(desk: Desk) -> None:
    from postroom.identity.models import SignInTry

    person()
    desk.slapd.__exit__()
    _, answer = desk.sign_in("olga@firm.example")
    assert answer.status_code == 503 and "directory does not answer" in answer.text
    assert not SignInTry.objects.exists()
    browser, _ = desk.sign_in("anna@firm.example", "a-long-enough-secret")
    assert desk.lets_in(browser)
