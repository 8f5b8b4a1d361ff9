"""Reading documents. Everything starts at ``visible_to``: lists, search, API, portal (P7)."""

from __future__ import annotations

import contextlib
import datetime as dt
import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.core.exceptions import ValidationError
from django.db.models import BooleanField, Exists, OuterRef, Q, QuerySet, Subquery, Value

from postroom.documents.models import Document, Enclosure, Folder, SearchRow
from postroom.documents.search import tsquery
from postroom.identity.actor import Actor
from postroom.kernel.errors import NotFound
from postroom.kernel.money import NotMoney, parse_amount
from postroom.parties.models import Party

#: Up to so many hits are gathered before documents are looked at.
FEW = 3_000


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
    # The names of the folders, not a join: with them the database knows how many documents it will meet, and walks the
    # newest ones in place of sorting all.
    open_to = Folder.objects.filter(roles__overlap=list(actor.roles)).values_list("pk", flat=True)
    return Document.objects.filter(folder__in=list(open_to))


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


class Found(QuerySet[Document]):
    """Documents of words that are everywhere: in order they are walked, newest first; without an order (to be
    counted, as ``order_by()`` says) they are gathered from the index of words. Both hold the same documents."""

    gathered: QuerySet[Document]

    @classmethod
    def of(cls, walked: QuerySet[Document], gathered: QuerySet[Document]) -> Found:
        made = cls(Document, walked.query.chain())
        made.gathered = gathered
        return made

    def filter(self, *args: Any, **kwargs: Any) -> Found:
        return self.of(super().filter(*args, **kwargs), self.gathered.filter(*args, **kwargs))

    def exclude(self, *args: Any, **kwargs: Any) -> Found:
        return self.of(super().exclude(*args, **kwargs), self.gathered.exclude(*args, **kwargs))

    def none(self) -> Found:
        return self.of(super().none(), self.gathered.none())

    def order_by(self, *fields: Any) -> QuerySet[Document]:  # type: ignore[override]
        return super().order_by(*fields) if fields else self.gathered.order_by()

    def count(self) -> int:
        return super().count() if self.query.is_sliced else self.gathered.count()

    def _clone(self) -> Found:
        made: Found = super()._clone()  # type: ignore[misc]
        made.gathered = self.gathered
        return made


def search(actor: Actor, wanted: Wanted) -> QuerySet[Document]:
    """Visible documents, newest first. ``text`` is held against the words of the document, its number, its party
    and its amount; a word may be the beginning of one."""
    found = visible_to(actor).select_related("party").order_by("-created_at", "-id")
    if wanted.kind:
        found = found.filter(kind=wanted.kind)
    if wanted.number:
        found = found.filter(number=wanted.number)
    if wanted.party:
        found = found.filter(party__in=Party.objects.filter(_called(wanted.party)).values("pk"))
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
        walked, gathered = _text(wanted.text)
        shown = found.filter(walked)
        return shown if walked is gathered else Found.of(shown, found.filter(gathered))
    return found


def _called(text: str) -> Q:
    return Q(key=text) | Q(name__icontains=text)


def _text(text: str) -> tuple[Q, Q]:
    """How to find ``text`` when the newest are walked, and when all are gathered.

    Words of few documents are looked up first, and the documents by their ids. Words that are everywhere are looked
    for in one document after the other, newest first, until a page is full: to gather and sort all of them takes
    seconds where a page takes milliseconds.
    """
    query = tsquery(text)
    if not query:
        return (nothing := Q(pk=None)), nothing
    hits = SearchRow.objects.filter(words=SearchQuery(query, search_type="raw", config="simple"))
    facts = Q(number__istartswith=text.strip())
    with contextlib.suppress(NotMoney):
        facts |= Q(amount=parse_amount(text.strip()))
    besides = set(Document.objects.filter(facts).values_list("pk", flat=True)[: FEW + 1])
    ids = besides | set(hits.values_list("document_id", flat=True)[: FEW + 1])
    if len(ids) <= FEW:
        return (those := Q(pk__in=ids)), those
    if not besides:
        facts = Q(pk=None)  # nothing but words finds anything: spares the database an alternative
    hit = hits.filter(document=OuterRef("pk")).values(found=Value(True))[:1]
    return Q(Subquery(hit, output_field=BooleanField())) | facts, Q(pk__in=hits.values("document_id")) | facts
