"""What a letter becomes: its pages, its words on each channel, where it goes; or why it cannot go on."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from postroom.composition.actions.compose_one import compose_one
from postroom.composition.blocks import BlockFault
from postroom.composition.passages import KEY as PASSAGES
from postroom.composition.queries import LivePack
from postroom.composition.shorttext import texts_of
from postroom.documents.queries import visible_to
from postroom.identity.actor import Actor
from postroom.kernel.errors import PostroomError
from postroom.parties.models import Party
from postroom.production.actions.try_record import try_record
from postroom.production.letters.making import Made, changed, record_of
from postroom.production.letters.making import records as letters_of
from postroom.production.letters.models import Letter, Recipient
from postroom.web import words
from postroom.web.fill import send
from postroom.web.fill.tried import mail_words, page_image, portal_link, reasons
from postroom.web.pages import Fact, ProblemRow
from postroom.web.pages.letters import LetterSeen

_SHOWN = 4


def seen_of(actor: Actor, live: LivePack, letter: Letter, recipient: Recipient, *, answer: bool = False) -> LetterSeen:
    """The letter of one recipient by the version in force, which is the one it is written with."""
    base: dict[str, Any] = {"revision": letter.revision, "kept": words.moment(letter.changed_at), "answer": answer}
    try:
        record = record_for(live, letter, recipient)
        tried = try_record(
            actor, template=letter.template_key, data=record, destination=letter.destination, link=portal_link()
        )
        if tried.work.problems:
            return LetterSeen(**base, problems=tuple(send.problem(one) for one in tried.work.problems))
        made = compose_one(actor, template=letter.template_key, data=record)
        texts = texts_of(live.pack, tried.work.ready, {"link": portal_link(), "sender": ""})
    except BlockFault as fault:
        path = f"{PASSAGES}.{fault.context['passage']}" if fault.context.get("passage") else PASSAGES
        return LetterSeen(**base, problems=(ProblemRow(path=path, reason=fault.message, what_to_do=fault.hint),))
    except PostroomError as error:
        if error.status >= 500:
            raise
        return LetterSeen(**base, problems=(ProblemRow(path="", reason=error.message, what_to_do=error.hint),))
    shown = min(made.pages, _SHOWN) if made.media_type == "application/pdf" else 0
    about = ngettext("{count} page", "{count} pages", made.pages).format(count=words.count(made.pages))
    if made.pages > shown:
        about = gettext("{pages}, the first {shown} here").format(pages=about, shown=shown)
    by_mail = any(way.channel == "email" for way in tried.ways)
    html = tried.mail is not None and bool(tried.mail.html) and by_mail
    return LetterSeen(
        **base,
        title=made.title,
        about=about,
        pages=tuple(page_image(made.content, number) for number in range(1, shown + 1)),
        ways=send.way_rows(tried.ways),
        reasons=reasons(tried),
        words=mail_words(tried),
        mail_url=f"{reverse('letter-mail', args=[letter.pk])}?place={recipient.place}" if html else "",
        texts=tuple(_short(one.kind, one.text, one.counted.parts) for one in texts),
        doubts=_doubts(actor, letter, made.number),
    )


def record_for(live: LivePack, letter: Letter, recipient: Recipient) -> dict[str, Any]:
    """The record of one recipient with the changed passages. Raises BlockFault."""
    party = Party.objects.filter(key=recipient.party_key).first()
    several = letter.recipients.count() > 1
    record = record_of(live, letter, recipient, party, several=several)
    own = changed(live, letter)
    return {**record, PASSAGES: own} if own else record


def problems_of(live: LivePack, letter: Letter) -> tuple[ProblemRow, ...]:
    """Why any of its recipients cannot get it; each reason with whom it is about, where there are several."""
    made = letters_of(live, letter, list(letter.recipients.all()))
    return tuple(row for one in made for row in _told(one, several=len(made) > 1))[:30]


def _told(one: Made, *, several: bool) -> list[ProblemRow]:
    return [
        ProblemRow(
            path=": ".join(
                part for part in (one.recipient.name if several else "", each.path.removeprefix("$.")) if part
            ),
            reason=each.reason,
            what_to_do=each.hint,
        )
        for each in one.problems
    ]


def html_of(actor: Actor, live: LivePack, letter: Letter, recipient: Recipient) -> str:
    """The HTML of the mail one recipient would get; empty where there is none. Raises what ``try_record`` raises."""
    record = record_for(live, letter, recipient)
    tried = try_record(
        actor, template=letter.template_key, data=record, destination=letter.destination, link=portal_link()
    )
    return tried.mail.html if tried.mail is not None else ""


def _short(kind: str, text: str, parts: int) -> Fact:
    if kind != "sms":
        return Fact(label=gettext("Push text"), value=text)
    said = ngettext("Text message, {count} part", "Text message, {count} parts", parts)
    return Fact(label=said.format(count=parts), value=text)


def _doubts(actor: Actor, letter: Letter, number: str) -> tuple[str, ...]:
    """What does not stop it and should be known before; not of its own documents."""
    twins = visible_to(actor).filter(kind=letter.template_key, number=number)
    twin = (twins.exclude(run_id=letter.run_id) if letter.run_id else twins).first()
    if twin is None:
        return ()
    told = gettext("There is a document with the number {number} already, of {day}. This would be another one.")
    return (told.format(number=twin.number, day=words.day(twin.issued_on)),)
