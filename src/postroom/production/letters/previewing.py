"""What a letter becomes for one recipient, on every channel there is a text for: looked at, kept nowhere, sent nowhere.

The channels that the rules would not choose are shown too: whoever approves a letter approves all that it may say, and
a wish or a fallback may choose another way on the day it leaves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from postroom.composition.actions.compose_one import Composed, compose_one
from postroom.composition.blocks import BlockFault
from postroom.composition.gsm import counted
from postroom.composition.passages import KEY as PASSAGES
from postroom.composition.problems import RecordProblem
from postroom.composition.queries import LivePack
from postroom.composition.shorttext import texts_of
from postroom.identity.actor import Actor
from postroom.kernel.errors import PostroomError
from postroom.parties.models import Party
from postroom.production.actions.try_record import TriedRecord, try_record
from postroom.production.letters.making import changed, record_of
from postroom.production.letters.models import OPEN, WAITING, Letter, Recipient
from postroom.production.letters.steps import expect, version_in_force

#: As long as the token of a portal link: what a text message costs is told with the link it will have.
_TOKEN = "A" * 160
#: Whether a channel would be used: at first, only when those before it fail, or not as things are.
FIRST, LATE, NOT = "first", "late", "not"


@dataclass(frozen=True, slots=True)
class Look:
    """What one channel would carry. ``parts`` and ``most``: of a text message, what it needs and what the template
    allows; of a push text its signs. ``attached``: the mail carries the document itself."""

    channel: str
    sent: str
    address: str = ""
    subject: str = ""
    text: str = ""
    html: str = ""
    attached: bool = False
    parts: int = 0
    most: int = 0


@dataclass(frozen=True, slots=True)
class Preview:
    """``problems`` say why it cannot be made; then the rest is empty."""

    problems: tuple[RecordProblem, ...] = ()
    made: Composed | None = None
    tried: TriedRecord | None = None
    looks: tuple[Look, ...] = ()


def preview(actor: Actor, letter: Letter, recipient: Recipient, *, link: str, pages: bool = True) -> Preview:
    """``link`` stands where the recipient's portal link will stand; without ``pages`` only words are written. Raises
    LetterMoved for a letter that is released or deleted, NewVersion, NotInForce, UnknownTemplate, and whatever is no
    fault of the letter's."""
    expect(letter, *OPEN, WAITING)
    live = version_in_force(letter)
    try:
        record = record_for(live, letter, recipient)
        tried = try_record(actor, template=letter.template_key, data=record, destination=letter.destination, link=link)
        if tried.work.problems:
            return Preview(
                tuple(
                    RecordProblem(one["code"], one["path"], one["reason"], one["hint"]) for one in tried.work.problems
                )
            )
        made = compose_one(actor, template=letter.template_key, data=record) if pages else None
        looks = tuple(_looks(live, tried, link))
    except BlockFault as fault:
        at = f"$.{PASSAGES}.{fault.context['passage']}" if fault.context.get("passage") else f"$.{PASSAGES}"
        return Preview((RecordProblem(fault.code, at, fault.message, fault.hint),))
    except PostroomError as error:
        if error.status >= 500:
            raise
        return Preview((RecordProblem(error.code, "$", error.message, error.hint),))
    return Preview(made=made, tried=tried, looks=looks)


def record_for(live: LivePack, letter: Letter, recipient: Recipient) -> dict[str, Any]:
    """The record of one recipient with the changed passages. Raises BlockFault."""
    party = Party.objects.filter(key=recipient.party_key).first()
    several = letter.recipients.count() > 1
    record = record_of(live, letter, recipient, party, several=several)
    own = changed(live, letter)
    return {**record, PASSAGES: own} if own else record


def _looks(live: LivePack, tried: TriedRecord, link: str) -> Iterator[Look]:
    """Mail, portal, text message, push text: each the template has words for. Raises ShortTextFault, MailTooLong."""
    mail = tried.mail
    if mail is not None:
        sent, address = _way(tried, "email")
        known = (
            address or tried.work.ready.facts.recipient_email or (tried.work.party.email if tried.work.party else "")
        )
        yield Look(
            "email", sent, known, subject=mail.subject, text=mail.text.strip(), html=mail.html, attached=tried.attached
        )
        sent, address = _way(tried, "portal")
        if sent != NOT:
            yield Look("portal", sent, address, subject=mail.subject, text=mail.text.strip())
    for short in texts_of(live.pack, tried.work.ready, {"link": link, "sender": ""}):
        sent, address = _way(tried, short.kind)
        real = short.text.replace(link, f"{settings.CONFIG.public_url}/portal/{_TOKEN}/") if link else short.text
        size = counted(real).parts if short.kind == "sms" else len(short.text)
        yield Look(short.kind, sent, address, text=short.text, parts=size, most=short.most)


def _way(tried: TriedRecord, channel: str) -> tuple[str, str]:
    """Whether a channel is among the ways, and the address it would use."""
    ways: Sequence[Any] = [way for way in tried.ways if way.channel == channel]
    if not ways:
        return NOT, ""
    return (LATE if all(way.fallback for way in ways) else FIRST), str(ways[0].address or "")
