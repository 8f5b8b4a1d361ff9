"""Mail that was caught and not sent: the sample company's, and that of test installations."""

from __future__ import annotations

import datetime as dt
import itertools
import re
import uuid

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext

from postroom.delivery import caught
from postroom.delivery.queries import deliveries_visible_to
from postroom.identity.actor import Actor
from postroom.kernel.errors import NotFound
from postroom.kernel.home import home
from postroom.web import asked, words
from postroom.web.access import needs
from postroom.web.answers import send_file, show, show_found
from postroom.web.pages import Fact, MailPage, MailRow, OutboxPage, Paging
from postroom.web.shell import actor_of

_ROWS, _LOOKED_THROUGH = 50, 2000
_ID = re.compile(r"[0-9a-f]{32}")
_ATTACHED = re.compile(rb"(?im)^content-disposition:\s*attachment")
#: What a stranger wrote may style itself and show its own pictures; no script, no form, no request to anywhere.
_MAIL_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"


@needs("outbox.view")
def index(request: HttpRequest) -> HttpResponse:
    text, before = asked.text(request, "q"), asked.text(request, "before")
    cursor = before if _ID.fullmatch(before) else None
    found = caught.messages(home().outbox, _LOOKED_THROUGH if text else _ROWS + 1, cursor)
    rows = list(itertools.islice((mail for mail in found if _fits(mail, text)), _ROWS + 1))
    more, rows = len(rows) > _ROWS, rows[:_ROWS]
    url = reverse("outbox")
    older = (
        f"{url}?{urlencode({'q': text, 'before': rows[-1].id} if text else {'before': rows[-1].id})}" if more else ""
    )
    total = words.count(caught.count(home().outbox))
    page = OutboxPage(
        url=url,
        q=text,
        rows=tuple(_row(mail) for mail in rows),
        paging=Paging(
            shown=gettext("{shown} of {total}").format(shown=words.count(len(rows)), total=total),
            newer_url=(f"{url}?{urlencode({'q': text})}" if text else url) if cursor else "",
            older_url=older,
        ),
    )
    return show_found(request, "desk/outbox.html", "desk/_outbox_found.html", page)


@needs("outbox.view")
def mail(request: HttpRequest, mail_id: str) -> HttpResponse:
    found = caught.message(home().outbox, mail_id)
    page = MailPage(
        subject=found.subject,
        sender=found.header("From") or found.sender,
        to=", ".join(found.recipients),
        when=words.exact(dt.datetime.fromisoformat(found.received)),
        text=found.text,
        headers=tuple(Fact(label=name, value=value) for name, value in found.headers),
        attachments=tuple(
            Fact(
                label=file.filename or gettext("without a name"),
                value=words.size(file.size),
                url=reverse("mail-attachment", args=[found.id, number]),
            )
            for number, file in enumerate(found.attachments, 1)
        ),
        source_url=reverse("mail-source", args=[found.id]),
        html_url=reverse("mail-html", args=[found.id]) if found.html else "",
        delivery_url=_delivery_url(actor_of(request), found),
    )
    return show(request, "desk/mail.html", page)


@needs("outbox.view")
def html(request: HttpRequest, mail_id: str) -> HttpResponse:
    """The HTML body as it was sent, for a sandboxed frame."""
    found = caught.message(home().outbox, mail_id)
    response = HttpResponse(found.html, content_type="text/html; charset=utf-8")
    response["Content-Security-Policy"] = _MAIL_POLICY
    return response


@needs("outbox.view")
def source(request: HttpRequest, mail_id: str) -> HttpResponse:
    found = caught.message(home().outbox, mail_id)
    return send_file(found.raw(), f"{found.id}.eml", "message/rfc822")


@needs("outbox.view")
def attachment(request: HttpRequest, mail_id: str, number: int) -> HttpResponse:
    files = caught.message(home().outbox, mail_id).attachments
    if not 1 <= number <= len(files):
        raise NotFound(gettext("There is no such attachment."), hint=gettext("Go back to the mail."))
    file = files[number - 1]
    return send_file(file.content, file.filename or f"{number}", file.media_type)


def _fits(found: caught.Caught, text: str) -> bool:
    return not text or text.casefold() in f"{found.subject} {' '.join(found.recipients)}".casefold()


def _row(found: caught.Caught) -> MailRow:
    return MailRow(
        url=reverse("mail", args=[found.id]),
        subject=found.subject or gettext("(without a subject)"),
        to=", ".join(found.recipients),
        sender=found.header("From") or found.sender,
        when=words.moment(dt.datetime.fromisoformat(found.received)),
        attachments=len(_ATTACHED.findall(found.raw())),
    )


def _delivery_url(actor: Actor, found: caught.Caught) -> str:
    """A mail's key begins with the id of its delivery."""
    ident = found.key.partition("-")[0]
    if not _ID.fullmatch(ident) or not deliveries_visible_to(actor).filter(pk=uuid.UUID(ident)).exists():
        return ""
    return reverse("delivery", args=[uuid.UUID(ident)])
