"""Reading documents. Everything starts at ``visible_to``: lists, search, API, portal (P7)."""

from __future__ import annotations

import contextlib
import datetime as dt
import uuid
from dataclasses import dataclass
from decimal import Decimal

from django.contrib.postgres.search import SearchQuery
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet

from postroom.documents.models import Document, Enclosure, SearchRow
from postroom.documents.search import tsquery
from postroom.identity.actor import Actor
from postroom.kernel.errors import NotFound
from postroom.kernel.money import NotMoney, parse_amount


def visible_to(actor: Actor) -> QuerySet[Document]:
    """The documents ``actor`` may know of. Nothing unless something says so (P7).

    A customer sees the documents of communications addressed to them that have left the house.
    """
    if actor.party_id:
        sent = Enclosure.objects.filter(
            document=OuterRef("pk"),
            communication__party_id=actor.party_id,
            communication__released_at__isnull=False,
        )
        return Document.objects.filter(Exists(sent), party_id=actor.party_id)
    if not actor.may("document.view"):
        return Document.objects.none()
    if "administrator" in actor.roles:
        return Document.objects.all()
    return Document.objects.filter(folder__roles__overlap=list(actor.roles))


def document(actor: Actor, document_id: uuid.UUID | str) -> Document:
    """One document. Raises NotFound, also for what the actor may not know of."""
    try:
        found = visible_to(actor).select_related("party", "folder").filter(pk=document_id).first()
    except (ValueError, TypeError, ValidationError):
        found = None
    if found is None:
        raise NotFound("There is no such document.", hint="Check the id, or search for its number.")
    return found


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for; all conditions hold together."""

    text: str = ""
    kind: str = ""
    number: str = ""
    party: str = ""
    run_id: uuid.UUID | None = None
    issued_from: dt.date | None = None
    issued_to: dt.date | None = None
    amount_from: Decimal | None = None
    amount_to: Decimal | None = None


def search(actor: Actor, wanted: Wanted) -> QuerySet[Document]:
    """Visible documents, newest first. ``text`` is held against the words of the document, its number, its party
    and its amount; a word may be the beginning of one."""
    found = visible_to(actor).select_related("party").order_by("-created_at", "-id")
    if wanted.kind:
        found = found.filter(kind=wanted.kind)
    if wanted.number:
        found = found.filter(number=wanted.number)
    if wanted.party:
        found = found.filter(Q(party__key=wanted.party) | Q(party__name__icontains=wanted.party))
    if wanted.run_id:
        found = found.filter(run_id=wanted.run_id)
    if wanted.issued_from:
        found = found.filter(issued_on__gte=wanted.issued_from)
    if wanted.issued_to:
        found = found.filter(issued_on__lte=wanted.issued_to)
    if wanted.amount_from is not None:
        found = found.filter(amount__gte=wanted.amount_from)
    if wanted.amount_to is not None:
        found = found.filter(amount__lte=wanted.amount_to)
    if wanted.text.strip():
        found = found.filter(_text(wanted.text))
    return found


def _text(text: str) -> Q:
    query = tsquery(text)
    if not query:
        return Q(pk=None)
    rows = SearchRow.objects.filter(words=SearchQuery(query, search_type="raw", config="simple")).values("document_id")
    match = Q(pk__in=rows) | Q(number__istartswith=text.strip())
    with contextlib.suppress(NotMoney):
        match |= Q(amount=parse_amount(text.strip()))
    return match
