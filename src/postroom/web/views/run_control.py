"""The operator in control of a run: hold it, let it go on, release it, act on a part of it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from postroom.identity.actor import Actor
from postroom.kernel.errors import BadInput, Conflict
from postroom.production import queries
from postroom.production.actions.hold_part import Acted, cancel_part, hold_part, release_part
from postroom.production.actions.hold_run import hold_run
from postroom.production.actions.release_run import release_run
from postroom.production.actions.reprint_range import reprint_range
from postroom.production.models import Run
from postroom.web import asked, once, words
from postroom.web.access import acts, needs
from postroom.web.answers import go, show
from postroom.web.fill import run_part
from postroom.web.fill.run_part import NEEDS, Wish
from postroom.web.shell import actor_of


@acts("run.view", "run.hold")
def hold(request: HttpRequest, ref: str) -> HttpResponse:
    """At once and without a question: the button beside it undoes it."""
    actor = actor_of(request)
    found = queries.run(actor, ref)
    try:
        hold_run(actor, found.pk)
    except Conflict as refused:
        messages.info(request, f"{refused.message} {refused.hint}".strip())
    return go(request, reverse("run", args=[found.ref]))


@acts("run.view", "run.release")
def release(request: HttpRequest, ref: str) -> HttpResponse:
    """Ends a hold; opens the gate of a run that is not held."""
    actor = actor_of(request)
    found = queries.run(actor, ref)
    try:
        release_run(actor, found.pk)
        said = gettext("{run} goes on.") if found.held_at else gettext("{run} is released.")
        messages.success(request, said.format(run=found.ref))
    except Conflict as refused:
        messages.info(request, f"{refused.message} {refused.hint}".strip())
    return go(request, reverse("run", args=[found.ref]))


@needs("run.view", post=())
def part(request: HttpRequest, ref: str) -> HttpResponse:
    """GET: which part, and what. POST: a look at it (``do=look``), or the act (``do=act``), once."""
    actor = actor_of(request)
    found = queries.run(actor, ref)
    if request.method != "POST":
        return show(request, "desk/run_part.html", run_part.page_of(actor, found, Wish()))
    wish = _wish(request)
    try:
        if not actor.may(NEEDS[wish.act]):  # the act asks again; here it is told beside the form
            raise BadInput(gettext("Your roles do not allow this."), hint=gettext("Ask an operator."))
        if asked.posted(request, "do") != "act":
            return show(request, "desk/run_part.html", run_part.look(actor, found, wish))
        if not once.first_time(request, asked.posted(request, "mark")):
            raise BadInput(gettext("This was done already."), hint=gettext("Look again to repeat it."))
        messages.success(request, _act(actor, found, wish))
    except (BadInput, Conflict) as refused:
        said = f"{refused.message} {refused.hint}".strip()
        return show(request, "desk/run_part.html", run_part.page_of(actor, found, wish, error=said), 422)
    return go(request, reverse("run", args=[found.ref]))


def _wish(request: HttpRequest) -> Wish:
    act = asked.posted(request, "act")
    return Wish(
        way="documents" if asked.posted(request, "way") == "documents" else "records",
        first=asked.posted(request, "first").strip()[:120],
        last=asked.posted(request, "last").strip()[:120],
        act=act if act in NEEDS else "hold",
        destination=asked.posted(request, "destination")[:60],
        reason=asked.posted(request, "reason").strip()[:300],
    )


def _act(actor: Actor, run: Run, wish: Wish) -> str:
    """What was done, in words."""
    chosen = wish.part()
    if wish.act == "reprint":
        made = reprint_range(actor, run.pk, chosen, destination=wish.destination, reason=wish.reason)
        said = ngettext("{count} delivery made.", "{count} deliveries made.", made.deliveries)
        missed = gettext("{count} recipients have no address there.").format(count=words.count(made.unreachable))
        return said.format(count=words.count(made.deliveries)) + (f" {missed}" if made.unreachable else "")
    if wish.act == "hold":
        return _said(
            gettext("{records} records and {deliveries} deliveries are held."),
            hold_part(actor, run.pk, chosen, wish.reason),
        )
    if wish.act == "release":
        return _said(
            gettext("{records} records and {deliveries} deliveries go on."), release_part(actor, run.pk, chosen)
        )
    return _said(
        gettext("{records} records and {deliveries} deliveries are cancelled."),
        cancel_part(actor, run.pk, chosen, wish.reason),
    )


def _said(sentence: str, acted: Acted) -> str:
    said = sentence.format(records=words.count(acted.records), deliveries=words.count(acted.deliveries))
    if not acted.left:
        return said
    left = gettext("{count} are being composed or sent at this moment and end as they would have.")
    return f"{said} {left.format(count=words.count(acted.left))}"
