"""The alarms that stand, as the health page shows them."""

from __future__ import annotations

from django.urls import reverse

from postroom.composition.alarms import standing
from postroom.composition.models import Alarm
from postroom.documents.queries import visible_to
from postroom.identity.actor import Actor
from postroom.web import words
from postroom.web.pages.alarms import AlarmRow
from postroom.web.pages.parts import ReasonForm

_SHOWN = 20


def alarm_rows(actor: Actor, refused: ReasonForm | None = None) -> tuple[AlarmRow, ...]:
    """The oldest first. ``refused`` is the form that came back, at its alarm."""
    alarms = standing()[:_SHOWN]
    ids = [alarm.document_id for alarm in alarms if alarm.document_id]
    seen = set(visible_to(actor).filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()
    may = actor.may("alarm.acknowledge")
    return tuple(
        AlarmRow(
            told=alarm.told,
            hint=alarm.hint,
            raised=words.moment(alarm.raised_at),
            document_url=reverse("document", args=[alarm.document_id]) if alarm.document_id in seen else "",
            form=_form(alarm, refused) if may else None,
        )
        for alarm in alarms
    )


def _form(alarm: Alarm, refused: ReasonForm | None) -> ReasonForm:
    url = reverse("settings-alarm-acknowledge", args=[alarm.pk])
    return refused if refused is not None and refused.url == url else ReasonForm(url=url)
