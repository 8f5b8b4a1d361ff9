"""A letter as an Internet message (RFC 5322, MIME), ready for the DATA command.

Everything but addresses that need SMTPUTF8 is written in 7 bits: no server is too old for it, and no relay has
to rewrite it, which would break signatures (RFC 6376, section 5.3).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape

from postroom.delivery.spec import Letter
from postroom.kernel import clock
from postroom.plugins.channels._mail_address import BadAddress, MailAddress, parse_address

_SEVEN_BIT = policy.SMTP.clone(cte_type="7bit")
_UTF8 = policy.SMTPUTF8.clone(cte_type="7bit")
_MEDIA_TYPE = re.compile(r"([a-z0-9.+-]+)/([a-z0-9.+-]+)", re.IGNORECASE)
_LINK = re.compile(r"(?:https?|mailto):[!-~]{1,900}")


class CannotWrite(Exception):
    """This letter cannot become a message. ``code`` is the code of the refusal."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message and its envelope."""

    sender: MailAddress
    recipient: MailAddress
    message_id: str
    key: str
    content: bytes

    @property
    def needs_utf8(self) -> bool:
        return self.recipient.needs_utf8


@dataclass(frozen=True, slots=True)
class Style:
    """What the destination's settings say about every message."""

    sender_name: str
    sender: MailAddress
    envelope_sender: str  # a pattern, may hold {key}
    reply_to: MailAddress | None
    attach: bool
    max_attachment_bytes: int


def write_message(letter: Letter, style: Style) -> Outgoing:
    """The message. Raises CannotWrite, or EnclosureDamaged when a document's bytes are not the approved ones."""
    try:
        recipient = parse_address(letter.address)
    except BadAddress as error:
        raise CannotWrite("bad-address", f"{letter.address!r} is not an e-mail address: {error}.") from error
    try:
        envelope = parse_address(style.envelope_sender.replace("{key}", letter.key))
    except BadAddress as error:
        raise CannotWrite("bad-sender", f"The bounce address for {letter.key} cannot be made: {error}.") from error
    message = EmailMessage(policy=_UTF8 if recipient.needs_utf8 else _SEVEN_BIT)
    message_id = f"<{letter.key}@{style.sender.domain}>"
    message["From"] = _mailbox(style.sender_name, style.sender, "sender's name")
    message["To"] = _mailbox(letter.recipient_name, recipient, "recipient's name")
    if style.reply_to is not None:
        message["Reply-To"] = _mailbox("", style.reply_to, "reply address")
    message["Subject"] = _one_line(letter.subject, "subject")
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = message_id
    message["X-Postroom-Delivery"] = _one_line(letter.delivery_id, "delivery id")
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no vacation notes, please
    _add_unsubscribe(message, letter)
    _add_bodies(message, letter, style)
    if style.attach:
        _add_enclosures(message, letter, style)
    if letter.language:
        message["Content-Language"] = _one_line(letter.language, "language")
    content = message.as_bytes()
    longest = max(map(len, content.split(b"\r\n")))
    if longest > 998:  # RFC 5322, section 2.1.1
        raise CannotWrite("bad-text", "A header of the message is longer than a mail server takes (998 bytes).")
    return Outgoing(envelope, recipient, message_id, letter.key, content)


def _mailbox(name: str, address: MailAddress, what: str) -> Address:
    return Address(display_name=_one_line(name, what), username=address.local, domain=address.domain)


def _one_line(value: str, what: str) -> str:
    """Refuses what could begin another header (line ends, other control characters) or is no text at all."""
    if any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in value):
        raise CannotWrite("bad-header", f"The {what} {value[:80]!r} holds a line end or a control character.")
    if len(value) > 900:
        raise CannotWrite("bad-header", f"The {what} is longer than 900 characters.")
    return value


def _add_unsubscribe(message: EmailMessage, letter: Letter) -> None:
    target = letter.facts.get("list_unsubscribe", "").strip().strip("<>")
    if not target:
        return
    if not _LINK.fullmatch(target) or ">" in target:
        raise CannotWrite("bad-header", f"The fact list_unsubscribe {target[:80]!r} is not a web or mailto address.")
    message["List-Unsubscribe"] = f"<{target}>"
    if target.startswith("https:") and letter.facts.get("list_unsubscribe_one_click") == "yes":
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058


def _add_bodies(message: EmailMessage, letter: Letter, style: Style) -> None:
    """Plain text first, HTML as the richer alternative (RFC 2046, section 5.1.4)."""
    text, html = letter.text, letter.html
    link = letter.facts.get("link", "")
    if not style.attach and link:  # the way to the documents must be in both, or some readers have none
        if link not in text:
            text = f"{text.rstrip()}\n\n{link}\n"
        if html and escape(link) not in html and link not in html:
            end = html.lower().rfind("</body>")
            where = end if end >= 0 else len(html)
            html = f'{html[:where]}<p><a href="{escape(link)}">{escape(link)}</a></p>{html[where:]}'
    try:
        if text or not html:
            message.set_content(text)
            if html:
                message.add_alternative(html, subtype="html")
        else:
            message.set_content(html, subtype="html")
    except UnicodeEncodeError as error:
        raise CannotWrite("bad-text", "The text of the message holds half a character (a lone surrogate).") from error


def _add_enclosures(message: EmailMessage, letter: Letter, style: Style) -> None:
    total = sum(enclosure.size for enclosure in letter.enclosures)
    if total > style.max_attachment_bytes:
        raise CannotWrite(
            "too-big",
            f"The documents have {total:,} bytes together, this destination takes {style.max_attachment_bytes:,}.",
        )
    for enclosure in letter.enclosures:
        filename = _one_line(enclosure.filename, "file name").replace("/", "_").replace("\\", "_") or "document"
        found = _MEDIA_TYPE.fullmatch(enclosure.media_type)
        kind, subtype = found.groups() if found else ("application", "octet-stream")
        if kind.lower() in ("multipart", "message"):  # may not be base64 (RFC 2046, section 5.2)
            kind, subtype = "application", "octet-stream"
        message.add_attachment(enclosure.verified(), maintype=kind, subtype=subtype, filename=filename)
