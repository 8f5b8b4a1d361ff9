"""Make a person who may sign in."""

from __future__ import annotations

import difflib

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from postroom.identity.actor import Actor
from postroom.identity.errors import UnknownRole, UserExists
from postroom.identity.models import User
from postroom.identity.roles import ROLES
from postroom.kernel.errors import BadInput
from postroom.ledger.append import Act, append


def create_user(actor: Actor, *, email: str, name: str, roles: list[str], password: str | None = None) -> User:
    """A new person. Without a password they sign in by a one-click link first. Raises UserExists, UnknownRole."""
    actor.require("user.manage")
    for role in roles:
        if role not in ROLES:
            near = difflib.get_close_matches(role, ROLES, 1)
            raise UnknownRole(
                f"There is no role {role!r}.",
                hint=f"Did you mean {near[0]!r}? " if near else f"Roles: {', '.join(ROLES)}.",
            )
    try:
        validate_email(email)
        if password is not None:
            validate_password(password)
    except ValidationError as error:
        raise BadInput(" ".join(error.messages), hint="Choose another e-mail address or password.") from error
    with transaction.atomic():
        if User.objects.filter(email=email.lower()).exists():
            raise UserExists(f"{email} is taken.", hint="Change that person's roles instead.")
        user = User.objects.create_user(email, password, name=name, roles=roles)
        append(actor.name, [Act("user.created", "user", None, {"user": user.pk, "roles": sorted(roles)})])
    return user
