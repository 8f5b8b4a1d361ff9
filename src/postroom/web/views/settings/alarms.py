"""Acknowledging an alarm on the health page."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from postroom.composition.actions.acknowledge_alarm import AlarmAcknowledged, ReasonNeeded, acknowledge_alarm
from postroom.web import asked
from postroom.web.access import acts
from postroom.web.answers import go, show
from postroom.web.fill.settings import house
from postroom.web.pages.parts import ReasonForm
from postroom.web.shell import actor_of


@acts("health.view", "alarm.acknowledge")
def acknowledge(request: HttpRequest, alarm_id: uuid.UUID) -> HttpResponse:
    """With a reason; without one the page comes back with the question open."""
    actor, reason = actor_of(request), asked.posted(request, "reason")
    try:
        acknowledge_alarm(actor, alarm_id, reason)
    except ReasonNeeded:
        form = ReasonForm(url=request.path, reason=reason, error=gettext("Say why, in 1 to 300 characters."))
        return show(request, "desk/settings/health.html", house.health_page(actor, form), 422)
    except AlarmAcknowledged:
        messages.info(request, gettext("Somebody has acknowledged this alarm already."))
    else:
        messages.success(request, gettext("The alarm is acknowledged; the ledger says so."))
    return go(request, reverse("settings-health"))
