"""The list of letters, and those of them that stand on Home."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext

from postroom.composition.people import person_behind
from postroom.identity.actor import Actor
from postroom.production.letters import models as m
from postroom.production.letters import queries
from postroom.production.letters.models import Letter
from postroom.web import words
from postroom.web.fill import names
from postroom.web.fill.letter_limits import asks_in_words
from postroom.web.fill.letter_words import title_of, to_of
from postroom.web.pages import Choice, NeedRow, Undo
from postroom.web.pages.letters import LetterRow, LettersPage

_ROWS = 50


def states() -> dict[str, str]:
    """The states of letters in words, in the order of the list."""
    return {
        m.UNFINISHED: gettext("Unfinished"),
        m.WAITING: gettext("Waits for approval"),
        m.SENT_BACK: gettext("Sent back"),
        m.RELEASED: gettext("Released"),
        m.CANCELLED: gettext("Deleted"),
    }


def list_page(actor: Actor, state: str, *, deleted: Letter | None = None, before: str = "") -> LettersPage:
    """Letters of this person, and above them what waits for their approval. Of a state: also others' they may see."""
    seen = queries.letters_visible_to(actor)
    counts = dict(seen.order_by().values_list("state").annotate(count=Count("pk")))
    if state in m.STATES:
        rows = seen.filter(state=state)
    else:
        rows = seen.filter(owner=person_behind(actor.name)).exclude(state=m.CANCELLED)
    rows = rows.order_by("-changed_at", "-pk")
    if before:
        rows = rows.filter(changed_at__lt=before)
    found = list(rows[: _ROWS + 1])
    waiting = list(queries.waiting_for(actor)[:_ROWS]) if state not in m.STATES else []
    url = reverse("letters")
    ways = [Choice(value=url, label=gettext("Yours"), chosen=state not in m.STATES)]
    ways += [
        Choice(value=f"{url}?state={key}", label=said, note=str(counts.get(key, "")), chosen=key == state)
        for key, said in states().items()
    ]
    undo = None
    if deleted is not None:
        said = gettext("“{title}” is deleted.").format(title=title_of(deleted, names.kinds()))
        undo = Undo(said=said, token=str(deleted.pk), url=reverse("letter-restore", args=[deleted.pk]))
    older = {"state": state} if state else {}
    return LettersPage(
        url=url,
        ways=tuple(ways),
        rows=rows_of(found[:_ROWS]),
        new_url=reverse("letter-new"),
        filtered=state in m.STATES,
        waiting=rows_of(waiting),
        undo=undo,
        older_url=f"{url}?{urlencode({**older, 'before': found[_ROWS - 1].changed_at.isoformat()})}"
        if len(found) > _ROWS
        else "",
    )


def rows_of(found: Sequence[Letter]) -> tuple[LetterRow, ...]:
    """Rows of letters; four queries however many there are."""
    called = names.kinds()
    people = names.people(letter.owner for letter in found)
    to: dict[Any, list[str]] = {}
    for letter_id, name in m.Recipient.objects.filter(letter__in=found).values_list("letter_id", "name"):
        to.setdefault(letter_id, []).append(name)
    reasons = {
        step.letter_id: step.reason
        for step in m.LetterStep.objects.filter(letter__in=found, what="sent_back").order_by("id")
    }
    unused: dict[Any, list[str]] = {}
    for row in m.Number.objects.filter(letter__in=found, letter__state=m.CANCELLED, left_at=None).order_by("counted"):
        unused.setdefault(row.letter_id, []).append(row.number)
    return tuple(
        LetterRow(
            url=reverse("letter", args=[letter.pk]),
            title=title_of(letter, called),
            template=called.get(letter.template_key, letter.template_key),
            to=to_of(to.get(letter.pk, [])),
            status=f"letter_{letter.state}",
            why=_why(letter, people, reasons.get(letter.pk, ""), unused.get(letter.pk, [])),
            when=words.moment(
                letter.changed_at if letter.state in m.OPEN else letter.submitted_at or letter.changed_at
            ),
            number=len(to.get(letter.pk, [])),
        )
        for letter in found
    )


def needs_of(actor: Actor, most: int) -> tuple[tuple[NeedRow, ...], int]:
    """For Home: letters that wait for this person's approval, and their own that were sent back; and how many."""
    wait, back = queries.waiting_for(actor), queries.came_back_to(actor)
    total = wait.count() + back.count()
    rows = rows_of([*wait[:most], *back[:most]]) if total else ()
    needs = (
        NeedRow(
            status=row.status,
            what=row.title,
            why=row.why,
            where=f"{row.template}, {row.to}",
            url=row.url,
            since=row.when,
        )
        for row in rows
    )
    return tuple(needs), total


def _why(letter: Letter, people: Mapping[str, str], reason: str, unused: Sequence[str]) -> str:
    if letter.state == m.SENT_BACK:
        return reason
    who = words.who(letter.owner, dict(people))
    if letter.state == m.WAITING:
        return ". ".join([gettext("Written by {who}").format(who=who), *asks_in_words(letter.asks)])
    if unused:
        said = ngettext("Its number {numbers} stays unused", "Its numbers {numbers} stay unused", len(unused))
        return said.format(numbers=to_of(unused))
    return gettext("Written by {who}").format(who=who)
