"""One realistic sample of every page: for the specimen, the pictures and the tests of the templates.

The company, its customers and all numbers are invented; every count adds up, as on the real desk.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from postroom.web import pages as p
from postroom.web.pages import viewer as v
from postroom.web.samples_control import ALARMS, COMING, CONTROL, GATE, HELD
from postroom.web.samples_work import HEALTH, WORK

SHEET = "/sample/page.png"
THUMB = "/sample/page.png"
ISO = "2026-11-19T08:00:04+00:00"

SHELL = p.Shell(
    user_name="Ingrid Lindqvist", role="Manager", now_text="Thu 19 Nov 2026, 10:24", demo=True, runs=2, outbox=212
)
PAGING = p.Paging(shown="8 of 1,204", older_url="?before=8")


@dataclass(frozen=True, slots=True)
class Sample:
    """A template, what goes in, and the section the rail shows as current."""

    template: str
    page: Any
    section: p.Section = ""


def _delivery(title: str, party: str, channel: str, to: str, status: str, when: str, **more: Any) -> p.DeliveryRow:
    return p.DeliveryRow(
        url="/deliveries/1/", number="D-2026-048812", title=title, party=party, channel=channel,
        destination=to, status=status, when=when, **more,
    )  # fmt: skip


DELIVERIES = (
    _delivery("Invoice INV-2026-1187", "Holm & Søn Bogbinderi", "email", "regnskab@holmogson.example", "failed",
              "12 Nov 2026", why="Mailbox full, 3 tries", next_step="Fell back to letter"),
    _delivery("Statement November", "Nordhavn Forlag A/S", "email", "bogholderi@nordhavn.example", "delivered",
              "19 Nov 2026", truth="relayed"),
    _delivery("Statement November", "Brännö Ferry Company", "portal", "portal account", "delivered", "19 Nov 2026",
              truth="read"),
    _delivery("Statement November", "Kullaberg Cider AB", "folder", "print/letters", "sending", "19 Nov 2026"),
    _delivery("Statement November", "Visby Bokhandel", "email", "info@visbybok.example", "in_doubt", "19 Nov 2026",
              why="The server fell silent after the last line"),
    _delivery("Statement November", "Kiruna Buss AB", "email", "ekonomi@kirunabuss.example", "deferred",
              "19 Nov 2026", why="450 4.2.1 try again later", next_step="Next try 10:40"),
)  # fmt: skip

BACK = (
    p.BackRow(status="fell_back", channel="email", what="3 deliveries came back", count=3,
              who="Holm & Søn Bogbinderi, Nordhavn Forlag A/S and 1 other", why="552 5.2.2 Mailbox full.",
              then="Went to letters instead.", url="/deliveries/?state=failed", button="Open 3", since="08:04"),
    p.BackRow(status="failed", channel="email", what="Statement to Kiruna Buss AB", why="550 5.1.1 No such mailbox.",
              then="Nothing was sent in its place.", url="/deliveries/3/", button="Open", since="08:06"),
    p.BackRow(status="off", channel="folder", what="1 delivery waits for dock-b", why="dock-b is out of use.",
              then="They go on as soon as it is used again.", url="/deliveries/?channel=folder", button="Open"),
)  # fmt: skip

DOCUMENTS = (
    p.DocumentRow(url="/documents/1/", number="INV-2026-1187", kind="Invoice", party="Holm & Søn Bogbinderi ApS",
                  date="12 Nov 2026", status="delivered", amount="EUR 1,533.50", thumb_url=THUMB,
                  snippet=(("Book covers, 4/1 on 300 g ", False), ("Invercote", True), (" … 16.5 mm ", False),
                           ("spine", True))),
    p.DocumentRow(url="/documents/2/", number="INV-2026-0944", kind="Invoice", party="Holm & Søn Bogbinderi ApS",
                  date="18 Sep 2026", status="delivered", amount="EUR 812.00", thumb_url=THUMB,
                  snippet=(("Slipcases on ", False), ("Invercote", True), (" G 380 g, open ", False),
                           ("spine", True))),
    p.DocumentRow(url="/documents/3/", number="STM-2026-0190", kind="Statement", party="Værløse Tryk & Kopi",
                  date="19 Nov 2026", status="in_doubt", amount="EUR 318.75", thumb_url=THUMB),
    p.DocumentRow(url="/documents/4/", number="STM-2026-0077", kind="Statement", party="Øresund Rederi A/S",
                  date="19 Nov 2026", status="sending", amount="EUR 402.20", thumb_url=THUMB),
    p.DocumentRow(url="/documents/5/", number="STM-2026-0102", kind="Statement", party="Kiruna Buss AB",
                  date="19 Nov 2026", status="failed", amount="EUR 87.40", thumb_url=THUMB),
)  # fmt: skip

RUN_ROWS = (
    p.RunRow(url="/runs/1/", number="R-2026-0311", name="November statements", status="delivering",
             source="ledger-2026-11.jsonl", template="Statement, version 6", received=214, done=187, set_aside=9,
             in_progress=13, stopped=5, started="19 Nov 2026 08:00", by="by schedule"),
    p.RunRow(url="/runs/2/", number="R-2026-0310", name="Invoices, Wednesday", status="settled",
             source="orders-2026-11-18.csv", template="Invoice, version 13", received=61, done=61, set_aside=0,
             in_progress=0, stopped=0, started="18 Nov 2026 18:00", by="Olle Stråhle"),
    p.RunRow(url="/runs/3/", number="R-2026-0309", name="Reminders", status="cancelled", source="reminders.xlsx",
             template="Reminder, version 2", received=17, done=0, set_aside=0, in_progress=0, stopped=17,
             started="17 Nov 2026 09:12", by="Karin Lindqvist"),
    p.RunRow(url="/runs/4/", number="R-2026-0308", name="Order confirmations", status="settled",
             source="API, 1 call", template="Order confirmation, version 4", received=12, done=11, set_aside=1,
             in_progress=0, stopped=0, started="16 Nov 2026 14:41", by="web shop"),
)  # fmt: skip

RUNS = p.RunsPage(
    filters=(
        p.StatusFilter(status="", url="/runs/", count=311, current=True),
        p.StatusFilter(status="in_progress", url="/runs/?state=in_progress", count=2),
        p.StatusFilter(status="settled", url="/runs/?state=settled", count=301),
        p.StatusFilter(status="cancelled", url="/runs/?state=cancelled", count=6),
        p.StatusFilter(status="failed", url="/runs/?state=failed", count=2),
    ),
    rows=RUN_ROWS, paging=p.Paging(shown="4 of 311", older_url="/runs/?before=4"), poll_url="/runs/live/",
    live=True, new_url="/runs/new/",
)  # fmt: skip

NO_RUNS = p.RunsPage(filters=RUNS.filters[:1], rows=(), paging=p.Paging(shown=""), poll_url="", new_url="/runs/new/")

SET_ASIDE = (
    p.SetAsideRow(id="a1", line="line 41", path="/lines/0/amount",
                  reason="The amount is the number 412.5; amounts must be text.",
                  what_to_do='Write it as a text with a point, for example "412.50".',
                  raw='{"number": "STM-2026-0041", "customer": {"id": "C-00131", "name": "Kullaberg Cider AB"}, '
                      '"lines": [{"text": "Labels", "amount": 412.5}]}', correct_url="/runs/1/set-aside/a1/",
                  who="Kullaberg Cider AB", key="C-00131",
                  document="STM-2026-0041", amount="SEK 1,204.00", pick=True),
    p.SetAsideRow(id="a2", line="line 190", path="/customer/address/street",
                  reason="The street has no house number, and the letter needs one.",
                  what_to_do="Add the number, or give an e-mail address.",
                  raw='{"number": "STM-2026-0190", "customer": {"id": "C-00190", "name": "Værløse Tryk & Kopi"}}',
                  correct_url="/runs/1/set-aside/a2/", who="Værløse Tryk & Kopi", key="C-00190",
                  document="STM-2026-0190", amount="DKK 318.75", pick=True),
)  # fmt: skip

CORRECTING = replace(
    SET_ASIDE[0], correct_url="",
    form=p.CorrectForm(
        url="/runs/1/set-aside/a1/", cancel_url="/runs/1/set-aside/a1/?leave=1",
        text='{\n  "number": "STM-2026-0041",\n  "customer": {"id": "C-00131", "name": "Kullaberg Cider AB"},\n'
             '  "lines": [{"text": "Labels", "amount": 412.50}]\n}',
        error="At /lines/0/amount the amount is still a number. Put it between quotation marks."),
)  # fmt: skip

RUN = p.RunPage(
    number="R-2026-0311", name="November statements", status="delivering", url="/runs/1/", poll_url="/runs/1/live/",
    headline="13 letters under way", live=True, received=214,
    facts=(
        p.Fact(label="Started", value="Thu 19 Nov 2026 08:00"), p.Fact(label="By", value="schedule"),
        p.Fact(label="Source", value="ledger-2026-11.jsonl, 214 records"),
        p.Fact(label="Template", value="Statement, version 6", url="/templates/"),
        p.Fact(label="Made", value="211 documents in 3.4 s"), p.Fact(label="Settled", value="not yet"),
    ),
    stages=(
        p.FunnelStage(key="received", count=214, of=214, bins=(p.FunnelBin(status="set_aside", count=9, url="#a"),)),
        p.FunnelStage(key="composed", count=205, of=214, url="/documents/?run=R-2026-0311"),
        p.FunnelStage(key="archived", count=205, of=214, url="/documents/?run=R-2026-0311"),
        p.FunnelStage(key="dispatched", count=204, of=214, bins=(p.FunnelBin(status="suppressed", count=1, url="#"),)),
        p.FunnelStage(key="delivered", count=187, of=214, under_way=13,
                      bins=(p.FunnelBin(status="failed", count=4, url="#f"),)),
    ),
    terms=(
        p.BalanceTerm(status="completed", count=187, url="#"), p.BalanceTerm(status="in_progress", count=13, url="#"),
        p.BalanceTerm(status="set_aside", count=9, url="#"), p.BalanceTerm(status="failed", count=4, url="#"),
        p.BalanceTerm(status="suppressed", count=1, url="#"),
    ),
    set_aside_total=9, set_aside=(CORRECTING, SET_ASIDE[1]), set_aside_more_url="/runs/1/?aside=2",
    channels=(
        p.ChannelRow(channel="email", made=141, arrived=136, under_way=0, in_doubt=1, came_back=4, truth="relayed",
                     url="/deliveries/?channel=email"),
        p.ChannelRow(channel="folder", made=36, arrived=23, under_way=13, in_doubt=0, came_back=0, truth="accepted",
                     url="/deliveries/?channel=folder"),
        p.ChannelRow(channel="portal", made=28, arrived=27, under_way=0, in_doubt=0, came_back=0, other=1,
                     truth="confirmed", url="/deliveries/?channel=portal"),
    ),
    channel_total=p.ChannelRow(channel="all", made=205, arrived=186, under_way=13, in_doubt=1, came_back=4, other=1),
    came_back=BACK[:2], came_back_total=4, documents=DOCUMENTS[2:], documents_total=205,
    documents_url="/documents/?run=R-2026-0311", balance_url="/runs/1/balance.json",
    cancel=p.ReasonForm(url="/runs/1/cancel/"),
)  # fmt: skip

UNBALANCED = replace(RUN, terms=RUN.terms[1:], live=False, set_aside=SET_ASIDE)

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
    deliveries=(DELIVERIES[0], _delivery("Invoice INV-2026-1187", "Holm & Søn", "folder", "print/letters",
                                         "delivered", "13 Nov 2026", truth="accepted"),
                _delivery("Invoice INV-2026-1187", "Holm & Søn", "portal", "portal account", "delivered",
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

PARTIES = p.PartiesPage(
    url="/parties/", q="", paging=p.Paging(shown="3 of 40", older_url="?after=3"),
    rows=(
        p.PartyRow(url="/parties/1/", name="Holm & Søn Bogbinderi ApS", number="C-00214", place="København Ø, DK",
                   language="Danish", channel="email", documents=126, last="19 Nov 2026"),
        p.PartyRow(url="/parties/2/", name="Brännö Ferry Company", number="C-00031", place="Göteborg, SE",
                   language="Swedish", channel="portal", documents=88, last="19 Nov 2026"),
        p.PartyRow(url="/parties/3/", name="Malmö Konstmuseum", number="C-00009", place="Malmö, SE",
                   language="Swedish", channel="letter", documents=54, last="12 Nov 2026"),
    ),
)  # fmt: skip

PARTY = p.PartyPage(
    name="Holm & Søn Bogbinderi ApS", number="C-00214",
    facts=(p.Fact(label="Address", value="Vermundsgade 38, 2100 København Ø, Denmark"),
           p.Fact(label="E-mail", value="regnskab@holmogson.example"), p.Fact(label="Language", value="Danish"),
           p.Fact(label="VAT number", value="DK 31 88 40 12")),
    preferences=(p.PreferenceRow(kind="Invoices", channels=("email", "letter"), since="their wish, 3 Feb 2025"),
                 p.PreferenceRow(kind="Everything", channels=("portal",), since="always")),
    suppressions=(p.Fact(label="E-mail", value="regnskab@holmogson.example, mailbox full since 12 Nov 2026"),),
    documents=DOCUMENTS[2:4], documents_total=126, documents_url="/documents/?party=C-00214",
    deliveries=DELIVERIES[:2], deliveries_total=148, deliveries_url="/deliveries/?q=C-00214", portal_url="/portal/",
)  # fmt: skip

TEMPLATES = p.TemplatesPage(
    cards=tuple(
        p.TemplateCard(name=name, key=key, version=version, language="English, German, Swedish", thumb_url=THUMB,
                       lane="Typst", used=used)
        for name, key, version, used in (
            ("Invoice", "invoice", "13", "1,187 times"), ("Statement", "statement", "6", "2,140 times"),
            ("Order confirmation", "order-confirmation", "4", "418 times"),
            ("Reminder", "reminder", "2", "61 times"))
    ),
)  # fmt: skip

OUTBOX = p.OutboxPage(
    url="/outbox/", q="", paging=p.Paging(shown="2 of 212", older_url="?before=2"),
    rows=(
        p.MailRow(url="/outbox/1/", subject="Your statement for November", to="bogholderi@nordhavn.example",
                  sender="ledger@lindqvist-offset.example", when="19 Nov 2026 08:01", attachments=1),
        p.MailRow(url="/outbox/2/", subject="Invoice INV-2026-1187", to="regnskab@holmogson.example",
                  sender="ledger@lindqvist-offset.example", when="12 Nov 2026 18:01", attachments=1),
    ),
)  # fmt: skip

MAIL = p.MailPage(
    subject="Your statement for November", sender="ledger@lindqvist-offset.example",
    to="bogholderi@nordhavn.example", when="19 Nov 2026 08:01:12", html_url="/sample/mail.html",
    text="Dear customer,\n\nyour statement for November 2026 is attached.\n\nLindqvist & Daughters\n",
    headers=(p.Fact(label="Message-ID", value="<d-048812.1@lindqvist-offset.example>"),
             p.Fact(label="Date", value="Thu, 19 Nov 2026 08:01:12 +0000"),
             p.Fact(label="Content-Type", value="multipart/mixed; boundary=4f1c")),
    attachments=(p.Fact(label="statement-2026-11.pdf", value="64 kB", url="/outbox/1/1/"),),
    source_url="/outbox/1/source/", delivery_url="/deliveries/1/",
)  # fmt: skip

HOME = p.HomePage(
    weekday="Thursday", summary="3 things wait for you. 5 came back or stopped. 1 run is under way.",
    poll_url="/home/live/", live=True,
    start_url="/runs/new/", needs_total=3,
    needs=(
        p.NeedRow(status="set_aside", what="9 records set aside", why="Amounts as numbers, a street without number",
                  where="November statements", url="/runs/1/", since="08:00"),
        p.NeedRow(status="in_doubt", what="Statement to Visby Bokhandel", why="The server fell silent",
                  where="E-mail", url="/deliveries/2/", since="08:02"),
        p.NeedRow(status="in_doubt", what="Statement to Kiruna Buss AB", why="The connection broke after the last line",
                  where="E-mail", url="/deliveries/3/", since="08:04"),
    ),
    back=BACK, back_total="5", back_url="/deliveries/?state=failed",
    running=RUN_ROWS[:1],
    today=(p.Figure(label="Received", value="214", note="9 set aside"), p.Figure(label="Composed", value="205"),
           p.Figure(label="Delivered", value="187", note="13 under way"),
           p.Figure(label="Came back", value="4", note="3 fell back to letter")),
    follow=p.FollowOrder(
        number="2026-0418", thumb_url=THUMB, go_url="/runs/1/", hide_url="/home/hide/",
        story="Brännö Ferry Company wants 24,000 timetables by the 27th. Walk its papers through the house.",
        steps=(
            p.OrderStep(text="Hand in the order", room="receive", state="done", url="/runs/",
                        api="curl -F data=@order.json \\\n  localhost:8000/api/v1/runs",
                        cli="postroom run start order.json"),
            p.OrderStep(text="See it composed", room="compose", state="done", url="/documents/1/",
                        api="curl localhost:8000/api/v1/documents/1/pdf", cli="postroom document get INV-2026-1187"),
            p.OrderStep(text="Watch it arrive", room="deliver", state="now", url="/deliveries/1/",
                        api="curl localhost:8000/api/v1/deliveries/1", cli="postroom delivery show D-2026-048812"),
            p.OrderStep(text="Find it by a word inside", room="archive", state="todo", url="/documents/",
                        api="curl 'localhost:8000/api/v1/documents?q=timetable'", cli="postroom search timetable"),
            p.OrderStep(text="Answer “I never got it”", room="support", state="todo", url="/parties/1/",
                        api="curl localhost:8000/api/v1/parties/1/deliveries",
                        cli="postroom party show C-00031"),
        )),
)  # fmt: skip

BRAND = p.Brand(name="Lindqvist & Daughters", colour="#a3195b",
                contact="Lindqvist & Daughters AB, Kvarngatan 8, 211 34 Malmö, +46 40 555 01 90")  # fmt: skip
PORTAL = p.PortalPage(
    brand=BRAND, greeting="Good morning, Astrid", about="Holm & Søn Bogbinderi. One new document.",
    sign_out_url="/portal/leave/",
    rows=(
        p.PortalRow(url="/portal/1/", title="Statement, November", date="19 Nov 2026", amount="EUR 1,533.50",
                    state="new", thumb_url=THUMB),
        p.PortalRow(url="/portal/2/", title="Invoice INV-2026-1187", date="12 Nov 2026", amount="EUR 1,533.50",
                    thumb_url=THUMB),
        p.PortalRow(url="/portal/3/", title="Order confirmation 0397", date="28 Oct 2026", thumb_url=THUMB),
    ), older_url="?before=3",
)  # fmt: skip
PORTAL_DOCUMENT = p.PortalDocumentPage(
    brand=BRAND, title="EUR 1,533.50", kind="Invoice INV-2026-1187", headline="to pay by 2 December 2026",
    facts=(p.Fact(label="Date", value="12 Nov 2026"), p.Fact(label="Order", value="2026-0397"),
           p.Fact(label="For", value="Holm & Søn Bogbinderi ApS")),
    pages=(p.PageImage(url=SHEET, number=1),), download_url="/portal/1/file/", download_text="PDF, 64 kB",
    list_url="/portal/", note="Also sent as a letter on 13 November, because your mailbox was full.",
    sign_out_url="/portal/leave/",
)  # fmt: skip

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
