"""What a letter becomes: its pages, its words on each channel, where it goes; or why it cannot go on."""

from __future__ import annotations

import base64
from typing import Any

from django.conf import settings
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
from postroom.production.actions.try_record import TriedRecord, try_record
from postroom.production.letters.making import Made, changed, record_of
from postroom.production.letters.making import records as letters_of
from postroom.production.letters.models import Letter, Recipient
from postroom.web import words
from postroom.web.fill import send
from postroom.web.pages import ChannelReason, Fact, PageImage, ProblemRow, WordsRow
from postroom.web.pages.letters import LetterSeen
from postroom.web.thumbs import LARGE, passing_png

_SHOWN = 4
_REASONS: dict[str, Any] = {"law": "law", "wish": "wish", "rule": "rule", "always": "always"}


def seen_of(actor: Actor, live: LivePack, letter: Letter, recipient: Recipient, *, answer: bool = False) -> LetterSeen:
    """The letter of one recipient by the version in force, which is the one it is written with."""
    base: dict[str, Any] = {"revision": letter.revision, "kept": words.moment(letter.changed_at), "answer": answer}
    try:
        record = record_for(live, letter, recipient)
        tried = try_record(
            actor, template=letter.template_key, data=record, destination=letter.destination, link=_link()
        )
        if tried.work.problems:
            return LetterSeen(**base, problems=tuple(send.problem(one) for one in tried.work.problems))
        made = compose_one(actor, template=letter.template_key, data=record)
        texts = texts_of(live.pack, tried.work.ready, {"link": _link(), "sender": ""})
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
        pages=tuple(_page(made.content, number) for number in range(1, shown + 1)),
        ways=send.way_rows(tried.ways),
        reasons=_reasons(tried),
        words=_words(tried),
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
    tried = try_record(actor, template=letter.template_key, data=record, destination=letter.destination, link=_link())
    return tried.mail.html if tried.mail is not None else ""


def _page(content: bytes, number: int) -> PageImage:
    picture = base64.b64encode(passing_png(content, number, LARGE)).decode("ascii")
    return PageImage(url=f"data:image/png;base64,{picture}", number=number)


def _link() -> str:
    return f"{settings.CONFIG.public_url}/portal/…"


def _short(kind: str, text: str, parts: int) -> Fact:
    if kind != "sms":
        return Fact(label=gettext("Push text"), value=text)
    said = ngettext("Text message, {count} part", "Text message, {count} parts", parts)
    return Fact(label=said.format(count=parts), value=text)


def _reasons(tried: TriedRecord) -> tuple[ChannelReason, ...]:
    explanation = tried.work.choice.explanation if tried.work.choice else {}
    why = str(explanation.get("why") or "")
    if why == "Person":
        return (ChannelReason(kind="person", text=gettext("You chose it"), outcome="used"),)
    told = explanation.get("rules") or [why]
    kind = _REASONS.get(why.lower(), "rule")
    return tuple(ChannelReason(kind=kind, text=str(text), outcome="used") for text in told if text)


def _words(tried: TriedRecord) -> tuple[WordsRow, ...]:
    """The words on each channel that carries any; a channel stands there once."""
    rows: dict[str, WordsRow] = {}
    for way in tried.ways:
        if way.channel not in ("email", "portal") or way.channel in rows or tried.mail is None:
            continue
        if way.channel == "portal":
            attached = gettext("The document stands on their portal.")
        elif tried.attached:
            attached = gettext("The document is attached.")
        else:
            attached = gettext("A link to the portal, no file.")
        rows[way.channel] = WordsRow(
            channel=way.channel, subject=tried.mail.subject, text=tried.mail.text.strip(), attached=attached
        )
    return tuple(rows.values())


def _doubts(actor: Actor, letter: Letter, number: str) -> tuple[str, ...]:
    """What does not stop it and should be known before; not of its own documents."""
    twins = visible_to(actor).filter(kind=letter.template_key, number=number)
    twin = (twins.exclude(run_id=letter.run_id) if letter.run_id else twins).first()
    if twin is None:
        return ()
    told = gettext("There is a document with the number {number} already, of {day}. This would be another one.")
    return (told.format(number=twin.number, day=words.day(twin.issued_on)),)
