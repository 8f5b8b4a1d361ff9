"""End sessions: one, all others, or every one somebody has."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F

from postroom.identity.actor import Actor
from postroom.identity.models import User
from postroom.kernel import notices
from postroom.kernel.errors import NotAllowed
from postroom.ledger.append import Act, append


def end_session(actor: Actor, user: User, session_id: int) -> bool:
    """End one session of ``user``, at once. False: it had ended already."""
    return _end(actor, user, UserSession.objects.filter(user=user, pk=session_id), "one") > 0


def end_other_sessions(actor: Actor, user: User, *, keep: str) -> int:
    """End all listed sessions but the one with the key ``keep``; how many they were."""
    return _end(actor, user, UserSession.objects.filter(user=user).exclude(session_key=keep), "others")


def sign_out_everywhere(actor: Actor, user: User) -> int:
    """End every session of ``user``, also ones that no list knows: the next request of each finds nobody.

    How many listed ones there were.
    """
    _may(actor, user)
    with transaction.atomic():
        return signed_out_everywhere(actor, user)


def signed_out_everywhere(actor: Actor, user: User) -> int:
    """The part that other acts share (deactivating somebody, groups that are gone). In their transaction."""
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    user.refresh_from_db(fields=["session_epoch"])
    ended = _delete(list(UserSession.objects.filter(user=user).values_list("session_key", flat=True)))
    append(actor.name, [Act("user.signed_out_everywhere", "user", None, {"user": user.pk, "sessions": ended})])
    notices.tell(notices.gone(user.pk))
    return ended


def _end(actor: Actor, user: User, which: object, said: str) -> int:
    _may(actor, user)
    with transaction.atomic():
        keys = list(which.select_for_update().values_list("session_key", flat=True))  # type: ignore[attr-defined]
        if keys:
            _delete(keys)
            facts = {"user": user.pk, "sessions": len(keys), "which": said}
            append(actor.name, [Act("user.session_revoked", "user", None, facts)])
            notices.tell(notices.gone(user.pk))
    return len(keys)


def _delete(keys: list[str]) -> int:
    Session.objects.filter(session_key__in=keys).delete()
    UserSession.objects.filter(session_key__in=keys).delete()
    return len(keys)


def _may(actor: Actor, user: User) -> None:
    """One's own sessions, or anybody's for who manages people."""
    if actor.name != f"user:{user.pk}" and not actor.may("user.manage"):
        raise NotAllowed("These are somebody else's sessions.", hint="Ask an administrator to end them.")
