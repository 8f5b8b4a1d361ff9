"""The check before a run is released: what would be sent, and what is unlike the template's last runs.

Figures are counted from the rows. Those of a settled run are kept with it, so that a check costs one count of its own
run however large the earlier ones were. What is found is a code with its numbers; a door puts it into words.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from postroom.production.actions.release_run import composed
from postroom.production.models import SETTLED, Run

#: Runs one is compared with, and from how many on a difference says something.
LAST, ENOUGH = 5, 1
#: Told from here on: a value so many times that of before, a share moved by so much, so many parties that are new.
_TIMES, _SHARE, _NEW = Decimal("1.5"), 0.2, 0.3
#: Sizes below which shares say nothing.
_FEW = 10

_DOCUMENTS = """
SELECT v.pages, d.currency, count(*), coalesce(sum(d.amount), 0)::text, coalesce(max(d.amount), 0)::text,
       coalesce(min(d.amount), 0)::text
FROM document d JOIN document_version v ON v.document_id = d.id AND v.no = 1
WHERE d.run_id = %s GROUP BY 1, 2
"""
_CHANNELS = "SELECT channel, count(*) FROM delivery WHERE run_id = %s AND fallback_for IS NULL GROUP BY 1"
_PARTIES = """
SELECT count(DISTINCT c.party_id), count(DISTINCT c.party_id) FILTER (WHERE p.created_at >= %s)
FROM communication c JOIN party p ON p.id = c.party_id WHERE c.run_id = %s
"""
_ASIDE = (
    "SELECT code, count(*) FROM run_set_aside WHERE run_id = %s AND resolved_at IS NULL GROUP BY 1 ORDER BY 2 DESC, 1"
)


@dataclass(frozen=True, slots=True)
class Money:
    """Amounts of one currency."""

    total: Decimal
    largest: Decimal
    smallest: Decimal


@dataclass(frozen=True, slots=True)
class Figures:
    """What one run is made of."""

    documents: int
    pages: dict[int, int]
    amounts: dict[str, Money]
    channels: dict[str, int]
    parties: int
    new_parties: int

    @property
    def sheets(self) -> int:
        """Pages of all documents together."""
        return sum(pages * count for pages, count in self.pages.items())

    @property
    def usual_pages(self) -> float:
        return self.sheets / self.documents if self.documents else 0.0

    @property
    def deliveries(self) -> int:
        return sum(self.channels.values())

    def as_json(self) -> dict[str, Any]:
        """As it is kept; amounts are text, never floats (P9)."""
        return {
            "documents": self.documents,
            "pages": {str(pages): count for pages, count in sorted(self.pages.items())},
            "amounts": {
                currency: {"total": str(one.total), "largest": str(one.largest), "smallest": str(one.smallest)}
                for currency, one in sorted(self.amounts.items())
            },
            "channels": dict(sorted(self.channels.items())),
            "parties": self.parties,
            "new_parties": self.new_parties,
        }


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a person should look at before releasing. ``code`` names the sentence, ``facts`` its numbers."""

    code: str
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Precheck:
    """``ready``: everything is composed. ``compared``: references of the runs it was held against, newest first."""

    figures: Figures
    ready: bool
    set_aside: tuple[tuple[str, int], ...]
    findings: tuple[Finding, ...]
    compared: tuple[str, ...]

    def as_json(self, ref: str) -> dict[str, Any]:
        """The one object ``postroom runs check --json`` prints and the API answers with."""
        return {
            "run": ref,
            "ready": self.ready,
            **self.figures.as_json(),
            "sheets": self.figures.sheets,
            "set_aside": dict(self.set_aside),
            "findings": [{"code": each.code, "sentence": sentence(each)} for each in self.findings],
            "compared_with": list(self.compared),
        }


