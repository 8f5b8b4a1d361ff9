"""The alarms that stand, as the health page shows them."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext

from postroom.composition.alarms import standing
from postroom.composition.models import DIFFERENCE, Alarm
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
    seen = dict(visible_to(actor).filter(pk__in=ids).values_list("pk", "title")) if ids else {}
    may = actor.may("alarm.acknowledge")
    return tuple(
        AlarmRow(
            told=told(alarm, seen.get(alarm.document_id, "") if alarm.document_id else ""),
            hint=alarm.hint,
            raised=words.moment(alarm.raised_at),
            document_url=reverse("document", args=[alarm.document_id]) if alarm.document_id in seen else "",
            form=_form(alarm, refused) if may else None,
        )
        for alarm in alarms
    )


def told(alarm: Alarm, title: str = "") -> str:
    """In the reader's language, from its facts; in the words it was raised with when they say more than these."""
    facts, document = alarm.facts, title or str(alarm.document_id or "")
    if alarm.kind != DIFFERENCE or facts.get("outcome") != "different" or facts.get("page") is None:
        return alarm.told
    said = [
        gettext("{document}, made from {template}, becomes other bytes: from byte {byte} on, page {page}.").format(
            document=document,
            template=facts.get("template", ""),
            byte=words.count(int(facts.get("first_byte") or 0)),
            page=facts["page"],
        )
    ]
    then, now = str(facts.get("made_with") or ""), str(facts.get("now") or "")
    if then and now and then != now:
        said.append(gettext("Made with {then}; now there is {now}.").format(then=then, now=now))
    elif now:
        said.append(gettext("Made then and now with {now}.").format(now=now))
    return " ".join(said)


def _form(alarm: Alarm, refused: ReasonForm | None) -> ReasonForm:
    url = reverse("settings-alarm-acknowledge", args=[alarm.pk])
    return refused if refused is not None and refused.url == url else ReasonForm(url=url)
