"""The samples of what a customer sees."""

from __future__ import annotations

from postroom.web import pages as p
from postroom.web.samples_document import SHEET
from postroom.web.samples_rows import THUMB

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
