"""The customer's portal: their documents, by a signed link, without an account and without scripts.

Everything starts at ``visible_to`` the visitor (P7); looking at a document and taking it are events (P3, "read").
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from postroom.composition.models import Template
from postroom.delivery.actions.record_read import record_read
from postroom.delivery.models import DELIVERED, Delivery
from postroom.delivery.spec import Truth
from postroom.documents import content, queries
from postroom.documents.models import Document, Version
from postroom.parties.portal import Visitor
from postroom.vault.read import read_blob
from postroom.web import words
from postroom.web.access import customer
from postroom.web.answers import go, send_document, send_picture, show
from postroom.web.brand import brand
from postroom.web.fill import names
from postroom.web.fill.documents import endings
from postroom.web.fill.pages_of import MOST
from postroom.web.pages import Fact, PageImage, PortalDocumentPage, PortalPage, PortalRow
from postroom.web.pages.doors import PortalHelpPage
from postroom.web.paging import how_many_text, page_of
from postroom.web.portal_door import with_link
from postroom.web.thumbs import LARGE, SMALL, page_png

_ROWS = 30


@customer
@with_link
def enter(request: HttpRequest, token: str, guest: Visitor) -> HttpResponse:
    """The document the link was sent for; the list when there is none of it, or several."""
    meant = _meant(guest)
    return go(request, _url("portal-document", token, meant) if meant else reverse("portal-documents", args=[token]))


@customer
@with_link
def index(request: HttpRequest, token: str, guest: Visitor) -> HttpResponse:
    found = queries.visible_to(guest.actor).order_by("-created_at", "-id")
    rows, paging, total = page_of(request, found, size=_ROWS)
    unread, files = _unread(guest, rows), endings([row.pk for row in rows])
    about = ngettext("{count} document.", "{count} documents.", total).format(count=how_many_text(total))
    if unread:
        new = ngettext("{count} is new.", "{count} are new.", len(unread)).format(count=words.count(len(unread)))
        about = f"{about} {new}"
    page = PortalPage(
        brand=brand(),
        greeting=guest.party.name,
        about=about,
        rows=tuple(
            PortalRow(
                url=_url("portal-document", token, row.pk),
                title=row.title,
                date=words.day(row.issued_on),
                amount=words.money(row.amount, row.currency),
                state="new" if row.pk in unread else "read",
                thumb_url="" if row.pk in files else reverse("portal-page", args=[token, row.pk, 1, SMALL]),
            )
            for row in rows
        ),
        older_url=paging.older_url,
        preferences_url=reverse("portal-preferences", args=[token]),
        help_url=reverse("portal-help", args=[token]),
    )
    return show(request, "portal/documents.html", page)


@customer
@with_link
def guide(request: HttpRequest, token: str, guest: Visitor) -> HttpResponse:
    """How these pages work, for whoever has a link that opens them."""
    page = PortalHelpPage(
        brand=brand(),
        list_url=reverse("portal-documents", args=[token]),
        preferences_url=reverse("portal-preferences", args=[token]),
        days=settings.CONFIG.portal_link_days,
    )
    return show(request, "portal/help.html", page)


@customer
@with_link
def document(request: HttpRequest, token: str, guest: Visitor, document_id: uuid.UUID) -> HttpResponse:
    found = queries.document(guest.actor, document_id)
    version = content.newest_version(found)
    if request.method != "HEAD":
        record_read(guest.actor, found, "viewed")
    amount = words.money(found.amount, found.currency)
    page = PortalDocumentPage(
        brand=brand(),
        title=found.title,
        kind=_kind(found),
        headline=amount,
        facts=(
            Fact(label=gettext("Date"), value=words.day(found.issued_on)),
            Fact(label=gettext("Number"), value=found.number),
            Fact(label=gettext("For"), value=guest.party.name),
        ),
        pages=_pages(token, found, version),
        download_url=_url("portal-download", token, found.pk),
        download_text=(
            gettext("Download PDF, {size}") if version.pages else gettext("Download the file, {size}")
        ).format(size=words.size(version.size)),
        list_url=reverse("portal-documents", args=[token]),
    )
    return show(request, "portal/document.html", page)


@customer
@with_link
def picture(
    request: HttpRequest, token: str, guest: Visitor, document_id: uuid.UUID, number: int, width: int
) -> HttpResponse:
    version = content.newest_version(queries.document(guest.actor, document_id))
    return send_picture(page_png(version, number, width))


@customer
@with_link
def download(request: HttpRequest, token: str, guest: Visitor, document_id: uuid.UUID) -> HttpResponse:
    found = queries.document(guest.actor, document_id)
    version = content.newest_version(found)
    if request.method != "HEAD":
        record_read(guest.actor, found, "downloaded")
    return send_document(found.number, version, read_blob(version.blob))


def _meant(guest: Visitor) -> uuid.UUID | None:
    """The one document of the communication the link was sent with; an e-invoice beside its page does not count."""
    try:
        communication = uuid.UUID(guest.document_id)
    except ValueError:
        return None
    found = queries.visible_to(guest.actor).filter(enclosed_in__communication=communication)
    rows = list(found.values_list("pk", "versions__pages")[:9])
    ids = {pk for pk, pages in rows if pages} or {pk for pk, _ in rows}
    return ids.pop() if len(ids) == 1 else None


def _unread(guest: Visitor, rows: list[Document]) -> set[uuid.UUID]:
    """Documents whose mails and portal notices nobody has opened."""
    states = Delivery.objects.filter(
        communication__enclosures__document__in=[row.pk for row in rows],
        party_id=guest.party.pk,
        state=DELIVERED,
        channel__in=("portal", "email"),
    ).values_list("communication__enclosures__document_id", "truth")
    opened = {document_id for document_id, truth in states if truth >= Truth.READ}
    return {document_id for document_id, _ in states} - opened


def _pages(token: str, found: Document, version: Version) -> tuple[PageImage, ...]:
    return tuple(
        PageImage(url=reverse("portal-page", args=[token, found.pk, number, LARGE]), number=number)
        for number in range(1, min(version.pages, MOST) + 1)
    )


def _kind(found: Document) -> str:
    name = Template.objects.values_list("name", flat=True).filter(key=found.kind).first()
    return name or names.kind(found.kind, {})


def _url(name: str, token: str, document_id: uuid.UUID) -> str:
    return reverse(name, args=[token, document_id])
