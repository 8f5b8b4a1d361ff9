"""By which ways one may sign in here, for the sign-in page."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.http import urlencode


@dataclass(frozen=True, slots=True)
class Ways:
    """``company`` is the name of the single sign-on provider, "" without one; ``company_url`` begins there."""

    password: bool
    passkey: bool
    company: str
    company_url: str


def ways(request: HttpRequest) -> dict[str, object]:
    """Template context. Made only when a template asks for it."""
    return {"ways": SimpleLazyObject(lambda: _ways(request))}


def _ways(request: HttpRequest) -> Ways:
    provider = settings.OIDC
    only = bool(provider and provider.only)
    wanted = request.GET.get("next") or request.POST.get("next") or ""
    return Ways(
        password=not only,
        passkey=not only,
        company=provider.name if provider else "",
        company_url=reverse("sso") + (f"?{urlencode({'next': wanted})}" if wanted else ""),
    )
