"""How sign-in by allauth is narrowed: nobody signs up by themselves, guesses are counted, the ledger is told."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from postroom.identity import lockout, provider_session
from postroom.identity.actions import record_sign_in
from postroom.identity.errors import LockedOut
from postroom.identity.models import User
from postroom.identity.oidc_config import oidc_config
from postroom.kernel.errors import PostroomError

#: allauth's own names of what it recorded, and ours.
_MEANS = {"socialaccount": "oidc", "webauthn": "passkey"}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Closes sign-up, locks guessers out, tells the ledger who came and went."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "too_many_login_attempts": _(
            "Too many attempts to sign in. Try again in a quarter of an hour, or ask your administrator."
        ),
        "passwords_off": _("Passwords are switched off here. Sign in with your company's account."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    # --- guesses --------------------------------------------------------------------------------------------------

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """In place of allauth's count in the cache, which each process keeps for itself (``identity.lockout``)."""
        provider = oidc_config()
        if provider is not None and provider.only:
            raise self.validation_error("passwords_off")
        self._tried = self.reserve_try(request, str(credentials.get("email") or ""))

    def reserve_try(self, request: HttpRequest, account: str) -> lockout.Reserved:
        """Count a guess before it is looked at. Raises ValidationError when there were too many."""
        try:
            return lockout.reserve(account, self.get_client_ip(request))
        except LockedOut as error:
            raise self.validation_error("too_many_login_attempts") from error

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        try:
            user: User | None = super().authenticate(request, **credentials)
        except PostroomError:  # the password was right, the person is not let in: no guess
            lockout.release(self._tried)
            raise
        if user is not None:
            lockout.release(self._tried)
        return user

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        known = User.objects.filter(email=str(credentials.get("email") or "").lower()).first()
        record_sign_in.sign_in_failed(known, "password", self._tried.locks)

    # --- the ledger -----------------------------------------------------------------------------------------------

    def login(self, request: HttpRequest, user: User) -> None:
        at_provider = provider_session.kept(request)
        super().login(request, user)
        means = self._means(request, user)
        provider_session.keep(request, at_provider if "oidc" in means else None)
        record_sign_in.signed_in(user, means)

    def logout(self, request: HttpRequest) -> None:
        user, at_provider = request.user, provider_session.kept(request)
        super().logout(request)
        provider_session.note_the_end(request, at_provider)
        if isinstance(user, User):
            record_sign_in.signed_out(user)

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        """Asked before the session ends. By a page of ours: our policy lets no form lead to another house."""
        return reverse("sso-out") if provider_session.kept(request) else str(super().get_logout_redirect_url(request))

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """allauth calls this whenever somebody changes how they sign in; it mails only when that is switched on."""
        record_sign_in.sign_in_changed(user, template_prefix.rsplit("/", 1)[-1])
        super().send_notification_mail(template_prefix, user, context, email)

    def _means(self, request: HttpRequest, user: User) -> list[str]:
        used = []
        for record in get_authentication_records(request, user):
            means = record.get("type") if record["method"] == "mfa" else record["method"]
            if means == "password" and not user.has_usable_password():
                means = "ldap"
            used.append(_MEANS.get(str(means), str(means)))
        return used
