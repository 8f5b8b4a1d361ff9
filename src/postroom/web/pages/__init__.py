"""What each page of the desk and the portal shows: frozen, display-ready, without Django.

A view fills one of these and renders the template named in its docstring with ``{"page": it, "shell": Shell}``.
Texts are ready to print in the reader's language (dates "12 Nov 2026", money with currency); words for a status,
a channel, a truth level or an event are *keys*, turned into words, icons and tones by one cotton component each.
Counts are integers; nothing is computed in a template.
"""

from __future__ import annotations

from postroom.web.pages.deliveries import AttemptRow, ChannelReason, DeliveriesPage, DeliveryPage, InDoubt, Stamp
from postroom.web.pages.documents import DocumentPage, DocumentsPage, Option
from postroom.web.pages.doors import (
    Brand,
    EnterPage,
    ErrorPage,
    NotAColour,
    PortalDocumentPage,
    PortalLinkPage,
    PortalPage,
    PortalRow,
)
from postroom.web.pages.home import Figure, FollowOrder, HomePage, NeedRow, OrderStep, SpecimenPage
from postroom.web.pages.parts import (
    Crumb,
    DeliveryRow,
    DocumentRow,
    Fact,
    PageImage,
    Paging,
    ReasonForm,
    StatusFilter,
    Timeline,
    TimelineEntry,
    Truth,
)
from postroom.web.pages.registers import (
    MailPage,
    MailRow,
    OutboxPage,
    PartiesPage,
    PartyPage,
    PartyRow,
    PreferenceRow,
    TemplateCard,
    TemplatesPage,
)
from postroom.web.pages.runs import (
    BalanceTerm,
    ChannelRow,
    CorrectForm,
    FunnelBin,
    FunnelStage,
    RunPage,
    RunRow,
    RunsPage,
    SetAsideRow,
)
from postroom.web.pages.shell import Links, Section, Shell

__all__ = [
    "AttemptRow",
    "BalanceTerm",
    "Brand",
    "ChannelReason",
    "ChannelRow",
    "CorrectForm",
    "Crumb",
    "DeliveriesPage",
    "DeliveryPage",
    "DeliveryRow",
    "DocumentPage",
    "DocumentRow",
    "DocumentsPage",
    "EnterPage",
    "ErrorPage",
    "Fact",
    "Figure",
    "FollowOrder",
    "FunnelBin",
    "FunnelStage",
    "HomePage",
    "InDoubt",
    "Links",
    "MailPage",
    "MailRow",
    "NeedRow",
    "NotAColour",
    "Option",
    "OrderStep",
    "OutboxPage",
    "PageImage",
    "Paging",
    "PartiesPage",
    "PartyPage",
    "PartyRow",
    "PortalDocumentPage",
    "PortalLinkPage",
    "PortalPage",
    "PortalRow",
    "PreferenceRow",
    "ReasonForm",
    "RunPage",
    "RunRow",
    "RunsPage",
    "Section",
    "SetAsideRow",
    "Shell",
    "SpecimenPage",
    "Stamp",
    "StatusFilter",
    "TemplateCard",
    "TemplatesPage",
    "Timeline",
    "TimelineEntry",
    "Truth",
]
