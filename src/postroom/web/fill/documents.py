"""Documents as rows of lists: their state by their deliveries, and the words they were found by."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence

from django.db.models import F, Value
from django.db.models.functions import Concat, Greatest, StrIndex, Substr
from django.urls import reverse

from postroom.delivery import models as m
from postroom.delivery.letters import SUFFIXES
from postroom.delivery.models import Delivery
from postroom.documents.models import Document, SearchRow, Version
from postroom.documents.search import fold
from postroom.web import words
from postroom.web.fill import names
from postroom.web.pages import DocumentRow
from postroom.web.thumbs import SMALL

#: Which state of its deliveries a document shows: what needs somebody, then what moves, then what was reached.
_FIRST = (
    m.IN_DOUBT,
    "deferred",
    m.SENDING,
    m.SENT,
    m.READY,
    m.HELD,
    m.DELIVERED,
    m.FAILED,
    m.SUPPRESSED,
    m.CANCELLED,
    m.SUPERSEDED,
)
_BEFORE, _LENGTH = 40, 130
_WORD = re.compile(r"[\w.@/+-]+")


def rows_of(found: Sequence[Document], text: str = "", *, deliveries: bool = True) -> tuple[DocumentRow, ...]:
    """Rows of documents, with the words around the last word of ``text``. A few queries however many there are.

    ``deliveries``: whether the reader may see deliveries.
    """
    ids = [document.pk for document in found]
    states = states_of(ids) if deliveries else {}
    snippets = _snippets(ids, text)
    kinds = names.kinds()
    files = endings(ids)
    return tuple(
        DocumentRow(
            url=reverse("document", args=[document.pk]),
            number=document.number + files.get(document.pk, ""),
            kind=names.kind(document.kind, kinds),
            party=document.party.name,
            date=words.day(document.issued_on),
            status=states.get(document.pk, "archived"),
            amount=words.money(document.amount, document.currency),
            thumb_url="" if document.pk in files else reverse("document-page", args=[document.pk, 1, SMALL]),
            snippet=snippets.get(document.pk, ()),
            id=str(document.pk),
            folder=document.folder.name if "folder" in document._state.fields_cache else "",
            language=names.language(document.language),
        )
        for document in found
    )


def endings(ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Of documents that are no pages, such as an e-invoice beside its page: what their files end in (".xml"), by which
    they are told from the page of the same number."""
    rows = Version.objects.filter(document__in=ids).exclude(media_type="application/pdf")
    return {
        document_id: SUFFIXES.get(media_type, "")
        for document_id, media_type in rows.order_by("no").values_list("document_id", "media_type")
    }


def states_of(ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The state each document shows; "archived" for one that was not sent."""
    found: dict[uuid.UUID, set[str]] = {}
    rows = Delivery.objects.filter(communication__enclosures__document__in=ids).values_list(
        "communication__enclosures__document_id", "state", "attempts"
    )
    for document_id, state, attempts in rows:
        found.setdefault(document_id, set()).add("deferred" if state == m.READY and attempts else state)
    return {key: next(state for state in _FIRST if state in states) for key, states in found.items()}


def _snippets(ids: Sequence[uuid.UUID], text: str) -> dict[uuid.UUID, tuple[tuple[str, bool], ...]]:
    asked = _WORD.findall(fold(text))
    if not asked:
        return {}
    longest = max(asked, key=len)
    rows = (
        SearchRow.objects.filter(document__in=ids, body__contains=longest)
        .order_by("document_id", "part")
        .distinct("document_id")
        .annotate(at=StrIndex(Concat(Value(" "), "body"), Value(f" {longest}")))  # where a word begins so
        .annotate(piece=Substr("body", Greatest(F("at") - _BEFORE, 1), _LENGTH))
        .values_list("document_id", "piece", "at")
    )
    return {document_id: _marked(piece, asked, at > _BEFORE) for document_id, piece, at in rows}


def _marked(piece: str, asked: Sequence[str], cut: bool) -> tuple[tuple[str, bool], ...]:
    """A piece of text as (text, is it one of the words), without the halves of words at its ends."""
    tidy = " ".join(piece.split(" ")[1:] if cut else piece.split(" "))
    tidy = " ".join(tidy.split())
    tidy = f"{'… ' if cut else ''}{tidy.rsplit(' ', 1)[0] if len(piece) >= _LENGTH else tidy}"
    parts = re.split(
        r"(?<!\w)(" + "|".join(re.escape(word) for word in sorted(asked, key=len, reverse=True)) + ")", tidy
    )
    return tuple((part, at % 2 == 1) for at, part in enumerate(parts) if part)
