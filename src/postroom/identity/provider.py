"""OpenID Connect, stricter than allauth's: the ID token is needed, its signature is checked, and it must carry the
nonce of this very sign-in (OpenID Connect Core 1.0, sections 3.1.2.1 and 3.1.3.7). allauth finds this file by its name.
"""

from __future__ import annotations

import secrets
from typing import Any

import jwt
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from postroom.identity import provider_session

#: Never ``none`` and never HMAC: with those, whoever knows the client's secret could write tokens.
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
_LEEWAY = 60  # seconds the clocks of the provider and of this host may differ


class StrictAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """One sign-in. ``nonce`` is what the browser's session remembers of its beginning."""

    nonce: str = ""

    @property
    def openid_config(self) -> dict[str, Any]:
        found: dict[str, Any] = super().openid_config
        named = self.get_provider().app.settings["server_url"]
        if found.get("issuer", "").rstrip("/") != named.rstrip("/"):  # OpenID Connect Discovery 1.0, section 4.3
            raise OAuth2Error(f"The provider calls itself {found.get('issuer')!r}, not {named!r}.")
        return found

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        return request.build_absolute_uri(reverse("sso-back"))

    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any) -> SocialLogin:
        told = kwargs["response"].get("id_token")
        if not told:
            raise OAuth2Error("The provider sent no ID token.")
        data: dict[str, Any] = {"id_token": self._decode_id_token(app, told)}
        if self.openid_config.get("userinfo_endpoint"):
            data["userinfo"] = self._fetch_user_info(token.token)
            if data["userinfo"].get("sub") != data["id_token"]["sub"]:  # Core 1.0, section 5.3.2
                raise OAuth2Error("The user info belongs to somebody else than the ID token.")
        provider_session.remember(request, told, self.openid_config.get("end_session_endpoint"))
        return self.get_provider().sociallogin_from_response(request, data)

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
        try:
            header = jwt.get_unverified_header(id_token)
            keys = [key for key in jwt.PyJWKSet.from_dict(answer.json()).keys if key.key_id == header.get("kid")]
            if len(keys) != 1:
                raise OAuth2Error("The ID token is signed with a key the provider does not publish.")
            claims: dict[str, Any] = jwt.decode(
                id_token,
                keys[0],
                algorithms=_ALGORITHMS,
                audience=app.client_id,
                issuer=self.openid_config["issuer"],
                leeway=_LEEWAY,
                options={"require": ["exp", "iat", "iss", "aud", "sub", "nonce"]},
            )
        except jwt.PyJWTError as error:
            raise OAuth2Error(f"The ID token cannot be believed: {error}") from error
        if claims.get("azp", app.client_id) != app.client_id:
            raise OAuth2Error("The ID token was made for another application.")
        if not self.nonce or not secrets.compare_digest(str(claims["nonce"]), self.nonce):
            raise OAuth2Error("The ID token belongs to another sign-in.")
        return claims


class StrictProvider(OpenIDConnectProvider):  # type: ignore[misc]
    """Remembers a fresh nonce with the state of each sign-in and sends it along."""

    oauth2_adapter_class = StrictAdapter

    def redirect(
        self, request: HttpRequest, process: str, next_url: str | None = None, data: Any = None, **kwargs: Any
    ) -> HttpResponse:
        nonce = secrets.token_urlsafe(24)
        kwargs["auth_params"] = {**self.get_auth_params(), "nonce": nonce}
        answer: HttpResponse = super().redirect(request, process, next_url, data, nonce=nonce, **kwargs)
        return answer


class StrictCallback(OAuth2CallbackView):  # type: ignore[misc]
    """The way back: hands the remembered nonce to the adapter."""

    def _get_state(self, request: HttpRequest, provider: StrictProvider) -> tuple[dict[str, Any] | None, Any]:
        state, response = super()._get_state(request, provider)
        self.adapter.nonce = (state or {}).get("nonce", "")
        return state, response


provider_classes = [StrictProvider]
