"""A second step after the password: codes of an app (RFC 6238) and recovery codes."""

from __future__ import annotations

import re
import time
from typing import Any

from signin_kit import PASSWORD, acts, browser, is_in, person, sign_in, totp


def with_app(client: Any) -> tuple[str, list[str]]:
    """Switch codes on as a person does: the secret, and the recovery codes that are shown once."""
    page = client.get("/account/2fa/totp/activate/")
    if page.status_code == 302:  # the password once more
        again = client.post(page["Location"], {"password": PASSWORD})
        page = client.get(again["Location"])
    secret = re.search(r'id="totp-secret">(\w+)<', page.content.decode())
    assert secret is not None
    answer = client.post("/account/2fa/totp/activate/", {"code": totp(secret[1])}, follow=True)
    return secret[1], re.findall(r"<li>(\d{8})</li>", answer.content.decode())


def test_after_the_password_a_code_is_asked_and_only_then_is_one_in(db: str) -> None:
    anna = person()
    desk = browser()
    sign_in(desk)
    secret, codes = with_app(desk)
    assert len(codes) == 10
    desk.post("/account/logout/")
    # when only the password was right, then nothing opens
    answer = sign_in(desk)
    assert answer.status_code == 302 and answer["Location"] == "/account/2fa/authenticate/"
    assert not is_in(desk)
    assert "One more step" in desk.get("/account/2fa/authenticate/").content.decode()
    # when a wrong code, then it stays closed; with the code of the next step it opens
    desk.post("/account/2fa/authenticate/", {"code": "000000"})
    assert not is_in(desk)
    desk.post("/account/2fa/authenticate/", {"code": totp(secret, time.time() + 30)})
    assert is_in(desk)
    assert acts("user.signed_in")[-1] == {"user": anna.pk, "by": "password+totp"}
    assert acts("user.sign_in_failed") == [{"user": anna.pk, "by": "code"}]
    assert acts("user.sign_in_changed")[0] == {"user": anna.pk, "what": "totp_activated"}


def test_a_recovery_code_opens_once(db: str) -> None:
    person()
    desk = browser()
    sign_in(desk)
    _, codes = with_app(desk)
    # they are shown once
    assert codes[0] not in desk.get("/account/2fa/recovery-codes/").content.decode()
    for expected in (True, False):
        other = browser("10.0.0.2")
        sign_in(other)
        other.post("/account/2fa/authenticate/", {"code": codes[0]})
        assert is_in(other) is expected


def test_codes_are_guessed_as_seldom_as_passwords(db: str) -> None:
    person()
    desk = browser()
    sign_in(desk)
    secret, _ = with_app(desk)
    other = browser("10.0.0.2")
    sign_in(other)
    for number in range(5):
        other.post("/account/2fa/authenticate/", {"code": f"00000{number}"})
    answer = other.post("/account/2fa/authenticate/", {"code": totp(secret, time.time() + 30)})
    assert "Too many attempts" in answer.content.decode() and not is_in(other)


def test_a_change_of_factors_asks_for_the_password_again_after_a_while(db: str) -> None:
    person()
    desk = browser()
    sign_in(desk)
    answer = desk.get("/account/2fa/totp/activate/")
    # signing in was not a fresh proof for this page, so it leads to the question
    assert answer.status_code == 302 and answer["Location"].startswith("/account/reauthenticate/")
    page = desk.get(answer["Location"])
    assert "Your password once more" in page.content.decode()
    # a wrong one counts as a guess
    desk.post(answer["Location"], {"password": "wrong"})
    assert len(acts("user.sign_in_failed")) == 1


def test_secrets_of_factors_lie_encrypted(db: str) -> None:
    from allauth.mfa.models import Authenticator

    person()
    desk = browser()
    sign_in(desk)
    secret, _ = with_app(desk)
    stored = Authenticator.objects.get(type="totp").data["secret"]
    assert secret not in stored and stored.startswith("gAAAA")


def test_a_lost_telephone_is_helped_by_an_administrator(db: str) -> None:
    from postroom.identity.actions.forget_factors import forget_factors
    from postroom.identity.actor import SYSTEM

    anna = person()
    desk = browser()
    sign_in(desk)
    with_app(desk)
    assert forget_factors(SYSTEM, anna) == 2
    assert not is_in(desk)
    sign_in(desk)
    assert is_in(desk)


def test_pages_of_factors_are_whole(db: str) -> None:
    """Every page of this part answers, in the clothes of the house."""
    person()
    desk = browser()
    sign_in(desk)
    with_app(desk)
    for address in (
        "/account/2fa/",
        "/account/2fa/webauthn/",
        "/account/2fa/webauthn/add/",
        "/account/2fa/totp/deactivate/",
        "/account/2fa/recovery-codes/",
        "/account/2fa/recovery-codes/generate/",
        "/account/2fa/reauthenticate/",
        "/account/password/change/",
        "/account/reauthenticate/",
    ):
        page = desk.get(address)
        assert page.status_code == 200, address
        assert 'class="door"' in page.content.decode(), address
