"""Deliveries: what is on its way, what arrived and how surely, and what a person has to decide."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from postroom.api.access import actor, needs
from postroom.api.paging import Page, Paging, page
from postroom.api.shapes import (
    DeliveryDetail,
    DeliveryOut,
    attempt_out,
    delivery_out,
    receipt_out,
)
from postroom.delivery import queries
from postroom.delivery.actions.cancel_delivery import cancel_delivery
from postroom.delivery.actions.decide_doubt import decide_doubt
from postroom.delivery.actions.hold_delivery import hold_delivery
from postroom.delivery.actions.release_delivery import release_delivery
from postroom.delivery.models import STATES, Delivery

router = Router(tags=["Deliver"])


class DeliveryFilter(Schema):
    """All conditions hold together."""

    state: str = Field("", pattern=f"^(|{'|'.join(STATES)})$")
    channel: str = Field("", pattern="^[a-z0-9_-]{0,40}$")
    run_id: uuid.UUID | None = None
    party_id: uuid.UUID | None = None


class Decision(Schema):
    """What a person knows of a delivery in doubt."""

    arrived: bool = Field(description="True: it arrived. False: it did not, so it is sent again.")
    reason: str = Field(min_length=1, max_length=2000, description="How you know.")


class Why(Schema):
    """Why, in words that are kept with the delivery."""

    reason: str = Field("", max_length=1000)


@router.get("/deliveries", auth=needs("delivery.view"), response=Page[DeliveryOut], operation_id="listDeliveries")
def list_deliveries(request: HttpRequest, wanted: Query[DeliveryFilter], paging: Query[Paging]) -> dict[str, Any]:
    """Deliveries of documents you may see, newest first."""
    conditions = {name: value for name, value in wanted.model_dump().items() if value}
    rows = queries.deliveries_visible_to(actor(request)).filter(**conditions)
    return page(request, rows, ("-created_at", "-id"), paging, delivery_out)


@router.get(
    "/deliveries/{delivery_id}", auth=needs("delivery.view"), response=DeliveryDetail, operation_id="getDelivery"
)
def one_delivery(request: HttpRequest, delivery_id: uuid.UUID) -> dict[str, Any]:
    """One delivery with every try and every receipt."""
    return _detail(queries.delivery(actor(request), delivery_id))


@router.post(
    "/deliveries/{delivery_id}/decide",
    auth=needs("delivery.view", "delivery.settle"),
    response=DeliveryDetail,
    operation_id="decideDelivery",
)
def decide(request: HttpRequest, delivery_id: uuid.UUID, body: Decision) -> dict[str, Any]:
    """Settles a delivery in doubt by what a person knows."""
    found = queries.delivery(actor(request), delivery_id)
    return _detail(decide_doubt(actor(request), found.pk, arrived=body.arrived, reason=body.reason))


@router.post(
    "/deliveries/{delivery_id}/hold",
    auth=needs("delivery.view", "delivery.hold"),
    response=DeliveryDetail,
    operation_id="holdDelivery",
)
def hold(request: HttpRequest, delivery_id: uuid.UUID, body: Why) -> dict[str, Any]:
    """Holds a delivery that has not left."""
    found = queries.delivery(actor(request), delivery_id)
    return _detail(hold_delivery(actor(request), found.pk, body.reason))


@router.post(
    "/deliveries/{delivery_id}/release",
    auth=needs("delivery.view", "delivery.hold"),
    response=DeliveryDetail,
    operation_id="releaseDelivery",
)
def release(request: HttpRequest, delivery_id: uuid.UUID) -> dict[str, Any]:
    """Lets a delivery go on that was held by itself; one that is held with its run goes on with its run."""
    found = queries.delivery(actor(request), delivery_id)
    return _detail(release_delivery(actor(request), found.pk))


@router.post(
    "/deliveries/{delivery_id}/cancel",
    auth=needs("delivery.view", "delivery.cancel"),
    response=DeliveryDetail,
    operation_id="cancelDelivery",
)
def cancel(request: HttpRequest, delivery_id: uuid.UUID, body: Why) -> dict[str, Any]:
    """Cancels a delivery that has not left; a reason is needed, and no fallback takes its place."""
    found = queries.delivery(actor(request), delivery_id)
    return _detail(cancel_delivery(actor(request), found.pk, body.reason))


def _detail(row: Delivery) -> dict[str, Any]:
    return {
        **delivery_out(row),
        "tries": [attempt_out(attempt) for attempt in row.tries.order_by("no")],
        "receipts": [receipt_out(receipt) for receipt in row.receipts.order_by("id")],
    }
