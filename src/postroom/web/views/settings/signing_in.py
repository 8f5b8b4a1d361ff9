"""What an administrator does to the signing in of somebody: unlock, forget factors, end sessions."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from postroom.identity.actions import end_sessions
from postroom.identity.actions.forget_factors import forget_factors
from postroom.identity.actions.lift_lock import unlock_account
from postroom.kernel.errors import BadInput
from postroom.web import asked, words
from postroom.web.access import acts
from postroom.web.answers import go, show
from postroom.web.fill.settings import people, signing_in
from postroom.web.shell import actor_of
from postroom.web.views.settings.people import PERSON, person


@acts("user.manage")
def unlock(request: HttpRequest, user_id: int) -> HttpResponse:
    user = person(user_id)
    unlock_account(actor_of(request), user)
    messages.success(request, gettext("{name} may try again at once.").format(name=user))
    return go(request, reverse("settings-person", args=[user_id]))


@acts("user.manage")
def forget(request: HttpRequest, user_id: int) -> HttpResponse:
    """With a reason. The person is told by mail, and the administrator whether that worked."""
    actor, user, reason = actor_of(request), person(user_id), asked.posted(request, "reason")
    try:
        removed = forget_factors(actor, user, reason)
    except BadInput as error:
        said = f"{error.message} {error.hint}".strip() if reason else gettext("Say why: choose a reason.")
        page = people.person_page(actor, user, here=request.session.session_key or "", forget_error=said)
        return show(request, PERSON, page, 422)
    if removed:
        told = signing_in.told_text(signing_in.tell_forgotten(user, str(request.user), reason))
        gone = gettext("The second factors of {name} are forgotten; every session of theirs has ended.")
        messages.success(request, f"{gone.format(name=user)} {told}")
    else:
        messages.info(request, gettext("{name} had no second factors.").format(name=user))
    return go(request, reverse("settings-person", args=[user_id]))


@acts("user.manage")
def sign_out(request: HttpRequest, user_id: int) -> HttpResponse:
    user = person(user_id)
    ended = end_sessions.sign_out_everywhere(actor_of(request), user)
    said = ngettext(
        "{name} is signed out: {count} session has ended.", "{name} is signed out: {count} sessions have ended.", ended
    )
    messages.success(request, said.format(name=user, count=words.count(ended)))
    return go(request, reverse("settings-person", args=[user_id]))


@acts("user.manage")
def end_session(request: HttpRequest, user_id: int, session: int) -> HttpResponse:
    if end_sessions.end_session(actor_of(request), person(user_id), session):
        messages.success(request, gettext("The session was ended."))
    return go(request, reverse("settings-person", args=[user_id]))
