"""One message through an open connection: MAIL, RCPT, DATA, the bytes, the final dot (RFC 5321, section 3.3).

The dot is the moment that decides. Before it a server that lost us must forget the message (section 4.1.1.4), so
every trouble is ``Deferred`` or ``Refused``. After it the message may be delivered although we heard nothing.
"""

from __future__ import annotations

import re
import time

from postroom.delivery.spec import Deferred, Outcome, Refused, Sent, Truth, Unknown
from postroom.plugins.channels._mail_address import original_recipient, xtext
from postroom.plugins.channels._mail_message import Outgoing
from postroom.plugins.channels._smtp_line import Line
from postroom.plugins.channels._smtp_verdict import judge

_LEADING_DOT = re.compile(rb"(?m)^\.")


class IdleTooLong(Exception):
    """The server had closed the kept connection before this letter began: nothing happened, connect anew."""


def hand_over(line: Line, mail: Outgoing, *, dsn: bool, kept: bool) -> Outcome:
    """Send ``mail``. Raises OSError (time-outs included) only while surely nothing was delivered.

    ``line.deadline`` bounds everything. A quarter of the time that is left is kept for the answer to the dot: a
    letter given up before the dot can be tried again, one given up after it needs an operator.
    """
    end = line.deadline
    line.deadline = end - (end - time.monotonic()) / 4
    refusal = _envelope(line, mail, dsn=dsn, kept=kept)
    if refusal is not None:
        return refusal
    body = _LEADING_DOT.sub(b"..", mail.content)
    try:
        line.send(body if body.endswith(b"\r\n") else body + b"\r\n")
    except OSError:
        if line.farewell is not None:  # some servers say why before they hang up in the middle of a message
            return judge("the message", line.farewell)
        raise
    line.left()
    line.deadline = end
    return _dot(line, mail)


def _envelope(line: Line, mail: Outgoing, *, dsn: bool, kept: bool) -> Deferred | Refused | None:
    """MAIL, RCPT and DATA. None when the server waits for the message."""
    notify = dsn and line.has_extn("dsn")
    wrong = _cannot_take(line, mail)
    if wrong is not None:
        return wrong
    line.command_encoding = "utf-8" if mail.needs_utf8 else "ascii"
    command = f"MAIL FROM:<{mail.sender}>"
    if line.has_extn("size"):
        command += f" SIZE={len(mail.content)}"
    if mail.needs_utf8:
        command += " BODY=8BITMIME SMTPUTF8"
    if notify:
        command += f" RET=HDRS ENVID={xtext(mail.key)}"
    try:
        answer = line.ask(command)
    except OSError as error:
        if kept and not isinstance(error, TimeoutError):
            raise IdleTooLong from error
        raise
    if answer.code == 421 and kept:
        raise IdleTooLong
    if not answer.good:
        return judge("MAIL", answer)
    command = f"RCPT TO:<{mail.recipient}>"
    if notify:
        command += f" NOTIFY=SUCCESS,FAILURE,DELAY ORCPT={original_recipient(mail.recipient)}"
    answer = line.ask(command)
    if not answer.good:
        return judge("RCPT", answer)
    answer = line.ask("DATA")
    return None if answer.code == 354 else judge("DATA", answer)


def _cannot_take(line: Line, mail: Outgoing) -> Refused | None:
    """What the server said in its greeting already rules this letter out."""
    if mail.needs_utf8 and not line.has_extn("smtputf8"):
        return Refused(
            "address-not-internationalised",
            f"The server takes no internationalised addresses (SMTPUTF8), so {mail.recipient} cannot be reached.",
        )
    limit = line.esmtp_features.get("size", "")
    if limit.isdigit() and 0 < int(limit) < len(mail.content):
        return Refused("too-big", f"The message has {len(mail.content):,} bytes, the server takes {int(limit):,}.")
    return None


def _dot(line: Line, mail: Outgoing) -> Outcome:
    """The final dot and its answer. Never raises: from here on ignorance is an outcome."""
    try:
        line.send(b".\r\n")
        answer = line.reply()
    except Exception as error:  # broad on purpose: whatever it is, the message may have been delivered
        line.close()
        return Unknown(f"The whole message was handed over, then the connection failed: {error or 'time is over'}.")
    if answer.good:
        return Sent(Truth.RELAYED, answer.words, mail.message_id)
    if 400 <= answer.code <= 599:
        return judge("the message", answer)
    line.close()
    return Unknown("The whole message was handed over; the server's answer makes no sense.", answer.words)
