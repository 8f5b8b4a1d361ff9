"""Whom we write to."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from postroom.api.access import actor, needs
from postroom.api.paging import Page, Paging, page
from postroom.api.shapes import PartyOut, party_out
from postroom.identity.actor import Actor
from postroom.kernel.errors import NotFound
from postroom.parties.models import Party

router = Router(tags=["Deliver"])


class PartyFilter(Schema):
    """What to look for."""

    text: str = Field("", max_length=300, description="Key, or a part of the name or e-mail address.")


@router.get("/parties", auth=needs("party.view"), response=Page[PartyOut], operation_id="listParties")
def list_parties(request: HttpRequest, wanted: Query[PartyFilter], paging: Query[Paging]) -> dict[str, Any]:
    """Parties by name."""
    rows = Party.objects.all()
    text = wanted.text.replace("\x00", "").strip()
    if text:
        rows = rows.filter(Q(key=text) | Q(name__icontains=text) | Q(email__icontains=text))
    return page(request, rows, ("name", "id"), paging, party_out)


@router.get("/parties/{key}", auth=needs("party.view"), response=PartyOut, operation_id="getParty")
def one_party(request: HttpRequest, key: str) -> dict[str, Any]:
    """One party, by the key the business systems use or by id."""
    return party_out(_party(actor(request), key))


def _party(who: Actor, key: str) -> Party:
    who.require_view("party.view")
    found = Party.objects.filter(key=key).first() if "\x00" not in key else None
    if found is None:
        try:
            found = Party.objects.filter(pk=uuid.UUID(key)).first()
        except ValueError:
            found = None
    if found is None:
        raise NotFound("There is no such party.", hint="Look it up with GET /api/v1/parties?text=..")
    return found
