"""Who works here and what they may do."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext

from postroom.identity.actor import Actor
from postroom.identity.models import User
from postroom.identity.people import is_oneself
from postroom.identity.roles import PERMISSIONS, ROLES, permissions_of
from postroom.web import once, words
from postroom.web.fill.settings import signing_in
from postroom.web.fill.settings.tabs import tabs
from postroom.web.pages import Choice, Fact, InviteForm, PeoplePage, PersonPage, PersonRow, ShownOnce


def role_name(role: str) -> str:
    """A role in words."""
    return {
        "operator": gettext("Output operator"),
        "author": gettext("Template author"),
        "approver": gettext("Template approver"),
        "clerk": gettext("Clerk"),
        "records_manager": gettext("Records manager"),
        "auditor": gettext("Auditor"),
        "administrator": gettext("Administrator"),
    }.get(role, role)


def role_note(role: str) -> str:
    """What a role is there for, in one line."""
    return {
        "operator": gettext("Starts runs, corrects records, sends again, sets up channels"),
        "author": gettext("Writes templates, content blocks and brands; somebody else approves them"),
        "approver": gettext("Looks at what authors changed, approves it or gives it back, publishes it"),
        "clerk": gettext("Looks after parties and answers them"),
        "records_manager": gettext("Finds everything that is kept, and reads the ledger"),
        "auditor": gettext("Sees everything, changes nothing"),
        "administrator": gettext("May do everything, people and roles included"),
    }.get(role, "")


def role_choices(chosen: Collection[str]) -> tuple[Choice, ...]:
    """All roles as tick boxes."""
    return tuple(
        Choice(value=role, label=role_name(role), note=role_note(role), chosen=role in chosen) for role in ROLES
    )


def people_page(actor: Actor, invite: InviteForm | None = None, shown: ShownOnce | None = None) -> PeoplePage:
    rows = User.objects.order_by("-is_active", "name", "pk")
    return PeoplePage(
        tabs=tabs(actor, "people"),
        rows=tuple(
            PersonRow(
                url=reverse("settings-person", args=[user.pk]),
                name=str(user),
                email=user.email,
                roles=roles_text(user.roles),
                since=words.day(words.local(user.date_joined).date()),
                active=user.is_active,
                oneself=is_oneself(actor, user.pk),
            )
            for user in rows
        ),
        invite=invite or invite_form(),
        once=shown,
    )


def invite_form(*, name: str = "", email: str = "", roles: Collection[str] = ("clerk",), error: str = "") -> InviteForm:
    """The empty form, or what was typed with what is wrong with it."""
    return InviteForm(
        url=reverse("settings-invite"),
        token=once.fresh(),
        roles=role_choices(roles),
        name=name,
        email=email,
        error=error,
    )


def person_page(
    actor: Actor,
    user: User,
    *,
    here: str = "",
    chosen: Sequence[str] | None = None,
    error: str = "",
    forget_error: str = "",
    shown: ShownOnce | None = None,
) -> PersonPage:
    """``here``: the key of the session one looks from; ``chosen``: the roles of a form that was refused."""
    oneself = is_oneself(actor, user.pk)
    return PersonPage(
        tabs=tabs(actor, "people"),
        name=str(user),
        people_url=reverse("settings-people"),
        active=user.is_active,
        facts=(
            Fact(label=gettext("E-mail"), value=user.email),
            Fact(label=gettext("Here since"), value=words.moment(user.date_joined)),
            Fact(label=gettext("Last signed in"), value=words.moment(user.last_login) or gettext("never")),
        ),
        roles=role_choices(user.roles if chosen is None else chosen),
        roles_url=reverse("settings-person-roles", args=[user.pk]),
        permissions=tuple(gettext(PERMISSIONS[name]) for name in PERMISSIONS if name in permissions_of(user.roles)),
        deactivate_url=reverse("settings-person-deactivate", args=[user.pk]) if user.is_active and not oneself else "",
        reactivate_url="" if user.is_active else reverse("settings-person-reactivate", args=[user.pk]),
        link_url=reverse("settings-person-link", args=[user.pk]) if user.is_active else "",
        link_token=once.fresh(),
        signing_in=signing_in.page_part(actor, user, here=here, error=forget_error),
        error=error,
        once=shown,
    )


def sign_in_address(user: User, secret: str) -> ShownOnce:
    """The link to be handed on."""
    return ShownOnce(
        title=gettext("A link that signs {name} in").format(name=user),
        secret=f"{settings.CONFIG.public_url}{reverse('enter', args=[secret])}",
        note=gettext("It works once, within the hour. Copy it now: it is shown here and nowhere else."),
    )


def roles_text(roles: Sequence[str]) -> str:
    """Roles in words; one that this version does not know is told by its key."""
    return ", ".join(role_name(role) for role in roles) or gettext("no role")
