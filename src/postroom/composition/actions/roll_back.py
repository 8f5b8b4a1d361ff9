"""Go back to an older version: its files are published once more, under a new number."""

from __future__ import annotations

from django.db import transaction

from postroom.composition.draft_steps import given_reason
from postroom.composition.models import TemplateVersion
from postroom.composition.publishing import publish
from postroom.composition.queries import numbered, sources_of
from postroom.identity.actor import Actor
from postroom.ledger.append import Act, append


def roll_back(actor: Actor, template_key: str, *, to: int, reason: str) -> TemplateVersion:
    """In force at once, as an older version was approved before. It gets what the house says today: an old address
    does not come back. Raises ReasonMissing, UnknownTemplate, TemplateFaults, BreaksUse."""
    actor.require("template.publish")
    said = given_reason(reason)
    older = numbered(template_key, to)
    version = publish(actor, sources_of(older), note=f"Back to version {to}: {said}")
    with transaction.atomic():
        facts = {"template": template_key, "to": to, "no": version.no}
        append(actor.name, [Act("template.rolled_back", "template_version", version.pk, facts)])
    return version
