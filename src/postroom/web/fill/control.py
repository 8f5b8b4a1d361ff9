"""What an operator sees of a run to be in control of it: held or not, the check, the pace, the workers."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext

from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.production.balance import Balance
from postroom.production.models import CLOSED, SETTLED, Run
from postroom.production.precheck import Figures, Finding, Precheck, precheck
from postroom.production.workers import Doing, Pace, doing, pace
from postroom.web import words
from postroom.web.fill.set_aside import cause as cause_word
from postroom.web.pages.control import CheckCause, CheckSheet, RunControl, WorkerRow
from postroom.web.pages.parts import Fact

#: Workers shown; on many hosts those at work come first.
_SHOWN = 12


def control_of(actor: Actor, run: Run, counted: Balance) -> RunControl:
    """Everything is there to be read; the addresses of acts only for who may act."""
    stopped, live = run.cancelled_at is not None, run.state != SETTLED
    may_hold, may_release = actor.may("run.hold"), actor.may("run.release")
    gate = run.gate == CLOSED and not stopped
    check = _check(run, precheck(run)) if gate else None
    resumable = run.held_at is not None and may_release
    number = counted.deliveries["held"]
    acting = may_hold or actor.may("run.cancel") or actor.may("delivery.resend")
    return RunControl(
        hold_url=reverse("run-hold", args=[run.ref]) if live and not stopped and not run.held_at and may_hold else "",
        resume_url=reverse("run-release", args=[run.ref]) if resumable else "",
        release_url=reverse("run-release", args=[run.ref])
        if check and check.ready and may_release and not run.held_at
        else "",
        release_label=ngettext("Release {count} held", "Release {count} held", number).format(
            count=words.count(number)
        ),
        part_url=reverse("run-part", args=[run.ref]) if counted.received and acting and not stopped else "",
        said=gettext("Held since {when}. Nothing more is composed or sent.").format(when=words.moment(run.held_at))
        if run.held_at
        else "",
        why=run.hold_reason,
        check=check,
        **(_console(run, counted) if live and actor.may("health.view") else {}),
    )


def _console(run: Run, counted: Balance) -> dict[str, Any]:
    going = pace(run.pk, counted, run.started_at) if run.held_at is None else None
    return {
        "pace": _pace(going) if going else "",
        "left": _left(going.left) if going and going.left is not None else "",
        "workers": tuple(_worker(run, one) for one in doing()[:_SHOWN]),
    }


def _pace(going: Pace) -> str:
    said = []
    if going.made:
        said.append(gettext("{rate} a second made").format(rate=_rate(going.made)))
    if going.sent:
        said.append(gettext("{rate} a second sent").format(rate=_rate(going.sent)))
    return ", ".join(said)


def _rate(rate: float) -> str:
    return words.count(round(rate)) if rate >= 10 else words.decimal(rate)


def _left(seconds: float) -> str:
    if seconds < 90:
        number = max(1, round(seconds))
        return ngettext("about {count} second left", "about {count} seconds left", number).format(count=number)
    if seconds < 5400:
        number = round(seconds / 60)
        return ngettext("about {count} minute left", "about {count} minutes left", number).format(count=number)
    number = round(seconds / 3600)
    return ngettext("about {count} hour left", "about {count} hours left", number).format(count=number)


def _worker(run: Run, one: Doing) -> WorkerRow:
    said = {
        "read": gettext("reads {run}"),
        "compose": gettext("composes chunk {number} of {run}"),
        "send": gettext("sends to {run}"),
    }.get(one.act, gettext("waits for work"))
    return WorkerRow(
        name=f"{one.host}, {one.pid}",
        roles=one.roles.replace(",", ", "),
        doing=said.format(run=one.what, number=one.number),
        since=_since(one.since) if one.since else "",
        here=one.run_id == run.pk,
        idle=one.act == "",
    )


def _since(at: dt.datetime) -> str:
    seconds = max(0, round((clock.now() - at).total_seconds()))
    if seconds < 120:
        return gettext("for {seconds} s").format(seconds=seconds)
    return gettext("for {minutes} min").format(minutes=round(seconds / 60))


def _check(run: Run, checked: Precheck) -> CheckSheet:
    compared = gettext("Compared with {runs}.").format(runs=", ".join(checked.compared)) if checked.compared else ""
    calm = gettext("Nothing stands out.") if compared else gettext("There is no earlier run to compare it with.")
    return CheckSheet(
        facts=_facts(checked.figures),
        findings=tuple(sentence(each) for each in checked.findings),
        causes=tuple(
            CheckCause(
                text=cause_word(code, ()),
                count=number,
                url=f"{reverse('run', args=[run.ref])}?{urlencode({'cause': code})}#h-aside",
            )
            for code, number in checked.set_aside
        ),
        calm="" if checked.findings else calm,
        compared=compared,
        ready=checked.ready,
    )


def _facts(figures: Figures) -> tuple[Fact, ...]:
    count = words.count
    pages = gettext("{pages}, {usual} each").format(
        pages=count(figures.sheets), usual=words.decimal(figures.usual_pages)
    )
    longest = max(figures.pages, default=0)
    facts = [
        Fact(label=gettext("Documents"), value=count(figures.documents)),
        Fact(label=gettext("Pages"), value=pages if figures.documents else count(0)),
        Fact(label=gettext("Longest"), value=ngettext("{count} page", "{count} pages", longest).format(count=longest)),
    ]
    for currency, money in sorted(figures.amounts.items()):
        told = gettext("{total}, the largest {most}").format(
            total=words.money(money.total, currency), most=words.money(money.largest, currency)
        )
        facts.append(Fact(label=gettext("Together"), value=told))
    by = [
        gettext("{count} by {channel}").format(count=count(number), channel=_channel(channel))
        for channel, number in sorted(figures.channels.items())
    ]
    new = gettext("{count}, {new} of them new").format(count=count(figures.parties), new=count(figures.new_parties))
    return (
        *facts,
        Fact(label=gettext("Go out"), value=", ".join(by) or gettext("nothing")),
        Fact(label=gettext("Recipients"), value=new),
    )


def sentence(finding: Finding) -> str:
    """What should be looked at, in the reader's language."""
    number = int(finding.facts.get("count", 0))
    said = {
        "set-aside": ngettext(
            "{count} of {of} records is set aside and would not be sent.",
            "{count} of {of} records are set aside and would not be sent.",
            number,
        ),
        "many-documents": gettext("{count} documents; the last runs made {most} at most."),
        "few-documents": gettext("{count} documents; the last runs made {least} at least."),
        "long-documents": gettext(
            "{count} documents are longer than any before: up to {pages} pages, so far {most} at most."
        ),
        "unusual-pages": gettext("A document has {pages} pages on average; usually {usual}."),
        "new-currency": gettext("Amounts in {currency}; the last runs had none."),
        "large-total": gettext("Together {amount}; the last runs came to {most} at most."),
        "large-amount": gettext("One document is about {amount}; so far {most} at most."),
        "negative-amount": gettext("There is a negative amount, {amount}; the last runs had none."),
        "unusual-channel": gettext("{share} % go by {channel}; usually {usual} %."),
        "new-parties": ngettext(
            "{count} of {of} recipients was never written to before.",
            "{count} of {of} recipients were never written to before.",
            number,
        ),
    }[finding.code]
    currency = str(finding.facts.get("currency", ""))
    told = {name: _fact(value, currency) for name, value in finding.facts.items()}
    if "channel" in told:
        told["channel"] = _channel(told["channel"])
    return said.format(**told)


def _channel(key: str) -> str:
    """As it stands in the middle of a sentence."""
    known = {
        "email": gettext("e-mail"),
        "folder": gettext("folder"),
        "letter": gettext("letter"),
        "portal": gettext("portal"),
        "print": gettext("print"),
        "einvoice": gettext("e-invoice"),
    }
    return known.get(key, key)


def _fact(value: Any, currency: str) -> str:
    if isinstance(value, Decimal):
        return words.money(value, currency)
    return words.count(value) if isinstance(value, int) else str(value)
