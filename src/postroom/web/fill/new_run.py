"""A run about to be started: the form, and what a dry look at the file found."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from postroom.delivery.models import Destination
from postroom.delivery.rows import Recipient
from postroom.intake.detect import supported
from postroom.production import exact_json
from postroom.production.actions.try_file import TriedFile, TriedRecord
from postroom.production.work import Work
from postroom.web import words
from postroom.web.fill import send
from postroom.web.pages import FileLook, NewRunPage, ProblemRow, TriedRow, WayRow

_MOST_RAW = 2000


def page_of(*, template: str = "", **more: Any) -> NewRunPage:
    return NewRunPage(url=reverse("run-new"), templates=send.templates(template), formats=supported(), **more)


def look_of(name: str, tried: TriedFile) -> FileLook:
    channels = dict(Destination.objects.values_list("key", "channel"))
    count = len(tried.records)
    about = ngettext("The first record, read as {source}.", "The first {count} records, read as {source}.", count)
    return FileLook(
        name=name,
        about=about.format(count=words.count(count), source=tried.source),
        rows=tuple(_row(one, channels) for one in tried.records),
        good=tried.good,
        doubts=tuple(
            gettext("Mapping, line {line}: {message} {hint}")
            .format(line=doubt.line, message=doubt.message, hint=doubt.hint)
            .strip()
            for doubt in tried.doubts
        ),
        more=tried.more,
    )


def _row(one: TriedRecord, channels: dict[str, str]) -> TriedRow:
    line = gettext("line {line}").format(line=one.line)
    if one.bad is not None:
        problem = ProblemRow(path=one.bad.path.removeprefix("$"), reason=one.bad.reason, what_to_do=one.bad.hint)
        return TriedRow(line=line, raw=one.bad.raw[:_MOST_RAW], problems=(problem,))
    raw = exact_json.dumps(one.data, indent=2)[:_MOST_RAW]
    work = one.work
    if work is None or work.problems:
        problems = tuple(send.problem(found) for found in (work.problems if work else []))
        return TriedRow(line=line, raw=raw, problems=problems, mapped=_mapped(one, work))
    facts = work.ready.facts
    return TriedRow(
        line=line,
        raw=raw,
        title=facts.title,
        party=facts.recipient_name,
        amount=words.money(facts.amount, facts.currency or ""),
        ways=_ways(work, channels),
        mapped=_mapped(one, work),
    )


def _mapped(one: TriedRecord, work: Work | None) -> str:
    """The record in the template's shape, when a mapping changed it."""
    if work is None or work.data == one.data:
        return ""
    return exact_json.dumps(work.data, indent=2)[:_MOST_RAW]


def _ways(work: Work, channels: dict[str, str]) -> tuple[WayRow, ...]:
    if work.choice is None or work.party is None:
        return ()
    reached = Recipient(work.party.id, work.party.key, work.ready.facts.recipient_email or work.party.email)
    chosen = [(key, False) for key in work.choice.destinations] + [(key, True) for key in work.choice.fallbacks]
    return tuple(
        WayRow(destination=key, channel=channels[key], address=reached.address(channels[key]), late=late)
        for key, late in chosen
    )
