"""How often somebody may guess: 5 wrong tries per account and 20 per network address within a quarter of an hour.

Tries are rows, not cache entries. A cache in the memory of a process counts for that process alone (four web processes
would allow four times as many), and a cache in a table throws entries away when it is full, so that whoever fills it
wipes the count. Each try is reserved before the password is looked at, under a lock of its account and address, so
that a thousand tries at once are still five. A right password takes its own reservation back and no other: signing in
between two guesses does not start the count anew.

Whether the account exists makes no difference to what is counted or told. Passkeys and single sign-on are not counted:
there is nothing to guess, and a stranger's guesses lock nobody out of them.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Count
from django.utils.crypto import salted_hmac

from postroom.identity.errors import LockedOut
from postroom.identity.models import SignInTry
from postroom.kernel import clock

WINDOW = dt.timedelta(minutes=15)
TRIES_PER_ACCOUNT = 5
TRIES_PER_ADDRESS = 20


@dataclass(frozen=True, slots=True)
class Reserved:
    """A try under way. ``locks`` names what a failure of it locks: account, address, both or nothing."""

    rows: tuple[int, ...]
    locks: tuple[str, ...]


def reserve(account: str, address: str) -> Reserved:
    """Count this try before it is made. Raises LockedOut when there were too many."""
    keys = {
        account_key(account): ("account", TRIES_PER_ACCOUNT),
        address_key(address): ("address", TRIES_PER_ADDRESS),
    }
    now = clock.now()
    with transaction.atomic():
        with connection.cursor() as cursor:
            for key in sorted(keys):  # always in this order: two tries never wait for each other in a ring
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", (int.from_bytes(key[:8], signed=True),))
        SignInTry.objects.filter(at__lte=now - WINDOW).delete()
        counted = SignInTry.objects.filter(key__in=list(keys)).values_list("key").annotate(tries=Count("id"))
        made = {bytes(key): tries for key, tries in counted}
        if any(made.get(key, 0) >= limit for key, (_, limit) in keys.items()):
            raise LockedOut(
                "There were too many attempts to sign in.",
                hint=f"Try again in {int(WINDOW.total_seconds() // 60)} minutes, or ask an administrator.",
            )
        rows = SignInTry.objects.bulk_create([SignInTry(key=key, at=now) for key in keys])
    locks = tuple(scope for key, (scope, limit) in keys.items() if made.get(key, 0) + 1 >= limit)
    return Reserved(tuple(row.pk for row in rows), locks)


def release(tried: Reserved) -> None:
    """The try was right: it does not count."""
    SignInTry.objects.filter(pk__in=tried.rows).delete()


def locked_until(account: str) -> dt.datetime | None:
    """Until when this account is locked; None: it is not."""
    since = clock.now() - WINDOW
    tries = (
        SignInTry.objects.filter(key=account_key(account), at__gt=since).order_by("-at").values_list("at", flat=True)
    )
    newest = list(tries[:TRIES_PER_ACCOUNT])
    return newest[-1] + WINDOW if len(newest) == TRIES_PER_ACCOUNT else None


def forget(key: bytes) -> int:
    """Take all tries of an account or address back; how many there were."""
    return SignInTry.objects.filter(key=key).delete()[0]


def account_key(email: str) -> bytes:
    """What stands for an account: no address is kept (P6), and the digest tells nothing without our secret."""
    return _digest("account", email.strip().lower())


def address_key(address: str) -> bytes:
    """What stands for a network address; of IPv6 the network of 64 bits, which one household gets."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return _digest("address", address)
    if isinstance(found, ipaddress.IPv6Address):
        return _digest("address", str(ipaddress.IPv6Network((found, 64), strict=False)))
    return _digest("address", str(found))


def _digest(scope: str, value: str) -> bytes:
    return salted_hmac("postroom.identity.lockout", f"{scope}:{value}", algorithm="sha256").digest()
