"""A replay carried on in turns of a worker: its page may be left, and a worker that dies is followed by another."""

from __future__ import annotations

import hashlib
import json
import logging
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction

from postroom.composition.checks.causes import IDENTICAL, grouped
from postroom.composition.checks.causes import WAITING as CASE_WAITING
from postroom.composition.checks.models import DONE, FAILED, MOVING, RUNNING, Replay, ReplayCase
from postroom.documents.models import Version
from postroom.kernel import clock
from postroom.kernel.errors import PostroomError
from postroom.ledger.append import Act, append
from postroom.production import pressure
from postroom.production.models import READY, Chunk
from postroom.production.replay.pictures import WIDTH, Benches, keep
from postroom.production.replay.sides import Bench, Verdict
from postroom.production.replay.wake import wake_replay
from postroom.vault.errors import BlobMissing
from postroom.vault.read import read_blob

log = logging.getLogger("postroom.replay")

#: Seconds of one turn after which letters that wait go first; without any it goes on as long as ``_LONG``.
TURN, _LONG = 5.0, 120.0
_TOGETHER = 10
#: Cases of a group whose pages are painted while they are at hand; of others when somebody asks.
_PAINTED = 2
_WORKER = "system:replay"


def take_a_turn(replay_id: uuid.UUID, seconds: float = TURN) -> None:
    """What a worker does when woken: go on for a while and leave the rest for the next turn."""
    if go_on(replay_id, seconds):
        wake_replay(replay_id)


def go_on(replay_id: uuid.UUID, seconds: float = 3600.0) -> bool:
    """Make and compare the next records. Whether some are left. Another process that is at it is not disturbed."""
    with _alone(replay_id) as ours:
        if not ours:
            return False
        known = Replay.objects.select_related("draft", "draft__origin", "part", "part__part")
        replay = known.filter(pk=replay_id, state__in=MOVING).first()
        if replay is None:
            return False
        Replay.objects.filter(pk=replay_id, state__in=MOVING).update(state=RUNNING, taken_at=clock.now())
        try:
            return _turn(replay, seconds)
        except (OperationalError, InterfaceError):
            raise  # the database is away: what was noted stays noted, and a later turn goes on
        except PostroomError as error:
            _fail(replay, f"{error.message} {error.hint}".strip())
        except Exception as error:  # whatever it is, it is told on the page and does not come again with every turn
            log.exception("replay %s", replay_id)
            _fail(replay, f"{type(error).__name__}: {error}")
    return False


def _turn(replay: Replay, seconds: float) -> bool:
    begun = time.monotonic()
    painted: Counter[str] = Counter()
    with Benches(replay) as benches:
        while True:
            cases = _next(replay)
            if not cases:
                return _finish(replay)
            bench = benches.of(cases[0])
            verdicts = bench.verdicts(_data_of(cases))
            _paint(bench, cases, verdicts, painted)
            if not _note(replay, cases, verdicts):
                return False  # somebody stopped it
            spent = time.monotonic() - begun
            if pressure.LEAVING.is_set() or spent >= _LONG or (spent >= seconds and _letters_wait(seconds)):
                return ReplayCase.objects.filter(replay=replay, outcome=CASE_WAITING).exists() or _finish(replay)


def _next(replay: Replay) -> list[ReplayCase]:
    """The next records of one template; those of the following one come when its own are through."""
    waiting = ReplayCase.objects.filter(replay=replay, outcome=CASE_WAITING).order_by("position")
    cases = list(waiting[:_TOGETHER])
    return [case for case in cases if case.base_id == cases[0].base_id]


def _letters_wait(seconds: float) -> bool:
    """Whether there is something to compose that is sent. Asked with no time at all, the turn ends anyway."""
    return not seconds or Chunk.objects.filter(state=READY).exists()


