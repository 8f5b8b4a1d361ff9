"""Keys of programs: one's own, and everybody's for who manages people."""

from __future__ import annotations

from collections.abc import Collection

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from postroom.identity.actor import Actor
from postroom.identity.models import ApiToken
from postroom.identity.people import is_oneself
from postroom.identity.queries import tokens_visible_to
from postroom.identity.roles import PERMISSIONS
from postroom.kernel import clock
from postroom.web import once, words
from postroom.web.fill.settings.tabs import tabs
from postroom.web.pages import Choice, ShownOnce, TokenRow, TokensPage

DAYS = {"30": 30, "90": 90, "365": 365, "0": None}


def page_of(
    actor: Actor,
    *,
    name: str = "",
    scopes: Collection[str] = (),
    days: str = "90",
    error: str = "",
    shown: ShownOnce | None = None,
) -> TokensPage:
    """The page, with what was typed when it was refused."""
    return TokensPage(
        tabs=tabs(actor, "tokens"),
        url=reverse("settings-tokens"),
        rows=tuple(row_of(actor, token) for token in tokens_visible_to(actor)[:500]),
        token=once.fresh(),
        scopes=tuple(
            Choice(value=key, label=gettext(told), note=key, chosen=key in scopes)
            for key, told in PERMISSIONS.items()
            if actor.may(key)
        ),
        ends=tuple(Choice(value=key, label=_ends(key), chosen=key == days) for key in DAYS),
        everybody=actor.may("user.manage"),
        name=name,
        error=error,
        once=shown,
    )


def secret_of(token: ApiToken, secret: str) -> ShownOnce:
    return ShownOnce(
        title=gettext("The token “{name}”").format(name=token.name),
        secret=secret,
        note=gettext("Copy it now: it is shown here and nowhere else. Only its hash is kept."),
    )


def _ends(key: str) -> str:
    days = DAYS[key]
    if days is None:
        return gettext("never, until it is revoked")
    return ngettext("in {count} day", "in {count} days", days).format(count=days)


def row_of(actor: Actor, token: ApiToken) -> TokenRow:
    """One token as ``actor`` sees it."""
    if token.revoked_at is not None:
        state = "revoked"
    elif token.expires_at is not None and token.expires_at <= clock.now():
        state = "expired"
    else:
        state = "valid"
    return TokenRow(
        name=token.name,
        begins=f"{token.prefix}…",
        owner=gettext("you") if is_oneself(actor, token.user_id) else str(token.user),
        scopes=", ".join(token.scopes),
        scopes_count=len(token.scopes),
        state=state,  # type: ignore[arg-type]
        made=words.moment(token.created_at),
        ends=words.day(words.local(token.expires_at).date()) if token.expires_at else gettext("never"),
        used=words.moment(token.last_used_at) or gettext("never"),
        revoke_url=reverse("settings-token-revoke", args=[token.pk]) if state == "valid" else "",
    )
