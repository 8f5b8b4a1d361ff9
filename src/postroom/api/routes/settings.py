"""Is it up, and who am I."""

from __future__ import annotations

from typing import Literal

from django.db import Error, connection
from django.http import HttpRequest
from ninja import Router, Schema, Status

from postroom import __version__
from postroom.api.access import actor, needs, public

router = Router(tags=["Settings"])


class Health(Schema):
    """Up or down, and no more: everybody may ask."""

    status: Literal["up", "down"]


class Me(Schema):
    """The caller, as the ledger knows them."""

    actor: str
    roles: list[str]
    permissions: list[str]
    version: str


@router.get(
    "/health",
    auth=public("Load balancers ask without a token; the answer is only up or down."),
    response={200: Health, 503: Health},
    operation_id="getHealth",
)
def health(request: HttpRequest) -> Status[dict[str, str]]:
    """Whether the web process and its database answer."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        connection.close()
        return Status(503, {"status": "down"})
    return Status(200, {"status": "up"})


@router.get("/me", auth=needs(), response=Me, operation_id="getMe")
def me(request: HttpRequest) -> dict[str, object]:
    """Who you are here and what you may do."""
    who = actor(request)
    return {
        "actor": who.name,
        "roles": sorted(who.roles),
        "permissions": sorted(who.permissions),
        "version": __version__,
    }
