"""The OpenID Connect provider people sign in with, read from the environment. Documented in docs/sign-in.md."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import urlsplit

from postroom.identity.from_environment import needed, secret, switched_off, switched_on
from postroom.identity.groups import parse_group_roles
from postroom.kernel.config import BadSetting

_ISSUER = "POSTROOM_OIDC_ISSUER"
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class OidcConfig:
    """``only`` hides the password form and refuses passwords and passkeys: the provider alone decides. ``sign_out``:
    signing out here signs out there."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    groups_claim: str
    group_roles: dict[str, str]
    scopes: tuple[str, ...]
    name: str
    only: bool
    sign_out: bool


@cache
def oidc_config() -> OidcConfig | None:
    """The provider of this installation; None without ``POSTROOM_OIDC_ISSUER``. Raises BadSetting."""
    issuer = os.environ.get(_ISSUER, "").strip()
    if not issuer:
        if switched_on("POSTROOM_OIDC_ONLY"):
            raise BadSetting(
                "POSTROOM_OIDC_ONLY is on, but there is no provider: nobody could sign in.",
                hint=f"Set {_ISSUER}, or unset POSTROOM_OIDC_ONLY.",
            )
        return None
    parts = urlsplit(issuer)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise BadSetting(
            f"{_ISSUER} is {issuer!r}, which is not an https address.",
            hint="Give the issuer as its provider writes it, such as https://login.example.org/realms/main.",
        )
    return OidcConfig(
        issuer=issuer,
        client_id=needed("POSTROOM_OIDC_CLIENT_ID", _ISSUER),
        client_secret=secret("POSTROOM_OIDC_CLIENT_SECRET_ENV", "POSTROOM_OIDC_CLIENT_SECRET_FILE", because=_ISSUER),
        groups_claim=os.environ.get("POSTROOM_OIDC_GROUPS_CLAIM") or "groups",
        group_roles=parse_group_roles(os.environ.get("POSTROOM_OIDC_GROUP_ROLES", ""), "POSTROOM_OIDC_GROUP_ROLES"),
        scopes=tuple((os.environ.get("POSTROOM_OIDC_SCOPES") or "openid profile email").split()),
        name=os.environ.get("POSTROOM_OIDC_NAME") or parts.hostname or "single sign-on",
        only=switched_on("POSTROOM_OIDC_ONLY"),
        sign_out=not switched_off("POSTROOM_OIDC_SIGN_OUT"),
    )
