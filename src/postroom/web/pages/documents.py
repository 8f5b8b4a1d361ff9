"""Search in the archive, and one document."""

from __future__ import annotations

from dataclasses import dataclass

from postroom.web.pages.parts import Crumb, DeliveryRow, DocumentRow, Fact, PageImage, Paging, ReasonForm, Timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentsPage:
    """``desk/documents.html``; results alone are ``desk/_documents_found.html``. Filters travel as GET parameters
    ``q kind party from to min max run``."""

    url: str
    q: str
    kinds: tuple[Option, ...]
    rows: tuple[DocumentRow, ...]
    paging: Paging
    found: str = ""
    party: str = ""
    date_from: str = ""
    date_to: str = ""
    amount_from: str = ""
    amount_to: str = ""
    run: str = ""
    filtered: bool = False
    empty_url: str = ""

    @property
    def more_filters(self) -> bool:
        return bool(self.party or self.date_from or self.date_to or self.amount_from or self.amount_to or self.run)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentPage:
    """``desk/document.html``."""

    number: str
    kind: str
    status: str
    crumbs: tuple[Crumb, ...]
    pages: tuple[PageImage, ...]
    page_count: int
    format_text: str
    download_url: str
    facts: tuple[Fact, ...]
    data_json: str
    data_digest: str
    deliveries: tuple[DeliveryRow, ...]
    timeline: Timeline
    attachments: tuple[Fact, ...] = ()
    resend: ReasonForm | None = None
    reprint_url: str = ""
