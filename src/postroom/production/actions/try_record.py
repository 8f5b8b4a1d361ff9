"""What would become of one record: checked, its words written, its ways chosen. Nothing is stored, nothing is sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from postroom.composition.mail import Mail
from postroom.composition.prepare import render_mail
from postroom.composition.queries import live_pack, newest_version
from postroom.delivery.determine import usable
from postroom.delivery.models import Destination
from postroom.delivery.rows import Recipient
from postroom.identity.actor import Actor
from postroom.kernel.errors import BadInput, LimitReached
from postroom.production.models import Run
from postroom.production.trying import try_out
from postroom.production.work import Work


@dataclass(frozen=True, slots=True)
class Way:
    """One destination the document would go to; ``fallback``: only when those before it fail."""

    destination: str
    channel: str
    address: str
    fallback: bool


@dataclass(frozen=True, slots=True)
class TriedRecord:
    """``work.problems`` says why it cannot go on; then the rest is empty. ``attached``: the mail carries the document
    itself, not only the link to it."""

    work: Work
    ways: tuple[Way, ...] = ()
    mail: Mail | None = None
    attached: bool = True


def try_record(actor: Actor, *, template: str, data: Any, destination: str = "", link: str) -> TriedRecord:
    """``link`` stands where the recipient's portal link will stand. Raises UnknownTemplate, NoChannel (unknown
    ``destination``)."""
    actor.require("compose")
    live = live_pack(newest_version(template).pk)
    if destination:
        usable(destination)
    (work,) = try_out(Run(destination=destination, started_by=actor.name), live, [data])
    mail = None
    if not work.problems and live.pack.mail is not None:
        try:
            mail = render_mail(live.pack, work.ready, {"link": link, "sender": ""})
        except (BadInput, LimitReached) as error:
            work.stop("compose", error.code, error.message, error.hint)
    if work.problems or work.choice is None or work.party is None:
        return TriedRecord(work)
    channels = dict(Destination.objects.values_list("key", "channel"))
    reached = Recipient(work.party.id, work.party.key, work.ready.facts.recipient_email or work.party.email)
    chosen = [(key, False) for key in work.choice.destinations] + [(key, True) for key in work.choice.fallbacks]
    ways = tuple(Way(key, channels[key], reached.address(channels[key]), late) for key, late in chosen)
    wanted = live.pack.manifest.mail.attach if live.pack.manifest.mail else True
    on_portal = any(way.channel == "portal" and not way.fallback for way in ways)
    return TriedRecord(work, ways, mail, attached=wanted and not on_portal)
