"""API tokens."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from postroom.identity.actions.issue_token import issue_token
from postroom.identity.actions.revoke_token import revoke_token
from postroom.identity.models import User
from postroom.identity.queries import tokens_visible_to
from postroom.kernel.errors import BadInput, NotFound
from postroom.web import asked, once
from postroom.web.access import acts, needs
from postroom.web.answers import go, show
from postroom.web.fill.settings import tokens
from postroom.web.shell import actor_of
from postroom.web.views.settings.someone import someone

_TEMPLATE = "desk/settings/tokens.html"


@needs(post=())
def index(request: HttpRequest) -> HttpResponse:
    """GET: the list and the form. POST: a token of one's own; the answer is the only place its secret stands in."""
    actor = someone(request)
    if request.method != "POST":
        return show(request, _TEMPLATE, tokens.page_of(actor))
    name, days = asked.posted(request, "name"), asked.posted(request, "days")
    scopes = [scope for scope in request.POST.getlist("scope") if scope in actor.permissions]
    if not once.first_time(request, asked.posted(request, "token")):
        messages.info(request, gettext("This form was handed in before; nothing was done twice."))
        return go(request, reverse("settings-tokens"))
    try:
        if not scopes:
            raise BadInput(gettext("A token needs something it may do."), hint=gettext("Tick at least one line."))
        token, secret = issue_token(
            actor, user=cast(User, request.user), name=name, scopes=scopes, days=tokens.DAYS.get(days, 90)
        )
    except BadInput as error:
        said = f"{error.message} {error.hint}".strip()
        return show(request, _TEMPLATE, tokens.page_of(actor, name=name, scopes=scopes, days=days, error=said), 422)
    return show(request, _TEMPLATE, tokens.page_of(actor, shown=tokens.secret_of(token, secret)))


@acts()
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """One's own, or anybody's for who manages people. Of the others nobody learns whether they are there (P7)."""
    actor = actor_of(request)
    if not tokens_visible_to(actor).filter(pk=token_id).exists():
        raise NotFound(gettext("There is no such token."), hint=gettext("Look at the list of tokens."))
    token = revoke_token(actor, token_id)
    messages.success(request, gettext("The token “{name}” is revoked.").format(name=token.name))
    if asked.posted(request, "from") == "person" and actor.may("user.manage"):
        return go(request, reverse("settings-person", args=[token.user_id]))
    return go(request, reverse("settings-tokens"))
