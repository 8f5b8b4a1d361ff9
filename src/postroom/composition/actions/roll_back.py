"""Go back to an older version: its files are published once more, under a new number."""

from __future__ import annotations

from django.db import transaction

from postroom.composition.draft_steps import given_reason
from postroom.composition.draft_tests import packs_of, refuse_red
from postroom.composition.models import TemplateVersion
from postroom.composition.publishing import publish, refuse_breaking_change
from postroom.composition.queries import numbered, sources_of
from postroom.identity.actor import Actor
from postroom.ledger.append import Act, append


def roll_back(actor: Actor, template_key: str, *, to: int, reason: str, wait: bool = True) -> TemplateVersion:
    """In force at once, as an older version was approved before. It gets what the house says today: an old address
    does not come back, and its tests hold with that.

    Raises ReasonMissing, UnknownTemplate, TemplateFaults, BreaksUse, TestsRed, and TestsUnderway where not ``wait`` and
    its tests are not known yet: they go on meanwhile.
    """
    actor.require("template.publish")
    said = given_reason(reason)
    own = sources_of(numbered(template_key, to))
    packs = packs_of(own)
    refuse_breaking_change(template_key, packs[0].contract.schema)  # before anybody waits for tests
    refuse_red(packs, wait=wait)
    version = publish(actor, own, note=f"Back to version {to}: {said}")
    with transaction.atomic():
        facts = {"template": template_key, "to": to, "no": version.no}
        append(actor.name, [Act("template.rolled_back", "template_version", version.pk, facts)])
    return version
