"""Which roles see which folder."""

from __future__ import annotations

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import ngettext

from postroom.documents.models import Folder
from postroom.identity.actor import Actor
from postroom.identity.people import ADMINISTRATOR
from postroom.identity.roles import ROLES
from postroom.web import words
from postroom.web.fill.settings.people import role_name
from postroom.web.fill.settings.tabs import tabs
from postroom.web.pages import Choice, FolderRow, FoldersPage


def shown_roles() -> list[str]:
    """Roles that can see documents at all; for the others a tick would promise what it cannot keep."""
    return [role for role, permissions in ROLES.items() if "document.view" in permissions]


def page_of(actor: Actor) -> FoldersPage:
    rows = Folder.objects.annotate(count=Count("documents")).order_by("name")
    roles = shown_roles()
    return FoldersPage(
        tabs=tabs(actor, "folders"),
        url=reverse("settings-folders"),
        roles=tuple(role_name(role) for role in roles),
        rows=tuple(
            FolderRow(
                key=folder.key,
                name=folder.name,
                documents=ngettext("{count} document", "{count} documents", folder.count).format(
                    count=words.count(folder.count)
                ),
                roles=tuple(
                    Choice(
                        value=role,
                        label=role_name(role),
                        chosen=role == ADMINISTRATOR or role in folder.roles,
                        fixed=role == ADMINISTRATOR,
                    )
                    for role in roles
                ),
            )
            for folder in rows
        ),
    )
