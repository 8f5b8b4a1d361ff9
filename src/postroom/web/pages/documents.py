"""Search in the archive, and one document."""

from __future__ import annotations

from dataclasses import dataclass, field

from postroom.web.pages.lists import Facets, Tools
from postroom.web.pages.parts import Crumb, DeliveryRow, DocumentRow, Fact, Paging, ReasonForm, Timeline
from postroom.web.pages.viewer import VersionRow, Viewer, WhyNot


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentsPage:
    """``desk/documents.html``; results alone are ``desk/_documents_found.html``. Filters travel as GET parameters
    ``q kind folder year language state party from to min max run``; those of facets may come several times."""

    url: str
    q: str
    rows: tuple[DocumentRow, ...]
    paging: Paging
    found: str = ""
    party: str = ""
    date_from: str = ""
    date_to: str = ""
    amount_from: str = ""
    amount_to: str = ""
    run: str = ""
    kept: tuple[tuple[str, str], ...] = ()
    filtered: bool = False
    tools: Tools = field(default_factory=lambda: Tools(key="documents", url="/documents/"))
    facets: Facets = field(default_factory=lambda: Facets(url="/documents/facets/", whole_url="/documents/?facets=1"))

    @property
    def more_filters(self) -> bool:
        return bool(self.party or self.date_from or self.date_to or self.amount_from or self.amount_to or self.run)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentPage:
    """``desk/document.html``. ``?version=`` shows an older version, ``?q=`` marks words, ``?events=all`` tells all."""

    number: str
    kind: str
    status: str
    crumbs: tuple[Crumb, ...]
    viewer: Viewer
    download_url: str
    facts: tuple[Fact, ...]
    versions: tuple[VersionRow, ...]
    why_not: WhyNot
    data_json: str
    data_digest: str
    deliveries: tuple[DeliveryRow, ...]
    timeline: Timeline
    older: str = ""
    newest_url: str = ""
    resend: ReasonForm | None = None
    reprint_url: str = ""
    evidence_url: str = ""
    sample_url: str = ""
