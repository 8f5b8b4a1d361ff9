"""Guessing passwords: counted in the database, per account and address, told alike to everybody."""

from __future__ import annotations

import datetime as dt
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from signin_kit import PASSWORD, acts, browser, is_in, person, sign_in


def test_the_sixth_try_is_refused_even_with_the_right_password(db: str) -> None:
    anna = person()
    for number in range(5):
        answer = sign_in(browser(f"10.0.0.{number}"), password="wrong")
        assert "correct" in answer.content.decode()
    # when the right password comes, from yet another address
    late = browser("10.0.0.99")
    answer = sign_in(late)
    # then it is refused, and the ledger knows the person by number alone
    assert "Too many attempts" in answer.content.decode()
    assert not is_in(late)
    assert acts("user.sign_in_failed") == [{"user": anna.pk, "by": "password"}] * 5
    assert acts("user.sign_in_locked") == [{"user": anna.pk, "locked": ["account"]}]


def test_an_account_that_does_not_exist_is_told_the_same(db: str) -> None:
    person()
    known = [sign_in(browser("10.1.0.1"), "anna@firm.example", "wrong").content for _ in range(6)]
    unknown = [sign_in(browser("10.2.0.1"), "nobody@firm.example", "wrong").content for _ in range(6)]

    def told(pages: list[bytes]) -> list[str]:
        """The pages without the form's own token and the address that was typed."""
        typed = re.compile(r'name="csrfmiddlewaretoken" value="\w+"|value="\w+@firm.example"')
        return [typed.sub("", page.decode()) for page in pages]

    assert told(known) == told(unknown)
    assert told(known)[0] != told(known)[5]
    assert {"user": None, "by": "password"} in acts("user.sign_in_failed")


def test_an_address_that_tries_twenty_accounts_is_locked_out_and_others_are_not(db: str) -> None:
    person()
    for number in range(20):
        sign_in(browser("10.0.0.7"), f"guess{number}@firm.example", "wrong")
    assert "Too many attempts" in sign_in(browser("10.0.0.7")).content.decode()
    elsewhere = browser("10.0.0.8")
    assert sign_in(elsewhere).status_code == 302 and is_in(elsewhere)


def test_of_ipv6_the_network_counts_as_one_address(db: str) -> None:
    from postroom.identity.lockout import address_key

    assert address_key("2001:db8:1:2::1") == address_key("2001:db8:1:2:ffff::9")
    assert address_key("2001:db8:1:2::1") != address_key("2001:db8:1:3::1")


def test_a_right_password_between_guesses_does_not_start_the_count_anew(db: str) -> None:
    person()
    for _ in range(4):
        sign_in(browser("10.0.0.1"), password="wrong")
    assert sign_in(browser("10.0.0.2")).status_code == 302
    sign_in(browser("10.0.0.1"), password="wrong")
    assert "Too many attempts" in sign_in(browser("10.0.0.3")).content.decode()


def test_after_a_quarter_of_an_hour_one_may_try_again(db: str) -> None:
    from postroom.identity.lockout import WINDOW
    from postroom.identity.models import SignInTry
    from postroom.kernel import clock

    person()
    for _ in range(5):
        sign_in(browser(), password="wrong")
    # given the tries are a quarter of an hour old
    SignInTry.objects.update(at=clock.now() - WINDOW - dt.timedelta(seconds=1))
    late = browser()
    assert sign_in(late).status_code == 302 and is_in(late)
    assert not SignInTry.objects.exists()


def test_an_administrator_lifts_the_lock(db: str) -> None:
    from postroom.identity.actions.lift_lock import unlock_account, unlock_address
    from postroom.identity.actor import SYSTEM, actor_of_user
    from postroom.kernel.errors import NotAllowed

    anna = person()
    for _ in range(5):
        sign_in(browser(), password="wrong")
    with pytest.raises(NotAllowed):
        unlock_account(actor_of_user(anna), anna)
    assert unlock_account(SYSTEM, anna) == 5
    assert sign_in(browser()).status_code == 302
    assert unlock_address(SYSTEM, "10.0.0.1") == 5
    assert acts("user.unlocked") == [{"user": anna.pk, "tries": 5}]


def test_tries_at_the_same_moment_are_still_five(db: str) -> None:
    """Planted against counting after the check: twelve threads with connections of their own."""
    from django.db import connection

    from postroom.identity.errors import LockedOut
    from postroom.identity.lockout import reserve

    def once(number: int) -> bool:
        try:
            reserve("anna@firm.example", f"10.0.1.{number}")
        except LockedOut:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(12) as threads:
        assert sum(threads.map(once, range(12))) == 5


def test_tries_of_another_process_count(db: str) -> None:
    person()
    script = (
        "from postroom.project.boot import boot; boot(migrate=False)\n"
        "from postroom.identity.lockout import reserve\n"
        "for _ in range(5): reserve('anna@firm.example', '10.9.9.9')\n"
    )
    subprocess.run([sys.executable, "-c", script], env=os.environ, check=True, timeout=60)
    assert "Too many attempts" in sign_in(browser()).content.decode()


def test_no_address_and_no_e_mail_lies_in_the_table_or_the_ledger(db: str) -> None:
    from django.db import connection

    person()
    for _ in range(5):
        sign_in(browser("10.77.0.1"), password="wrong")
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, ' ') FROM identity_sign_in_try t")
        tries = cursor.fetchone()[0]
        cursor.execute("SELECT string_agg(facts::text || actor, ' ') FROM ledger_entry WHERE act LIKE 'user.%%'")
        told = cursor.fetchone()[0]
    for hidden in ("anna", "10.77", PASSWORD, "wrong"):
        assert hidden not in tries and hidden not in told
