"""The approver of a content block or brand signs what it makes of real letters: the same rules as for drafts hold."""

from __future__ import annotations

from postroom.composition import where_used
from postroom.composition.checks.models import DONE, MOVING, Replay
from postroom.composition.checks.signing import FRESH, ReplayNeeded, ReplayStale, as_seen, note_signed
from postroom.composition.checks.touched import files_digest, toolchain_digest, touched
from postroom.composition.life_models import HouseVersion
from postroom.composition.problems import TemplateFaults
from postroom.documents.models import Document
from postroom.identity.actor import Actor
from postroom.kernel import clock

_HINT = "Replay the change on its page, look at the differences, then approve."


def newest(change: HouseVersion) -> Replay | None:
    """The replay of a change that counts."""
    return Replay.objects.filter(part=change).select_related("part", "part__part").order_by("-started_at").first()


def is_needed(change: HouseVersion) -> bool:
    """Whether letters are made by a template that gets the part."""
    used = where_used.templates_of(change.part.kind, change.part.key)
    return Document.objects.filter(kind__in=used).exclude(run_id=None).exists()


def outdated(change: HouseVersion, replay: Replay) -> str:
    """Why a replay that has ended cannot be signed: revision, base, house, toolchain, age; empty when it can."""
    if replay.revision != change.revision:
        return "revision"
    if replay.started_at < clock.now() - FRESH:
        return "age"
    try:
        now = touched(change)
    except TemplateFaults:
        return "house"
    if {str(one.base.pk) for one in now} != {one["base"] for one in replay.covers}:
        return "base"
    if replay.toolchain != toolchain_digest([one.base for one in now]):
        return "toolchain"
    told = [{"template": one.base.template_id, "base": str(one.base.pk), "files": one.files} for one in now]
    return "" if files_digest(told) == replay.files else "house"


_TOLD = {
    "revision": "The change was saved again since it was replayed.",
    "base": "Another version of a template was published since the change was replayed.",
    "age": "The change was replayed more than three days ago; other letters were made since.",
    "toolchain": "What makes documents was upgraded since the change was replayed.",
    "house": "Another content block or brand was changed since the change was replayed.",
}


def to_sign(change: HouseVersion, seen: str | None) -> Replay | None:
    """The replay an approval signs; None where there is nothing to replay. ``seen``: the digest that was looked at.

    Raises ReplayNeeded, ReplayStale.
    """
    replay = newest(change)
    if replay is None or replay.state not in (DONE, *MOVING):
        if is_needed(change):
            raise ReplayNeeded(
                f"Letters are made by templates that get {change.part.name}; the change was not replayed over them.",
                hint=_HINT,
            )
        return None
    if replay.state in MOVING:
        raise ReplayNeeded(
            "The change is being replayed at the moment.", hint="Wait until it has ended, then look at it."
        )
    why = outdated(change, replay)
    if why:
        raise ReplayStale(_TOLD[why], hint=_HINT, why=why)
    return as_seen(replay, seen)


def sign(actor: Actor, change: HouseVersion, replay: Replay) -> None:
    """Note in the ledger whose eyes saw which differences; in the approval's own transaction."""
    part = f"{change.part.kind}/{change.part.key}"
    note_signed(actor, replay, part=part, revision=change.revision, change=str(change.pk))
