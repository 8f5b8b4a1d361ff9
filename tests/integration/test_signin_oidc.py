"""Single sign-on against a real provider (npm oidc-provider): the web process as it is served, and a browser's steps.

One provider and one server for each test, since people, groups and what the database holds are the test's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import pytest
import requests
from signin_kit import acts, claims, person, served

from servers.oidc_provider import CLIENT_ID, CLIENT_SECRET, OidcProvider, agree

pytestmark = pytest.mark.slow

PEOPLE = {
    "olga": claims("ops", "everybody", email="Olga@firm.example", name="Olga Ops"),
    "rita": claims("records", "ops", email="rita@firm.example", name="Rita Records"),
    "ugo": claims("everybody", email="ugo@firm.example", name="Ugo Unmapped"),
    "vera": claims("ops", email="anna@firm.example", name="Vera", verified=False),
    "anna": claims("ops", email="anna@firm.example", name="Anna"),
}


@dataclass
class House:
    """The desk and its provider."""

    address: str
    back: str
    provider: OidcProvider

    def begin(self, browser: requests.Session, wanted: str = "") -> str:
        """Where the desk sends this browser."""
        query = f"?{urlencode({'next': wanted})}" if wanted else ""
        answer = browser.get(f"{self.address}/account/sso/{query}", allow_redirects=False, timeout=20)
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    def sign_in(self, login: str, browser: requests.Session | None = None, wanted: str = "") -> requests.Response:
        """All the way, and where it led."""
        browser = browser or requests.Session()
        return browser.get(agree(browser, self.begin(browser, wanted), login, self.back), timeout=20)

    def lets_in(self, browser: requests.Session) -> bool:
        return browser.get(f"{self.address}/", allow_redirects=False, timeout=20).status_code == 200


@pytest.fixture
def house(db: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[House]:
    from postroom.project.ports import free_port

    port = free_port("127.0.0.1", 0)
    back = f"http://127.0.0.1:{port}/account/sso/back/"
    with OidcProvider(back, PEOPLE) as provider:
        settings = {
            "POSTROOM_OIDC_ISSUER": provider.issuer,
            "POSTROOM_OIDC_CLIENT_ID": CLIENT_ID,
            "POSTROOM_OIDC_CLIENT_SECRET_ENV": "TESTS_OIDC_SECRET",
            "TESTS_OIDC_SECRET": CLIENT_SECRET,
            "POSTROOM_OIDC_SCOPES": "openid profile email groups",
            "POSTROOM_OIDC_GROUP_ROLES": "ops=operator,records=records_manager",
            "POSTROOM_OIDC_NAME": "Firm",
            **getattr(request, "param", {}),
        }
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        with served(port) as address:
            yield House(address, back, provider)


def user(email: str) -> Any:
    from postroom.identity.models import User

    return User.objects.get(email=email)


def changed(address: str, **parameters: str) -> str:
    """The address with other parameters in its query."""
    parts = urlsplit(address)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()} | parameters
    return urlunsplit(parts._replace(query=urlencode(query)))


def test_who_has_a_mapped_group_is_made_at_the_first_sign_in_and_keeps_the_groups_roles(house: House) -> None:
    from postroom.identity.models import User

    # given nobody, and the door shows the way
    assert "Sign in with Firm" in requests.get(f"{house.address}/account/login/", timeout=20).text
    browser = requests.Session()
    sent = parse_qs(urlsplit(house.begin(browser)).query)
    assert sent["code_challenge_method"] == ["S256"] and sent["nonce"] and sent["state"]
    # when she signs in, then she is there with the role of her group, and lands where she wanted
    answer = house.sign_in("olga", browser, "/runs/")
    assert answer.url == f"{house.address}/runs/"
    olga = user("olga@firm.example")
    assert (olga.name, olga.roles, olga.has_usable_password()) == ("Olga Ops", ["operator"], False)
    assert acts("user.created")[-1] == {"user": olga.pk, "roles": ["operator"], "by": "oidc"}
    assert acts("user.signed_in")[-1] == {"user": olga.pk, "by": "oidc"}
    # when roles were changed by hand, the groups win at the next sign-in
    User.objects.filter(pk=olga.pk).update(roles=["administrator"])
    house.sign_in("olga")
    assert user("olga@firm.example").roles == ["operator"]
    assert User.objects.count() == 1
    # two groups give two roles
    house.sign_in("rita")
    assert user("rita@firm.example").roles == ["operator", "records_manager"]


def test_who_has_no_mapped_group_is_refused_with_a_page_that_says_why(house: House) -> None:
    from postroom.identity.models import User

    browser = requests.Session()
    answer = house.sign_in("ugo", browser)
    assert answer.status_code == 403
    assert "none of your groups may use Postroom" in answer.text and "looks after your groups" in answer.text
    assert not house.lets_in(browser) and not User.objects.exists()
    assert acts("user.sign_in_refused") == [{"user": None, "by": "oidc", "reason": "no-role"}]


def test_who_lost_the_groups_loses_roles_sessions_and_tokens(house: House) -> None:
    from postroom.identity.actions.issue_token import issue_token
    from postroom.identity.actor import SYSTEM

    browser = requests.Session()
    house.sign_in("olga", browser)
    olga = user("olga@firm.example")
    issue_token(SYSTEM, user=olga, name="script")
    # given her account at the provider is now one without the group
    from allauth.socialaccount.models import SocialAccount

    SocialAccount.objects.filter(user=olga).update(uid="ugo")
    assert house.sign_in("ugo").status_code == 403
    assert user("olga@firm.example").roles == []
    assert not house.lets_in(browser)
    assert not olga.tokens.filter(revoked_at=None).exists()


def test_who_is_deactivated_here_is_out_at_once_and_refused_whatever_the_provider_says(house: House) -> None:
    from postroom.identity.actions.deactivate_user import deactivate_user
    from postroom.identity.actor import SYSTEM

    browser = requests.Session()
    house.sign_in("olga", browser)
    assert house.lets_in(browser)
    deactivate_user(SYSTEM, user("olga@firm.example"))
    assert not house.lets_in(browser)
    answer = house.sign_in("olga", browser)
    assert answer.status_code == 403 and "your access to Postroom was ended" in answer.text
    assert not house.lets_in(browser)


def test_a_foreign_state_is_refused(house: House) -> None:
    browser = requests.Session()
    back = agree(browser, house.begin(browser), "olga", house.back)
    assert browser.get(changed(back, state="of-another-browser"), timeout=20).status_code == 401
    # and the right address in a browser that did not begin: an attacker's code in a victim's hands
    assert requests.get(back, timeout=20).status_code == 401
    # and the same address twice
    assert browser.get(back, timeout=20).status_code == 200
    assert browser.get(back, timeout=20).status_code == 401


def test_a_foreign_nonce_is_refused(house: House) -> None:
    browser = requests.Session()
    authorize = house.begin(browser)
    # given an ID token made for another beginning: state and PKCE fit, the nonce does not
    answer = browser.get(agree(browser, changed(authorize, nonce="another"), "olga", house.back), timeout=20)
    assert answer.status_code == 401 and "does not fit what was asked" in answer.text
    assert not house.lets_in(browser)
    assert acts("user.sign_in_refused")[-1]["reason"] == "not-believed"


def test_a_code_of_another_sign_in_is_refused(house: House) -> None:
    mine, theirs = requests.Session(), requests.Session()
    stolen = parse_qs(urlsplit(agree(theirs, house.begin(theirs), "olga", house.back)).query)["code"][0]
    back = agree(mine, house.begin(mine), "rita", house.back)
    # when the stolen code comes with my own state: PKCE (RFC 7636) gives it away
    assert mine.get(changed(back, code=stolen), timeout=20).status_code == 401
    assert not house.lets_in(mine)


def test_an_address_is_joined_only_when_the_provider_vouches_for_it(house: House) -> None:
    anna = person()
    answer = house.sign_in("vera")
    assert answer.status_code == 403 and "does not vouch" in answer.text
    assert house.sign_in("anna").status_code == 200
    assert user("anna@firm.example").pk == anna.pk
    assert user("anna@firm.example").roles == ["operator"]


def test_nothing_of_the_person_at_the_provider_is_kept(house: House) -> None:
    from allauth.socialaccount.models import SocialAccount, SocialToken

    house.sign_in("olga")
    house.sign_in("olga")
    account = SocialAccount.objects.get()
    assert (account.uid, account.extra_data) == ("olga", {})
    assert not SocialToken.objects.exists()


@pytest.mark.parametrize("house", [{"POSTROOM_OIDC_ONLY": "1"}], indirect=True)
def test_with_single_sign_on_alone_no_password_opens(house: House) -> None:
    person()
    browser = requests.Session()
    page = browser.get(f"{house.address}/account/login/", timeout=20).text
    assert 'name="password"' not in page and "Sign in with Firm" in page and "passkey" not in page
    # when somebody hands in what the form would have, with the token of another page
    browser.get(f"{house.address}/account/password/reset/", timeout=20)
    data = {"login": "anna@firm.example", "password": "a-long-enough-secret"}
    data["csrfmiddlewaretoken"] = browser.cookies["csrftoken"]
    answer = browser.post(f"{house.address}/account/login/", data=data, timeout=20)
    assert "Passwords are switched off" in answer.text
    assert not house.lets_in(browser)
    house.sign_in("anna", browser)
    assert house.lets_in(browser)


def test_doctor_asks_the_provider(house: House) -> None:
    from postroom.identity.oidc_config import oidc_config
    from postroom.support.doors import doors

    oidc_config.cache_clear()
    try:
        found = {finding.what: finding for finding in doors()}["Single sign-on"]
        assert (found.state, found.told) == ("ok", "Firm, 2 groups mapped")
        house.provider.__exit__()
        assert {finding.what: finding for finding in doors()}["Single sign-on"].state == "wrong"
    finally:
        oidc_config.cache_clear()


def test_a_provider_that_is_away_is_told_in_a_sentence(house: House) -> None:
    house.provider.__exit__()
    answer = requests.get(f"{house.address}/account/sso/", timeout=20)
    assert answer.status_code == 503 and "Firm does not answer" in answer.text


def _signed_out(house: House, browser: requests.Session) -> str:
    """Sign out at the desk; where its page sends the browser on to, "" for nowhere."""
    from html import unescape

    data = {"csrfmiddlewaretoken": browser.cookies["csrftoken"]}
    answer = browser.post(f"{house.address}/account/logout/", data=data, timeout=20)
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', answer.text)
    return unescape(found[1]) if found else ""


def _knows(house: House, browser: requests.Session) -> bool:
    """Whether the provider lets this browser in again without asking who it is."""
    answer = browser.get(changed(house.begin(browser), prompt="none"), allow_redirects=False, timeout=20)
    return "code=" in answer.headers.get("Location", "")


def test_signing_out_here_signs_out_at_the_provider(house: House) -> None:
    from django.contrib.sessions.models import Session

    browser = requests.Session()
    house.sign_in("olga", browser)
    assert _knows(house, browser)
    # given that no row tells who it is: the ID token lies there encrypted (a token begins with eyJ)
    assert not any("eyJ" in str(row.get_decoded().get("postroom_provider")) for row in Session.objects.all())
    # when she signs out
    to = _signed_out(house, browser)
    assert not house.lets_in(browser)
    asked = parse_qs(urlsplit(to).query)
    assert asked["post_logout_redirect_uri"] == [f"{house.address}/account/login/"] and asked["id_token_hint"]
    # then the provider knows whose session it is, asks her once, and leads back to our door
    page = browser.get(to, timeout=20)
    assert page.status_code == 200, page.text
    action, secret = (re.search(found, page.text) for found in (r'action="([^"]+)"', r'name="xsrf" value="([^"]+)"'))
    assert action and secret
    back = browser.post(action[1], data={"xsrf": secret[1], "logout": "yes"}, timeout=20)
    assert back.url.startswith(f"{house.address}/account/login/")
    assert not _knows(house, browser)
    # and the address is told once: going back to the page ends nothing again
    assert "refresh" not in browser.get(f"{house.address}/account/sso/out/", timeout=20).text


@pytest.mark.parametrize("house", [{"POSTROOM_OIDC_SIGN_OUT": "0"}], indirect=True)
def test_signing_out_may_leave_the_provider_alone(house: House) -> None:
    browser = requests.Session()
    house.sign_in("olga", browser)
    assert _signed_out(house, browser) == ""
    assert not house.lets_in(browser) and _knows(house, browser)
