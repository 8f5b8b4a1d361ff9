"""The furniture around every page: who is here, and the counts on the rail. Two cheap queries, none when signed out."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext

from postroom.identity.actor import NOBODY, Actor, actor_of_user
from postroom.identity.models import User
from postroom.kernel import clock
from postroom.web import words
from postroom.web.choices import choices_of
from postroom.web.counts import counts_of
from postroom.web.pages import Links, Section, Shell

_SECTIONS: dict[str, Section] = {
    "runs": "runs",
    "deliveries": "deliveries",
    "documents": "documents",
    "parties": "parties",
    "templates": "templates",
    "outbox": "outbox",
    "send": "send",
    "letters": "letters",
    "set-aside": "set_aside",
    "settings": "settings",
}
#: Who may send one document by hand: it is composed, and a run of one record is started.
SENDING = ("template.view", "compose", "run.start", "run.view")
_ROLE_NAMES = {
    "operator": "Output operator",
    "author": "Template author",
    "approver": "Template approver",
    "clerk": "Clerk",
    "records_manager": "Records manager",
    "auditor": "Auditor",
    "administrator": "Administrator",
}


def actor_of(request: HttpRequest) -> Actor:
    """Who makes this request."""
    user = request.user
    return actor_of_user(user) if isinstance(user, User) else NOBODY


def shell(request: HttpRequest) -> dict[str, Any]:
    """Template context. Made only when a template asks for it."""
    return {"shell": SimpleLazyObject(lambda: _shell(request))}


def _shell(request: HttpRequest) -> Shell:
    user = getattr(request, "user", None)
    actor = actor_of(request) if user is not None else NOBODY
    name = str(user) if isinstance(user, User) else ""
    roles = user.roles if isinstance(user, User) else []
    first = request.path.strip("/").split("/")[0]
    links = Links()
    hidden = {
        "runs": "run.view",
        "deliveries": "delivery.view",
        "documents": "document.view",
        "parties": "party.view",
        "templates": "template.view",
        "outbox": "outbox.view",
        "set_aside": "record.view",
        "letters": "letter.write",
    }
    shown = {section: getattr(links, section) if actor.may(need) else "" for section, need in hidden.items()}
    shown["settings"] = links.settings if actor.permissions else ""
    shown["send"] = links.send if all(actor.may(need) for need in SENDING) else ""
    demo = settings.CONFIG.demo
    return Shell(
        user_name=name,
        role=gettext(_ROLE_NAMES.get(roles[0], roles[0])) if roles else "",
        section="home" if not first else _SECTIONS.get(first, ""),
        now_text=words.weekday_moment(clock.now()),
        search_text=request.GET.get("q", "") if first == "documents" else "",
        demo=demo,
        **counts_of(actor),
        density=choices_of(user).density,
        links=Links(**shown, api_docs="/api/v1/openapi.json"),
    )
