"""What tests of the desk share: a browser in which somebody with a role is signed in."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
Desk = Callable[[str], Any]


def desk_of(user_of: Callable[[str], Any]) -> Desk:
    """``desk("operator").get("/runs/")``."""

    def sign_in(role: str) -> Any:
        from django.test import Client

        client = Client(raise_request_exception=False)
        client.force_login(user_of(role), backend=BACKEND)
        return client

    return sign_in


def said(answer: Any) -> str:
    """The text of an answer."""
    return str(answer.content.decode())


def mark_in(answer: Any, name: str = "token") -> str:
    """The value of a hidden field of the page."""
    found = re.search(rf'name="{name}" value="([^"]*)"', said(answer))
    assert found is not None, f"no field {name}"
    return found[1]


def acts_of(kind: str) -> list[dict[str, Any]]:
    """The facts of the ledger's entries of one act, oldest first."""
    from postroom.ledger.models import Entry

    return list(Entry.objects.filter(act=kind).order_by("seq").values_list("facts", flat=True))
