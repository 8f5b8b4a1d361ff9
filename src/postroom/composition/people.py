"""Who somebody is, whichever door they came through: four eyes are two people, not a person and their token."""

from __future__ import annotations

from postroom.identity.models import ApiToken


def person_behind(actor: str) -> str:
    """``user:7`` for the token of user 7; whoever else acts is themselves."""
    kind, _, number = actor.partition(":")
    if kind != "token" or not number.isdigit():
        return actor
    owner = ApiToken.objects.filter(pk=int(number)).values_list("user_id", flat=True).first()
    return f"user:{owner}" if owner is not None else actor
