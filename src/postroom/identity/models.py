"""Who works here: people, their roles, and the tokens of programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.crypto import salted_hmac

from postroom.identity.roles import ROLES


class UserManager(BaseUserManager["User"]):
    """Makes users by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person who works here. What they may do follows from ``roles`` alone (``postroom.identity.roles``)."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)
    roles = ArrayField(models.CharField(max_length=40, choices=[(role, role) for role in ROLES]), default=list)
    #: A tag such as "de"; "" as long as nothing was chosen: the browser decides.
    language = models.CharField(max_length=10, default="", blank=True)
    is_active = models.BooleanField(default=True)
    #: Part of what a session is signed with: raising it ends every session of this person, listed or not.
    session_epoch = models.PositiveIntegerField(default=0)
    date_joined = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        db_table = "identity_user"

    def __str__(self) -> str:
        return self.name or self.email

    def get_session_auth_hash(self) -> str:
        """What a session must hold to be this person's: changes with the password and with ``session_epoch``."""
        return _session_hash(self, None)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """The same under secret keys that were used before (Django's ``SECRET_KEY_FALLBACKS``)."""
        for secret in settings.SECRET_KEY_FALLBACKS:
            yield _session_hash(self, secret)


def _session_hash(user: User, secret: str | bytes | None) -> str:
    return salted_hmac(
        "postroom.identity.session", f"{user.session_epoch}:{user.password}", secret=secret, algorithm="sha256"
    ).hexdigest()


class ApiToken(models.Model):
    """A program's key. Only its SHA-256 is kept: the token has 256 random bits, so no slow hash is needed."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12)
    digest = models.BinaryField(unique=True)
    scopes = ArrayField(models.CharField(max_length=40))
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "identity_api_token"


class SignInLink(models.Model):
    """A one-click link that signs one person in once, soon (the demo's printed address, a forgotten password)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE)
    digest = models.BinaryField(unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "identity_sign_in_link"


class SignInTry(models.Model):
    """A try to sign in that failed or is under way, kept for a quarter of an hour (``identity.lockout``)."""

    key = models.BinaryField(db_index=True)
    at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "identity_sign_in_try"
