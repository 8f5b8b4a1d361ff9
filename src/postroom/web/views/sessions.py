"""One's own sessions: from where, since when, and their end."""

from __future__ import annotations

import datetime as dt

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from postroom.identity.actions import end_sessions
from postroom.identity.agents import browser_and_system
from postroom.identity.models import User
from postroom.identity.queries import sessions_of
from postroom.kernel.errors import NotSignedIn
from postroom.web import words
from postroom.web.access import acts, needs
from postroom.web.answers import go, show
from postroom.web.pages.sessions import SessionRow, SessionsPage
from postroom.web.shell import actor_of


@needs()
def index(request: HttpRequest) -> HttpResponse:
    """Where the person is signed in."""
    here = request.session.session_key or ""
    rows = tuple(_row(session, here) for session in sessions_of(_person(request), here))
    others = reverse("sessions-end-others") if any(row.end_url for row in rows) else ""
    return show(request, "desk/sessions.html", SessionsPage(rows=rows, end_others_url=others))


@acts()
def end(request: HttpRequest, session: int) -> HttpResponse:
    """End one."""
    if end_sessions.end_session(actor_of(request), _person(request), session):
        messages.success(request, gettext("The session was ended."))
    return go(request, reverse("sessions"))


@acts()
def end_others(request: HttpRequest) -> HttpResponse:
    """End all but this one."""
    here = request.session.session_key or ""
    ended = end_sessions.end_other_sessions(actor_of(request), _person(request), keep=here)
    said = ngettext("%(count)d other session was ended.", "%(count)d other sessions were ended.", ended)
    messages.success(request, said % {"count": ended})
    return go(request, reverse("sessions"))


def _person(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise NotSignedIn("Nobody is signed in.", hint="Sign in first.")
    return request.user


def _row(session: UserSession, here: str) -> SessionRow:
    browser, system = browser_and_system(session.user_agent)
    return SessionRow(
        agent=", ".join(filter(None, (browser, system))) or gettext("Unknown program"),
        address=session.ip,
        began=_moment(session.created_at),
        seen=_moment(session.last_seen_at),
        end_url="" if session.session_key == here else reverse("session-end", args=[session.pk]),
    )


def _moment(at: dt.datetime) -> str:
    return words.moment(at)
