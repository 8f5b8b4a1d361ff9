"""The page of a person: lock-outs, second factors, sessions and tokens. Each act is in the ledger."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from signin_kit import browser, is_in, person, sign_in

from desk_kit import Desk, acts_of, desk_of, said


@pytest.fixture
def desk(user_of: Callable[[str], Any]) -> Desk:
    return desk_of(user_of)


def give_factors(user: Any) -> None:
    """An app and a list of recovery codes, as they lie in the database."""
    from allauth.mfa.models import Authenticator

    Authenticator.objects.create(user=user, type="totp", data={"secret": "x"})
    Authenticator.objects.create(user=user, type="recovery_codes", data={"seed": "y"})


def test_a_lock_out_is_shown_and_lifted(db: str, desk: Desk) -> None:
    # given somebody who guessed five times
    anna, client = person(), browser()
    for _ in range(5):
        sign_in(client, password="wrong")
    assert not is_in(client) and sign_in(client).status_code == 200
    admin = desk("administrator")
    page = said(admin.get(f"/settings/people/{anna.pk}/"))
    assert "Locked out" in page and "Lift the lock" in page
    # when the lock is lifted
    assert admin.post(f"/settings/people/{anna.pk}/unlock/").status_code == 303
    # then the right password lets in again, and the page is calm
    sign_in(client)
    assert is_in(client)
    assert "Lift the lock" not in said(admin.get(f"/settings/people/{anna.pk}/"))
    assert acts_of("user.unlocked") == [{"user": anna.pk, "tries": 5}]


def test_second_factors_are_forgotten_with_a_reason_and_the_person_is_told(
    starters: list[str], desk: Desk, tmp_path: Path
) -> None:
    from allauth.mfa.models import Authenticator

    from postroom.delivery import caught
    from postroom.delivery.actions.set_destination import set_destination
    from postroom.delivery.outbox import Outbox
    from postroom.identity.actor import SYSTEM

    anna, client = person(), browser()
    sign_in(client)
    give_factors(anna)
    admin, address = desk("administrator"), f"/settings/people/{anna.pk}/forget-factors/"
    # when no reason is given, then nothing happens
    refused = admin.post(address)
    assert refused.status_code == 422 and "Say why" in said(refused) and Authenticator.objects.count() == 2
    assert admin.post(address, {"reason": "because"}).status_code == 422
    with Outbox(tmp_path) as outbox:
        settings = {"host": "127.0.0.1", "port": outbox.port, "security": "none", "sender_address": "desk@x.example"}
        set_destination(SYSTEM, "email", "email", settings)
        # when one is
        answer = admin.get(admin.post(address, {"reason": "lost"})["Location"])
        # then she is told, with the reason, and the administrator knows that she was
    (mail,) = caught.messages(tmp_path)
    assert "They are told by mail" in said(answer)
    assert "The telephone or key is lost" in mail.text and "second factors were removed" in mail.subject
    # and everything of hers is gone, sessions too
    assert not Authenticator.objects.exists() and not is_in(client)
    assert acts_of("user.factors_removed") == [{"user": anna.pk, "factors": 2, "reason": "lost"}]


def test_without_mail_the_administrator_is_asked_to_tell(db: str, desk: Desk) -> None:
    from postroom.delivery.models import Destination

    Destination.objects.filter(channel="email").update(enabled=False)
    anna = person()
    give_factors(anna)
    admin = desk("administrator")
    done = admin.post(f"/settings/people/{anna.pk}/forget-factors/", {"reason": "replaced"})
    assert "tell them yourself" in said(admin.get(done["Location"]))


def test_the_last_administrator_keeps_the_way_in(db: str, desk: Desk, user_of: Any) -> None:
    from allauth.mfa.models import Authenticator

    # given the only administrator, who has a passkey and no password
    boss = user_of("administrator")
    boss.set_unusable_password()
    boss.save()
    Authenticator.objects.create(user=boss, type="webauthn", data={})
    admin = desk("administrator")
    page = said(admin.get(f"/settings/people/{boss.pk}/"))
    assert "1 passkey" in page and "forget-factors" not in page and "sign-out/" not in page.partition("<main")[2]
    # when the act is called by hand, then it is refused: there is a page for one's own, which asks for a proof
    answer = admin.post(f"/settings/people/{boss.pk}/forget-factors/", {"reason": "other"})
    assert answer.status_code == 409 and "your own second factors" in said(answer)
    assert Authenticator.objects.exists() and admin.get("/").status_code == 200


def test_sessions_are_listed_and_ended_one_or_all(db: str, desk: Desk) -> None:
    from allauth.usersessions.models import UserSession

    anna, one, two = person(), browser(), browser("10.0.0.2", "Mozilla/5.0 (iPhone) Safari/605")
    for client in (one, two):
        sign_in(client)
        client.get("/")
    admin = desk("administrator")
    page = said(admin.get(f"/settings/people/{anna.pk}/"))
    assert "Firefox, Linux" in page and "Safari, iPhone" in page and "10.0.0.2" in page
    # when the telephone's session is ended, then only that one is
    phone = UserSession.objects.get(user=anna, ip="10.0.0.2")
    admin.post(f"/settings/people/{anna.pk}/sessions/{phone.pk}/end/")
    assert is_in(one) and not is_in(two)
    # and a session is ended only on the page of its owner
    other = person("other@firm.example")
    mine = UserSession.objects.get(user=anna, ip="10.0.0.1")
    admin.post(f"/settings/people/{other.pk}/sessions/{mine.pk}/end/")
    assert is_in(one)
    admin.post(f"/settings/people/{anna.pk}/sign-out/")
    assert not is_in(one)
    assert acts_of("user.signed_out_everywhere")[-1] == {"user": anna.pk, "sessions": 1}


def test_their_tokens_are_revoked_where_they_stand(db: str, desk: Desk) -> None:
    from postroom.identity.actions.issue_token import issue_token
    from postroom.identity.actor import SYSTEM

    anna = person()
    token, _ = issue_token(SYSTEM, user=anna, name="nightly export", scopes=["document.view"])
    admin = desk("administrator")
    assert "nightly export" in said(admin.get(f"/settings/people/{anna.pk}/"))
    answer = admin.post(f"/settings/tokens/{token.pk}/revoke/", {"from": "person"})
    assert answer["Location"] == f"/settings/people/{anna.pk}/"
    assert "Revoked" in said(admin.get(f"/settings/people/{anna.pk}/"))


def test_p7_only_who_manages_people_does_any_of_it(db: str, desk: Desk) -> None:
    anna = person()
    give_factors(anna)
    for role in ("operator", "author", "clerk", "records_manager", "auditor"):
        client = desk(role)
        for act in ("unlock", "forget-factors", "sign-out", "sessions/1/end"):
            answer = client.post(f"/settings/people/{anna.pk}/{act}/", {"reason": "lost"})
            assert answer.status_code == 403, (role, act)
    from allauth.mfa.models import Authenticator

    assert Authenticator.objects.count() == 2
