"""The samples of everything around the documents: home, parties, templates, the Outbox."""

from __future__ import annotations

from postroom.web import pages as p
from postroom.web.samples_rows import BACK, DELIVERIES, DOCUMENTS, RUN_ROWS, THUMB

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
