"""What the command palette offers to do to a run: each only to who may, and while the run is in a state for it.

Whoever picks from a list by its first letters can pick the wrong line. So nothing is done at once: the palette says
what would happen, to which run, and a second Enter does it; what needs a reason on the run's page needs one here.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from django.db.models import Count
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext

from postroom.delivery.models import HELD, Delivery
from postroom.identity.actor import Actor
from postroom.production.actions.hold_run import BY_GATE
from postroom.production.actions.release_run import composed
from postroom.production.models import CLOSED, SETTLED, Run
from postroom.production.queries import runs_visible_to, set_aside_of
from postroom.web import words
from postroom.web.pages import PaletteItem

#: Acts shown, and runs looked at for them: the newest, or those whose reference was typed.
_SOME, _RUNS = 6, 5
#: Commands of the terminal with a run's reference behind them.
_CLI = {
    "hold": "postroom runs hold {run}",
    "release": "postroom runs release {run}",
    "check": "postroom runs check {run}",
    "cancel": 'postroom runs cancel {run} --reason "…"',
    "resubmit": "postroom records resubmit --run {run}",
}


def fits(q: str, text: str) -> bool:
    """Each word that was typed begins a word of ``text``."""
    begins = text.casefold().split()
    return all(any(word.startswith(part) for word in begins) for part in q.casefold().split())


def cli_lines() -> list[str]:
    """Every command line that is shown here."""
    return [line.format(run="RUN") for line in _CLI.values()]


def acts_on(actor: Actor, q: str) -> Iterator[PaletteItem]:
    """Acts whose verb was typed; a reference alone means the run itself, which is opened and not acted on."""
    typed = q.split()
    refs = [word for word in typed if word.upper().startswith("R-")]
    if len(refs) == len(typed) or not actor.may("run.view"):
        return
    runs = runs_visible_to(actor).filter(cancelled_at=None)
    if refs:
        runs = runs.filter(ref__istartswith=refs[0])
    offered = itertools.chain(
        (each for run in runs.exclude(state=SETTLED)[:_RUNS] for each in _on_open(actor, run)),
        _go_on_again(actor, refs),
    )
    yield from itertools.islice((item for item, besides in offered if fits(q, f"{item.label} {besides}")), _SOME)


def _on_open(actor: Actor, run: Run) -> Iterator[tuple[PaletteItem, str]]:
    """Acts on a run that is not over, each with words it is found by besides its label."""
    may_release = actor.may("run.release")
    if run.held_at and may_release:
        ask = gettext("What is left of {run} is composed and sent.").format(run=run.ref)
        yield _act(run, gettext("Let {run} go on…"), "run-release", "release", ask), "release resume unhold"
    elif run.gate == CLOSED:
        if may_release and composed(run):
            yield _act(run, gettext("Release {run}…"), "run-release", "release", _leaving(run)), "send"
        yield _check(run), "release precheck"
    if not run.held_at and actor.may("run.hold"):
        ask = gettext("Nothing more of {run} is composed or sent until somebody lets it go on.").format(run=run.ref)
        yield _act(run, gettext("Hold {run}…"), "run-hold", "hold", ask), "stop pause"
    if actor.may("run.cancel"):
        ask = gettext("What has not left yet of {run} is cancelled for good. What is sent stays sent.")
        why = gettext("Why is this run cancelled?")
        yield _act(run, gettext("Cancel {run}…"), "run-cancel", "cancel", ask.format(run=run.ref), why), "stop end"


def _act(run: Run, label: str, route: str, command: str, ask: str, why: str = "") -> PaletteItem:
    return PaletteItem(
        label=label.format(run=run.ref),
        note=run.parcel.name,
        url=reverse(route, args=[run.ref]),
        glyph="run",
        cli=_CLI[command].format(run=run.ref),
        ask=ask,
        why=why,
    )


def _leaving(run: Run) -> str:
    number = Delivery.objects.filter(run_id=run.pk, state=HELD, code=BY_GATE).count()
    said = ngettext(
        "{count} delivery of {run} leaves the house. What is sent does not come back.",
        "{count} deliveries of {run} leave the house. What is sent does not come back.",
        number,
    )
    return said.format(count=words.count(number), run=run.ref)


def _check(run: Run) -> PaletteItem:
    return PaletteItem(
        label=gettext("Check of {run}").format(run=run.ref),
        note=run.parcel.name,
        url=f"{reverse('run', args=[run.ref])}#h-check",
        glyph="run",
        cli=_CLI["check"].format(run=run.ref),
    )


def _go_on_again(actor: Actor, refs: list[str]) -> Iterator[tuple[PaletteItem, str]]:
    """Records that were set aside, run by run: they go on as they are, after what stopped them was mended."""
    if not actor.may("record.correct"):
        return
    waiting = set_aside_of(actor).filter(run__cancelled_at=None).exclude(record__data="")
    if refs:
        waiting = waiting.filter(run__ref__istartswith=refs[0])
    counted = waiting.order_by().values_list("run__ref", "run__parcel__name").annotate(count=Count("pk"))
    for ref, name, number in counted.order_by("-run__ref")[:_RUNS]:
        label = ngettext(
            "Let {count} record of {run} go on again…", "Let {count} records of {run} go on again…", number
        )
        ask = ngettext(
            "{count} record that was set aside goes on as it is. What is still wrong comes back.",
            "{count} records that were set aside go on as they are. What is still wrong comes back.",
            number,
        )
        item = PaletteItem(
            label=label.format(count=words.count(number), run=ref),
            note=name,
            url=f"{reverse('set-aside-go-on')}?{urlencode({'run': ref})}",
            glyph="aside",
            cli=_CLI["resubmit"].format(run=ref),
            ask=ask.format(count=words.count(number)),
        )
        yield item, "retry resubmit"
