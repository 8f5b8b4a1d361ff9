"""Samples of the pages where work begins by hand, and of the settings: see ``postroom.web.samples``."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from postroom.web import pages as p
from postroom.web.pages.settings import SigningIn

SHEET = "/sample/page.png"


def _tabs(current: str) -> tuple[p.Tab, ...]:
    keys: tuple[Any, ...] = ("people", "tokens", "channels", "folders", "health", "about")
    return tuple(p.Tab(key=key, url=f"/settings/{key}/", current=key == current) for key in keys)


TEMPLATES = (
    p.Option(value="invoice", label="Invoice", chosen=True), p.Option(value="statement", label="Statement"),
    p.Option(value="reminder", label="Reminder"),
)  # fmt: skip
WAYS = (
    p.WayRow(destination="email", channel="email", address="regnskab@holmogson.example"),
    p.WayRow(destination="letters", channel="folder", address="C-00214", late=True),
)
SEND_DATA = '{\n  "number": "INV-2026-1188",\n  "issued_on": "2026-11-19",\n  "customer": {\n    "key": "C-00214",\n' \
            '    "name": "Holm & Søn Bogbinderi ApS"\n  },\n  "totals": {"gross": "1533.50"}\n}'  # fmt: skip
SEND_EMPTY = p.SendPage(
    url="/send/", token="0" * 32, templates=TEMPLATES, template="invoice", template_name="Invoice", q="holm",
    searched=True,
    found=(p.PartyChoice(url="/send/?party=C-00214", name="Holm & Søn Bogbinderi ApS", number="C-00214",
                         place="København Ø, DK"),),
)  # fmt: skip
SEND = p.SendPage(
    url="/send/", token="0" * 32, templates=TEMPLATES, template="invoice", template_name="Invoice", party="C-00214",
    party_name="Holm & Søn Bogbinderi ApS", party_url="/parties/1/", other_party_url="/send/?template=invoice",
    data=SEND_DATA,
    ways=(p.Option(value="", label="As the rules and their wishes say", chosen=True),
          p.Option(value="email", label="Only by email"), p.Option(value="letters", label="Only by letters")),
    doubts=("There is a document with the number INV-2026-1188 already, of 12 Nov 2026. This would be another one.",),
    preview=p.SendPreview(
        title="Invoice INV-2026-1188", pages=(p.PageImage(url=SHEET, number=1),), about="1 page, 64 kB", ways=WAYS,
        reasons=(p.ChannelReason(kind="always", text="An e-mail address is known.", outcome="used"),),
        words=(p.WordsRow(channel="email", subject="Invoice INV-2026-1188 · Lindqvist & Daughters",
                          text="Good morning,\n\nhere is your invoice.\n\nKarin Lindqvist",
                          attached="The document is attached."),),
    ),
)  # fmt: skip
PROBLEMS = (
    p.ProblemRow(path="totals.gross", reason="The value is the number 1533.5, but must be text.",
                 what_to_do='Write the amount as text, such as "1533.5": a JSON number may lose a cent (P9).'),
    p.ProblemRow(path="due_on", reason="The field 'due_on' is missing.",
                 what_to_do="Write it as year-month-day, such as 2026-11-12, and choose a day that exists."),
)  # fmt: skip
NEW_RUN = p.NewRunPage(
    url="/runs/new/", templates=TEMPLATES, formats="csv (.csv .tsv), json (.json), jsonl (.jsonl), xlsx (.xlsx)",
    held="0" * 32, held_name="orders-2026-11.jsonl", held_size="412 kB", mapping="template: invoice\n",
    look=p.FileLook(
        name="orders-2026-11.jsonl", about="The first 2 records, read as jsonl.", good=1, more=True,
        doubts=('Mapping, line 4: The sample has no field "kund". Did you mean "kunde"?',),
        rows=(p.TriedRow(line="line 1", raw='{"number": "1"}', title="Invoice INV-2026-1188",
                         party="Holm & Søn Bogbinderi ApS", amount="EUR 1,533.50", ways=WAYS,
                         mapped='{"number": "INV-2026-1188"}'),
              p.TriedRow(line="line 2", raw='{"number": 2}', problems=PROBLEMS)),
    ),
)  # fmt: skip
NEW_RUN_REFUSED = p.NewRunPage(
    url="/runs/new/", templates=TEMPLATES, formats=NEW_RUN.formats, options="delimiter",
    error="The option “delimiter” has no “=”. Write one name=value in each line, such as delimiter=;",
    error_at="options",
)  # fmt: skip
ASIDE = (
    p.SetAsideRow(id="b1", line="R-2026-0311, line 41", path="lines[0].amount",
                  reason="The amount is the number 412.5; amounts must be text.",
                  what_to_do='Write it as a text with a point, for example "412.50".',
                  raw='{"number": "STM-2026-0041", "lines": [{"text": "Labels", "amount": 412.5}]}',
                  correct_url="/runs/1/set-aside/b1/"),
    p.SetAsideRow(id="b2", line="R-2026-0308, line 190", path="lines[3].amount",
                  reason="The amount is the number 12; amounts must be text.",
                  what_to_do='Write it as a text with a point, for example "12.00".',
                  raw='{"number": "STM-2026-0190", "lines": [{"text": "Cards", "amount": 12}]}',
                  correct_url="/runs/1/set-aside/b2/"),
)  # fmt: skip
SET_ASIDE = p.SetAsidePage(
    url="/set-aside/", total=9, templates=TEMPLATES, stages=(p.Option(value="validate", label="checking the data"),),
    groups=(p.SetAsideGroup(id="g1", cause="The amount is a number; amounts must be text.", code="wrong-type",
                            stage="checking the data", template="Statement", count=9, rows=ASIDE, can_go_on=9,
                            open_url="/set-aside/?code=wrong-type", go_on_url="/set-aside/go-on/?code=wrong-type"),),
)  # fmt: skip
NO_ASIDE = p.SetAsidePage(url="/set-aside/", total=0, groups=(), templates=(), stages=())

ROLES = (
    p.Choice(value="operator", label="Output operator", note="Starts runs, corrects records", chosen=True),
    p.Choice(value="clerk", label="Clerk", note="Looks after parties and answers them"),
    p.Choice(value="administrator", label="Administrator", note="May do everything"),
)
ONCE = p.ShownOnce(
    title="A link that signs Petra Ekdahl in", secret="https://post.example/enter/Zk3v0b1QmR8sT2uW4xY6aBcD/",  # noqa: S106
    note="It works once, within the hour. Copy it now: it is shown here and nowhere else.",
)  # fmt: skip
PEOPLE = p.PeoplePage(
    tabs=_tabs("people"), once=ONCE,
    rows=(
        p.PersonRow(url="/settings/people/1/", name="Ingrid Lindqvist", email="ingrid@lindqvist-offset.example",
                    roles="Administrator", since="19 Nov 2026", oneself=True),
        p.PersonRow(url="/settings/people/2/", name="Nils Borg", email="nils@lindqvist-offset.example",
                    roles="Template author", since="19 Nov 2026", active=False),
    ),
    invite=p.InviteForm(url="/settings/people/invite/", token="0" * 32, roles=ROLES, name="Petra Ekdahl",
                        email="petra", error="Enter a valid email address."),
)  # fmt: skip
PERSON = p.PersonPage(
    tabs=_tabs("people"), name="Olle Stråhle", people_url="/settings/people/", active=True,
    facts=(p.Fact(label="E-mail", value="olle@lindqvist-offset.example"), p.Fact(label="API tokens", value="1")),
    roles=ROLES, roles_url="/settings/people/2/roles/", permissions=("See runs and their balances", "Start a run"),
    deactivate_url="/settings/people/2/deactivate/", link_url="/settings/people/2/link/", link_token="0" * 32,
    signing_in=SigningIn(
        factors="Password and 1 passkey", reasons=(p.Choice(value="lost", label="The device was lost"),),
        sessions=(), tokens=(), person_url="/settings/people/2/", locked="Locked until 10:40 after 5 wrong tries",
        unlock_url="/settings/people/2/unlock/", forget_url="/settings/people/2/forget-factors/",
        sign_out_url="/settings/people/2/sign-out/",
    ),
)  # fmt: skip
TOKENS = p.TokensPage(
    tabs=_tabs("tokens"), url="/settings/tokens/", token="0" * 32, everybody=True,
    scopes=(p.Choice(value="run.start", label="Start a run", note="run.start"),
            p.Choice(value="run.view", label="See runs and their balances", note="run.view")),
    ends=(p.Choice(value="90", label="in 90 days", chosen=True), p.Choice(value="0", label="never")),
    rows=(p.TokenRow(name="Web shop", begins="pr_Zk3v0b…", owner="you", scopes="run.start, run.view", scopes_count=2,
                     state="valid", made="12 Nov 2026, 10:24", ends="10 Feb 2027", used="never",
                     revoke_url="/settings/tokens/1/revoke/"),
          p.TokenRow(name="Old ledger", begins="pr_aBcDeF…", owner="Olle Stråhle", scopes="run.start", scopes_count=1,
                     state="revoked", made="1 Nov 2026, 08:00", ends="never", used="2 Nov 2026, 08:00")),
)  # fmt: skip
FINDINGS = (
    p.FindingRow(what="Database", state="ok", told="PostgreSQL 18.6, embedded, answered in 1 ms"),
    p.FindingRow(what="tesseract", state="note", told="not there; it would serve reading scans (OCR)",
                 hint="Install tesseract to use it."),
    p.FindingRow(what="Workers", state="wrong", told="Nobody works: runs and deliveries wait.",
                 hint="Start them: postroom serve."),
)  # fmt: skip
CHANNELS = p.ChannelsPage(
    tabs=_tabs("channels"), new_url="/settings/channels/new/",
    rows=(p.DestinationRow(url="/settings/channels/email/", key="email", channel="email", truth="relayed",
                           about="127.0.0.1, ledger@lindqvist-offset.example", enabled=True, check_url="/c/",
                           switch_url="/s/", findings=(p.FindingRow(what="", state="ok", told="It answers."),)),
          p.DestinationRow(url="/settings/channels/letters/", key="letters", channel="folder", truth="accepted",
                           about="/srv/print/letters", enabled=False, check_url="/c/", switch_url="/s/")),
    kinds=(p.Choice(value="email", label="email", note="Hands mail to a mail server"),
           p.Choice(value="folder", label="folder", note="Puts files into a folder")),
)  # fmt: skip
DESTINATION = p.DestinationPage(
    tabs=_tabs("channels"), url="/settings/channels/new/", channels_url="/settings/channels/", key="mail relay",
    channel="email", about="Hands mail to a mail server", new=True,
    key_error="A name has letters, digits, - and _, without spaces.",
    fields=(
        p.ConfigField(name="host", label="Host", shape="text", required=True, error="Field required."),
        p.ConfigField(name="port", label="Port", shape="number", hint="25, 587 or 465 by security when empty."),
        p.ConfigField(name="security", label="Security", shape="choice",
                      options=(p.Choice(value="none", label="none"),
                               p.Choice(value="starttls", label="starttls", chosen=True))),
        p.ConfigField(name="attach", label="Attach", shape="tick", value="true", hint="Attach the documents."),
        p.ConfigField(name="more", label="More", shape="json", value="{}"),
    ),
)  # fmt: skip
FOLDERS = p.FoldersPage(
    tabs=_tabs("folders"), url="/settings/folders/", roles=("Output operator", "Clerk", "Administrator"),
    rows=(p.FolderRow(key="invoices", name="Invoices", documents="204 documents",
                      roles=(p.Choice(value="operator", label="Output operator", chosen=True),
                             p.Choice(value="clerk", label="Clerk"),
                             p.Choice(value="administrator", label="Administrator", chosen=True, fixed=True))),),
)  # fmt: skip
HEALTH = p.HealthPage(
    tabs=_tabs("health"), summary="One thing needs mending.", wrong=1, house=FINDINGS[:2], work=FINDINGS[2:]
)
ABOUT = p.AboutPage(
    tabs=_tabs("about"), facts=(p.Fact(label="Version", value="0.1.0"), p.Fact(label="Licence", value="Apache-2.0")),
    tables=(p.PackageTable(title="Python, at run time", rows=(
        p.PackageRow(name="Django", licence="BSD-3-Clause", what_for="web requests", version="5.2.8"),)),),
)  # fmt: skip

#: Template, page and section, by the name of the sample.
WORK: dict[str, tuple[str, Any, p.Section]] = {
    "send-choose": ("desk/send.html", SEND_EMPTY, "send"),
    "send": ("desk/send.html", SEND, "send"),
    "send-refused": ("desk/send.html", replace(SEND, preview=None, problems=PROBLEMS, doubts=()), "send"),
    "new-run": ("desk/new_run.html", NEW_RUN, "runs"),
    "new-run-refused": ("desk/new_run.html", NEW_RUN_REFUSED, "runs"),
    "set-aside": ("desk/set_aside.html", SET_ASIDE, "set_aside"),
    "set-aside-none": ("desk/set_aside.html", NO_ASIDE, "set_aside"),
    "people": ("desk/settings/people.html", PEOPLE, "settings"),
    "person": ("desk/settings/person.html", PERSON, "settings"),
    "person-left": (
        "desk/settings/person.html",
        replace(PERSON, active=False, deactivate_url="", link_url="", reactivate_url="/r/", error="Not possible."),
        "settings",
    ),
    "tokens": ("desk/settings/tokens.html", TOKENS, "settings"),
    "channels": ("desk/settings/channels.html", CHANNELS, "settings"),
    "destination": ("desk/settings/destination.html", DESTINATION, "settings"),
    "folders": ("desk/settings/folders.html", FOLDERS, "settings"),
    "health": ("desk/settings/health.html", HEALTH, "settings"),
    "about": ("desk/settings/about.html", ABOUT, "settings"),
}
