"""What to tell her: one honest answer about one delivery. It never says more than the evidence (P3).

"Relayed" is her server's word, not hers; a file in a folder is not a letter in her hand; no answer is not a no.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext

from postroom.delivery import models as m
from postroom.delivery.models import Delivery, Receipt
from postroom.delivery.spec import Truth
from postroom.web import words
from postroom.web.fill.deliveries import destination
from postroom.web.said import said


def tell(
    delivery: Delivery,
    receipts: Sequence[Receipt],
    *,
    before: Delivery | None = None,
    after: Sequence[Delivery] = (),
) -> str:
    """``before`` is the delivery this one fell back from, ``after`` are later ones of the same message."""
    said = [_failed(before)] if before else []
    said.append(_STATES.get(delivery.state, _moving)(delivery, receipts))
    said += [_later(row) for row in after]
    return " ".join(sentence for sentence in said if sentence)


def _arrived(delivery: Delivery, receipts: Sequence[Receipt]) -> str:
    opened = next((row for row in receipts if row.truth >= Truth.READ), None)
    got = next((row for row in receipts if row.truth < Truth.READ), None)
    by_person = got is not None and got.source == "person"
    when = words.moment(got.at if got else delivery.changed_at)
    if by_person and got is not None:
        first = gettext("One of us found out that it arrived ({how}), noted on {when}.").format(
            how=got.detail, when=when
        )
    else:
        first = _handed(delivery, _level(got.truth if got else delivery.truth), when)
    if opened:
        return f"{first} " + gettext("It was opened on the portal on {when}.").format(when=words.moment(opened.at))
    if delivery.channel == "portal" and not by_person:
        return f"{first} " + gettext("It has not been opened there yet.")
    return first


def _handed(delivery: Delivery, level: Truth, when: str) -> str:
    to = destination(delivery)
    if delivery.channel == "portal":
        return gettext("It has been on the portal since {when}.").format(when=when)
    if delivery.channel == "folder":
        return gettext(
            "It was put into the folder {to} on {when}. We have no proof of what happened after that."
        ).format(to=to, when=when)
    if level >= Truth.CONFIRMED:
        return gettext("It was sent to {to} on {when}, and the receiving side confirmed it.").format(to=to, when=when)
    if level >= Truth.RELAYED:
        return gettext(
            "We e-mailed it to {to} on {when}, and the mail server took it. Whether it was read we do not know."
        ).format(to=to, when=when)
    return gettext(
        "We e-mailed it to {to} on {when}; the first mail server accepted it. We have no word from theirs."
    ).format(to=to, when=when)


def _level(truth: int) -> Truth:
    return Truth(truth) if truth in list(Truth) else Truth.NONE


def _failed(delivery: Delivery, receipts: Sequence[Receipt] = ()) -> str:
    why = _CODES.get(delivery.code)
    return gettext("We tried {to} on {when}, and it did not arrive: {reason}").format(
        to=destination(delivery),
        when=words.moment(delivery.changed_at),
        reason=_sentence(why() if why else delivery.reason),
    )


def _in_doubt(delivery: Delivery, receipts: Sequence[Receipt]) -> str:
    return gettext(
        "We were sending it to {to} on {when} and got no answer. We do not know whether it arrived; somebody here"
        " finds out."
    ).format(to=destination(delivery), when=words.moment(delivery.changed_at))


def _sent(delivery: Delivery, receipts: Sequence[Receipt]) -> str:
    return gettext("It left for {to} on {when}; no confirmation has come yet.").format(
        to=destination(delivery), when=words.moment(delivery.changed_at)
    )


def _moving(delivery: Delivery, receipts: Sequence[Receipt]) -> str:
    if delivery.state == m.SENDING:
        return gettext("It is being sent to {to} at this moment.").format(to=destination(delivery))
    if delivery.attempts and delivery.code == "deferred":
        return gettext(
            "It has not arrived yet. We tried {count} times, the last answer was: {reason} We try again on {when}."
        ).format(
            count=delivery.attempts, reason=_sentence(delivery.reason), when=words.moment(delivery.next_attempt_at)
        )
    return gettext("It is ready and has not been sent yet.")


def _stopped(delivery: Delivery, receipts: Sequence[Receipt]) -> str:
    return gettext("It was not sent: {reason}").format(reason=_sentence(delivery.reason or _WHY[delivery.state]()))


def _later(delivery: Delivery) -> str:
    """What came after this one, in one clause; its own page says more."""
    to = destination(delivery)
    if delivery.state == m.DELIVERED:
        kind = {
            "email": gettext("It was e-mailed to {to} on {when}."),
            "portal": gettext("It was put on the portal on {when}."),
            "folder": gettext("It was put into the folder {to} on {when}."),
        }.get(delivery.channel, gettext("It was sent to {to} on {when}."))
        return kind.format(to=to, when=words.moment(delivery.changed_at))
    if delivery.state in m.IN_PROGRESS:
        return gettext("It is now on its way to {to}.").format(to=to)
    if delivery.state == m.IN_DOUBT:
        return gettext("It was also sent to {to}, without an answer.").format(to=to)
    return ""


def _sentence(text: str) -> str:
    """As a sentence of its own."""
    tidy = said(" ".join(text.split())) or gettext("no reason was given")
    return tidy if tidy[-1] in ".!?" else f"{tidy}."


_STATES = {
    m.DELIVERED: _arrived,
    m.SENT: _sent,
    m.FAILED: _failed,
    m.IN_DOUBT: _in_doubt,
    m.CANCELLED: _stopped,
    m.SUPPRESSED: _stopped,
    m.SUPERSEDED: _stopped,
    m.HELD: _stopped,
}
#: What a refusal's code means, said to a customer; the server's own words stand below, at the attempt.
_CODES = {
    "unknown-mailbox": lambda: gettext("their server knows no such mailbox"),
    "mailbox-full": lambda: gettext("the mailbox was full"),
    "mailbox-disabled": lambda: gettext("the mailbox is closed"),
    "unknown-domain": lambda: gettext("there is no such mail domain"),
    "bad-address": lambda: gettext("the address is not valid"),
    "too-big": lambda: gettext("the message was too big for their server"),
    "content-refused": lambda: gettext("their server refused the content"),
    "policy": lambda: gettext("their server refuses our mail"),
}
_WHY = {
    m.CANCELLED: lambda: gettext("it was cancelled"),
    m.SUPPRESSED: lambda: gettext("nothing is sent to this address any more"),
    m.SUPERSEDED: lambda: gettext("another one took its place"),
    m.HELD: lambda: gettext("it is held back"),
}
