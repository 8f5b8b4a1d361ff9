"""The ledger: read it, and have every hash of it computed again."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.http import http_date
from ninja import Query, Router, Schema
from pydantic import Field

from postroom.api.access import needs
from postroom.api.paging import Page, Paging, page
from postroom.api.shapes import EntryOut, entry_out
from postroom.kernel.errors import NotFound
from postroom.ledger import checkpoint
from postroom.ledger.models import Entry
from postroom.ledger.place import parse_place
from postroom.ledger.verify import verify

router = Router(tags=["Govern"])

_WORD = "^[a-z0-9_.:-]{0,80}$"


class EntryFilter(Schema):
    """All conditions hold together."""

    object_id: uuid.UUID | None = None
    act: str = Field("", pattern=_WORD, description="Such as document.composed.")
    kind: str = Field("", pattern=_WORD)
    actor: str = Field("", pattern=_WORD, description="Such as user:7 or token:3.")


class Verdict(Schema):
    """What a walk through a stretch of the ledger found. The ledger is whole when every stretch is."""

    whole: bool
    blocks: int = Field(description="Blocks of this stretch.")
    entries: int = Field(description="Entries of this stretch.")
    head: str = Field(description="Hash of the last block of this stretch, hex.")
    faults: list[str]
    next: str | None = Field(description="Ask again with it as `from`; null: this was the end of the ledger.")


class Stretch(Schema):
    """How much is walked in one request."""

    start: str = Field(
        "", alias="from", max_length=10_000, description="`next` of the answer before; empty: the first entry."
    )
    limit: int = Field(10_000, ge=1, le=50_000, description="Entries; the block in which they are reached is ended.")


@router.get("/ledger/entries", auth=needs("ledger.view"), response=Page[EntryOut], operation_id="listLedgerEntries")
def list_entries(request: HttpRequest, wanted: Query[EntryFilter], paging: Query[Paging]) -> dict[str, Any]:
    """Entries, newest first."""
    conditions = {name: value for name, value in wanted.model_dump().items() if value}
    return page(request, Entry.objects.filter(**conditions), ("-seq",), paging, entry_out)


@router.get(
    "/ledger/checkpoint",
    auth=needs("ledger.view"),
    operation_id="getLedgerCheckpoint",
    openapi_extra={
        "responses": {
            200: {
                "description": "A C2SP checkpoint: origin, size, root, and who signed them.",
                "content": {"text/plain": {"schema": {"type": "string"}}},
            }
        }
    },
)
def ledger_checkpoint(request: HttpRequest) -> HttpResponse:
    """The newest signed head of the ledger. Keep copies elsewhere: they show whether history is changed later."""
    head = checkpoint.newest()
    if head is None:
        raise NotFound(
            "No head of the ledger has been signed yet.", hint="Sign the first one: `postroom ledger checkpoint`."
        )
    response = HttpResponse(checkpoint.note(head), content_type="text/plain; charset=utf-8")
    response["Last-Modified"] = http_date(head.at.timestamp())
    return response


@router.get("/ledger/verify", auth=needs("ledger.view"), response=Verdict, operation_id="verifyLedger")
def verify_ledger(request: HttpRequest, stretch: Query[Stretch]) -> dict[str, Any]:
    """Computes every hash again and holds it against the chain, the tree, its signed heads and the heads noted outside
    the database: one stretch in each request, until `next` is null. `postroom ledger verify` walks all at once.
    """
    verdict = verify(start=parse_place(stretch.start), limit=stretch.limit)
    return {
        "whole": verdict.whole,
        "blocks": verdict.blocks,
        "entries": verdict.entries,
        "head": verdict.head,
        "faults": list(verdict.faults),
        "next": verdict.onward.text() if verdict.onward else None,
    }
