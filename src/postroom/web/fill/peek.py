"""What the peek panel says of one row: enough to go on without opening it."""

from __future__ import annotations

import uuid
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.translation import gettext

from postroom.delivery import models as m
from postroom.delivery.models import Delivery
from postroom.delivery.queries import deliveries_of, deliveries_visible_to
from postroom.documents.content import newest_version
from postroom.documents.models import Document, Enclosure
from postroom.documents.queries import visible_to
from postroom.identity.actor import Actor
from postroom.kernel.errors import NotFound
from postroom.parties.models import Party
from postroom.production.balance import balances
from postroom.production.models import Run
from postroom.production.queries import set_aside_of
from postroom.web import words
from postroom.web.fill import aside, deliveries, names, runs
from postroom.web.fill.documents import states_of
from postroom.web.fill.tell import tell
from postroom.web.pages import Fact, PageImage, Peek, PeekLine, PeekSection
from postroom.web.thumbs import MIDDLE

M = TypeVar("M", bound=Model)
_SOME = 5
_MOST_RAW = 1500


def document(actor: Actor, found: Document) -> Peek:
    """The first page, the facts, and where it went."""
    version = newest_version(found)
    see = actor.may("delivery.view")
    sent = (
        list(deliveries_of(found).select_related("communication__party").order_by("-created_at")[:_SOME]) if see else []
    )
    facts = [
        Fact(label=gettext("For"), value=found.party.name, url=_party_url(actor, found.party_id)),
        Fact(label=gettext("Date"), value=words.day(found.issued_on)),
    ]
    if found.amount is not None:
        facts.append(Fact(label=gettext("Amount"), value=words.money(found.amount, found.currency)))
    facts.append(Fact(label=gettext("Folder"), value=found.folder.name))
    facts.append(Fact(label=gettext("Pages"), value=words.count(version.pages)))
    return Peek(
        id=str(found.pk),
        title=names.kind(found.kind, names.kinds()),
        number=found.number,
        open_url=reverse("document", args=[found.pk]),
        status=states_of([found.pk]).get(found.pk, "archived") if sent else "archived",
        picture=_picture(found) if version.media_type == "application/pdf" else None,
        facts=tuple(facts),
        sections=_sections(gettext("Where it went"), [_delivery_line(row) for row in sent]),
        download_url=reverse("document-download", args=[found.pk]),
    )


def delivery(actor: Actor, found: Delivery) -> Peek:
    """What to tell her, and the last that happened."""
    receipts = list(found.receipts.order_by("at"))
    later = list(Delivery.objects.filter(communication=found.communication_id, created_at__gt=found.created_at))
    before = Delivery.objects.filter(pk=found.fallback_for).first() if found.fallback_for else None
    enclosed = Enclosure.objects.filter(communication=found.communication_id, document__in=visible_to(actor))
    first = enclosed.select_related("document").order_by("position").first()
    facts = [
        Fact(label=gettext("For"), value=found.communication.party.name, url=_party_url(actor, found.party_id)),
        Fact(label=gettext("Goes to"), value=deliveries.destination(found)),
    ]
    if first is not None:
        url = reverse("document", args=[first.document_id])
        facts.append(Fact(label=gettext("Document"), value=first.document.number, url=url, code=True))
    if found.reason:
        facts.append(Fact(label=gettext("Reason"), value=found.reason))
    tries = [
        PeekLine(
            text=gettext("Try {number}").format(number=row.no),
            note=" ".join(part for part in (words.moment(row.ended_at or row.started_at), row.answer[:200]) if part),
        )
        for row in found.tries.order_by("-no")[:3]
    ]
    return Peek(
        id=str(found.pk),
        title=first.document.title if first else found.communication.subject,
        number=names.short(found.pk),
        open_url=reverse("delivery", args=[found.pk]),
        status=deliveries.status_of(found),
        say_heading=gettext("What to tell them"),
        say=tell(found, receipts, before=before, after=later),
        facts=tuple(facts),
        sections=_sections(gettext("Last events"), tries),
    )


def run(actor: Actor, found: Run) -> Peek:
    """How many of its records are where."""
    counted = balances([found.pk])[found.pk]
    version = runs.made_by([found.template_version_id]).get(found.template_version_id)
    lines = [
        PeekLine(text=words.count(number), status=state)
        for state, number in counted.records.items()
        if number or state in ("completed", "set_aside")
    ]
    return Peek(
        id=str(found.pk),
        title=runs.title_of(found, version),
        number=found.ref,
        open_url=reverse("run", args=[found.ref]),
        status=runs.status_of(found, counted),
        facts=(
            Fact(label=gettext("Source"), value=found.parcel.name),
            Fact(label=gettext("Template"), value=runs.template_of(found, version)),
            Fact(label=gettext("Started"), value=words.moment(found.started_at)),
            Fact(label=gettext("By"), value=names.who(found.started_by)),
            Fact(label=gettext("Received"), value=words.count(counted.received)),
            Fact(label=gettext("Difference"), value=words.count(counted.records_difference)),
        ),
        sections=_sections(gettext("Its records"), lines),
    )


