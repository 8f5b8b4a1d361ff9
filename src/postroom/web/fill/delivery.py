"""One delivery with its evidence."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from postroom.delivery import models as m
from postroom.delivery.decide import BY_PERSON
from postroom.delivery.models import Attempt, Delivery
from postroom.delivery.spec import Truth
from postroom.delivery.timeline import entries_of_deliveries
from postroom.documents.content import newest_version
from postroom.documents.models import Document, Version
from postroom.documents.timeline import timeline as told_of
from postroom.identity.actor import Actor
from postroom.kernel.errors import Damaged
from postroom.production.models import Run
from postroom.vault.read import read, read_blob
from postroom.web import words
from postroom.web.fill import names, story
from postroom.web.fill.deliveries import destination, status_of
from postroom.web.fill.pages_of import images
from postroom.web.fill.tell import tell
from postroom.web.pages import AttemptRow, ChannelReason, Crumb, DeliveryPage, Fact, InDoubt, ReasonForm, Stamp

_OUTCOMES = {
    "sent": "sent",
    "deferred": "deferred",
    "refused": "failed",
    "unknown": "in_doubt",
    "absent": "failed",
    "": "sending",
}
_WORDS: dict[str, Any] = {"law": "law", "wish": "wish", "rule": "rule", "always": "always", "person": "person"}


def page_of(
    request: HttpRequest, actor: Actor, delivery: Delivery, document: Document | None, forms: dict[str, ReasonForm]
) -> DeliveryPage:
    """``forms`` are those that came back with an error, by name (``resend``, ``arrived``, ``again``). Without
    ``document`` the message held none: what was sent is the message itself."""
    version = newest_version(document) if document else None
    family = list(Delivery.objects.filter(communication=delivery.communication_id).order_by("created_at", "id"))
    before = next((row for row in family if row.pk == delivery.fallback_for), None)
    after = [row for row in family if row.fallback_for == delivery.pk]
    concerned = {str(row.pk) for row in (delivery, before, *after) if row is not None}
    if document:
        told = [one for one in told_of(actor, document) if one.object_kind != "delivery" or one.object_id in concerned]
    else:
        told = sorted(entries_of_deliveries(family), key=lambda one: (one.at, one.evidence.get("seq", 0)))
    receipts = list(delivery.receipts.order_by("id"))
    body = _body(delivery)
    party = delivery.communication.party
    number = names.short(delivery.pk)
    return DeliveryPage(
        number=number,
        title=gettext("{title} to {name}").format(
            title=document.title if document else delivery.communication.subject, name=party.name
        ),
        status=status_of(delivery),
        channel=delivery.channel,
        crumbs=(
            Crumb(label=gettext("Deliveries"), url=reverse("deliveries")),
            *([Crumb(label=party.name, url=reverse("party", args=[party.pk]))] if actor.may("party.view") else []),
            Crumb(label=number),
        ),
        tell=tell(delivery, receipts, before=before, after=after),
        timeline=story.timeline(request, told, family),
        pages=images(document, version, most=2) if document and version else (),
        digest=bytes(version.sha256).hex() if version else _digest(delivery),
        download_url=reverse("document-download", args=[document.pk]) if document else "",
        reasons=tuple(_reasons(delivery, family, before)),
        attempts=tuple(_attempt(delivery, attempt) for attempt in delivery.tries.order_by("no")),
        belongs=_belongs(actor, delivery, document),
        truth=words.truth(delivery.truth) if delivery.state == m.DELIVERED else "",
        message_subject=body.get("subject", ""),
        message_text=_without_link(body),
        same_bytes=_same_bytes(version) if version else bool(body),
        stamp=_stamp(delivery, receipts),
        in_doubt=_in_doubt(delivery, forms) if actor.may("delivery.settle") else None,
        resend=forms.get("resend") or ReasonForm(url=reverse("delivery-resend", args=[delivery.pk]))
        if document and actor.may("delivery.resend")
        else None,
        hold_url=reverse("delivery-hold", args=[delivery.pk])
        if delivery.state in (m.READY, m.SENDING) and delivery.code != BY_PERSON and actor.may("delivery.hold")
        else "",
        release_url=reverse("delivery-release", args=[delivery.pk])
        if delivery.state in (m.HELD, m.SENDING) and delivery.code == BY_PERSON and actor.may("delivery.hold")
        else "",
        cancel=forms.get("cancel") or ReasonForm(url=reverse("delivery-cancel", args=[delivery.pk]))
        if delivery.state in (m.READY, m.HELD) and actor.may("delivery.cancel")
        else None,
    )


def _body(delivery: Delivery) -> dict[str, Any]:
    blob_id = delivery.communication.body_blob_id
    if blob_id is None:
        return {}
    try:
        found: dict[str, Any] = json.loads(read(blob_id))
    except Damaged:
        return {}
    return found


def _without_link(body: dict[str, Any]) -> str:
    """The words of the message. The customer's own link is left out: whoever opens it reads in their name."""
    link = str(body.get("link", ""))
    text = str(body.get("text", ""))
    return text.replace(link, gettext("(their portal link)")) if link else text


