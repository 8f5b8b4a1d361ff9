"""The samples of documents and deliveries: found, opened, sent, in doubt."""

from __future__ import annotations

from postroom.web import pages as p
from postroom.web.pages import viewer as v
from postroom.web.samples_rows import DELIVERIES, DOCUMENTS, PAGING, delivery

SHEET = "/sample/page.png"
ISO = "2026-11-19T08:00:04+00:00"

STORY = (
    p.TimelineEntry(kind="received", fact="Received from the ledger", when="12 Nov 18:00:04", when_iso=ISO,
                    reason="Record 41 of", url="/runs/1/", url_text="run R-2026-0304"),
    p.TimelineEntry(kind="composed", fact="Composed, one page, in English", when="18:00:05",
                    reason="Invoice, version 13, PDF/A-2b"),
    p.TimelineEntry(kind="archived", fact="Archived", when="18:00:05", reason="SHA-256 9f2c 41d0 … e71b"),
    p.TimelineEntry(kind="sent", fact="E-mailed to regnskab@holmogson.example", when="18:01:12",
                    quote="250 2.0.0 Ok: queued as 4F1c7"),
    p.TimelineEntry(kind="came_back", fact="Came back: mailbox full", when="18:01:44",
                    reason="Tried again at 19:01 and 22:01, same answer", quote="552 5.2.2 Mailbox full"),
    p.TimelineEntry(kind="fell_back", fact="Fell back to letter", when="13 Nov 06:00",
                    reason="Rule Invoices Denmark, step 2, after 3 tries"),
    p.TimelineEntry(kind="delivered", fact="Handed to the print folder", when="07:38", reason="print/letters"),
    p.TimelineEntry(kind="read", fact="Portal copy opened", when="16 Nov 14:12", reason="By one-time link"),
)  # fmt: skip
TIMELINE = p.Timeline(entries=STORY, story_url="?events=story", all_url="?events=all", total=31)

DOCUMENT = p.DocumentPage(
    number="INV-2026-1187", kind="Invoice", status="delivered",
    crumbs=(p.Crumb(label="Documents", url="/documents/"), p.Crumb(label="Holm & Søn", url="/parties/1/"),
            p.Crumb(label="INV-2026-1187")),
    viewer=v.Viewer(
        kind="pdf", name="Invoice INV-2026-1187", about="PDF/A-2b, 1 page, 64 kB", page_count=1,
        content_url="/documents/1/content.pdf", download_url="/documents/1/download/",
        pages=(p.PageImage(url=SHEET, number=1),),
    ),
    versions=(
        v.VersionRow(no=1, url="/documents/1/", download_url="/documents/1/download/", when="12 Nov 2026, 18:00",
                     when_iso="2026-11-12T18:00:05Z", made_by="Invoice, version 13", about="1 page, 64 kB",
                     digest="9f2c41d0a6b97c0e5d1f8e2233ab90cc71fe04d2b8a6913c55e0f7d1a2b4e71b", reproducible=True,
                     shown=True, newest=True),
    ),
    why_not=v.WhyNot(groups=(
        v.ReasonGroup(key="someone", rows=(v.ReasonRow(sentence="No role may delete documents.",
                                                       way_out="Ask an administrator."),)),
        v.ReasonGroup(key="sent", rows=(v.ReasonRow(sentence="It was sent, and is evidence of what was sent.",
                                                    way_out="It stays."),)),
    )),
    download_url="/documents/1/download/",
    facts=(
        p.Fact(label="Party", value="Holm & Søn Bogbinderi ApS", url="/parties/1/"),
        p.Fact(label="Date", value="12 Nov 2026"), p.Fact(label="Amount", value="EUR 1,533.50"),
        p.Fact(label="Run", value="R-2026-0304", url="/runs/1/", code=True),
        p.Fact(label="Made by", value="Invoice, version 13", url="/templates/"),
        p.Fact(label="Language", value="English"),
        p.Fact(label="Checksum", value="9f2c41d0a6b97c0e5d1f8e2233ab90cc71fe04d2b8a6913c55e0f7d1a2b4e71b", code=True),
    ),
    data_json='{\n  "number": "INV-2026-1187",\n  "date": "2026-11-12",\n  "customer": {\n    "id": "C-00214",\n'
              '    "name": "Holm & Søn Bogbinderi ApS"\n  },\n  "lines": [\n    {\n      "text": "Book covers",\n'
              '      "quantity": "2500",\n      "amount": "1030.00"\n    }\n  ],\n  "total": "1533.50"\n}',
    data_digest="5c1f0a77d9e2b4f83c6a1190be57d204aa31c8f9e6075d4b2213ce90f8a7b6d1",
    deliveries=(DELIVERIES[0], delivery("Invoice INV-2026-1187", "Holm & Søn", "folder", "print/letters",
                                         "delivered", "13 Nov 2026", truth="accepted"),
                delivery("Invoice INV-2026-1187", "Holm & Søn", "portal", "portal account", "delivered",
                          "16 Nov 2026", truth="read")),
    timeline=TIMELINE, resend=p.ReasonForm(url="/documents/1/resend/"), reprint_url="/documents/1/reprint/",
)  # fmt: skip