def party(actor: Actor, found: Party) -> Peek:
    """Where they are, how they want it, and their last documents."""
    seen = visible_to(actor).filter(party=found).order_by("-created_at", "-id")[:_SOME]
    kinds = names.kinds()
    lines = [
        PeekLine(
            text=f"{names.kind(row.kind, kinds)} {row.number}",
            note=" ".join(part for part in (words.day(row.issued_on), words.money(row.amount, row.currency)) if part),
            url=reverse("document", args=[row.pk]),
        )
        for row in seen
    ]
    where = found.address
    street = where.get("lines") if isinstance(where.get("lines"), list) else [where.get("street")]
    town = " ".join(str(part) for part in (where.get("postal_code"), where.get("city")) if part)
    parts = [*(str(line) for line in street or () if line), town, names.country(found.country) if found.country else ""]
    facts = [Fact(label=gettext("Address"), value=", ".join(part for part in parts if part) or gettext("none known"))]
    if found.email:
        facts.append(Fact(label=gettext("E-mail"), value=found.email))
    facts.append(Fact(label=gettext("Language"), value=names.language(found.language)))
    return Peek(
        id=str(found.pk),
        title=found.name,
        number=found.key,
        open_url=reverse("party", args=[found.pk]),
        facts=tuple(facts),
        sections=_sections(gettext("Last documents"), lines),
    )


def set_aside(actor: Actor, record_id: uuid.UUID) -> Peek:
    """The record as it came, why it stopped and what to do. Raises NotFound."""
    found = set_aside_of(actor).filter(record=record_id).first()
    if found is None:
        raise NotFound(
            gettext("This record is not set aside any more."), hint=gettext("Reload the list to see what is left.")
        )
    shown = aside.row_of(found, correct=False)
    lines = [
        PeekLine(text=str(problem.get("reason", "")), note=str(problem.get("path", "")).removeprefix("$."))
        for problem in (found.problems or [])[:_SOME]
    ]
    return Peek(
        id=str(record_id),
        title=gettext("Line {line}").format(line=found.record.line),
        number=found.run.ref,
        open_url=reverse("set-aside", args=[found.run.ref, record_id]),
        status="set_aside",
        say_heading=gettext("What to do") if shown.what_to_do else "",
        say=shown.what_to_do,
        facts=(
            Fact(label=gettext("Run"), value=found.run.ref, url=reverse("run", args=[found.run.ref]), code=True),
            Fact(label=gettext("Since"), value=words.moment(found.created_at)),
        ),
        sections=_sections(gettext("Why it stopped"), lines),
        verbatim=shown.raw[:_MOST_RAW],
    )


def peeked(actor: Actor, list_key: str, asked: str) -> Peek | None:
    """The panel of a list whose address names a row; None when there is no such row (any more) for this actor."""
    try:
        row_id = uuid.UUID(asked)
    except ValueError:
        return None
    if list_key == "documents":
        one = _one(visible_to(actor).select_related("party", "folder"), row_id)
        return document(actor, one) if one else None
    if list_key == "deliveries":
        sent = _one(deliveries_visible_to(actor).select_related("communication__party"), row_id)
        return delivery(actor, sent) if sent else None
    if list_key == "runs":
        made = _one(Run.objects.select_related("parcel"), row_id) if actor.may("run.view") else None
        return run(actor, made) if made else None
    if list_key == "parties":
        who = _one(Party.objects.all(), row_id) if actor.may("party.view") else None
        return party(actor, who) if who else None
    try:
        return set_aside(actor, row_id)
    except NotFound:
        return None


def _one(rows: QuerySet[M], row_id: uuid.UUID) -> M | None:
    return rows.filter(pk=row_id).first()


def _sections(title: str, lines: list[PeekLine]) -> tuple[PeekSection, ...]:
    return (PeekSection(title=title, lines=tuple(lines)),) if lines else ()


def _delivery_line(row: Delivery) -> PeekLine:
    arrived = row.state == m.DELIVERED
    return PeekLine(
        text=deliveries.destination(row),
        note=words.moment(row.changed_at) if arrived or not row.reason else row.reason[:160],
        status=deliveries.status_of(row),
        url=reverse("delivery", args=[row.pk]),
    )


def _party_url(actor: Actor, party_id: uuid.UUID) -> str:
    return reverse("party", args=[party_id]) if actor.may("party.view") else ""


def _picture(found: Document) -> PageImage:
    return PageImage(
        url=reverse("document-page", args=[found.pk, 1, MIDDLE]), number=1, width=MIDDLE, height=round(MIDDLE * 1.4143)
    )
