"""Replay a draft: make it of the newest real records, beside the version it is to replace."""

from __future__ import annotations

import uuid

from django.db import transaction

from postroom.composition import drafts, freezing, pack
from postroom.composition.checks.models import MOVING, STOPPED, Replay, ReplayCase
from postroom.composition.draft_steps import wanted_state
from postroom.composition.life_models import OPEN, Draft
from postroom.composition.toolchain import present
from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.kernel.ids import new_id
from postroom.ledger.append import Act, append
from postroom.production.replay.errors import NothingToReplay
from postroom.production.replay.pictures import forget
from postroom.production.replay.records import MOST, USUAL, newest
from postroom.production.replay.wake import wake_replay


def start_replay(actor: Actor, draft_id: uuid.UUID | str, *, wanted: int = USUAL) -> Replay:
    """The replay, on its way; one of the same revision that is on its way already is it. Earlier ones that nobody
    signed go. Needs ``template.review``: what it tells names fields, never values.

    Raises UnknownDraft, WrongState, TemplateFaults, NothingToReplay.
    """
    actor.require("template.review")
    draft = drafts.find(draft_id)
    wanted_state(draft, OPEN)
    loaded = pack.load(freezing.freeze(drafts.files(draft), draft.valid_from or clock.now()).files)
    rows = newest(draft.template_key, max(1, min(wanted, MOST)))
    if not rows or draft.base_id is None:
        raise NothingToReplay(
            f"No document of {draft.template_key} was made of a real record yet.",
            hint="It can be approved without a replay; its tests and samples stand for it.",
        )
    now = clock.now()
    with transaction.atomic():
        Draft.objects.select_for_update().get(pk=draft.pk)
        moving = Replay.objects.filter(draft=draft, state__in=MOVING).first()
        if moving is not None and (moving.revision, moving.files) == (draft.revision, loaded.digest):
            return moving
        Replay.objects.filter(draft=draft, state__in=MOVING).update(state=STOPPED, ended_at=now)
        gone = list(Replay.objects.filter(draft=draft, signed_at=None).values_list("pk", flat=True))
        Replay.objects.filter(pk__in=gone).delete()
        replay = Replay.objects.create(
            id=new_id(),
            draft=draft,
            template_key=draft.template_key,
            revision=draft.revision,
            base_id=draft.base_id,
            files=loaded.digest,
            toolchain=present(loaded.lane).digest,
            wanted=wanted,
            total=len(rows),
            started_by=actor.name,
            started_at=now,
            taken_at=now,
        )
        ReplayCase.objects.bulk_create(
            ReplayCase(id=new_id(), replay=replay, position=position, version_id=row.pk, document_id=row.document_id)
            for position, row in enumerate(rows, 1)
        )
        facts = {"template": draft.template_key, "revision": draft.revision, "records": len(rows)}
        append(actor.name, [Act("replay.started", "template_replay", replay.pk, facts)])
        wake_replay(replay.pk)
    for replay_id in gone:
        forget(replay_id)
    return replay
