"""Signing out at the provider too (OpenID Connect RP-Initiated Logout 1.0): what a session must remember for it.

Without it "sign out" on a shared machine ends nothing: the provider still knows the browser, and the next click on its
button opens the desk again. The ID token says whose session ends (``id_token_hint``). It names a person, so it lies in
the session's row encrypted, and goes with the session.
"""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import urlencode, urlsplit

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from postroom.identity.oidc_config import LOOPBACK, oidc_config

_KEPT, _ENDING = "postroom_provider", "postroom_provider_ends_at"
_LONGEST_HINT = 3000  # characters; some servers refuse addresses above 4 kB, and the hint is only recommended


def remember(request: HttpRequest, id_token: str, end_session_endpoint: object) -> None:
    """Keep with this session how it ends at the provider; nothing when the provider cannot be asked to."""
    request.session.pop(_KEPT, None)
    configured = oidc_config()
    if configured is None or not configured.sign_out or not _usable(end_session_endpoint):
        return
    hint = id_token if len(id_token) <= _LONGEST_HINT else ""
    request.session[_KEPT] = {"at": end_session_endpoint, "hint": _box().encrypt(hint.encode()).decode()}


def kept(request: HttpRequest) -> dict[str, str] | None:
    """What ``remember`` kept, to be handed on over a change of the session's key."""
    found: dict[str, str] | None = request.session.get(_KEPT)
    return found


def keep(request: HttpRequest, found: dict[str, str] | None) -> None:
    """Keep it with a session that began anew; None: this person came in by other means."""
    request.session.pop(_KEPT, None)
    if found:
        request.session[_KEPT] = found


def note_the_end(request: HttpRequest, found: dict[str, str] | None) -> None:
    """After the session here has ended: its successor, which belongs to nobody, remembers where to go on."""
    configured = oidc_config()
    if configured is None or not found:
        return
    try:
        hint = _box().decrypt(found["hint"]).decode()
    except InvalidToken:  # kept under another secret key: the provider then asks the person
        hint = ""
    asked = {"client_id": configured.client_id, "id_token_hint": hint, "post_logout_redirect_uri": _back(request)}
    query = urlencode({name: value for name, value in asked.items() if value})
    request.session[_ENDING] = f"{found['at']}{'&' if urlsplit(found['at']).query else '?'}{query}"


def take_the_end(request: HttpRequest) -> str:
    """Where this browser signs out at the provider, told once; "" when there is nothing to end."""
    return str(request.session.pop(_ENDING, ""))


def _back(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("account_login"))


def _usable(address: object) -> bool:
    """An https address, or one of this machine."""
    if not isinstance(address, str):
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def _box() -> Fernet:
    """Keyed by the installation's secret for this one purpose."""
    key = hashlib.sha256(b"postroom.identity.provider_session\0" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