FOUND = p.DocumentsPage(
    url="/documents/", q="invercote spine", rows=DOCUMENTS, paging=PAGING, filtered=True,
    found="22 documents hold these words.", party="Holm",
)  # fmt: skip

NOTHING_FOUND = p.DocumentsPage(url="/documents/", q="unicorn", rows=(), paging=p.Paging(shown=""), filtered=True)

DELIVERY = p.DeliveryPage(
    number="D-2026-048812", title="Invoice INV-2026-1187 to Holm & Søn", status="delivered", channel="folder",
    crumbs=(p.Crumb(label="Deliveries", url="/deliveries/"), p.Crumb(label="Holm & Søn", url="/parties/1/"),
            p.Crumb(label="D-2026-048812")),
    tell_heading="What to tell her", truth="accepted",
    tell="We e-mailed it on 12 November; her mailbox was full. A paper letter went to Vermundsgade 38 on "
         "13 November, and she opened the portal copy on Monday at 14:12.",
    timeline=TIMELINE, pages=(p.PageImage(url=SHEET, number=1),),
    digest="9f2c41d0a6b97c0e5d1f8e2233ab90cc71fe04d2b8a6913c55e0f7d1a2b4e71b", download_url="/deliveries/1/file/",
    reasons=(
        p.ChannelReason(kind="law", text="No e-invoice duty", outcome="no"),
        p.ChannelReason(kind="wish", text="E-mail, since 2025", outcome="came_back"),
        p.ChannelReason(kind="rule", text="Letter when e-mail fails 3 times", outcome="used"),
        p.ChannelReason(kind="always", text="Portal copy", outcome="used"),
    ),
    attempts=(
        p.AttemptRow(number=1, when="12 Nov 2026 18:01:12", channel="email",
                     destination="regnskab@holmogson.example", status="failed",
                     answer="552 5.2.2 <regnskab@holmogson.example>: Recipient address rejected: Mailbox full",
                     key="<d-048812.1@lindqvist-offset.example>"),
        p.AttemptRow(number=2, when="13 Nov 2026 07:38:02", channel="folder", destination="print/letters",
                     status="delivered", key="D-2026-048812.pdf"),
    ),
    belongs=(p.Fact(label="Document", value="INV-2026-1187", url="/documents/1/", code=True),
             p.Fact(label="Run", value="R-2026-0304", url="/runs/1/", code=True),
             p.Fact(label="Party", value="Holm & Søn Bogbinderi ApS", url="/parties/1/")),
    stamp=p.Stamp(word="opened", sub="portal 16.11.26 14:12"), resend=p.ReasonForm(url="/deliveries/1/resend/"),
)  # fmt: skip

IN_DOUBT = p.DeliveryPage(
    number="D-2026-048901", title="Statement November to Visby Bokhandel", status="in_doubt", channel="email",
    crumbs=(p.Crumb(label="Deliveries", url="/deliveries/"), p.Crumb(label="D-2026-048901")),
    tell="We handed it to their mail server today at 08:02, but the server fell silent before it answered. "
         "We do not know whether it arrived.",
    message_subject="Your statement for November",
    message_text="Dear customer,\n\nyour statement for November 2026 is attached.\n\nLindqvist & Daughters",
    timeline=p.Timeline(entries=(*STORY[:3], p.TimelineEntry(
        kind="in_doubt", fact="No answer after the last line", when="08:02:31",
        reason="The worker was stopped in that second; the server cannot be asked."))),
    pages=(p.PageImage(url=SHEET, number=1),), digest=DELIVERY.digest, download_url="/deliveries/2/file/",
    reasons=DELIVERY.reasons[1:2],
    attempts=(p.AttemptRow(number=1, when="19 Nov 2026 08:02:29", channel="email",
                           destination="info@visbybok.example", status="in_doubt",
                           key="<d-048901.1@lindqvist-offset.example>"),),
    belongs=DELIVERY.belongs,
    in_doubt=p.InDoubt(
        explanation="Ask the receiver, or look for the message key in their mailbox. Your answer settles it and "
                    "stands in the ledger.",
        arrived=p.ReasonForm(url="/deliveries/2/arrived/", error="A reason is needed."),
        send_again=p.ReasonForm(url="/deliveries/2/again/")),
)  # fmt: skip

DELIVERIES_PAGE = p.DeliveriesPage(
    url="/deliveries/", q="",
    filters=(p.StatusFilter(status="", url="/deliveries/", current=True),
             p.StatusFilter(status="in_doubt", url="?state=in_doubt", count=1),
             p.StatusFilter(status="failed", url="?state=failed", count=4),
             p.StatusFilter(status="deferred", url="?state=deferred", count=1),
             p.StatusFilter(status="delivered", url="?state=delivered", count=1198)),
    rows=DELIVERIES, paging=PAGING,
)  # fmt: skip
