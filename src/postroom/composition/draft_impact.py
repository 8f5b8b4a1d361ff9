"""What a draft's data contract asks that the published one does not, and what in use it would break."""

from __future__ import annotations

import json
from dataclasses import dataclass

from postroom.composition import drafts, where_used
from postroom.composition.contract_changes import changes
from postroom.composition.life_models import OPEN, Draft
from postroom.composition.queries import newest_number
from postroom.composition.shape import ShapeFault
from postroom.composition.where_used import Use


@dataclass(frozen=True, slots=True)
class Impact:
    """``asks``: sentences on what records of before would lack; ``breaks``: uses with what they need (``told``)."""

    asks: tuple[str, ...] = ()
    breaks: tuple[Use, ...] = ()


def impact_of(draft: Draft) -> Impact:
    """Nothing for a new template, and for a contract that cannot be read: that is a fault of the draft, told there."""
    newest = newest_number(draft.template_key)
    if newest is None or draft.state not in OPEN:
        return Impact()
    try:
        wanted = json.loads(drafts.files(draft).get("contract.json", b""))
        asks = changes(newest.contract, wanted)
        uses = where_used.impact(draft.template_key, wanted) if wanted != newest.contract else []
    except (ValueError, ShapeFault, AttributeError):
        return Impact()
    return Impact(asks, tuple(use for use in uses if use.told))
