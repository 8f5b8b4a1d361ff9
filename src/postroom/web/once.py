"""Forms that act once, although their answer is a page: a secret is shown in the answer itself and kept nowhere."""

from __future__ import annotations

import secrets

from django.http import HttpRequest

_KEPT = 40


def fresh() -> str:
    """A mark for a form that is about to be shown."""
    return secrets.token_hex(16)


def first_time(request: HttpRequest, mark: str) -> bool:
    """Whether the form with this mark is handed in for the first time; a reload of its answer is the second."""
    used: list[str] = request.session.get("once", [])
    if not mark or mark in used:
        return False
    request.session["once"] = [*used, mark][-_KEPT:]
    return True
