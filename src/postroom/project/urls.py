"""Every address of the desk, the portal and the API."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from allauth.account.urls import urlpatterns as all_account
from allauth.mfa.urls import urlpatterns as factors
from django.urls import URLPattern, URLResolver, include, path

from postroom.api.api import api
from postroom.identity.access import Access, declare
from postroom.project.metrics.door import metrics

#: Nobody signs up or changes the address they are known by: both are an administrator's.
_CLOSED = {"account_signup", "account_email", "account_confirm_email", "account_email_verification_sent"}
#: Views of allauth that need a person; allauth asks for one itself. All others are signing in, or out.
_SIGNED_IN = {"account_change_password", "account_set_password", "account_reauthenticate"}
#: The steps of a sign-in by passkey or second factor; all else about factors needs a person.
_SIGNING_IN = {"mfa_login_webauthn", "mfa_authenticate"}

account = [pattern for pattern in all_account if pattern.name not in _CLOSED]


def _views(patterns: Iterable[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for found in patterns:
        if isinstance(found, URLResolver):
            yield from _views(found.url_patterns)
        else:
            yield found


for pattern in _views(account):
    asks = Access() if pattern.name in _SIGNED_IN else Access(public="signing in itself")
    declare(asks)(pattern.callback)
for pattern in _views(factors):
    asks = Access(public="a step of signing in") if pattern.name in _SIGNING_IN else Access()
    declare(asks)(pattern.callback)

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", api.urls),
    path("account/", include(account)),
    path("account/2fa/", include(factors)),
    path("metrics", metrics, name="metrics"),
    path("", include("postroom.web.urls")),
]

handler400 = "postroom.web.errors.bad_request"
handler403 = "postroom.web.errors.permission_denied"
handler404 = "postroom.web.errors.page_not_found"
handler500 = "postroom.web.errors.server_error"
