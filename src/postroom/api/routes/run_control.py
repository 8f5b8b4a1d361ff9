"""The operator in control of a run: hold, release, the check before a release, and reprints."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from postroom.api.access import actor, needs
from postroom.api.routes.runs import RunDetail, run_detail
from postroom.production import queries
from postroom.production.actions.hold_part import Acted, cancel_part, hold_part, release_part
from postroom.production.actions.hold_run import hold_run
from postroom.production.actions.release_run import release_run
from postroom.production.actions.reprint_range import range_of, reprint_range
from postroom.production.part import Part, part_of
from postroom.production.precheck import precheck

router = Router(tags=["Produce"])


class Hold(Schema):
    """Why a run is held."""

    reason: str = Field("", max_length=300)


class PartOf(Schema):
    """Exactly one of the three says which part of the run is meant."""

    records: str = Field("", max_length=40, description="Places in the file, from 1: `10-20`, or `7`.")
    documents: str = Field("", max_length=300, description="Numbers of documents: `RE-100..RE-120`, or one.")
    chunk: int | None = Field(None, ge=0, description="Number of a chunk.")

    def part(self) -> Part:
        return part_of(records=self.records, numbers=self.documents, chunk=self.chunk)


class PartReason(PartOf):
    """A part, and why."""

    reason: str = Field("", max_length=300)


class ActedOut(Schema):
    """What an act on a part did."""

    records: int = Field(description="Records that were not composed yet.")
    deliveries: int = Field(description="Deliveries that had not left.")
    left: int = Field(description="Being composed or sent at that moment; they end as they would have.")


class MoneyOut(Schema):
    """Amounts of one currency, as text."""

    total: str
    largest: str
    smallest: str


class FindingOut(Schema):
    """Something a person should look at."""

    code: str
    sentence: str


class CheckOut(Schema):
    """What a run would send, and what is unlike the last runs of its template."""

    run: str
    ready: bool = Field(description="Everything is composed; else the figures still grow.")
    documents: int
    sheets: int = Field(description="Pages of all documents together.")
    pages: dict[str, int] = Field(description="How many documents have so many pages.")
    amounts: dict[str, MoneyOut]
    channels: dict[str, int]
    parties: int
    new_parties: int
    set_aside: dict[str, int] = Field(description="Records set aside, by cause.")
    findings: list[FindingOut]
    compared_with: list[str]


class ReprintIn(PartReason):
    """A range to be sent again."""

    destination: str = Field(max_length=60)
    dry_run: bool = Field(False, description="Only count; nothing is made.")


class ReprintOut(Schema):
    """What a range is, and what was made of it."""

    documents: int
    pages: int
    first: str
    last: str
    deliveries: int
    unreachable: int


@router.post("/runs/{ref}/hold", auth=needs("run.view", "run.hold"), response=RunDetail, operation_id="holdRun")
def hold(request: HttpRequest, ref: str, body: Hold) -> dict[str, Any]:
    """Nothing more of the run is composed or sent until it is released. What is being sent ends."""
    return run_detail(hold_run(actor(request), queries.run(actor(request), ref).pk, body.reason))


@router.post(
    "/runs/{ref}/release", auth=needs("run.view", "run.release"), response=RunDetail, operation_id="releaseRun"
)
def release(request: HttpRequest, ref: str) -> dict[str, Any]:
    """A held run goes on where it was; one that waits for its check is sent."""
    return run_detail(release_run(actor(request), queries.run(actor(request), ref).pk))


@router.get("/runs/{ref}/check", auth=needs("run.view"), response=CheckOut, operation_id="checkRun")
def check(request: HttpRequest, ref: str) -> dict[str, Any]:
    """The check before a release."""
    found = queries.run(actor(request), ref)
    return precheck(found).as_json(found.ref)


@router.post("/runs/{ref}/part/hold", auth=needs("run.view", "run.hold"), response=ActedOut, operation_id="holdPart")
def part_hold(request: HttpRequest, ref: str, body: PartReason) -> dict[str, int]:
    """Holds a part of a run."""
    return _acted(hold_part(actor(request), queries.run(actor(request), ref).pk, body.part(), body.reason))


@router.post(
    "/runs/{ref}/part/release", auth=needs("run.view", "run.release"), response=ActedOut, operation_id="releasePart"
)
def part_release(request: HttpRequest, ref: str, body: PartOf) -> dict[str, int]:
    """Lets a part of a run go on."""
    return _acted(release_part(actor(request), queries.run(actor(request), ref).pk, body.part()))


@router.post(
    "/runs/{ref}/part/cancel", auth=needs("run.view", "run.cancel"), response=ActedOut, operation_id="cancelPart"
)
def part_cancel(request: HttpRequest, ref: str, body: PartReason) -> dict[str, int]:
    """Cancels what has not left of a part of a run; a reason is needed."""
    return _acted(cancel_part(actor(request), queries.run(actor(request), ref).pk, body.part(), body.reason))


@router.post(
    "/runs/{ref}/reprint",
    auth=needs("run.view", "document.view", "delivery.resend"),
    response=ReprintOut,
    operation_id="reprintRange",
)
def reprint(request: HttpRequest, ref: str, body: ReprintIn) -> dict[str, Any]:
    """Sends a range of the run's documents once more, byte for byte, as new deliveries. Look first: `dry_run`."""
    found, part = queries.run(actor(request), ref), body.part()
    meant = range_of(actor(request), found, part)
    made = (0, 0)
    if not body.dry_run:
        done = reprint_range(actor(request), found.pk, part, destination=body.destination, reason=body.reason)
        made = (done.deliveries, done.unreachable)
    return {
        "documents": meant.documents,
        "pages": meant.pages,
        "first": meant.first,
        "last": meant.last,
        "deliveries": made[0],
        "unreachable": made[1],
    }


def _acted(done: Acted) -> dict[str, int]:
    return {"records": done.records, "deliveries": done.deliveries, "left": done.left}
