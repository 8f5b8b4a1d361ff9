"""Reading runs and what was set aside."""

from __future__ import annotations

import uuid

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from postroom.identity.actor import Actor
from postroom.kernel.errors import NotFound
from postroom.production.models import Record, Run, SetAside


def runs_visible_to(actor: Actor) -> QuerySet[Run]:
    """Runs the actor may see, newest first."""
    if not actor.may("run.view"):
        return Run.objects.none()
    return Run.objects.select_related("parcel").order_by("-started_at")


def run(actor: Actor, ref_or_id: str | uuid.UUID) -> Run:
    """By reference (R-2026-0001) or id. Raises NotFound."""
    text = str(ref_or_id)
    visible = runs_visible_to(actor)
    if text.upper().startswith("R-"):
        found = visible.filter(ref=text.upper()).first()
    else:
        try:
            found = visible.filter(pk=uuid.UUID(text)).first()
        except ValueError:
            found = None
    if found is None:
        raise NotFound(f"There is no run {text!r}.", hint="See `postroom runs`.")
    return found


def set_aside_of(actor: Actor, run_row: Run | None = None) -> QuerySet[SetAside]:
    """What waits to be corrected, in the order of the file."""
    if not actor.may("record.view"):
        return SetAside.objects.none()
    rows = SetAside.objects.filter(resolved_at=None).select_related("record", "run")
    if run_row is not None:
        rows = rows.filter(run=run_row)
    return rows.order_by("run__started_at", "record__ordinal")


def record(actor: Actor, record_id: uuid.UUID | str) -> Record:
    """One record with its data. Raises NotFound."""
    actor.require_view("record.view")
    try:
        found = Record.objects.select_related("run").filter(pk=record_id).first()
    except (ValueError, TypeError, ValidationError):
        found = None
    if found is None:
        raise NotFound("There is no such record.", hint="See `postroom records RUN`.")
    return found
