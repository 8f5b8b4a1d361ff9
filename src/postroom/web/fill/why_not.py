""" "Why can't I delete this?" with addresses that lead to what stands in the way."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext

from postroom.documents import guards
from postroom.documents.models import Document
from postroom.identity.actor import Actor
from postroom.web import words
from postroom.web.pages.viewer import ReasonGroup, ReasonRow, WhyNot


def why_not(actor: Actor, document: Document) -> WhyNot:
    told = guards.reasons(actor, document)
    return WhyNot(
        groups=tuple(
            ReasonGroup(key=group, rows=rows)
            for group in guards.GROUPS
            if (rows := tuple(_row(reason) for reason in told if reason.group == group))
        ),
        earliest=words.day(guards.earliest(told)),
    )


def _row(reason: guards.Reason) -> ReasonRow:
    kind, name = reason.about or ("", "")
    places = {"run": gettext("Open the run"), "delivery": gettext("Open the delivery")}
    return ReasonRow(
        sentence=reason.sentence,
        way_out=reason.way_out,
        until=words.day(reason.until),
        url=reverse(kind, args=[name]) if kind in places else "",
        url_text=places.get(kind, ""),
    )
