"""Every address of the desk, the portal and the API."""

from __future__ import annotations

from allauth.account.urls import urlpatterns as account
from django.urls import URLPattern, URLResolver, include, path

from postroom.api.api import api
from postroom.identity.access import Access, declare

#: Views of allauth that need a person; allauth asks for one itself. All others are signing in, or out.
_SIGNED_IN = {"account_change_password", "account_set_password", "account_email", "account_reauthenticate"}

for pattern in account:
    asks = Access() if pattern.name in _SIGNED_IN else Access(public="signing in itself")
    declare(asks)(pattern.callback)

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", api.urls),
    path("account/", include(account)),
    path("", include("postroom.web.urls")),
]

handler400 = "postroom.web.errors.bad_request"
handler403 = "postroom.web.errors.permission_denied"
handler404 = "postroom.web.errors.page_not_found"
handler500 = "postroom.web.errors.server_error"
