"""What the ledger keeps of signing in and out: who (by number), by what means, never from where or with which text."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from postroom.identity.models import User
from postroom.kernel import notices
from postroom.ledger.append import Act, append


def signed_in(user: User, by: Iterable[str]) -> None:
    """``by``: the means in their order, such as ``password``, ``totp``, ``oidc``."""
    _say(f"user:{user.pk}", "user.signed_in", {"user": user.pk, "by": "+".join(by) or "unknown"})


def signed_out(user: User) -> None:
    _say(f"user:{user.pk}", "user.signed_out", {"user": user.pk})
    notices.tell(notices.gone(user.pk))


def sign_in_failed(user: User | None, by: str, locks: tuple[str, ...] = ()) -> None:
    """A wrong password or code. Without a user: nobody has that address. ``locks``: what this try locked."""
    number = user.pk if user else None
    acts = [Act("user.sign_in_failed", "user", None, {"user": number, "by": by})]
    if locks:
        acts.append(Act("user.sign_in_locked", "user", None, {"user": number, "locked": list(locks)}))
    with transaction.atomic():
        append("nobody", acts)


def sign_in_refused(user: User | None, by: str, reason: str) -> None:
    """The proof was right and the person is not let in: ``no-role``, ``deactivated``, ``address-taken``."""
    _say("nobody", "user.sign_in_refused", {"user": user.pk if user else None, "by": by, "reason": reason})


def sign_in_changed(user: User, what: str) -> None:
    """A password, passkey, app or list of recovery codes was set or removed by its owner."""
    _say(f"user:{user.pk}", "user.sign_in_changed", {"user": user.pk, "what": what})


def _say(actor: str, act: str, facts: dict[str, object]) -> None:
    with transaction.atomic():
        append(actor, [Act(act, "user", None, facts)])
