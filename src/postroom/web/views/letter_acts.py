"""What is done with a letter besides writing it: take back, delete, approve, send back, take out; and the limits."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext

from postroom.kernel.errors import BadInput, PostroomError
from postroom.production.letters import models as m
from postroom.production.letters import queries
from postroom.production.letters.actions.approve_letter import approve_letter
from postroom.production.letters.actions.discard_letter import discard_letter
from postroom.production.letters.actions.remove_limit import remove_limit
from postroom.production.letters.actions.restore_letter import restore_letter
from postroom.production.letters.actions.send_back_letter import send_back_letter
from postroom.production.letters.actions.set_limit import set_limit
from postroom.production.letters.actions.take_out import take_out as take_letters_out
from postroom.production.letters.actions.take_version import take_version
from postroom.production.letters.actions.withdraw_letter import withdraw_letter
from postroom.production.letters.errors import BadLimit
from postroom.web import asked
from postroom.web.access import acts, needs
from postroom.web.answers import go, show
from postroom.web.fill import letter_limits, letter_look
from postroom.web.shell import actor_of
from postroom.web.views.letters import wait_for


@acts("letter.write")
def withdraw(request: HttpRequest, letter_id: uuid.UUID) -> HttpResponse:
    withdraw_letter(actor_of(request), letter_id)
    messages.success(request, gettext("Taken back. It can be changed again."))
    return go(request, reverse("letter", args=[letter_id]))


@acts("letter.write")
def delete(request: HttpRequest, letter_id: uuid.UUID) -> HttpResponse:
    """At once; the list it leads to offers to undo it."""
    discard_letter(actor_of(request), letter_id)
    return go(request, f"{reverse('letters')}?{urlencode({'deleted': str(letter_id)})}")


@acts("letter.write")
def restore(request: HttpRequest, letter_id: uuid.UUID) -> HttpResponse:
    restore_letter(actor_of(request), letter_id)
    messages.success(request, gettext("The letter is back."))
    return go(request, reverse("letter", args=[letter_id]))


@acts("letter.write")
def version(request: HttpRequest, letter_id: uuid.UUID) -> HttpResponse:
    take_version(actor_of(request), letter_id)
    messages.success(request, gettext("The letter goes on with the new version. Look at its pages again."))
    return go(request, reverse("letter", args=[letter_id]))


@acts("letter.write", "letter.approve")
def approve(request: HttpRequest, letter_id: uuid.UUID) -> HttpResponse:
    """``?seen=`` is the digest of what was looked at. Leads to the next letter that waits, if there is one."""
    actor = actor_of(request)
    done = approve_letter(actor, letter_id, seen=asked.text(request, "seen", 64))
    wait_for(actor, done)
    messages.success(request, gettext("Approved and released."))
    following = queries.waiting_for(actor).first()
    if following is not None:
        messages.info(request, gettext("The next one that waits for you."))
    return go(request, reverse("letter", args=[following.pk if following is not None else letter_id]))


@acts("letter.write", "letter.approve")
def send_back(request: HttpRequest, letter_id: uuid.UUID) -> HttpResponse:
    actor, reason = actor_of(request), asked.posted(request, "reason")
    try:
        send_back_letter(actor, letter_id, reason)
    except BadInput as error:
        return _refused(request, letter_id, "letter-send-back", reason, error)
    messages.success(request, gettext("Sent back to who wrote it, with your reason."))
    return go(request, reverse("letters"))


@acts("letter.write", "letter.approve")
def take_out(request: HttpRequest, letter_id: uuid.UUID) -> HttpResponse:
    """``place``: each letter that is taken out."""
    actor, reason = actor_of(request), asked.posted(request, "reason")
    places = [int(one) for one in request.POST.getlist("place") if one.isdecimal() and len(one) < 6]
    try:
        take_letters_out(actor, letter_id, places, reason)
    except BadInput as error:
        return _refused(request, letter_id, "letter-take-out", reason, error)
    messages.success(request, gettext("Taken out and sent back, with your reason. The others wait for your approval."))
    return go(request, reverse("letter", args=[letter_id]))


def _refused(request: HttpRequest, letter_id: uuid.UUID, at: str, reason: str, error: PostroomError) -> HttpResponse:
    """The page again, with the question open and what was typed in it."""
    actor = actor_of(request)
    said = f"{error.message} {error.hint}".strip()
    page = letter_look.look_page(actor, queries.letter(actor, letter_id), 1, reason=reason, error=said, error_at=at)
    return show(request, "desk/letter_look.html", page, 422)


@needs("letter.limits", post=())
def limits(request: HttpRequest) -> HttpResponse:
    """GET: all limits; ``?removed=ID`` offers to bring that one back. POST: one more."""
    actor = actor_of(request)
    if request.method != "POST":
        gone = asked.text(request, "removed", 36)
        removed = next((one for one in m.Limit.objects.exclude(removed_at=None) if str(one.pk) == gone), None)
        return show(request, "desk/settings/letters.html", letter_limits.page_of(actor, removed=removed))
    typed = {name: asked.posted(request, name) for name in ("template", "verb", "field", "value")}
    try:
        set_limit(actor, **typed)
    except BadLimit as error:
        said = f"{error.message} {error.hint}".strip()
        page = letter_limits.page_of(actor, typed=typed, error=said, at=str(error.context.get("field", "")))
        return show(request, "desk/settings/letters.html", page, 422)
    messages.success(request, gettext("Kept. It holds for every letter handed in from now on."))
    return go(request, reverse("settings-letters"))


@acts("letter.limits")
def remove(request: HttpRequest, limit_id: uuid.UUID) -> HttpResponse:
    found = remove_limit(actor_of(request), limit_id)
    return go(request, f"{reverse('settings-letters')}?{urlencode({'removed': str(found.pk)})}")


@acts("letter.limits")
def bring_back(request: HttpRequest, limit_id: uuid.UUID) -> HttpResponse:
    remove_limit(actor_of(request), limit_id, back=True)
    messages.success(request, gettext("The limit is back."))
    return go(request, reverse("settings-letters"))
