"""Take back the wrong tries of an account or a network address: whoever is locked out may try again at once."""

from __future__ import annotations

from django.db import transaction

from postroom.identity import lockout
from postroom.identity.actor import Actor
from postroom.identity.models import User
from postroom.ledger.append import Act, append


def unlock_account(actor: Actor, user: User) -> int:
    """How many wrong tries were taken back."""
    actor.require("user.manage")
    with transaction.atomic():
        tries = lockout.forget(lockout.account_key(user.email))
        append(actor.name, [Act("user.unlocked", "user", None, {"user": user.pk, "tries": tries})])
    return tries


def unlock_address(actor: Actor, address: str) -> int:
    """How many wrong tries were taken back. The ledger does not keep the address."""
    actor.require("user.manage")
    with transaction.atomic():
        tries = lockout.forget(lockout.address_key(address))
        append(actor.name, [Act("address.unlocked", "address", None, {"tries": tries})])
    return tries
