"""Make a whole folder the draft of its template: how templates that live in git come back."""

from __future__ import annotations

from collections.abc import Mapping

from postroom.composition import drafts
from postroom.composition.life_models import Draft
from postroom.composition.manifest import FILE, read_manifest
from postroom.composition.problems import Problem, TemplateFaults
from postroom.composition.queries import newest_number
from postroom.identity.actor import Actor


def push_draft(actor: Actor, files: Mapping[str, bytes], *, note: str = "") -> tuple[Draft, list[Problem]]:
    """The draft with exactly these files, and all its faults: a draft may have some. Files of somebody's unfinished
    draft stay in its history. Raises TemplateFaults (no template.yaml that can be read), WrongState."""
    actor.require("template.edit")
    if FILE not in files:
        raise TemplateFaults(
            [Problem(FILE, 0, "The file is missing.", "Every template has one; see docs/templates.md.")]
        )
    manifest, _ = read_manifest(files[FILE])
    base = newest_number(manifest.key)
    draft = drafts.standing(manifest.key) or drafts.begin(actor, manifest.key, manifest.name, base)
    now = drafts.files(draft)
    changes: dict[str, bytes | None] = {name: None for name in now if name not in files}
    changes |= {name: content for name, content in files.items() if now.get(name) != content}
    draft = drafts.save(actor, draft.pk, changes, draft.revision)
    if note:
        Draft.objects.filter(pk=draft.pk).update(note=" ".join(note.split())[:300])
    return drafts.find(draft.pk), drafts.check(draft)
