"""Say which roles see the documents of a folder."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from postroom.documents.models import Folder
from postroom.identity.actor import Actor
from postroom.identity.people import ADMINISTRATOR
from postroom.identity.roles import ROLES
from postroom.kernel.errors import BadInput, NotFound
from postroom.ledger.append import Act, append


def open_folder(actor: Actor, key: str, roles: Sequence[str]) -> Folder:
    """Open the folder to exactly these roles, at once, for every list, search and download. Administrators see every
    folder without being named."""
    actor.require("user.manage")
    unknown = sorted(set(roles) - set(ROLES))
    if unknown:
        raise BadInput(f"There is no role {unknown[0]!r}.", hint=f"Roles: {', '.join(ROLES)}.")
    wanted = [role for role in ROLES if role in roles and role != ADMINISTRATOR]
    with transaction.atomic():
        folder = Folder.objects.select_for_update().filter(pk=key).first()
        if folder is None:
            raise NotFound(f"There is no folder {key!r}.", hint="Folders are made when a template is published.")
        before = [role for role in folder.roles if role != ADMINISTRATOR]
        if set(before) != set(wanted):
            folder.roles = wanted
            folder.save(update_fields=["roles"])
            facts = {"folder": key, "before": sorted(before), "roles": sorted(wanted)}
            append(actor.name, [Act("folder.opened", "folder", None, facts)])
    return folder
