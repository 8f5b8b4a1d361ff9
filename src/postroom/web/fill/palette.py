"""What the command palette offers: acts and pages, documents by number, parties by name, each only to who may."""

from __future__ import annotations

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
from postroom.production.queries import runs_visible_to
from postroom.web import words
from postroom.web.fill import names, palette_runs
from postroom.web.fill.palette_runs import fits
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
        (gettext("Do"), [*_sends(actor, q), *_matching(_acts(), actor, q), *palette_runs.acts_on(actor, q)]),
        (gettext("Open"), [*_things(actor, q), *_matching(_pages(), actor, q)]),
        (gettext("Words inside documents"), _inside(actor, q)),
    )
    return [{"title": title, "items": [asdict(item) for item in items]} for title, items in found if items]


def cli_lines() -> list[str]:
    """Every command line the palette shows, for the test that holds them against the real commands."""
    shown = [act.item.cli for act in (*_acts(), *_pages())] + palette_runs.cli_lines()
    return [line for line in shown if line]


def _acts() -> Sequence[_Act]:
    run, aside, user = ("run.view", "run.start"), ("run.view", "record.view"), ("user.manage",)
    scheduling, schedule = ("schedule.view", "schedule.manage", "run.start"), "postroom schedule add KEY TEMPLATE"
    compose, create = "postroom compose TEMPLATE RECORD.json", "postroom user create EMAIL NAME"

    def act(label: str, name: str, glyph: str, cli: str, needs: tuple[str, ...], words: str = "") -> _Act:
        return _Act(PaletteItem(label=label, url=reverse(name), glyph=glyph, cli=cli), needs, words)

    return (
        act(gettext("Send a document…"), "send", "send", compose, SENDING, "letter mail"),
        act(gettext("Write a letter…"), "letter-new", "letter", "", ("letter.write",), "passage approve"),
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
        page(gettext("Letters"), "letters", "letter", "postroom letter list", "letter.write"),
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
    for act in acts:
        if all(actor.may(need) for need in act.needs) and fits(q, f"{act.item.label} {act.words}"):
            yield act.item


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
