"""Why a document cannot be deleted: every stage says what it knows, the desk asks one question.

Nothing deletes yet, and whatever will has to come through here: the reasons a person reads and the reasons that stop
the deletion are the same list. Stages above register a guard (ARCHITECTURE.md, rule 4). Two guards stand from the
start, under names that whoever knows better takes over by registering again: ``role`` (may this person?) and
``retention`` (does a schedule decide how long it is kept?).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext

from postroom.documents.models import Document
from postroom.identity.actor import Actor
from postroom.identity.roles import PERMISSIONS, ROLES

Group = Literal["someone", "law", "sent"]
#: In this order they are told: people can be asked, laws run out, what was sent stays sent.
GROUPS: tuple[Group, ...] = ("someone", "law", "sent")
#: The permission to delete. No role has it as long as nothing deletes.
DELETE = "document.delete"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason against deleting, in the reader's language.

    ``group``: who stands against it; ``sentence``: the fact; ``way_out``: what would lift it; ``until``: the last day
    it holds, None when no day is known. ``about`` names what it is about (``("run", "R-2026-0001")``), so that a door
    can lead there; empty when the reader may not see it.
    """

    group: Group
    sentence: str
    way_out: str
    until: dt.date | None = None
    about: tuple[str, str] | None = None


Guard = Callable[[Actor, Document], Iterable[Reason]]


def reasons(actor: Actor, found: Document) -> list[Reason]:
    """All reasons why ``actor`` cannot delete ``found``, grouped. An empty list means that nothing is against it."""
    told = [reason for guard in _GUARDS.values() for reason in guard(actor, found)]
    return sorted(told, key=lambda reason: GROUPS.index(reason.group))


def earliest(told: Sequence[Reason]) -> dt.date | None:
    """The first day on which the law lets it go, when all its reasons name one."""
    law = [reason.until for reason in told if reason.group == "law"]
    days = [day for day in law if day is not None]
    return max(days) + dt.timedelta(days=1) if days and len(days) == len(law) else None


def register(name: str, guard: Guard) -> None:
    """Let ``guard`` object. It leaves out what the actor may not see. Registering a name again replaces its guard."""
    _GUARDS[name] = guard


def unregister(name: str) -> None:
    """Take a guard away again (a plug-in that goes, a test that ends)."""
    _GUARDS.pop(name, None)


def _role(actor: Actor, found: Document) -> Iterable[Reason]:
    """Whether this person may delete at all, and who may."""
    if DELETE in PERMISSIONS and actor.may(DELETE):
        return
    holders = sorted(name.replace("_", " ") for name, allowed in ROLES.items() if DELETE in allowed)
    if holders:
        yield Reason(
            "someone",
            gettext("Your role may not delete documents."),
            gettext("Ask somebody who may: {roles}.").format(roles=", ".join(holders)),
        )
        return
    yield Reason(
        "someone",
        gettext("No role may delete documents, not even an administrator’s."),
        gettext("Postroom cannot delete yet. What should not be seen can go into a folder that fewer roles see."),
    )


def _no_schedule(actor: Actor, found: Document) -> Iterable[Reason]:
    """Without a schedule nobody knows when the law lets go, so it does not."""
    yield Reason(
        "law",
        gettext("No retention schedule decides how long it is kept, so it is kept."),
        gettext("A schedule will name the day. Until there is one, nothing is destroyed."),
    )


_GUARDS: dict[str, Guard] = {"role": _role, "retention": _no_schedule}