def precheck(run: Run) -> Precheck:
    """What would be sent if the run were released now."""
    mine, aside = figures_of(run), _set_aside(run.pk)
    earlier = _last_runs(run)
    findings = tuple(_compare(mine, [figures_of(each) for each in earlier])) if len(earlier) >= ENOUGH else ()
    if stopped := sum(number for _, number in aside):
        findings = (Finding("set-aside", {"count": stopped, "of": run.received}), *findings)
    return Precheck(mine, composed(run), aside, findings, tuple(each.ref for each in earlier))


def figures_of(run: Run) -> Figures:
    """The figures of a run; kept once it is settled. A correction afterwards changes a few of very many: it is
    counted again only when the kept ones are gone."""
    if run.state == SETTLED and run.figures is not None:
        return _read(run.figures)
    counted = _count(run)
    if run.state == SETTLED:
        Run.objects.filter(pk=run.pk, state=SETTLED).update(figures=counted.as_json())
    return counted


def _last_runs(run: Run) -> list[Run]:
    """The template's runs before this one, of which something was made and that were not stopped."""
    found = Run.objects.filter(template_key=run.template_key, state=SETTLED, cancelled_at=None)
    made = found.filter(started_at__lt=run.started_at, received__gt=0).exclude(pk=run.pk)
    return list(made.order_by("-started_at")[:LAST])


def _count(run: Run) -> Figures:
    pages: dict[int, int] = {}
    amounts: dict[str, Money] = {}
    with connection.cursor() as cursor:
        cursor.execute(_DOCUMENTS, (run.pk,))
        for number, currency, count, *sums in cursor.fetchall():
            pages[number] = pages.get(number, 0) + count
            total, largest, smallest = (Decimal(each) for each in sums)
            if currency:
                known = amounts.get(currency, Money(Decimal(0), largest, smallest))
                amounts[currency] = Money(
                    known.total + total, max(known.largest, largest), min(known.smallest, smallest)
                )
        cursor.execute(_CHANNELS, (run.pk,))
        channels = dict(cursor.fetchall())
        cursor.execute(_PARTIES, (run.started_at, run.pk))
        parties, new = cursor.fetchone()
    return Figures(sum(pages.values()), pages, amounts, channels, parties, new)


def _read(kept: dict[str, Any]) -> Figures:
    return Figures(
        documents=kept["documents"],
        pages={int(pages): count for pages, count in kept["pages"].items()},
        amounts={
            currency: Money(Decimal(one["total"]), Decimal(one["largest"]), Decimal(one["smallest"]))
            for currency, one in kept["amounts"].items()
        },
        channels=kept["channels"],
        parties=kept["parties"],
        new_parties=kept["new_parties"],
    )


def _set_aside(run_id: uuid.UUID) -> tuple[tuple[str, int], ...]:
    with connection.cursor() as cursor:
        cursor.execute(_ASIDE, (run_id,))
        return tuple(cursor.fetchall())


def _compare(mine: Figures, others: Sequence[Figures]) -> list[Finding]:
    """Each against the widest of the last runs, so that what has happened before is not told again."""
    found: list[Finding] = []
    most = max(each.documents for each in others)
    least = min(each.documents for each in others)
    if mine.documents > most * _TIMES:
        found.append(Finding("many-documents", {"count": mine.documents, "most": most}))
    if mine.documents * _TIMES < least:
        found.append(Finding("few-documents", {"count": mine.documents, "least": least}))
    found += _pages(mine, others)
    for currency, money in sorted(mine.amounts.items()):
        found += _amounts(currency, money, [each.amounts[currency] for each in others if currency in each.amounts])
    found += _channels(mine, others)
    if mine.parties >= _FEW and mine.new_parties > mine.parties * _NEW:
        shares = [each.new_parties / each.parties for each in others if each.parties]
        if not shares or mine.new_parties / mine.parties > max(shares) + _SHARE:
            found.append(Finding("new-parties", {"count": mine.new_parties, "of": mine.parties}))
    return found


