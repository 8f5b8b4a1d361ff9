"""Parties, templates and the demo's outbox."""

from __future__ import annotations

from dataclasses import dataclass, field

from postroom.web.pages.lists import Tools
from postroom.web.pages.parts import DeliveryRow, DocumentRow, Fact, Paging
from postroom.web.pages.settings import Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyRow:
    url: str
    name: str
    number: str
    place: str
    language: str
    channel: str
    documents: int
    last: str
    id: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartiesPage:
    """``desk/parties.html``; results alone are ``desk/_parties_found.html``."""

    url: str
    q: str
    rows: tuple[PartyRow, ...]
    paging: Paging
    tools: Tools = field(default_factory=lambda: Tools(key="parties", url="/parties/"))


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferenceRow:
    """How this party gets one kind of document. ``channels`` in order; ``since`` says where the wish comes from."""

    kind: str
    channels: tuple[str, ...]
    since: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WishForm:
    """How a party gets its post, to be noted by who looks after parties. A way's label is the key of its channel."""

    url: str
    revoke_url: str
    ways: tuple[Choice, ...]
    languages: tuple[Choice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyPage:
    """``desk/party.html``."""

    name: str
    number: str
    facts: tuple[Fact, ...]
    preferences: tuple[PreferenceRow, ...]
    suppressions: tuple[Fact, ...]
    documents: tuple[DocumentRow, ...]
    documents_total: int
    documents_url: str
    deliveries: tuple[DeliveryRow, ...]
    deliveries_total: int
    deliveries_url: str
    language: str = ""
    language_since: str = ""
    wish_form: WishForm | None = None
    portal_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateCard:
    name: str
    key: str
    version: str
    language: str
    thumb_url: str
    lane: str
    used: str
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRow:
    """A change of a template that is on its way. ``about`` says whom it waits for."""

    url: str
    name: str
    key: str
    status: str
    changed: str
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplatesPage:
    """``desk/templates.html``."""

    cards: tuple[TemplateCard, ...]
    drafts: tuple[DraftRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRow:
    url: str
    subject: str
    to: str
    sender: str
    when: str
    attachments: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxPage:
    """``desk/outbox.html``."""

    url: str
    q: str
    rows: tuple[MailRow, ...]
    paging: Paging


@dataclass(frozen=True, slots=True, kw_only=True)
class MailPage:
    """``desk/mail.html``. ``html_url`` serves the mail's HTML body with ``Content-Security-Policy: sandbox;
    default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'``."""

    subject: str
    sender: str
    to: str
    when: str
    text: str
    headers: tuple[Fact, ...]
    attachments: tuple[Fact, ...]
    source_url: str
    html_url: str = ""
    delivery_url: str = ""
