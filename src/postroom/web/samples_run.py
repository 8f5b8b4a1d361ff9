"""The sample of runs: their list, one that is under way, one that does not balance."""

from __future__ import annotations

from dataclasses import replace

from postroom.web import pages as p
from postroom.web.samples_rows import BACK, DOCUMENTS, RUN_ROWS

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
