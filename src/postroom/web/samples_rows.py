"""Rows of the sample company that lists and pages share: deliveries, what came back, documents, runs."""

from __future__ import annotations

from typing import Any

from postroom.web import pages as p

THUMB = "/sample/page.png"
PAGING = p.Paging(shown="8 of 1,204", older_url="?before=8")


def delivery(title: str, party: str, channel: str, to: str, status: str, when: str, **more: Any) -> p.DeliveryRow:
    return p.DeliveryRow(
        url="/deliveries/1/", number="D-2026-048812", title=title, party=party, channel=channel,
        destination=to, status=status, when=when, **more,
    )  # fmt: skip


DELIVERIES = (
    delivery("Invoice INV-2026-1187", "Holm & Søn Bogbinderi", "email", "regnskab@holmogson.example", "failed",
              "12 Nov 2026", why="Mailbox full, 3 tries", next_step="Fell back to letter"),
    delivery("Statement November", "Nordhavn Forlag A/S", "email", "bogholderi@nordhavn.example", "delivered",
              "19 Nov 2026", truth="relayed"),
    delivery("Statement November", "Brännö Ferry Company", "portal", "portal account", "delivered", "19 Nov 2026",
              truth="read"),
    delivery("Statement November", "Kullaberg Cider AB", "folder", "print/letters", "sending", "19 Nov 2026"),
    delivery("Statement November", "Visby Bokhandel", "email", "info@visbybok.example", "in_doubt", "19 Nov 2026",
              why="The server fell silent after the last line"),
    delivery("Statement November", "Kiruna Buss AB", "email", "ekonomi@kirunabuss.example", "deferred",
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
