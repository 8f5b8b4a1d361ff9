"""People and roles."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from postroom.identity.actions.activate_user import activate_user
from postroom.identity.actions.change_roles import change_roles
from postroom.identity.actions.create_user import create_user
from postroom.identity.actions.deactivate_user import deactivate_user
from postroom.identity.actions.sign_in_link import make_sign_in_link
from postroom.identity.models import User
from postroom.identity.people import check_roles
from postroom.kernel.errors import BadInput, Conflict, NotFound
from postroom.web import asked, once
from postroom.web.access import acts, needs
from postroom.web.answers import go, show
from postroom.web.fill.settings import people
from postroom.web.shell import actor_of

_PEOPLE, PERSON = "desk/settings/people.html", "desk/settings/person.html"


@needs("user.manage")
def index(request: HttpRequest) -> HttpResponse:
    return show(request, _PEOPLE, people.people_page(actor_of(request)))


@acts("user.manage")
def invite(request: HttpRequest) -> HttpResponse:
    """A person without a password, and the link that lets them in and choose one. The answer is the only place the
    link ever stands in; handed in twice, it acts once."""
    actor = actor_of(request)
    name, email = " ".join(asked.posted(request, "name").split()), asked.posted(request, "email").strip()
    roles = request.POST.getlist("role")
    if not once.first_time(request, asked.posted(request, "token")):
        messages.info(request, gettext("This form was handed in before; nothing was done twice."))
        return go(request, reverse("settings-people"))
    try:
        if not 1 <= len(name) <= 200:
            raise BadInput(gettext("A name is needed."), hint=gettext("At most 200 characters."))
        user = create_user(actor, email=email, name=name, roles=check_roles(roles))
    except (BadInput, Conflict) as error:
        form = people.invite_form(name=name, email=email, roles=roles, error=f"{error.message} {error.hint}".strip())
        return show(request, _PEOPLE, people.people_page(actor, form), 422)
    shown = people.sign_in_address(user, make_sign_in_link(actor, user))
    return show(request, _PEOPLE, people.people_page(actor, shown=shown))


@needs("user.manage")
def page(request: HttpRequest, user_id: int) -> HttpResponse:
    return show(request, PERSON, people.person_page(actor_of(request), person(user_id), here=_here(request)))


@acts("user.manage")
def roles(request: HttpRequest, user_id: int) -> HttpResponse:
    actor, chosen = actor_of(request), request.POST.getlist("role")
    try:
        user = change_roles(actor, user_id, chosen)
    except (BadInput, Conflict) as error:
        return _refused(request, user_id, error, chosen)
    messages.success(request, gettext("{name}: {roles}.").format(name=user, roles=people.roles_text(user.roles)))
    return go(request, reverse("settings-person", args=[user_id]))


@acts("user.manage")
def deactivate(request: HttpRequest, user_id: int) -> HttpResponse:
    actor, user = actor_of(request), person(user_id)
    try:
        deactivate_user(actor, user)
    except Conflict as error:
        return _refused(request, user_id, error)
    messages.success(request, gettext("{name} cannot sign in any more; their tokens are revoked.").format(name=user))
    return go(request, reverse("settings-person", args=[user_id]))


@acts("user.manage")
def reactivate(request: HttpRequest, user_id: int) -> HttpResponse:
    user = person(user_id)
    activate_user(actor_of(request), user)
    messages.success(request, gettext("{name} may sign in again.").format(name=user))
    return go(request, reverse("settings-person", args=[user_id]))


@acts("user.manage")
def link(request: HttpRequest, user_id: int) -> HttpResponse:
    """One more link that signs this person in once."""
    actor, user = actor_of(request), person(user_id)
    if not user.is_active or not once.first_time(request, asked.posted(request, "token")):
        return go(request, reverse("settings-person", args=[user_id]))
    shown = people.sign_in_address(user, make_sign_in_link(actor, user))
    return show(request, PERSON, people.person_page(actor, user, here=_here(request), shown=shown))


def _refused(
    request: HttpRequest, user_id: int, error: BadInput | Conflict, chosen: list[str] | None = None
) -> HttpResponse:
    page = people.person_page(
        actor_of(request),
        person(user_id),
        here=_here(request),
        chosen=chosen,
        error=f"{error.message} {error.hint}".strip(),
    )
    return show(request, PERSON, page, 422)


def _here(request: HttpRequest) -> str:
    return request.session.session_key or ""


def person(user_id: int) -> User:
    """Somebody by number. Raises NotFound."""
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise NotFound(gettext("There is no such person."), hint=gettext("Look at the list of people."))
    return user