def _pages(mine: Figures, others: Sequence[Figures]) -> list[Finding]:
    known = {pages for each in others for pages in each.pages}
    if not known or not mine.pages:
        return []
    found: list[Finding] = []
    longer = {pages: count for pages, count in mine.pages.items() if pages > max(known)}
    if longer:
        facts = {"count": sum(longer.values()), "pages": max(longer), "most": max(known)}
        found.append(Finding("long-documents", facts))
    usual = [each.usual_pages for each in others if each.documents]
    low, high = min(usual) / float(_TIMES), max(usual) * float(_TIMES)
    if not longer and not low <= mine.usual_pages <= high:
        average = {"pages": round(mine.usual_pages, 1), "usual": round(sum(usual) / len(usual), 1)}
        found.append(Finding("unusual-pages", average))
    return found


def _amounts(currency: str, mine: Money, others: Sequence[Money]) -> list[Finding]:
    if not others:
        return [Finding("new-currency", {"currency": currency})]
    found = []
    total, largest = max(each.total for each in others), max(each.largest for each in others)
    if mine.total > total * _TIMES:
        found.append(Finding("large-total", {"currency": currency, "amount": mine.total, "most": total}))
    if mine.largest > largest * _TIMES:
        found.append(Finding("large-amount", {"currency": currency, "amount": mine.largest, "most": largest}))
    if mine.smallest < 0 <= min(each.smallest for each in others):
        found.append(Finding("negative-amount", {"currency": currency, "amount": mine.smallest}))
    return found


def _channels(mine: Figures, others: Sequence[Figures]) -> list[Finding]:
    if mine.deliveries < _FEW:
        return []
    found = []
    sizes = [each for each in others if each.deliveries]
    for channel in sorted({*mine.channels, *(key for each in sizes for key in each.channels)}):
        share = mine.channels.get(channel, 0) / mine.deliveries
        before = [each.channels.get(channel, 0) / each.deliveries for each in sizes]
        if before and not min(before) - _SHARE <= share <= max(before) + _SHARE:
            facts = {"channel": channel, "share": round(100 * share), "usual": round(100 * sum(before) / len(before))}
            found.append(Finding("unusual-channel", facts))
    return found


#: The sentence of a finding about one, and about more. English has two forms; the desk has those of its language.
_SENTENCES: dict[str, tuple[str, str]] = {
    "set-aside": (
        "{count} of {of} records is set aside and would not be sent.",
        "{count} of {of} records are set aside and would not be sent.",
    ),
    "many-documents": (
        "{count} document; the last runs made {most} at most.",
        "{count} documents; the last runs made {most} at most.",
    ),
    "few-documents": (
        "{count} document; the last runs made {least} at least.",
        "{count} documents; the last runs made {least} at least.",
    ),
    "long-documents": (
        "{count} document is longer than any before: {pages} pages, so far {most} at most.",
        "{count} documents are longer than any before: up to {pages} pages, so far {most} at most.",
    ),
    "new-parties": (
        "{count} of {of} recipients was never written to before.",
        "{count} of {of} recipients were never written to before.",
    ),
    "unusual-pages": ("A document has {pages} pages on average; usually {usual}.",) * 2,
    "new-currency": ("Amounts in {currency}; the last runs had none.",) * 2,
    "large-total": ("Together {currency} {amount}; the last runs came to {most} at most.",) * 2,
    "large-amount": ("One document is about {currency} {amount}; so far {most} at most.",) * 2,
    "negative-amount": ("There is a negative amount, {currency} {amount}; the last runs had none.",) * 2,
    "unusual-channel": ("{share} % go by {channel}; usually {usual} %.",) * 2,
}


def sentence(finding: Finding) -> str:
    """A finding in English, for the command line and the API."""
    facts = {name: f"{value:,.2f}" if isinstance(value, Decimal) else value for name, value in finding.facts.items()}
    one, many = _SENTENCES[finding.code]
    return (one if facts.get("count") == 1 else many).format(**facts)
