"""Second factors: their secrets are encrypted where they lie, and wrong codes count like wrong passwords."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from allauth.account.adapter import get_adapter as account_adapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from cryptography.fernet import Fernet, InvalidToken
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from postroom.identity import lockout
from postroom.identity.actions import record_sign_in
from postroom.identity.errors import FactorUnreadable
from postroom.identity.models import User


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """What lies in the database is of no use without ``POSTROOM_SECRET_KEY``: a stolen dump makes no codes."""

    def encrypt(self, text: str) -> str:
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return _box().decrypt(encrypted_text.encode()).decode()
        except InvalidToken as error:
            raise FactorUnreadable(
                "Your second factor was set up under another secret key.",
                hint="An administrator removes it with `postroom user forget-factors EMAIL`; then set it up anew.",
            ) from error


def _box() -> Fernet:
    """AES-128-CBC with HMAC, keyed by the installation's secret for this one purpose."""
    key = hashlib.sha256(b"postroom.identity.factors\0" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))


class _Counted(forms.Form):
    """A code that is counted before it is looked at."""

    user: User

    def clean_code(self) -> str:
        adapter = account_adapter()
        tried = adapter.reserve_try(context.request, self.user.email)
        try:
            code: str = super().clean_code()  # type: ignore[misc]
        except ValidationError:
            record_sign_in.sign_in_failed(self.user, "code", tried.locks)
            raise
        lockout.release(tried)
        return code


class CodeForm(_Counted, AuthenticateForm):  # type: ignore[misc]
    """The second step of signing in."""


class CodeAgainForm(_Counted, ReauthenticateForm):  # type: ignore[misc]
    """Asked for once more before a change."""


class PasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A passkey signs in by itself unless somebody unticks that; it then is a second factor only."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name")
        self.fields["name"].help_text = _("So that you know it again: “Laptop”, “blue key”.")
        if "passwordless" in self.fields:
            self.fields["passwordless"].initial = True
            self.fields["passwordless"].label = _("Sign in with this key alone")
            self.fields["passwordless"].help_text = ""
