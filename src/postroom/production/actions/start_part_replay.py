"""Replay a change of a content block or brand over the newest real records of every template that gets it."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction

from postroom.composition import house
from postroom.composition.checks.models import MOVING, STOPPED, Replay, ReplayCase
from postroom.composition.checks.touched import files_digest, toolchain_digest, touched
from postroom.composition.errors import UnknownPart
from postroom.composition.life_models import HouseVersion
from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.kernel.ids import new_id
from postroom.ledger.append import Act, append
from postroom.production.replay.errors import NothingToReplay
from postroom.production.replay.pictures import forget
from postroom.production.replay.records import MOST, USUAL, newest_of_each
from postroom.production.replay.wake import wake_replay


def start_part_replay(
    actor: Actor, kind: str, key: str, *, wanted: int = USUAL, run_id: uuid.UUID | None = None
) -> Replay:
    """The replay, on its way; one of the same revision and records that is on its way already is it. Earlier ones that
    nobody signed go. ``run_id``: over the records of that run. Needs ``template.review``.

    Raises UnknownPart, TemplateFaults, NothingToReplay.
    """
    actor.require("template.review")
    house.part(kind, key)
    change = house.on_its_way(kind, key)
    if change is None:
        raise UnknownPart(f"Nothing of {key!r} is on its way.", hint="Change it first.")
    found = touched(change)
    rows = newest_of_each([one.base.template_id for one in found], max(1, min(wanted, MOST)), run_id)
    total = sum(len(versions) for versions in rows.values())
    if not total:
        name = change.part.name
        if run_id:
            raise NothingToReplay(
                f"That run made no document of a template that gets {name}.", hint="Choose another run."
            )
        raise NothingToReplay(
            f"No document of a template that gets {name} was made of a real record yet.",
            hint="It can be approved without a replay; look at the pages below.",
        )
    covers: list[dict[str, Any]] = [
        {
            "template": one.base.template_id,
            "base": str(one.base.pk),
            "files": one.files,
            "records": len(rows[one.base.template_id]),
        }
        for one in found
    ]
    with transaction.atomic():
        HouseVersion.objects.select_for_update(of=("self",)).get(pk=change.pk)
        moving = Replay.objects.filter(part=change, state__in=MOVING).first()
        files = files_digest(covers)
        if moving is not None and (moving.revision, moving.files, moving.run_id) == (change.revision, files, run_id):
            return moving
        now = clock.now()
        Replay.objects.filter(part=change, state__in=MOVING).update(state=STOPPED, ended_at=now)
        gone = list(Replay.objects.filter(part=change, signed_at=None).values_list("pk", flat=True))
        Replay.objects.filter(pk__in=gone).delete()
        replay = Replay.objects.create(
            id=new_id(),
            part=change,
            covers=covers,
            run_id=run_id,
            revision=change.revision,
            files=files,
            toolchain=toolchain_digest([one.base for one in found]),
            wanted=wanted,
            total=total,
            started_by=actor.name,
            started_at=now,
            taken_at=now,
        )
        cases = ((one.base, row) for one in found for row in rows[one.base.template_id])
        ReplayCase.objects.bulk_create(
            ReplayCase(
                id=new_id(),
                replay=replay,
                position=position,
                version_id=row.pk,
                document_id=row.document_id,
                base=base,
            )
            for position, (base, row) in enumerate(cases, 1)
        )
        facts = {"part": f"{kind}/{key}", "revision": change.revision, "templates": len(found), "records": total}
        append(actor.name, [Act("replay.started", "template_replay", replay.pk, facts)])
        wake_replay(replay.pk)
    for replay_id in gone:
        forget(replay_id)
    return replay
