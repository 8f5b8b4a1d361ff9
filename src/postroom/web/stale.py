"""Acting on what has changed meanwhile: who changed it, told to people who may read the ledger."""

from __future__ import annotations

import uuid

from django.http import HttpRequest
from django.utils.translation import gettext

from postroom.kernel.errors import Conflict, NotFound, PostroomError
from postroom.ledger.models import Entry
from postroom.production.queries import runs_visible_to
from postroom.web import words
from postroom.web.fill import names
from postroom.web.shell import actor_of

_OBJECTS = ("record_id", "delivery_id", "document_id", "party_id")


def meanwhile(request: HttpRequest, error: PostroomError) -> str:
    """The last act on the object of a refused form, in words; "" when nobody changed it or the reader may not know."""
    if request.method != "POST" or not isinstance(error, Conflict | NotFound):
        return ""
    actor, subject = actor_of(request), _subject(request)
    if subject is None or not (actor.may("ledger.view") or actor.may("run.view") or actor.may("delivery.view")):
        return ""
    last = Entry.objects.filter(object_id=subject).order_by("-seq").first()
    if last is None:
        return ""
    told = _acts().get(last.act)
    when = words.moment(last.at)
    if told is None:
        return gettext("It was changed at {when} by {who}.").format(when=when, who=names.who(last.actor))
    return told.format(when=when, who=names.who(last.actor))


def _acts() -> dict[str, str]:
    return {
        "record.corrected": gettext("{who} corrected it, {when}."),
        "record.resubmitted": gettext("{who} let it go on, {when}."),
        "run.cancelled": gettext("{who} cancelled it, {when}."),
        "run.settled": gettext("It was settled, {when}."),
        "delivery.found_arrived": gettext("{who} noted that it arrived, {when}."),
        "delivery.sent_again": gettext("{who} noted that it did not arrive, {when}; it is sent again."),
    }


def _subject(request: HttpRequest) -> uuid.UUID | None:
    match = request.resolver_match
    if match is None:
        return None
    for name in _OBJECTS:
        if isinstance(match.kwargs.get(name), uuid.UUID):
            found: uuid.UUID = match.kwargs[name]
            return found
    ref = match.kwargs.get("ref")
    if isinstance(ref, str) and "\x00" not in ref:
        return runs_visible_to(actor_of(request)).filter(ref=ref).values_list("pk", flat=True).first()
    return None
