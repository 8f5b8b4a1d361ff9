"""What a mail server's reply means for a delivery (RFC 5321, section 4.2; RFC 3463 for enhanced codes)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from postroom.delivery.spec import Deferred, Refused

_ENHANCED = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})(?!\d)")
_WISH = re.compile(r"(?:in|after|for|wait)\s+(\d{1,6})\s*(seconds?|secs?|s|minutes?|mins?|hours?)\b", re.IGNORECASE)

# Subject.detail of an enhanced code -> our stable code. A bare subject stands for all its details.
_CODES = {
    "1.2": "unknown-domain",
    "1.3": "bad-address",
    "1.4": "bad-address",
    "1.7": "sender-refused",
    "1.8": "sender-refused",
    "1": "unknown-mailbox",
    "2.1": "mailbox-disabled",
    "2.2": "mailbox-full",
    "2.3": "too-big",
    "3.4": "too-big",
    "4.4": "unknown-domain",
    "6.7": "address-not-internationalised",
    "6": "content-refused",
    "7": "policy",
}
# Without an enhanced code the basic one and the stage decide.
_BASIC = {
    ("RCPT", 550): "unknown-mailbox",
    ("RCPT", 551): "unknown-mailbox",
    ("RCPT", 552): "mailbox-full",
    ("RCPT", 553): "bad-address",
    ("RCPT", 556): "unknown-domain",
    ("MAIL", 552): "too-big",
    ("DATA", 552): "too-big",
    ("the message", 552): "too-big",
}
_STAGE = {"MAIL": "sender-refused", "RCPT": "recipient-refused"}
# RFC 4954: these speak about this connection's sign-in, not about the letter. The operator can mend them.
_SIGN_IN = frozenset({530, 534, 535, 538})


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of the server."""

    code: int
    text: str

    @property
    def words(self) -> str:
        return f"{self.code} {self.text}".strip()

    @property
    def good(self) -> bool:
        return 200 <= self.code <= 299


def judge(stage: str, reply: Reply) -> Deferred | Refused:
    """The outcome of a reply other than success at ``stage`` (MAIL, RCPT, DATA, the message)."""
    said = f"The server answered {stage} with {reply.words!r}."
    if reply.code in _SIGN_IN:
        return Deferred(f"{said} It wants sign-in or TLS; check the destination's settings.", reply.words)
    if 500 <= reply.code <= 599:
        return Refused(_refusal(stage, reply), said, reply.words)
    if 400 <= reply.code <= 499:
        return Deferred(said, reply.words, _retry_after(reply))
    return Deferred(f"{said} That is not an answer of the protocol.", reply.words)


def _refusal(stage: str, reply: Reply) -> str:
    found = _ENHANCED.match(reply.text)
    if found and found.group(1) == "5":
        subject, detail = found.group(2), found.group(3)
        code = _CODES.get(f"{subject}.{detail}") or _CODES.get(subject)
        if code:
            return code
    return _BASIC.get((stage, reply.code)) or _STAGE.get(stage, "content-refused")


def _retry_after(reply: Reply) -> float | None:
    """Seconds, when the server names a time; otherwise the installation's own delays hold."""
    wish = _WISH.search(reply.text)
    if not wish:
        return None
    unit = {"s": 1.0, "m": 60.0, "h": 3600.0}[wish.group(2)[0].lower()]
    return min(max(float(wish.group(1)) * unit, 10.0), 86400.0)
