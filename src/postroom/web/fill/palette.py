"""What the command palette offers: acts and pages, documents by number, parties by name, each only to who may."""

from __future__ import annotations

import itertools
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import Case, Q, QuerySet, When
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext

from postroom.composition.models import Template
from postroom.documents.queries import visible_to
from postroom.identity.actor import Actor
from postroom.parties.models import Party
from postroom.production.models import CLOSED, SETTLED
from postroom.production.queries import runs_visible_to
from postroom.web import words
from postroom.web.fill import names
from postroom.web.pages import PaletteItem
from postroom.web.shell import SENDING

_SOME = 5


@dataclass(frozen=True, slots=True)
class _Act:
    """An act or a page; ``words`` are looked at besides the label."""

    item: PaletteItem
    needs: tuple[str, ...]
    words: str = ""


def groups(actor: Actor, q: str) -> list[dict[str, Any]]:
    """Groups with a title and items, ready to be sent as JSON. Empty ones are left out."""
    found = (
        (gettext("Do"), [*_sends(actor, q), *_of_runs(actor, q), *_matching(_acts(), actor, q)]),
        (gettext("Open"), [*_things(actor, q), *_matching(_pages(), actor, q)]),
        (gettext("Words inside documents"), _inside(actor, q)),
    )
    return [{"title": title, "items": [asdict(item) for item in items]} for title, items in found if items]


def cli_lines() -> list[str]:
    """Every command line the palette shows, for the test that holds them against the real commands."""
    return [act.item.cli for act in (*_acts(), *_pages(), *_on_run("RUN", held=False, closed=True)) if act.item.cli]


def _acts() -> Sequence[_Act]:
    run, aside, user = ("run.view", "run.start"), ("run.view", "record.view"), ("user.manage",)
    scheduling, schedule = ("schedule.view", "schedule.manage", "run.start"), "postroom schedule add KEY TEMPLATE"
    compose, create = "postroom compose TEMPLATE RECORD.json", "postroom user create EMAIL NAME"

    def act(label: str, name: str, glyph: str, cli: str, needs: tuple[str, ...], words: str = "") -> _Act:
        return _Act(PaletteItem(label=label, url=reverse(name), glyph=glyph, cli=cli), needs, words)

    return (
        act(gettext("Send a document…"), "send", "send", compose, SENDING, "letter mail"),
        act(gettext("Start a run…"), "run-new", "run", "postroom run TEMPLATE FILE", run, "upload file"),
        act(gettext("Set up a schedule…"), "schedule-new", "schedule", schedule, scheduling, "cron timer"),
        act(gettext("Correct what was set aside"), "set-aside-all", "aside", "postroom records list", aside, "errors"),
        act(gettext("Invite somebody…"), "settings-people", "people", create, user, "user role"),
        act(gettext("Make an API token…"), "settings-tokens", "token", "postroom token create EMAIL NAME", ()),
        act(
            gettext("Set up a destination…"),
            "settings-channels",
            "channel",
            "postroom channel set KEY CHANNEL",
            ("channel.manage",),
            "smtp printer",
        ),
    )


def _pages() -> Sequence[_Act]:
    def page(label: str, name: str, glyph: str, cli: str, *needs: str) -> _Act:
        return _Act(PaletteItem(label=label, url=reverse(name), glyph=glyph, cli=cli), needs)

    return (
        page(gettext("Home"), "home", "home", ""),
        page(gettext("Runs"), "runs", "run", "postroom runs list", "run.view"),
        page(gettext("Schedules"), "schedules", "schedule", "postroom schedule list", "schedule.view"),
        page(gettext("Deliveries"), "deliveries", "delivery", "postroom deliveries list", "delivery.view"),
        page(gettext("Documents"), "documents", "document", "postroom documents search", "document.view"),
        page(gettext("Parties"), "parties", "party", "", "party.view"),
        page(gettext("Templates"), "templates", "template", "postroom template list", "template.view"),
        page(gettext("Outbox"), "outbox", "outbox", "", "outbox.view"),
        page(gettext("People and roles"), "settings-people", "people", "postroom user list", "user.manage"),
        page(gettext("Tokens"), "settings-tokens", "token", "postroom token list"),
        page(gettext("Channels"), "settings-channels", "channel", "postroom channel list", "channel.manage"),
        page(gettext("Folders"), "settings-folders", "folder", "", "user.manage"),
        page(gettext("Health"), "settings-health", "health", "postroom doctor", "health.view"),
        page(gettext("About Postroom"), "settings-about", "about", "postroom --version"),
    )


