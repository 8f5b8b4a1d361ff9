"""Everything that ever happened to a document, told by the ledger and by whoever else knows something of it.

Stages above add what they know through a provider (ARCHITECTURE.md, rule 4): ``documents`` knows no delivery, but the
timeline has its attempts and receipts.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from postroom.documents.models import Document
from postroom.identity.actor import Actor
from postroom.ledger.models import Entry


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One thing that happened. ``what`` is a stable word such as ``document.composed``; ``reason`` is for people;
    ``evidence`` holds the plain facts, and of a ledger entry its number and hash."""

    at: dt.datetime
    what: str
    reason: str
    actor: str
    object_kind: str
    object_id: str
    evidence: dict[str, Any] = field(default_factory=dict)


Provider = Callable[[Actor, Document], Iterable[TimelineEntry]]
_PROVIDERS: dict[str, Provider] = {}


def register(name: str, provider: Provider) -> None:
    """Let ``provider`` tell what it knows. It leaves out what the actor may not see. Registering again replaces."""
    _PROVIDERS[name] = provider


def timeline(actor: Actor, found: Document) -> list[TimelineEntry]:
    """All entries of a document the actor may see, oldest first."""
    ids = [found.pk]
    if found.record_id and actor.may("record.view"):
        ids.append(found.record_id)
    entries = list(ledger_entries(ids))
    for provider in _PROVIDERS.values():
        entries.extend(provider(actor, found))
    return sorted(entries, key=lambda entry: (entry.at, entry.evidence.get("seq", 0)))


def ledger_entries(ids: Iterable[uuid.UUID]) -> Iterable[TimelineEntry]:
    """What the ledger says of the objects ``ids``."""
    for entry in Entry.objects.filter(object_id__in=list(ids)).order_by("seq"):
        yield TimelineEntry(
            at=entry.at,
            what=entry.act,
            reason=_reason(entry.facts),
            actor=entry.actor,
            object_kind=entry.kind,
            object_id=str(entry.object_id),
            evidence={"seq": entry.seq, "leaf": bytes(entry.leaf).hex(), **entry.facts},
        )


def _reason(facts: dict[str, Any]) -> str:
    """The facts that say why, in one line."""
    return ", ".join(str(facts[name]) for name in ("stage", "code", "channel", "truth", "to", "how") if facts.get(name))
