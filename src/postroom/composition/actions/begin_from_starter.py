"""Begin a template of one's own from a starter of the gallery: its files become a draft under a new key."""

from __future__ import annotations

from postroom.composition import drafts
from postroom.composition.actions.push_draft import push_draft
from postroom.composition.life_models import Draft
from postroom.composition.queries import newest_number
from postroom.composition.starters import files_from
from postroom.identity.actor import Actor
from postroom.kernel.errors import Conflict


class KeyTaken(Conflict):
    """A template or a draft of that key is there already; a starter never goes over it."""

    code = "template-key-taken"
    title = "The key is taken"


def begin_from_starter(actor: Actor, starter: str, key: str, name: str = "") -> Draft:
    """The draft. Raises UnknownStarter, BadTemplateKey, KeyTaken."""
    actor.require("template.edit")
    files = files_from(starter, key, name)
    if newest_number(key) is not None or drafts.standing(key) is not None:
        raise KeyTaken(f"There is a template {key!r} already.", hint="Choose another key, or change that template.")
    draft, _ = push_draft(actor, files, note=f"From the starter {starter}")
    return draft
