"""Take a limit away, or bring it back."""

from __future__ import annotations

import uuid

from django.core.exceptions import ValidationError
from django.db import transaction

from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.kernel.errors import NotFound
from postroom.ledger.append import Act, append
from postroom.production.letters.actions.set_limit import facts_of
from postroom.production.letters.models import Limit


def remove_limit(actor: Actor, limit_id: uuid.UUID | str, *, back: bool = False) -> Limit:
    """``back`` undoes it. Letters that wait go on waiting: who handed them in may take them back. Raises NotFound."""
    actor.require("letter.limits")
    with transaction.atomic():
        try:
            found = Limit.objects.select_for_update().filter(pk=limit_id).first()
        except (ValueError, TypeError, ValidationError):
            found = None
        if found is None:
            raise NotFound("There is no such limit.", hint="See `postroom letter limits`.")
        if (found.removed_at is None) == back:
            return found
        found.removed_at, found.removed_by = (None, "") if back else (clock.now(), actor.name)
        found.save(update_fields=["removed_at", "removed_by"])
        act = "letter.limit_restored" if back else "letter.limit_removed"
        append(actor.name, [Act(act, "letter_limit", found.pk, facts_of(found))])
    return found
