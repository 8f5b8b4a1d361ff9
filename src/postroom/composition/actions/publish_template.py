"""Publish a template's folder at once, without a review: for the system, its starters, and administrators.

People change templates by drafts, which somebody else approves (``publish_draft``, ADR 0034).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from postroom.composition.models import TemplateVersion
from postroom.composition.publishing import publish
from postroom.identity.actor import Actor


def publish_template(
    actor: Actor,
    files: Mapping[str, bytes],
    *,
    note: str = "",
    valid_from: dt.datetime | None = None,
    valid_until: dt.datetime | None = None,
) -> TemplateVersion:
    """The new version; or the one in force when its files are the same already and no dates are named.

    Raises TemplateFaults, BreaksUse (a mapping or schedule in use would not work any more), BadDates.
    """
    actor.require("template.publish_unreviewed")
    return publish(actor, files, note=note, valid_from=valid_from, valid_until=valid_until)
