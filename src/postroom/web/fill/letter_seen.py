"""What a letter becomes: its pages, its words on every channel, where it goes; or why it cannot go on."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from postroom.composition.queries import LivePack
from postroom.delivery.models import Destination
from postroom.documents.queries import visible_to
from postroom.identity.actor import Actor
from postroom.kernel.errors import PostroomError
from postroom.production.letters.models import Letter, Recipient
from postroom.production.letters.numbers import others
from postroom.production.letters.previewing import FIRST, LATE, Look, Preview, preview
from postroom.web import words
from postroom.web.fill import send
from postroom.web.fill.tried import page_image, portal_link, reasons
from postroom.web.pages import ProblemRow
from postroom.web.pages.letters import ChannelLook, LetterSeen
from postroom.web.pages.studio_forms import ShortTextSeen

_SHOWN = 4
_PHONE = ("sms", "push")


def seen_of(actor: Actor, live: LivePack, letter: Letter, recipient: Recipient, *, answer: bool = False) -> LetterSeen:
    """The letter of one recipient by the version in force, which is the one it is written with."""
    base: dict[str, Any] = {"revision": letter.revision, "kept": words.moment(letter.changed_at), "answer": answer}
    try:
        found = preview(actor, letter, recipient, link=portal_link())
    except PostroomError as error:
        if error.status >= 500:
            raise
        return LetterSeen(**base, problems=(ProblemRow(path="", reason=error.message, what_to_do=error.hint),))
    if found.made is None or found.tried is None:
        rows = (
            ProblemRow(path=one.path.removeprefix("$").removeprefix("."), reason=one.reason, what_to_do=one.hint)
            for one in found.problems
        )
        return LetterSeen(**base, problems=tuple(rows))
    made = found.made
    shown = min(made.pages, _SHOWN) if made.media_type == "application/pdf" else 0
    about = ngettext("{count} page", "{count} pages", made.pages).format(count=words.count(made.pages))
    if made.pages > shown:
        about = gettext("{pages}, the first {shown} here").format(pages=about, shown=shown)
    return LetterSeen(
        **base,
        title=made.title,
        about=about,
        pages=tuple(page_image(made.content, number) for number in range(1, shown + 1)),
        ways=send.way_rows(found.tried.ways),
        reasons=reasons(found.tried),
        channels=_channels(letter, recipient, found),
        phones=tuple(_phone(live, letter, one) for one in found.looks if one.channel in _PHONE),
        doubts=_doubts(actor, letter, made.number),
    )


def _channels(letter: Letter, recipient: Recipient, found: Preview) -> tuple[ChannelLook, ...]:
    """Mail and portal; the mail as its receiver sees it in a frame of its own."""
    mail = f"{reverse('letter-mail', args=[letter.pk])}?place={recipient.place}"
    return tuple(
        ChannelLook(
            channel=one.channel,
            how=_how(one),
            used=one.sent in (FIRST, LATE),
            to=one.address if one.channel == "email" else "",
            subject=one.subject,
            text=one.text,
            attached=_attached(one),
            html_url=mail if one.html else "",
        )
        for one in found.looks
        if one.channel not in _PHONE
    )


def _how(look: Look) -> str:
    if look.sent == FIRST:
        return gettext("goes this way")
    if look.sent == LATE:
        return gettext("only when the way before it fails")
    if look.channel == "email" and not look.address:
        return gettext("no address of theirs is known")
    if not Destination.objects.filter(channel=look.channel, enabled=True).exists():
        return gettext("no channel for it is set up")
    return gettext("not chosen as things are")


def _attached(look: Look) -> str:
    if look.channel == "portal":
        return gettext("The document stands on their portal.")
    return gettext("The document is attached.") if look.attached else gettext("A link to the portal, no file.")


def _phone(live: LivePack, letter: Letter, look: Look) -> ShortTextSeen:
    """A short text as a telephone shows it, with what it costs."""
    if look.channel == "sms":
        title, said = gettext("Text message"), ngettext("{count} part", "{count} parts", look.parts)
        long = ngettext("The template allows {count} part.", "The template allows {count} parts.", look.most)
    else:
        title, said = gettext("Push text"), ngettext("{count} sign", "{count} signs", look.parts)
        long = ngettext("{count} sign is shown for certain.", "{count} signs are shown for certain.", look.most)
    return ShortTextSeen(
        kind=look.channel,
        sender=live.pack.brand.look("name"),
        title=title,
        text=look.text,
        count=said.format(count=words.count(look.parts)),
        about=_how(look),
        warning=long.format(count=words.count(look.most)) if look.parts > look.most else "",
        language=letter.language,
    )


def html_of(actor: Actor, letter: Letter, recipient: Recipient) -> str:
    """The HTML of the mail one recipient would get; empty where there is none. Raises what ``preview`` raises."""
    found = preview(actor, letter, recipient, link=portal_link(), pages=False)
    return next((one.html for one in found.looks if one.channel == "email"), "")


def _doubts(actor: Actor, letter: Letter, number: str) -> tuple[str, ...]:
    """What does not stop it and should be known before; not of its own documents."""
    told = []
    if others(letter, [number]):
        said = gettext("The number {number} belongs to another letter; type another one before you hand this in.")
        told.append(said.format(number=number))
    twins = visible_to(actor).filter(kind=letter.template_key, number=number)
    twin = (twins.exclude(run_id=letter.run_id) if letter.run_id else twins).first()
    if twin is not None:
        said = gettext("There is a document with the number {number} already, of {day}. This would be another one.")
        told.append(said.format(number=twin.number, day=words.day(twin.issued_on)))
    return tuple(told)
