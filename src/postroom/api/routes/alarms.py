"""Alarms: bytes that are not what they were, or would not be, until somebody says that they know."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Literal

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from postroom.api.access import actor, needs
from postroom.api.paging import Page, Paging, page
from postroom.composition.actions.acknowledge_alarm import acknowledge_alarm
from postroom.composition.models import Alarm
from postroom.documents.queries import visible_to
from postroom.identity.actor import Actor

router = Router(tags=["Govern"])


class AlarmOut(Schema):
    """One alarm. Who may not see its document is not told which one it is."""

    id: uuid.UUID
    kind: str = Field(description="What it is about, stable.")
    told: str = Field(description="What was found, in English.")
    hint: str = Field(description="What to do next.")
    document_id: uuid.UUID | None
    template_version_id: uuid.UUID | None
    raised_at: dt.datetime
    seen_at: dt.datetime = Field(description="When it was last found again.")
    acknowledged_at: dt.datetime | None
    acknowledged_by: str
    reason: str


class AlarmFilter(Schema):
    """Which alarms."""

    state: Literal["standing", "acknowledged", "any"] = "standing"


class Acknowledgement(Schema):
    """What was found out. The words stay with the alarm; the ledger holds their digest."""

    reason: str = Field(min_length=1, max_length=300)


@router.get("/alarms", auth=needs("health.view"), response=Page[AlarmOut], operation_id="listAlarms")
def list_alarms(request: HttpRequest, wanted: Query[AlarmFilter], paging: Query[Paging]) -> dict[str, Any]:
    """Alarms, newest first; those that stand unless told otherwise."""
    rows = _seen_by(actor(request))
    if wanted.state != "any":
        rows = rows.filter(acknowledged_at__isnull=wanted.state == "standing")
    return page(request, rows, ("-raised_at", "-id"), paging, _told)


@router.post(
    "/alarms/{alarm_id}/acknowledge",
    auth=needs("health.view", "alarm.acknowledge"),
    response=AlarmOut,
    operation_id="acknowledgeAlarm",
)
def acknowledge(request: HttpRequest, alarm_id: uuid.UUID, body: Acknowledgement) -> dict[str, Any]:
    """It stands no longer; the ledger says by whom. Its cause, found once more, does not raise it again."""
    who = actor(request)
    acknowledged = acknowledge_alarm(who, alarm_id, body.reason)
    return _told(_seen_by(who).get(pk=acknowledged.pk))


def _seen_by(who: Actor) -> QuerySet[Alarm]:
    return Alarm.objects.annotate(document_seen=Exists(visible_to(who).filter(pk=OuterRef("document_id"))))


def _told(alarm: Alarm) -> dict[str, Any]:
    seen: bool = alarm.document_seen  # type: ignore[attr-defined]
    return {
        "id": alarm.pk,
        "kind": alarm.kind,
        "told": alarm.told,
        "hint": alarm.hint,
        "document_id": alarm.document_id if seen else None,
        "template_version_id": alarm.template_version_id,
        "raised_at": alarm.raised_at,
        "seen_at": alarm.seen_at,
        "acknowledged_at": alarm.acknowledged_at,
        "acknowledged_by": alarm.acknowledged_by,
        "reason": alarm.reason,
    }
