"""What a record that was tried would become, in the parts that Send and a letter show: pages, reasons, words."""

from __future__ import annotations

import base64
from typing import Any

from django.conf import settings
from django.utils.translation import gettext

from postroom.production.actions.try_record import TriedRecord
from postroom.web.pages import ChannelReason, PageImage, WordsRow
from postroom.web.thumbs import LARGE, passing_png

_REASONS: dict[str, Any] = {"law": "law", "wish": "wish", "rule": "rule", "always": "always"}


def page_image(content: bytes, number: int) -> PageImage:
    """A page that is sent within the page of the desk and kept nowhere."""
    picture = base64.b64encode(passing_png(content, number, LARGE)).decode("ascii")
    return PageImage(url=f"data:image/png;base64,{picture}", number=number)


def portal_link() -> str:
    """Stands for the link that a mail will bring: nothing is signed for a look."""
    return f"{settings.CONFIG.public_url}/portal/…"


def reasons(tried: TriedRecord) -> tuple[ChannelReason, ...]:
    """Why it goes that way: the person who chose it, or the rules and wishes that did."""
    explanation = tried.work.choice.explanation if tried.work.choice else {}
    why = str(explanation.get("why") or "")
    if why == "Person":
        return (ChannelReason(kind="person", text=gettext("You chose it"), outcome="used"),)
    said = explanation.get("rules") or [why]
    kind = _REASONS.get(why.lower(), "rule")
    return tuple(ChannelReason(kind=kind, text=str(text), outcome="used") for text in said if text)


def mail_words(tried: TriedRecord) -> tuple[WordsRow, ...]:
    """The words on each channel that carries any; a channel stands there once."""
    rows: dict[str, WordsRow] = {}
    for way in tried.ways:
        if way.channel not in ("email", "portal") or way.channel in rows or tried.mail is None:
            continue
        if way.channel == "portal":
            attached = gettext("The document stands on their portal.")
        else:
            attached = (
                gettext("The document is attached.") if tried.attached else gettext("A link to the portal, no file.")
            )
        rows[way.channel] = WordsRow(
            channel=way.channel, subject=tried.mail.subject, text=tried.mail.text.strip(), attached=attached
        )
    return tuple(rows.values())
