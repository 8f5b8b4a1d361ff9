"""Cookies, HSTS and addresses behind a proxy, on the web process as it is served."""

from __future__ import annotations

import pytest
import requests
from signin_kit import PASSWORD, acts, person, served

pytestmark = pytest.mark.slow


def sign_in(address: str, password: str, **headers: str) -> requests.Response:
    """By the form, as a proxy hands it on."""
    page = requests.get(f"{address}/account/login/", headers=headers, timeout=20)
    token = page.cookies["csrftoken"]
    return requests.post(
        f"{address}/account/login/",
        data={"login": "anna@firm.example", "password": password, "csrfmiddlewaretoken": token},
        headers={**headers, "Cookie": f"csrftoken={token}", "Referer": "https://desk.firm.example/account/login/"},
        allow_redirects=False,
        timeout=20,
    )


def test_behind_a_proxy_with_tls_cookies_are_secure_and_each_person_has_their_own_address(
    db: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from postroom.project.ports import free_port

    person()
    for name, value in {
        "POSTROOM_PUBLIC_URL": "https://desk.firm.example",
        "POSTROOM_ALLOWED_HOSTS": "desk.firm.example,127.0.0.1",
        "POSTROOM_TRUSTED_ORIGINS": "https://desk.firm.example",
        "POSTROOM_BEHIND_PROXY": "1",
    }.items():
        monkeypatch.setenv(name, value)
    through = {"Host": "desk.firm.example", "X-Forwarded-Proto": "https"}
    with served(free_port("127.0.0.1", 0)) as address:
        # given twenty wrong tries from one address outside, which also claims to be another one
        for number in range(4):
            sign_in(address, "wrong", **through, **{"X-Forwarded-For": f"10.0.0.{number}, 198.51.100.7"})
        answer = sign_in(address, PASSWORD, **through, **{"X-Forwarded-For": "198.51.100.8"})
        assert answer.status_code == 302, answer.text
        told = answer.headers["Set-Cookie"]
        assert "sessionid=" in told and "Secure" in told and "HttpOnly" in told and "SameSite=Lax" in told
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    from postroom.identity.actions.lift_lock import unlock_address
    from postroom.identity.actor import SYSTEM

    # then they were counted for the address the proxy saw, not for what was claimed
    assert unlock_address(SYSTEM, "198.51.100.7") == 4
    assert unlock_address(SYSTEM, "10.0.0.0") == 0
    assert acts("user.signed_in")


def test_without_tls_and_proxy_nothing_foreign_is_believed(db: str) -> None:
    from postroom.identity.actions.lift_lock import unlock_address
    from postroom.identity.actor import SYSTEM
    from postroom.project.ports import free_port

    person()
    with served(free_port("127.0.0.1", 0)) as address:
        lie = {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "https"}
        answer = sign_in(address, "wrong", **lie)
        assert answer.status_code == 200 and "Strict-Transport-Security" not in answer.headers
    assert unlock_address(SYSTEM, "198.51.100.7") == 0
    assert unlock_address(SYSTEM, "127.0.0.1") == 1
