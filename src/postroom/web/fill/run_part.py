"""A part of a run, and what is to become of it: the form, and what was found when it was looked at."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from postroom.delivery.models import Delivery, Destination
from postroom.identity.actor import Actor
from postroom.kernel.errors import BadInput
from postroom.production.actions.reprint_range import range_of
from postroom.production.models import Record, Run
from postroom.production.part import Part, part_of, records_in
from postroom.web import once, words
from postroom.web.pages.control import Choice, PartPage
from postroom.web.pages.lists import BulkLine
from postroom.web.words_states import state_word

#: What each act asks of whoever wants it.
NEEDS = {"hold": "run.hold", "release": "run.release", "cancel": "run.cancel", "reprint": "delivery.resend"}


@dataclass(frozen=True, slots=True)
class Wish:
    """The form as it was filled in."""

    way: str = "records"
    first: str = ""
    last: str = ""
    act: str = "hold"
    destination: str = ""
    reason: str = ""

    def part(self) -> Part:
        """Raises BadInput."""
        first, last = self.first.strip(), self.last.strip()
        if not first:
            raise BadInput(gettext("The first one is missing."), hint=gettext("Say where the part begins."))
        if self.way == "documents":
            return part_of(numbers=f"{first}..{last}" if last else first)
        return part_of(records=f"{first}-{last}" if last else first)


def page_of(actor: Actor, run: Run, wish: Wish, *, error: str = "", mark: str = "") -> PartPage:
    """The form alone; ``look`` adds what was found."""
    acts = [(key, label) for key, label in _acts() if actor.may(NEEDS[key])]
    if not any(key == wish.act for key, _ in acts) and acts:
        wish = replace(wish, act=acts[0][0])
    used = Destination.objects.filter(enabled=True).order_by("key").values_list("key", flat=True)
    return PartPage(
        run=run.ref,
        run_url=reverse("run", args=[run.ref]),
        url=reverse("run-part", args=[run.ref]),
        ways=_choices(
            [("records", gettext("Places in the file")), ("documents", gettext("Numbers of documents"))], wish.way
        ),
        acts=_choices(acts, wish.act),
        destinations=_choices([(key, key) for key in used], wish.destination),
        first=wish.first,
        last=wish.last,
        reason=wish.reason,
        error=error,
        mark=mark,
    )


def look(actor: Actor, run: Run, wish: Wish) -> PartPage:
    """The form with what the act would be done to. Raises BadInput for a part that is not there."""
    page, part = page_of(actor, run, wish, mark=once.fresh()), wish.part()
    if wish.act == "reprint":
        meant = range_of(actor, run, part)
        sentence = gettext("From {first} to {last}: the same bytes go to {destination}, as new deliveries.").format(
            first=meant.first, last=meant.last, destination=wish.destination
        )
        lines = (
            BulkLine(text=gettext("Documents"), count=words.count(meant.documents)),
            BulkLine(text=gettext("Pages"), count=words.count(meant.pages)),
        )
        return replace(page, sentence=sentence, lines=lines, button=_button(wish.act, meant.documents))
    records = records_in(run, part)
    number = records.count()
    if not number:
        raise BadInput(
            gettext("{run} has no such records.").format(run=run.ref),
            hint=gettext("It has {count}; they are counted from 1.").format(count=words.count(run.received)),
        )
    return replace(page, sentence=_sentence(wish.act), lines=_lines(run, records), button=_button(wish.act, number))


def _lines(run: Run, records: QuerySet[Record]) -> tuple[BulkLine, ...]:
    ids = list(records.values_list("pk", flat=True))
    waiting = Record.objects.filter(pk__in=ids).exclude(state="composed")
    stored = waiting.values_list("state").annotate(n=Count("pk")).order_by("state")
    made = Delivery.objects.filter(run_id=run.pk, record_id__in=ids)
    states = made.values_list("state").annotate(n=Count("pk")).order_by("state")
    return (
        BulkLine(text=gettext("Records"), count=words.count(len(ids))),
        *(
            BulkLine(
                text=gettext("Not composed: {state}").format(state=_state(state).lower()), count=words.count(number)
            )
            for state, number in stored
        ),
        *(
            BulkLine(text=gettext("Deliveries: {state}").format(state=_state(state).lower()), count=words.count(number))
            for state, number in states
        ),
    )


def _state(key: str) -> str:
    return state_word("ready" if key == "waiting" else key)


def _acts() -> list[tuple[str, str]]:
    return [
        ("hold", gettext("Hold it: what has not left waits")),
        ("release", gettext("Release it: what is held goes on")),
        ("cancel", gettext("Cancel it: what has not left never will")),
        ("reprint", gettext("Reprint it: the same bytes once more, to one destination")),
    ]


def _sentence(act: str) -> str:
    return {
        "hold": gettext("What has not left of these is held. What is being sent ends."),
        "release": gettext("What is held of these goes on where it was."),
        "cancel": gettext("What has not left of these never will. What is sent stays sent."),
    }[act]


def _button(act: str, number: int) -> str:
    said = {
        "hold": ngettext("Hold {count} record", "Hold {count} records", number),
        "release": ngettext("Release {count} record", "Release {count} records", number),
        "cancel": ngettext("Cancel {count} record", "Cancel {count} records", number),
        "reprint": ngettext("Reprint {count} document", "Reprint {count} documents", number),
    }[act]
    return said.format(count=words.count(number))


def _choices(pairs: list[tuple[str, str]], chosen: str) -> tuple[Choice, ...]:
    return tuple(Choice(value=value, label=label, chosen=value == chosen) for value, label in pairs)
