"""One realistic sample of every page: for the specimen, the pictures and the tests of the templates.

The company, its customers and all numbers are invented; every count adds up, as on the real desk. The samples stand by
meaning in ``samples_*``; this is the one place they are asked from.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from postroom.web import pages as p
from postroom.web.samples_control import ALARMS, COMING, CONTROL, GATE, HELD
from postroom.web.samples_document import (
    DELIVERIES_PAGE,
    DELIVERY,
    DOCUMENT,
    FOUND,
    IN_DOUBT,
    ISO,
    NOTHING_FOUND,
    SHEET,
    STORY,
    TIMELINE,
)
from postroom.web.samples_house import HOME, MAIL, OUTBOX, PARTIES, PARTY, TEMPLATES
from postroom.web.samples_portal import BRAND, PORTAL, PORTAL_DOCUMENT
from postroom.web.samples_rows import BACK, DELIVERIES, DOCUMENTS, PAGING, RUN_ROWS, THUMB
from postroom.web.samples_run import CORRECTING, NO_RUNS, RUN, RUNS, SET_ASIDE, UNBALANCED
from postroom.web.samples_work import HEALTH, WORK

__all__ = [
    "BACK",
    "BRAND",
    "CORRECTING",
    "DELIVERIES",
    "DELIVERIES_PAGE",
    "DELIVERY",
    "DOCUMENT",
    "DOCUMENTS",
    "FACETS",
    "FOUND",
    "HOME",
    "IN_DOUBT",
    "ISO",
    "MAIL",
    "NOTHING_FOUND",
    "NO_RUNS",
    "OUTBOX",
    "PAGING",
    "PARTIES",
    "PARTY",
    "PEEK",
    "PORTAL",
    "PORTAL_DOCUMENT",
    "RUN",
    "RUNS",
    "RUN_ROWS",
    "SAMPLES",
    "SET_ASIDE",
    "SHEET",
    "SHELL",
    "SPECIMEN",
    "STORY",
    "TEMPLATES",
    "THUMB",
    "TIMELINE",
    "TOOLS",
    "UNBALANCED",
    "Sample",
]


SHELL = p.Shell(
    user_name="Ingrid Lindqvist", role="Manager", now_text="Thu 19 Nov 2026, 10:24", demo=True, runs=2, outbox=212
)


@dataclass(frozen=True, slots=True)
class Sample:
    """A template, what goes in, and the section the rail shows as current."""

    template: str
    page: Any
    section: p.Section = ""


PEEK = p.Peek(
    id="d1", title="Invoice", number="INV-2026-1187", open_url="/documents/1/", status="delivered",
    say_heading="What to tell them", say="It went by e-mail on 12 Nov 2026 at 18:02 and was opened on the 16th.",
    facts=(p.Fact(label="For", value="Holm & Søn Bogbinderi ApS"), p.Fact(label="Amount", value="EUR 1,533.50")),
    sections=(p.PeekSection(title="Where it went", lines=(
        p.PeekLine(text="regnskab@holmogson.example", note="12 Nov 2026, 18:02", status="delivered"),)),),
    download_url="/documents/1/download/",
)  # fmt: skip

TOOLS = p.Tools(
    key="documents", url="/documents/", query="kind=invoice", hidden=(("kind", "invoice"),), total=1204,
    total_text="1,204", peek=PEEK,
    undo=p.Undo(said="The view “Unpaid” was deleted.", token="", url="/views/restore/"),
    tabs=(p.ViewTab(name="Everything", url="/documents/"),
          p.ViewTab(id="1", name="Invoices of November", url="/documents/?kind=invoice", current=True, pinned=True)),
    chips=(p.Chip(label="Kind", value="Invoice", url="/documents/"),),
    acts=(p.BulkAct(label="Send again…", url="/documents/resend/", glyph="paper-plane-tilt"),
          p.BulkAct(label="Export", url="/documents/export/", glyph="table")),
    columns=(p.Column(key="party", label="For"), p.Column(key="status", label="Delivery"),
             p.Column(key="amount", label="Amount", number=True), p.Column(key="date", label="Date")),
)  # fmt: skip

FACETS = p.Facets(url="/documents/facets/", whole_url="/documents/?facets=1", loaded=True, mark="0", groups=(
    p.Facet(key="kind", title="Kind", values=(
        p.FacetValue(label="Invoice", count="1,204", url="/documents/", chosen=True, id="f-kind-1"),
        p.FacetValue(label="Reminder", count="38", url="/documents/?kind=reminder", id="f-kind-2"))),
    p.Facet(key="state", title="Delivery", values=(
        p.FacetValue(label="Delivered", count="1,190", url="/documents/?state=delivered", id="f-state-1"),
        p.FacetValue(label="Failed", count="14", url="/documents/?state=failed", id="f-state-2"))),
))  # fmt: skip

SPECIMEN = p.SpecimenPage(
    statuses=("ready", "received", "composing", "sending", "sent", "in_progress", "delivering", "delivered",
              "completed", "settled", "deferred", "came_back", "fell_back", "set_aside", "in_doubt", "failed",
              "held", "suppressed", "cancelled", "superseded"),
    channels=("email", "letter", "folder", "portal", "print", "sms", "einvoice"), facts=RUN.facts[:4],
    stamps=(p.Stamp(word="opened", sub="portal 16.11.26 14:12"), p.Stamp(word="held", sub="M. Aho 16.11.26"),
            p.Stamp(word="returned", sub="S. Rask 18.11.26"), p.Stamp(word="cancelled", sub="O. Stråhle 18.11.26")),
    timeline=TIMELINE, words=("set_aside", "in_doubt", "held"), tools=TOOLS, facets=FACETS,
    documents=DOCUMENTS, back=BACK, stages=RUN.stages, running=RUN_ROWS[:1], follow=HOME.follow,
    viewer=DOCUMENT.viewer, versions=DOCUMENT.versions,
    why_not=DOCUMENT.why_not, held=HELD, gate=GATE, alarms=ALARMS, coming=COMING,
)  # fmt: skip

SAMPLES: dict[str, Sample] = {
    "home": Sample("desk/home.html", HOME, "home"),
    "runs": Sample("desk/runs.html", RUNS, "runs"),
    "runs-empty": Sample("desk/runs.html", NO_RUNS, "runs"),
    "run": Sample("desk/run.html", RUN, "runs"),
    "run-unbalanced": Sample("desk/run.html", UNBALANCED, "runs"),
    "run-held": Sample("desk/run.html", replace(RUN, status="held", control=HELD), "runs"),
    "run-gate": Sample("desk/run.html", replace(RUN, status="held", headline="", live=False, control=GATE), "runs"),
    "documents": Sample("desk/documents.html", FOUND, "documents"),
    "documents-none": Sample("desk/documents.html", NOTHING_FOUND, "documents"),
    "document": Sample("desk/document.html", DOCUMENT, "documents"),
    "deliveries": Sample("desk/deliveries.html", DELIVERIES_PAGE, "deliveries"),
    "delivery": Sample("desk/delivery.html", DELIVERY, "deliveries"),
    "delivery-in-doubt": Sample("desk/delivery.html", IN_DOUBT, "deliveries"),
    "parties": Sample("desk/parties.html", PARTIES, "parties"),
    "party": Sample("desk/party.html", PARTY, "parties"),
    "templates": Sample("desk/templates.html", TEMPLATES, "templates"),
    "outbox": Sample("desk/outbox.html", OUTBOX, "outbox"),
    "mail": Sample("desk/mail.html", MAIL, "outbox"),
    "specimen": Sample("desk/specimen.html", SPECIMEN),
    "enter": Sample("desk/enter.html", p.EnterPage(reason="used", sign_in_url="/account/login/",
                                                   command="postroom demo")),
    "portal": Sample("portal/documents.html", PORTAL),
    "portal-document": Sample("portal/document.html", PORTAL_DOCUMENT),
    "portal-link": Sample("portal/link.html", p.PortalLinkPage(brand=BRAND, reason="expired", again_url="/portal/")),
    **{name: Sample(*parts) for name, parts in (WORK | CONTROL).items()},
    "health-alarms": Sample("desk/settings/health.html", replace(HEALTH, alarms=ALARMS), "settings"),
    **{str(code): Sample(f"{code}.html", p.ErrorPage(reference="7F3A-19C2")) for code in (400, 403, 404, 500, 503)},
}  # fmt: skip