def _digest(delivery: Delivery) -> str:
    """Of the message as it was stored: where no document went, it is what was sent."""
    body = delivery.communication.body_blob
    return bytes(body.sha256).hex() if body else ""


def _same_bytes(version: Version) -> bool:
    """Whether the stored bytes are the ones that were approved; they are what a channel reads too."""
    try:
        read_blob(version.blob)
    except Damaged:
        return False
    return True


def _attempt(delivery: Delivery, attempt: Attempt) -> AttemptRow:
    return AttemptRow(
        number=attempt.no,
        when=words.exact(attempt.started_at),
        channel=delivery.channel,
        destination=destination(delivery),
        status=_OUTCOMES.get(attempt.outcome, attempt.outcome),
        answer=attempt.answer,
        key=attempt.key,
    )


def _reasons(delivery: Delivery, family: Sequence[Delivery], before: Delivery | None) -> list[ChannelReason]:
    """Why this channel, from the explanation that was kept when it was chosen."""
    outcome: Any = "came_back" if delivery.state == m.FAILED else "used"
    why = str(delivery.explanation.get("why", ""))
    reasons = []
    if why == "Fallback" and before is not None:
        reasons += _reasons(before, family, None)
        text = gettext("{to}, when the one before fails").format(to=destination(delivery))
        reasons.append(ChannelReason(kind="rule", text=text, outcome=outcome))
    elif why == "Resend":
        by = names.who(str(delivery.explanation.get("by", "")))
        because = str(delivery.explanation.get("reason", ""))
        text = gettext("Sent again by {who}").format(who=by) + (f": {because}" if because else "")
        reasons.append(ChannelReason(kind="wish", text=text, outcome=outcome))
    else:
        kind = _WORDS.get(why.lower(), "rule")
        said = delivery.explanation.get("rules") or [why]
        reasons += [ChannelReason(kind=kind, text=str(text), outcome=outcome) for text in said]
    if delivery.state != m.FAILED:
        for key in delivery.fallbacks:
            text = gettext("{to}, if it comes back").format(to=key)
            reasons.append(ChannelReason(kind="rule", text=text, outcome="not_needed"))
    return reasons


def _belongs(actor: Actor, delivery: Delivery, document: Document | None) -> tuple[Fact, ...]:
    if document:
        url = reverse("document", args=[document.pk])
        facts = [Fact(label=gettext("Document"), value=document.number, url=url, code=True)]
    else:
        facts = [Fact(label=gettext("Document"), value=gettext("none; the message is all there was"))]
    if delivery.run_id and actor.may("run.view"):
        ref = Run.objects.values_list("ref", flat=True).filter(pk=delivery.run_id).first()
        if ref:
            facts.append(Fact(label=gettext("Run"), value=ref, url=reverse("run", args=[ref]), code=True))
    party = delivery.communication.party
    url = reverse("party", args=[party.pk]) if actor.may("party.view") else ""
    facts.append(Fact(label=gettext("Party"), value=party.name, url=url))
    return tuple(facts)


def _stamp(delivery: Delivery, receipts: Sequence[Any]) -> Stamp | None:
    at = words.stamp(delivery.changed_at)
    if delivery.state == m.DELIVERED:
        if delivery.truth >= Truth.READ:
            return Stamp(word="opened", sub=gettext("portal {at}").format(at=at))
        got = words.stamp(receipts[0].at) if receipts else at
        return Stamp(word="delivered", sub=f"{words.truth_word(delivery.truth)} {got}")
    if delivery.state == m.FAILED:
        return Stamp(word="returned", sub=at)
    if delivery.state == m.HELD:
        return Stamp(word="held", sub=at)
    if delivery.state == m.CANCELLED:
        return Stamp(word="cancelled", sub=at)
    return None


def _in_doubt(delivery: Delivery, forms: dict[str, ReasonForm]) -> InDoubt | None:
    if delivery.state != m.IN_DOUBT:
        return None
    url = reverse("delivery-decide", args=[delivery.pk])
    return InDoubt(
        explanation=gettext(
            "{reason} Ask the receiver, or look for the key of the last attempt at theirs. Your answer settles it and"
            " stands in the ledger."
        ).format(reason=delivery.reason),
        arrived=forms.get("arrived") or ReasonForm(url=f"{url}?arrived=yes"),
        send_again=forms.get("again") or ReasonForm(url=f"{url}?arrived=no"),
    )
