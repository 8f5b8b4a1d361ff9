"""To the company's sign-in and back (OpenID Connect: code flow with PKCE, state and nonce)."""

from __future__ import annotations

from allauth.account.utils import get_next_redirect_url
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from requests import RequestException

from postroom.identity import provider_session
from postroom.identity.provider import StrictAdapter, StrictCallback
from postroom.identity.sso_name import PROVIDER
from postroom.kernel.errors import NotFound, Unavailable
from postroom.web.access import public
from postroom.web.answers import go, show
from postroom.web.pages.sessions import SignedOutPage


@public("signing in itself, by the company's account")
def begin(request: HttpRequest) -> HttpResponseBase:
    """Leads to the provider. By GET: our policy lets no form lead to another house."""
    name = _configured()
    provider = get_adapter().get_provider(request, PROVIDER)
    try:
        answer: HttpResponseBase = provider.redirect(request, AuthProcess.LOGIN, get_next_redirect_url(request))
    except (RequestException, OAuth2Error, ValueError, KeyError) as error:
        raise Unavailable(
            f"{name} does not answer as a sign-in provider should.",
            hint="Try again in a minute. An administrator looks at `postroom doctor`.",
        ) from error
    return answer


@public("signing in itself, coming back from the company's account")
def back(request: HttpRequest) -> HttpResponseBase:
    """Where the provider leads back to, with a code."""
    _configured()
    answer: HttpResponseBase = StrictCallback.adapter_view(StrictAdapter(request, PROVIDER))(request)
    return answer


@public("signing out, after which nobody is signed in")
def out(request: HttpRequest) -> HttpResponse:
    """The session here has ended; the browser goes on by itself to end the one at the provider, and is led back."""
    name, address = _configured(), provider_session.take_the_end(request)
    if not address:
        return go(request, "account_login")
    return show(request, "account/signed_out.html", SignedOutPage(provider=name, end_url=address))


def _configured() -> str:
    """The provider's name."""
    if settings.OIDC is None:
        raise NotFound("There is no single sign-on here.", hint="Sign in with your password or passkey.")
    return settings.OIDC.name
