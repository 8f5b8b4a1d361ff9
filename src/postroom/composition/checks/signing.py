"""The approver signs what a replay found: that set, of that revision, made recently, and no other."""

from __future__ import annotations

import datetime as dt

from postroom.composition import drafts, freezing
from postroom.composition.checks.models import DONE, MOVING, Replay
from postroom.composition.life_models import Draft
from postroom.composition.pack import digest
from postroom.composition.toolchain import present
from postroom.documents.models import Document
from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.kernel.errors import Conflict
from postroom.ledger.append import Act, append

#: A replay that is older has not seen what was sent since.
FRESH = dt.timedelta(days=3)
_HINT = "Replay the draft on its review page, look at the differences, then approve."


class ReplayNeeded(Conflict):
    """Real letters are made by this template, and nobody saw what the draft would make of them."""

    code = "replay-needed"
    title = "The draft has to be replayed first"


class ReplayStale(Conflict):
    """What was replayed is not what would be approved."""

    code = "replay-stale"
    title = "The replay is out of date"


def newest(draft: Draft) -> Replay | None:
    """The replay of a draft that counts."""
    return Replay.objects.filter(draft=draft).select_related("base").order_by("-started_at").first()


def is_needed(draft: Draft) -> bool:
    """Whether letters are made by the version that the draft is to replace."""
    return draft.base_id is not None and Document.objects.filter(kind=draft.template_key).exclude(run_id=None).exists()


def outdated(draft: Draft, replay: Replay) -> str:
    """Why a replay that has ended cannot be signed: revision, base, house, toolchain, age; empty when it can."""
    if replay.revision != draft.revision:
        return "revision"
    if replay.base_id != draft.base_id:
        return "base"
    if replay.started_at < clock.now() - FRESH:
        return "age"
    if replay.base is not None and replay.toolchain != present(replay.base.lane).digest:
        return "toolchain"
    if replay.files != digest(freezing.freeze(drafts.files(draft), draft.valid_from or clock.now()).files):
        return "house"
    return ""


_TOLD = {
    "revision": "The draft was changed since it was replayed.",
    "base": "Another version was published since the draft was replayed.",
    "age": "The draft was replayed more than three days ago; other letters were made since.",
    "toolchain": "What makes documents was upgraded since the draft was replayed.",
    "house": "A content block or brand was changed since the draft was replayed.",
}


def to_sign(draft: Draft, seen: str | None) -> Replay | None:
    """The replay an approval signs; None where there is nothing to replay. ``seen``: the digest that was looked at.

    Raises ReplayNeeded, ReplayStale.
    """
    replay = newest(draft)
    if replay is None or (replay.state not in (DONE, *MOVING)):
        if is_needed(draft):
            raise ReplayNeeded(
                f"Letters are made by {draft.template_key}, and the draft was not replayed over them.", hint=_HINT
            )
        return None
    if replay.state in MOVING:
        raise ReplayNeeded(
            "The draft is being replayed at the moment.", hint="Wait until it has ended, then look at it."
        )
    why = outdated(draft, replay)
    if why:
        raise ReplayStale(_TOLD[why], hint=_HINT, why=why)
    return as_seen(replay, seen)


def sign(actor: Actor, draft: Draft, replay: Replay) -> None:
    """Note in the ledger whose eyes saw which differences; in the approval's own transaction."""
    note_signed(actor, replay, template=draft.template_key, revision=draft.revision, draft=str(draft.pk))


def as_seen(replay: Replay, seen: str | None) -> Replay:
    """``replay``, if it is the one that was looked at. Raises ReplayStale."""
    if seen is not None and seen != replay.digest:
        raise ReplayStale("There is another replay than the one you looked at.", hint="Reload the page and look again.")
    return replay


def note_signed(actor: Actor, replay: Replay, **of: str | int) -> None:
    """Who signed it, in its row and in the ledger; ``of`` names what was replayed."""
    Replay.objects.filter(pk=replay.pk).update(signed_by=actor.name, signed_at=clock.now())
    facts = {**of, "records": replay.total, "digest": replay.digest}
    append(actor.name, [Act("replay.signed", "template_replay", replay.pk, facts)])
