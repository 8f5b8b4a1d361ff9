"""What a template looks like: its first sample, composed once per version."""

from __future__ import annotations

from postroom.composition.actions.compose_one import compose_one
from postroom.composition.models import TemplateVersion
from postroom.composition.queries import live_pack
from postroom.identity.actor import SYSTEM
from postroom.kernel.errors import NotFound


def first_sample(version: TemplateVersion) -> bytes:
    """The document of the first sample. Raises NotFound when there is none, NotComposed."""
    pack = live_pack(version.pk).pack
    if not pack.samples:
        raise NotFound("This template has no sample.", hint="Add one to its samples folder.")
    # Samples are no secrets and nothing is stored: whoever may see templates may see what they look like.
    return compose_one(SYSTEM, template=version.template_id, data=pack.samples[0][1]).content
