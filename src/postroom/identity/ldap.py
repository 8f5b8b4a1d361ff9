"""Signing in with the password of the company's directory (django-auth-ldap; the extra ``ldap``).

The directory checks the password by a bind; groups are looked up and mapped to roles like those of single sign-on.
Without ``POSTROOM_LDAP_URL`` this file is never imported.
"""

from __future__ import annotations

import logging
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest
from django_auth_ldap.backend import LDAPBackend, ldap_error

from postroom.identity.actions.admit_from_directory import admit_from_directory
from postroom.identity.groups import roles_of_groups
from postroom.identity.ldap_config import ldap_config
from postroom.identity.models import User
from postroom.kernel.errors import Unavailable

log = logging.getLogger("postroom.identity")


def _told(sender: object, exception: Exception | None = None, **_: Any) -> None:
    """A directory that does not answer is no wrong password. django-auth-ldap tells it by this signal alone."""
    log.error("the LDAP directory failed: %s", exception)
    raise Unavailable(
        "The company's directory does not answer, so no password can be checked.",
        hint="Try again in a minute. An administrator looks at `postroom doctor` and the log.",
    ) from exception


ldap_error.connect(_told, dispatch_uid="postroom.identity.ldap")


class Directory(LDAPBackend):  # type: ignore[misc]
    """Whoever binds and has a role comes in. Local passwords are asked first, so no local password leaves the house."""

    def authenticate(
        self, request: HttpRequest | None, email: str | None = None, password: str | None = None, **_: Any
    ) -> User | None:
        if not email or not password:  # an empty password would be an anonymous bind, which succeeds (RFC 4513, 5.1.2)
            return None
        found: User | None = super().authenticate(request, username=email.strip().lower(), password=password)
        return found

    def get_or_build_user(self, username: str, ldap_user: Any) -> tuple[User, bool]:
        """Called after the bind. The account is the one of the directory's address, not of what was typed."""
        configured = ldap_config()
        assert configured is not None
        email = _first(ldap_user.attrs, "mail").lower() or username
        roles = roles_of_groups(ldap_user.group_names, configured.group_roles)
        known = User.objects.filter(email=email).first()
        name = _first(ldap_user.attrs, "displayName") or _first(ldap_user.attrs, "cn")
        return admit_from_directory(known, email=email, name=name, roles=roles, by="ldap"), False

    def get_user(self, user_id: int) -> User | None:
        """Who a session belongs to: nobody any more, once deactivated."""
        try:
            user = User.objects.get(pk=user_id)
        except ObjectDoesNotExist:
            return None
        return user if user.is_active else None

    def get_all_permissions(self, user: User | AnonymousUser, obj: Any = None) -> set[str]:
        return set()  # permissions follow from roles alone


def _first(attributes: Any, name: str) -> str:
    values = attributes.get(name) or [""]
    return str(values[0])
