"""Take a family that the house added out of what stands in from now on."""

from __future__ import annotations

from django.db import transaction

from postroom.composition import fonts_own
from postroom.composition.fonts_models import PrintFont
from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.kernel.errors import NotFound
from postroom.ledger.append import Act, append


def withdraw_family(actor: Actor, family: str) -> None:
    """Versions that were published with it keep it; adding it again takes it up again. Raises NotFound."""
    actor.require("brand.edit")
    with transaction.atomic():
        rows = list(PrintFont.objects.select_for_update().filter(family=family, withdrawn_at=None))
        if not rows:
            raise NotFound(f"The house added no family {family!r}.", hint="See `postroom fonts list`.")
        PrintFont.objects.filter(pk__in=[row.pk for row in rows]).update(withdrawn_at=clock.now())
        append(actor.name, [Act("font.withdrawn", "print_font", row.pk, {"sha256": row.sha256}) for row in rows])
    fonts_own.forget()
