"""The first page of somebody who may do nothing here: who they are, and who can change that."""

from __future__ import annotations

from django.utils.translation import gettext

from postroom.identity.models import User
from postroom.identity.people import ADMINISTRATOR
from postroom.web.pages.sessions import NoRolePage

_SOME = 5


def page_of(name: str) -> NoRolePage:
    """Names of administrators, no addresses: this person may see nothing of the house yet."""
    found = User.objects.filter(is_active=True, roles__contains=[ADMINISTRATOR]).order_by("name", "pk")
    helpers = [str(user) for user in found[:_SOME]]
    return NoRolePage(name=name, helpers=tuple(helpers) or (gettext("your administrator"),))
