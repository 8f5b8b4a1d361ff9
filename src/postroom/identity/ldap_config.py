"""The LDAP directory people sign in with, read from the environment. Needs the extra ``ldap``. See docs/sign-in.md."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from urllib.parse import urlsplit

from postroom.identity.from_environment import needed, secret, switched_on
from postroom.identity.groups import parse_group_roles
from postroom.kernel.config import BadSetting

_URL = "POSTROOM_LDAP_URL"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_SECRET = ("POSTROOM_LDAP_BIND_PASSWORD_ENV", "POSTROOM_LDAP_BIND_PASSWORD_FILE")


@dataclass(frozen=True, slots=True)
class LdapConfig:
    """``user_filter`` holds ``%(user)s``, the e-mail address that was typed, escaped (RFC 4515)."""

    url: str
    start_tls: bool
    ca_file: str
    bind_dn: str
    bind_password: str = field(repr=False)
    user_base: str
    user_filter: str
    group_base: str
    group_filter: str
    group_roles: dict[str, str]
    timeout: int = 5


def ldap_installed() -> bool:
    """Whether the extra is there."""
    return find_spec("django_auth_ldap") is not None and find_spec("ldap") is not None


@cache
def ldap_config() -> LdapConfig | None:
    """The directory of this installation; None without ``POSTROOM_LDAP_URL``. Raises BadSetting."""
    url = os.environ.get(_URL, "").strip()
    if not url:
        return None
    if not ldap_installed():
        raise BadSetting(
            f"{_URL} is set, but the LDAP client is not installed.",
            hint="Install it: pip install 'postroom[ldap]' (its build needs libldap2-dev and libsasl2-dev).",
        )
    parts, start_tls = urlsplit(url), switched_on("POSTROOM_LDAP_START_TLS")
    if parts.scheme not in ("ldap", "ldaps"):
        raise BadSetting(f"{_URL} is {url!r}.", hint="Write ldaps://directory.example.org.")
    if parts.scheme == "ldap" and not start_tls and parts.hostname not in _LOOPBACK:
        raise BadSetting(
            f"{_URL} is {url!r}: passwords would cross the network in the clear.",
            hint="Use ldaps://, or set POSTROOM_LDAP_START_TLS=1.",
        )
    user_filter = os.environ.get("POSTROOM_LDAP_USER_FILTER") or "(mail=%(user)s)"
    if "%(user)s" not in user_filter:
        raise BadSetting(
            f"POSTROOM_LDAP_USER_FILTER is {user_filter!r} and does not ask for the person.",
            hint="It must hold %(user)s, as in (mail=%(user)s).",
        )
    bind_dn = os.environ.get("POSTROOM_LDAP_BIND_DN", "")
    return LdapConfig(
        url=url,
        start_tls=start_tls,
        ca_file=os.environ.get("POSTROOM_LDAP_CA_FILE", ""),
        bind_dn=bind_dn,
        bind_password=secret(*_SECRET, because="POSTROOM_LDAP_BIND_DN") if bind_dn else "",
        user_base=needed("POSTROOM_LDAP_USER_BASE", _URL),
        user_filter=user_filter,
        group_base=needed("POSTROOM_LDAP_GROUP_BASE", _URL),
        group_filter=os.environ.get("POSTROOM_LDAP_GROUP_FILTER") or "(objectClass=groupOfNames)",
        group_roles=parse_group_roles(os.environ.get("POSTROOM_LDAP_GROUP_ROLES", ""), "POSTROOM_LDAP_GROUP_ROLES"),
    )
