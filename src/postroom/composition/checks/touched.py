"""The templates that a change of a house part would change, each in the version that is in force, with all its files.

It is what is replayed, what the approver's digest covers, and what is asked again before it is signed.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from postroom.composition import freezing, where_used
from postroom.composition.actions.publish_part import affected
from postroom.composition.life_models import HouseVersion
from postroom.composition.models import TemplateVersion
from postroom.composition.pack import digest
from postroom.composition.problems import Problem, TemplateFaults
from postroom.composition.queries import sources_of
from postroom.composition.toolchain import present
from postroom.kernel import clock


@dataclass(frozen=True, slots=True)
class Touched:
    """A version in force, and the digest of its files with the change put in."""

    base: TemplateVersion
    files: str


def touched(change: HouseVersion, at: dt.datetime | None = None) -> list[Touched]:
    """By the template's key. Raises TemplateFaults where a template would have no text: ``with_change`` tells which."""
    moment = at or clock.now()
    found = []
    for key in where_used.templates_of(change.part.kind, change.part.key):
        for base in affected(key, moment)[:1]:
            if base.valid_from is None or base.valid_from <= moment:
                found.append(Touched(base, digest(with_change(base, change, moment))))
    return found


def with_change(base: TemplateVersion, change: HouseVersion, at: dt.datetime | None = None) -> dict[str, bytes]:
    """All files of a version with ``change`` in place of its part. Raises TemplateFaults, naming the template."""
    try:
        return freezing.freeze(sources_of(base), at or clock.now(), change).files
    except TemplateFaults as faults:
        raise TemplateFaults(
            [Problem(f"{base.template_id}/{one.file}", one.line, one.what, one.hint) for one in faults.problems]
        ) from faults


def files_digest(told: Sequence[Mapping[str, Any]]) -> str:
    """SHA-256 (hex) over all that is covered: ``{"template", "base", "files"}`` each."""
    plain = sorted([one["template"], one["base"], one["files"]] for one in told)
    return hashlib.sha256(json.dumps(plain).encode()).hexdigest()


def toolchain_digest(versions: Sequence[TemplateVersion]) -> str:
    """SHA-256 (hex) over what makes documents of these versions now, lane by lane."""
    lanes = {version.lane: present(version.lane).digest for version in versions}
    return hashlib.sha256(json.dumps(lanes, sort_keys=True).encode()).hexdigest()
