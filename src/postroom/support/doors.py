"""How people can sign in here, for ``postroom doctor`` and the health page: each door is tried, not only read."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import requests

from postroom.identity.ldap_config import LdapConfig, ldap_config, ldap_installed
from postroom.identity.oidc_config import OidcConfig, oidc_config
from postroom.kernel.config import config
from postroom.kernel.errors import PostroomError
from postroom.support.finding import Finding

_PATIENCE = 5.0  # seconds


def doors() -> Iterator[Finding]:
    """One finding for the transport, one for each way into the house that is configured."""
    parts = urlsplit(config().public_url)
    if parts.scheme == "https":
        yield Finding("Transport", "ok", "https; cookies over TLS only, HSTS")
    elif parts.hostname in ("127.0.0.1", "localhost", "::1"):
        yield Finding("Transport", "ok", "http, for this machine only")
    else:
        yield Finding(
            "Transport",
            "note",
            f"{config().public_url}: cookies and passwords are not protected on the way",
            "For more than this machine, put a proxy with TLS in front and set POSTROOM_PUBLIC_URL (docs/sign-in.md).",
        )
    try:
        provider = oidc_config()
        if provider is not None:
            yield _provider(provider)
    except PostroomError as error:
        yield Finding("Single sign-on", "wrong", error.message, error.hint)
    try:
        directory = ldap_config()
        if directory is not None:
            yield _directory(directory)
        else:
            told = "not configured" if ldap_installed() else "the client is not installed"
            yield Finding("LDAP", "note", told, "Only needed to sign in with a directory's passwords (postroom[ldap]).")
    except PostroomError as error:
        yield Finding("LDAP", "wrong", error.message, error.hint)


def _provider(configured: OidcConfig) -> Finding:
    address = configured.issuer.rstrip("/") + "/.well-known/openid-configuration"
    hint = "Compare POSTROOM_OIDC_ISSUER with what the provider tells; look at the network between."
    try:
        answer = requests.get(address, timeout=_PATIENCE)
        answer.raise_for_status()
        issuer = str(answer.json().get("issuer", ""))
    except (requests.RequestException, ValueError, AttributeError) as error:
        return Finding("Single sign-on", "wrong", f"{address} does not answer: {error}", hint)
    if issuer.rstrip("/") != configured.issuer.rstrip("/"):
        return Finding("Single sign-on", "wrong", f"the provider calls itself {issuer!r}", hint)
    alone = ", the only way in" if configured.only else ""
    return Finding("Single sign-on", "ok", f"{configured.name}, {len(configured.group_roles)} groups mapped{alone}")


def _directory(configured: LdapConfig) -> Finding:
    import ldap  # the extra; ldap_config has seen that it is there

    hint = "Look at POSTROOM_LDAP_URL, the search account and its password, and the network between."
    try:
        client = ldap.initialize(configured.url)
        client.set_option(ldap.OPT_NETWORK_TIMEOUT, _PATIENCE)
        if configured.ca_file:
            client.set_option(ldap.OPT_X_TLS_CACERTFILE, configured.ca_file)
            client.set_option(ldap.OPT_X_TLS_NEWCTX, 0)
        if configured.start_tls:
            client.start_tls_s()
        client.simple_bind_s(configured.bind_dn, configured.bind_password)
        client.search_s(configured.user_base, ldap.SCOPE_BASE, attrlist=["1.1"])
        client.unbind_s()
    except ldap.LDAPError as error:
        return Finding("LDAP", "wrong", f"{configured.url}: {error}", hint)
    return Finding("LDAP", "ok", f"{configured.url}, {len(configured.group_roles)} groups mapped")
