"""Who somebody is to their own browser: a digest that tells two people apart and names nobody."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from postroom.identity.models import User


def digest_of(request: HttpRequest) -> str:
    """Under this a browser keeps what the person typed, so that the next one to sign in never sees it. "" for nobody.

    Keyed by the installation's secret: the storage of a browser says nothing about which account it was.
    """
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return ""
    return salted_hmac("postroom.web.standing", str(user.pk), algorithm="sha256").hexdigest()[:24]
