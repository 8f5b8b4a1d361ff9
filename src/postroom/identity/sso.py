"""Whom single sign-on lets in: people with a mapped group, made at their first sign-in. All others read why not."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import AuthError
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse

from postroom.identity.actions.admit_from_directory import admit_from_directory
from postroom.identity.actions.record_sign_in import sign_in_refused
from postroom.identity.errors import AddressTaken, SignInBroken
from postroom.identity.groups import groups_in, roles_of_groups
from postroom.identity.models import User
from postroom.identity.oidc_config import OidcConfig, oidc_config

log = logging.getLogger("postroom.identity")


class SingleSignOn(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """allauth's hooks. Our errors pass through it and become pages in the web process."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """allauth's own sign-up is never reached: whoever may come in has been made before it is asked."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        configured = oidc_config()
        if configured is None:
            raise SignInBroken("There is no provider.", hint="Sign in with your password.")
        told = sociallogin.account.extra_data
        claims = {**told.get("id_token", {}), **told.get("userinfo", {})}
        known = sociallogin.user if sociallogin.is_existing else None
        linked = known is not None
        roles = roles_of_groups(_groups(told, configured), configured.group_roles)
        email = str(claims.get("email") or "").strip().lower()
        if known is None and roles:
            known = _same_address(email, claims)
        user = admit_from_directory(known, email=email, name=str(claims.get("name") or ""), roles=roles, by="oidc")
        sociallogin.account.extra_data = {}  # the person's data at the provider are not ours to keep
        if linked:
            sociallogin.account.save(update_fields=["extra_data"])
            sociallogin.user = user
        else:
            sociallogin.connect(request, user)

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Exception | None = None,
        extra_context: Mapping[str, Any] | None = None,
    ) -> None:
        """The reason goes to the log; the person, who may be an attacker's victim, is told how to begin anew."""
        if error == AuthError.CANCELLED:
            raise ImmediateHttpResponse(HttpResponseRedirect(reverse("account_login")))
        log.warning("single sign-on failed: %s", exception or request.GET.get("error") or "unknown or used state")
        sign_in_refused(None, "oidc", "not-believed")
        raise SignInBroken(
            "What came back from your company's sign-in does not fit what was asked.",
            hint="Begin anew at the sign-in page. If it stays, give your administrator the time of day.",
        ) from exception


def _groups(told: Mapping[str, Mapping[str, object]], configured: OidcConfig) -> list[str]:
    """Groups of both tellings: some providers put them into the ID token, some into the user info."""
    return [
        group for part in ("id_token", "userinfo") for group in groups_in(told.get(part, {}), configured.groups_claim)
    ]


def _same_address(email: str, claims: Mapping[str, object]) -> User | None:
    """Somebody made here before, joined to their account at the provider when it vouches for the address."""
    if not email:
        raise SignInBroken(
            "Your company's sign-in told no e-mail address.",
            hint="An administrator lets the provider send the claim email (POSTROOM_OIDC_SCOPES).",
        )
    known = User.objects.filter(email=email).first()
    if known is not None and claims.get("email_verified") is not True:
        sign_in_refused(known, "oidc", "address-taken")
        raise AddressTaken(
            "Your company's sign-in does not vouch for your e-mail address, and somebody here has it already.",
            hint="An administrator lets the provider send email_verified, or changes the address of that person.",
        )
    return known