def _data_of(cases: Sequence[ReplayCase]) -> list[bytes | None]:
    """The data each case's document was made from; None where it is destroyed."""
    rows = Version.objects.select_related("data_blob").in_bulk([case.version_id for case in cases])
    found: list[bytes | None] = []
    for case in cases:
        row = rows.get(case.version_id)
        try:
            found.append(read_blob(row.data_blob) if row is not None and row.data_blob is not None else None)
        except BlobMissing:
            found.append(None)
    return found


def _paint(bench: Bench, cases: Sequence[ReplayCase], verdicts: Sequence[Verdict], painted: Counter[str]) -> None:
    for case, verdict in zip(cases, verdicts, strict=True):
        if verdict.outcome != IDENTICAL and painted[verdict.group] < _PAINTED:
            painted[verdict.group] += 1
            keep(case, bench.painted(verdict, WIDTH))


def _note(replay: Replay, cases: Sequence[ReplayCase], verdicts: Sequence[Verdict]) -> bool:
    """Keep what came of some records; False when the replay was stopped meanwhile."""
    for case, verdict in zip(cases, verdicts, strict=True):
        case.outcome, case.group, case.causes = verdict.outcome, verdict.group, verdict.causes
        case.page, case.made = verdict.page, verdict.digest
        case.pages_before, case.pages_after = verdict.before.pages, verdict.after.pages
        case.before = [list(rect) for rect in verdict.marks_before]
        case.after = [list(rect) for rect in verdict.marks_after]
    fields = ("outcome", "group", "causes", "page", "made", "pages_before", "pages_after", "before", "after")
    with transaction.atomic():
        locked = Replay.objects.select_for_update().get(pk=replay.pk)
        if locked.state != RUNNING:
            return False
        ReplayCase.objects.bulk_update(cases, fields)
        locked.done += len(cases)
        locked.taken_at = clock.now()
        locked.groups = grouped(ReplayCase.objects.filter(replay=replay).exclude(outcome=CASE_WAITING))
        locked.save(update_fields=["done", "taken_at", "groups"])
    return True


def _finish(replay: Replay) -> bool:
    """Sum up: the groups, and the digest that is signed. Nothing is left to do."""
    with transaction.atomic():
        locked = Replay.objects.select_for_update(of=("self",)).select_related("part__part").get(pk=replay.pk)
        if locked.state != RUNNING:
            return False
        cases = list(ReplayCase.objects.filter(replay=replay).order_by("position"))
        now = clock.now()
        locked.groups = grouped(cases)
        locked.digest = digest_of(locked, cases)
        locked.state, locked.taken_at, locked.ended_at = DONE, now, now
        locked.save(update_fields=["groups", "digest", "state", "taken_at", "ended_at"])
        outcomes = Counter(case.outcome for case in cases)
        facts: dict[str, object] = {
            **locked.about(),
            "digest": locked.digest,
            "groups": len(locked.groups),
            **{outcome: outcomes[outcome] for outcome in sorted(outcomes)},
        }
        append(_WORKER, [Act("replay.done", "template_replay", locked.pk, facts)])
    return False


def digest_of(replay: Replay, cases: Sequence[ReplayCase]) -> str:
    """SHA-256 (hex) over both versions, what made the documents, and what came of every record."""
    told: dict[str, Any] = {
        "template": replay.template_key,
        "revision": replay.revision,
        "files": replay.files,
        "base": str(replay.base_id or ""),
        "toolchain": replay.toolchain,
        "cases": [[str(case.version_id), case.outcome, case.group, case.made] for case in cases],
    }
    if replay.part_id is not None:
        told |= {"part": str(replay.part_id), "covers": replay.covers}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _fail(replay: Replay, told: str) -> None:
    Replay.objects.filter(pk=replay.pk, state__in=MOVING).update(state=FAILED, told=told[:600], ended_at=clock.now())


@contextmanager
def _alone(replay_id: uuid.UUID) -> Iterator[bool]:
    """One process at a time goes on with a replay."""
    lock = replay_id.int & (2**62 - 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", (lock,))
        ours = bool(cursor.fetchone()[0])
    try:
        yield ours
    finally:
        if ours:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", (lock,))
