"""django-auth-ldap's settings, made from ours. Needs the extra ``ldap``; loaded by the settings, so without models."""

from __future__ import annotations

from typing import Any

import ldap
from django_auth_ldap.config import GroupOfNamesType, LDAPSearch

from postroom.identity.ldap_config import LdapConfig


def directory_settings(configured: LdapConfig) -> dict[str, Any]:
    """django-auth-ldap's settings."""
    options: dict[int, Any] = {
        ldap.OPT_NETWORK_TIMEOUT: configured.timeout,
        ldap.OPT_TIMEOUT: configured.timeout,
        ldap.OPT_REFERRALS: 0,
        ldap.OPT_X_TLS_REQUIRE_CERT: ldap.OPT_X_TLS_DEMAND,
    }
    if configured.ca_file:
        options[ldap.OPT_X_TLS_CACERTFILE] = configured.ca_file
    options[ldap.OPT_X_TLS_NEWCTX] = 0  # last: it makes the options above count
    return {
        "AUTH_LDAP_SERVER_URI": configured.url,
        "AUTH_LDAP_START_TLS": configured.start_tls,
        "AUTH_LDAP_CONNECTION_OPTIONS": options,
        "AUTH_LDAP_BIND_DN": configured.bind_dn,
        "AUTH_LDAP_BIND_PASSWORD": configured.bind_password,
        "AUTH_LDAP_USER_SEARCH": LDAPSearch(configured.user_base, ldap.SCOPE_SUBTREE, configured.user_filter),
        "AUTH_LDAP_GROUP_SEARCH": LDAPSearch(configured.group_base, ldap.SCOPE_SUBTREE, configured.group_filter),
        "AUTH_LDAP_GROUP_TYPE": GroupOfNamesType(),
        "AUTH_LDAP_ALWAYS_UPDATE_USER": False,
    }
