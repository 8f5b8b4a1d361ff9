"""One run: look, export its balance, cancel, correct what was set aside."""

from __future__ import annotations

import json
import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from postroom.kernel.errors import BadInput, Conflict, NotFound
from postroom.production import queries
from postroom.production.actions.cancel_run import cancel_run
from postroom.production.actions.correct_record import correct_record
from postroom.production.balance import balance
from postroom.production.models import SetAside
from postroom.web import asked
from postroom.web.access import acts, needs
from postroom.web.answers import go, send_file, show, show_part
from postroom.web.fill import aside, run
from postroom.web.pages import CorrectForm, ReasonForm
from postroom.web.shell import actor_of


@needs("run.view")
def page(request: HttpRequest, ref: str) -> HttpResponse:
    actor = actor_of(request)
    number = asked.text(request, "aside", 5)
    aside_page = max(int(number), 1) if number.isdecimal() else 1
    cause = asked.text(request, "cause", 60)
    found = run.page_of(actor, queries.run(actor, ref), aside_page=aside_page, cause=cause)
    return show(request, "desk/run.html", found)


@needs("run.view")
def live(request: HttpRequest, ref: str) -> HttpResponse:
    actor = actor_of(request)
    return show_part(request, "desk/_run_live.html", run.page_of(actor, queries.run(actor, ref), partly=True))


@needs("run.view")
def balance_json(request: HttpRequest, ref: str) -> HttpResponse:
    """The object ``postroom run --json`` prints, as a file."""
    found = queries.run(actor_of(request), ref)
    text = json.dumps(balance(found.pk).as_json(found.ref), indent=2) + "\n"
    return send_file(text.encode(), f"{found.ref}-balance.json", "application/json")


@acts("run.view", "run.cancel")
def cancel(request: HttpRequest, ref: str) -> HttpResponse:
    actor = actor_of(request)
    found = queries.run(actor, ref)
    reason = asked.posted(request, "reason")
    try:
        cancel_run(actor, found.pk, reason)
    except BadInput as error:
        form = ReasonForm(url=request.path, reason=reason, error=error.message)
        return show(request, "desk/run.html", run.page_of(actor, found, cancel=form), 422)
    messages.success(request, gettext("{run} is cancelled. What is sent stays sent.").format(run=found.ref))
    return go(request, reverse("run", args=[found.ref]))


@needs("run.view", "record.view", post=("record.correct",))
def set_aside(request: HttpRequest, ref: str, record_id: uuid.UUID) -> HttpResponse:
    """GET: the form (``?leave=1``: the row without it). POST: the corrected record goes on. ``?back``: the list over
    all runs one came from, and is led back to."""
    actor, back = actor_of(request), aside.safe_back(asked.text(request, "back", 600))
    row = queries.set_aside_of(actor, queries.run(actor, ref)).filter(record_id=record_id).first()
    if row is None:
        raise NotFound(
            gettext("This record is not set aside any more."), hint=gettext("Somebody corrected it; look at the run.")
        )
    if request.method != "POST":
        leave = "leave" in request.GET or not actor.may("record.correct")
        if leave and back and not asked.partial(request):
            return go(request, back)
        return _row(request, row, None if leave else aside.form_of(row, back=back), back)
    typed = asked.posted(request, "record")
    data, error = aside.read_record(typed)
    if not error:
        try:
            correct_record(actor, row.record_id, data)
        except (BadInput, Conflict) as refused:
            error = f"{refused.message} {refused.hint}".strip()
    if error:
        return _row(request, row, aside.form_of(row, typed, error, back), back, 422)
    said = gettext("The record of line {line} was handed in again and goes on.")
    messages.success(request, said.format(line=row.record.line))
    return go(request, back or reverse("run", args=[row.run.ref]))


def _row(request: HttpRequest, row: SetAside, form: CorrectForm | None, back: str, status: int = 200) -> HttpResponse:
    """The row alone for htmx, the whole page with the row in it for everybody else."""
    actor = actor_of(request)
    if asked.partial(request):
        shown = aside.row_of(
            row, correct=actor.may("record.correct"), form=form, back=back, sample=actor.may("sample.capture")
        )
        return show_part(request, "desk/_set_aside_row.html", None, status, row=shown)
    whole = run.page_of(actor, row.run, open_record=row.record_id, form=form)
    return show(request, "desk/run.html", whole, status)
