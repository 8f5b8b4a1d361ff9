"""A few words by mail to somebody who works here, by the house's own mail destination.

Not a delivery: nobody's document is in it, it belongs to no run and to no customer. It is tried once and at once, and
whoever caused it is told what became of it, so that they can tell the person themselves.
"""

from __future__ import annotations

import logging
from typing import Literal

from django.conf import settings
from django.utils import translation

from postroom.delivery.channels import build
from postroom.delivery.models import Destination
from postroom.delivery.spec import Letter, Sent
from postroom.identity.models import User
from postroom.kernel.errors import PostroomError
from postroom.kernel.ids import new_id

log = logging.getLogger("postroom.notice")

#: A person waits for the answer: longer than this no mail server is listened to.
_SECONDS = 5.0
Told = Literal["sent", "not-set-up", "failed"]


def mail_destination() -> Destination | None:
    """The mail destination in use by which the house speaks for itself: ``email``, else the first by name."""
    found = list(Destination.objects.filter(channel="email", enabled=True).order_by("key"))
    return next((one for one in found if one.key == "email"), found[0] if found else None)


def tell_person(user: User, *, subject: str, text: str) -> Told:
    """Mail ``text`` to somebody. Never raises: what it is about has happened already."""
    destination = mail_destination()
    if destination is None:
        return "not-set-up"
    name = new_id().hex
    letter = Letter(
        delivery_id=name,
        key=f"notice-{name}",
        address=user.email,
        recipient_name=str(user),
        language=translation.get_language() or settings.LANGUAGE_CODE,
        subject=subject,
        text=text,
        html="",
        enclosures=(),
    )
    try:
        channel = build(destination.key, destination.channel, {**destination.config, "timeout": _SECONDS})
        try:
            outcome = channel.send(letter)
        finally:
            channel.close()
    except PostroomError as error:
        log.warning("%s cannot carry a notice: %s", destination.key, error.message)
        return "failed"
    if isinstance(outcome, Sent):
        return "sent"
    log.warning("%s did not take a notice: %s", destination.key, outcome.reason)
    return "failed"