def _matching(acts: Sequence[_Act], actor: Actor, q: str) -> Iterator[PaletteItem]:
    """Each word that was typed begins a word of the label, or of the words besides."""
    typed = q.casefold().split()
    for act in acts:
        if not all(actor.may(need) for need in act.needs):
            continue
        begins = f"{act.item.label} {act.words}".casefold().split()
        if all(any(word.startswith(part) for word in begins) for part in typed):
            yield act.item


def _of_runs(actor: Actor, q: str) -> Iterator[PaletteItem]:
    """What an operator does to a run that is not over: hold it, let it go on, look at its check, release it."""
    if not q:
        return
    open_runs = runs_visible_to(actor).exclude(state=SETTLED).filter(cancelled_at=None)[:_SOME]
    acts = [act for run in open_runs for act in _on_run(run.ref, held=bool(run.held_at), closed=run.gate == CLOSED)]
    yield from itertools.islice(_matching(acts, actor, q), _SOME)


def _on_run(ref: str, *, held: bool, closed: bool) -> Sequence[_Act]:
    """All lead to its page, where the button is and where what would happen is seen before it does."""

    def act(label: str, name: str, needs: str, words: str = "", at: str = "") -> _Act:
        page = reverse("run", args=[ref]) + at
        item = PaletteItem(label=label, url=page, glyph="run", cli=f"postroom runs {name} {ref}")
        return _Act(item, ("run.view", needs), words)

    if held:
        return (act(gettext("Let {run} go on…").format(run=ref), "release", "run.release", "release resume"),)
    hold = act(gettext("Hold {run}…").format(run=ref), "hold", "run.hold", "stop pause")
    if not closed:
        return (hold,)
    return (
        act(gettext("Release {run}…").format(run=ref), "release", "run.release", "send", "#h-check"),
        act(gettext("Check of {run}").format(run=ref), "check", "run.view", "precheck", "#h-check"),
        hold,
    )


def _sends(actor: Actor, q: str) -> Iterator[PaletteItem]:
    """Send this template, or to this party."""
    if not q or not all(actor.may(need) for need in SENDING):
        return
    for key, name in Template.objects.filter(name__icontains=q).order_by("name").values_list("key", "name")[:2]:
        yield PaletteItem(
            label=gettext("Send: {template}…").format(template=name),
            url=f"{reverse('send')}?{urlencode({'template': key})}",
            glyph="send",
            cli=f"postroom compose {key} RECORD.json",
        )
    if actor.may("party.view"):
        for party in _parties(q)[:1]:
            yield PaletteItem(
                label=gettext("Send to {party}…").format(party=party.name),
                note=party.key,
                url=f"{reverse('send')}?{urlencode({'party': party.key})}",
                glyph="send",
            )


def _things(actor: Actor, q: str) -> Iterator[PaletteItem]:
    if not q:
        return
    for document in visible_to(actor).filter(number__istartswith=q).select_related("party").order_by("number")[:_SOME]:
        note = ", ".join(part for part in (document.party.name, words.day(document.issued_on)) if part)
        yield PaletteItem(
            label=document.title,
            note=note,
            url=reverse("document", args=[document.pk]),
            glyph="document",
            cli=f"postroom documents show {document.pk}",
        )
    for run in runs_visible_to(actor).filter(Q(ref__icontains=q) | Q(parcel__name__icontains=q))[:_SOME]:
        yield PaletteItem(
            label=run.ref,
            note=run.parcel.name,
            url=reverse("run", args=[run.ref]),
            glyph="run",
            cli=f"postroom runs show {run.ref}",
        )
    if actor.may("party.view"):
        for party in _parties(q)[:_SOME]:
            place = ", ".join(
                part for part in (str(party.address.get("city") or ""), names.country(party.country)) if part
            )
            yield PaletteItem(
                label=party.name, note=f"{party.key}, {place}", url=reverse("party", args=[party.pk]), glyph="party"
            )


def _parties(q: str) -> QuerySet[Party]:
    """Names that begin so come before names that only hold it."""
    found = Party.objects.filter(Q(name__icontains=q) | Q(key__istartswith=q))
    begins = Case(When(name__istartswith=q, then=0), When(name__icontains=f" {q}", then=1), default=2)
    return found.order_by(begins, "name", "pk")


def _inside(actor: Actor, q: str) -> list[PaletteItem]:
    if not q or not actor.may("document.view"):
        return []
    return [
        PaletteItem(
            label=gettext("“{words}” in documents").format(words=q),
            url=f"{reverse('documents')}?{urlencode({'q': q})}",
            glyph="search",
            cli=f"postroom documents search {shlex.quote(q)}",
        )
    ]
