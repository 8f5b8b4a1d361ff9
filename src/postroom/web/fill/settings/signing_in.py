"""How one person signs in: lock-out, second factors, open sessions, tokens, and what an administrator can do of it."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext, ngettext

from postroom.identity import lockout
from postroom.identity.actions.forget_factors import REASONS
from postroom.identity.actor import Actor
from postroom.identity.agents import browser_and_system
from postroom.identity.models import User
from postroom.identity.people import is_oneself
from postroom.identity.queries import factors_of, sessions_of, tokens_visible_to
from postroom.support.notice import Told, tell_person
from postroom.web import words
from postroom.web.brand import brand
from postroom.web.fill.settings import tokens
from postroom.web.pages import Choice
from postroom.web.pages.sessions import SessionRow
from postroom.web.pages.settings import SigningIn

_TOKENS = 50


def page_part(actor: Actor, user: User, *, here: str = "", error: str = "") -> SigningIn:
    """``here`` is the key of the session one looks from; ``error`` is why factors were not forgotten."""
    until, factors = lockout.locked_until(user.email), factors_of(user)
    sessions = sessions_of(user, here)
    oneself = is_oneself(actor, user.pk)
    return SigningIn(
        locked=gettext("Locked out after too many wrong tries, until {time}.").format(time=words.moment(until))
        if until
        else "",
        unlock_url=reverse("settings-person-unlock", args=[user.pk]) if until else "",
        factors=factors_text(factors),
        forget_url=reverse("settings-person-forget", args=[user.pk]) if factors and not oneself else "",
        reasons=tuple(Choice(value=key, label=reason_text(key)) for key in REASONS),
        forget_error=error,
        sessions=tuple(_session(user, session, here) for session in sessions),
        sign_out_url=reverse("settings-person-sign-out", args=[user.pk]) if sessions and not oneself else "",
        tokens=tuple(tokens.row_of(actor, token) for token in tokens_visible_to(actor).filter(user=user)[:_TOKENS]),
        person_url=reverse("settings-person", args=[user.pk]),
    )


def factors_text(factors: dict[str, int]) -> str:
    """``an app, 2 passkeys``."""
    passkeys = factors.get("webauthn", 0)
    parts = [
        gettext("an app with codes") if factors.get("totp") else "",
        ngettext("{count} passkey", "{count} passkeys", passkeys).format(count=passkeys) if passkeys else "",
        gettext("recovery codes") if factors.get("recovery_codes") else "",
    ]
    return ", ".join(filter(None, parts)) or gettext("None set up: a password is enough.")


def reason_text(key: str) -> str:
    """Why factors are forgotten, in words."""
    return {
        "lost": gettext("The telephone or key is lost"),
        "replaced": gettext("There is a new telephone or key"),
        "stolen": gettext("It was stolen, or somebody else may have it"),
        "unreadable": gettext("It cannot be read any more"),
        "other": gettext("Another reason"),
    }[key]


def tell_forgotten(user: User, actor_name: str, reason: str) -> Told:
    """Tell the person, in their language: if it was not their wish, they have to know at once."""
    with translation.override(user.language):
        house = brand().name
        text = gettext(
            "Hello {name},\n\n{actor} has removed your passkeys, the codes of your app and your recovery codes at the"
            " document desk of {house}. Reason: {reason}.\n\nYou were signed out everywhere. Sign in with your"
            " password and set them up anew.\n\nIf you did not ask for this, speak to your administrator at once, in"
            " person or by telephone."
        ).format(name=user, actor=actor_name, house=house, reason=reason_text(reason))
        return tell_person(user, subject=gettext("Your second factors were removed"), text=text)


def told_text(told: Told) -> str:
    """What became of the mail."""
    return {
        "sent": gettext("They are told by mail."),
        "not-set-up": gettext("No mail destination is set up: tell them yourself."),
        "failed": gettext("The mail to them did not get through: tell them yourself."),
    }[told]


def _session(user: User, session: UserSession, here: str) -> SessionRow:
    browser, system = browser_and_system(session.user_agent)
    return SessionRow(
        agent=", ".join(filter(None, (browser, system))) or gettext("Unknown program"),
        address=session.ip,
        began=words.moment(session.created_at),
        seen=words.moment(session.last_seen_at),
        end_url=""
        if session.session_key == here
        else reverse("settings-person-session-end", args=[user.pk, session.pk]),
    )
