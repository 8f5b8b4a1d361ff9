"""Safeguards taken out one by one: what each is for, shown by what happens without it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from api_kit import carry_through, records
from kit.runs import balance_of, start, write


def _chunk(run: Any) -> Any:
    from postroom.production.models import Chunk
    from postroom.production.reading import read_parcel

    read_parcel(run.pk)
    return Chunk.objects.get(run=run)


def test_p3_without_the_claim_a_chunk_taken_over_is_composed_twice(
    starters: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from postroom.documents.models import Document
    from postroom.production import commit, pipeline
    from postroom.production.models import Chunk

    # given a worker that is taken for dead while it composes, and another that takes its chunk over
    real = pipeline.commit_chunk

    def overtaken(run: Any, live: Any, chunk_id: Any, claim: Any, works: Any, batch: Any, *, folder: str) -> None:
        if overtake:
            overtake.pop()
            Chunk.objects.filter(pk=chunk_id).update(state="ready", claim=None)
            pipeline.compose_chunk(chunk_id)
        real(run, live, chunk_id, claim, works, batch, folder=folder)

    monkeypatch.setattr(pipeline, "commit_chunk", overtaken)
    run, overtake = start(write(tmp_path, records(2))), [1]
    # when the first one commits too late, then it commits nothing
    pipeline.compose_chunk(_chunk(run).pk)
    assert balance_of(run).documents == 2
    # when the commit does not take the claim, then there are two documents for each record
    monkeypatch.setattr(commit, "_close", lambda run, chunk_id, claim: False)
    overtake.append(1)
    run = start(write(tmp_path, records(3)))
    pipeline.compose_chunk(_chunk(run).pk)
    assert Document.objects.filter(run_id=run.pk).count() == 6


def test_p3_without_the_skip_a_file_taken_up_again_is_read_twice_and_the_rows_refuse(
    starters: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import IntegrityError

    from postroom.production import reading
    from postroom.production.models import Run

    # given a file that was read to its end, and a reader that takes it up at the beginning
    run = start(write(tmp_path, records(2)))
    reading.read_parcel(run.pk)
    Run.objects.filter(pk=run.pk).update(state="reading")
    with monkeypatch.context() as mutated:
        mutated.setattr(reading.itertools, "islice", lambda items, first, *rest: list(items)[: first or None])
        with pytest.raises((IntegrityError, reading.ClaimLost)):
            reading.read_parcel(run.pk)
    # then the rows refuse, the count is what it was, and the real reader finds nothing left to read
    reading.read_parcel(run.pk)
    assert balance_of(run).received == 2
    assert Run.objects.get(pk=run.pk).state == "working"


def test_p4_an_outcome_of_an_earlier_attempt_changes_nothing(starters: list[str], tmp_path: Path) -> None:
    from postroom.delivery.claiming import claim
    from postroom.delivery.models import Attempt, Delivery
    from postroom.delivery.settle import settle
    from postroom.delivery.spec import Sent, Truth
    from postroom.kernel import liveness
    from postroom.production.pipeline import compose_chunk

    # given an attempt that was taken over, and the attempt after it
    compose_chunk(_chunk(start(write(tmp_path, records(1)))).pk)
    first = claim("letters", liveness.current().number)
    assert first is not None
    Delivery.objects.filter(pk=first.pk).update(state="ready")
    second = claim("letters", liveness.current().number)
    assert second is not None and second.key != first.key
    # when the first one's worker comes back with its outcome, then it is too late
    assert settle(first, Sent(Truth.ACCEPTED, "late"), Truth.ACCEPTED) is False
    assert Delivery.objects.get(pk=first.pk).state == "sending"
    assert list(Attempt.objects.order_by("no").values_list("no", flat=True)) == [1, 2]
    assert settle(second, Sent(Truth.ACCEPTED, "fine"), Truth.ACCEPTED) is True


def test_p6_facts_are_told_in_the_transaction_they_belong_to(db: str) -> None:
    from postroom.ledger.append import Act, append

    # given no transaction, when something is appended to the ledger, then that is refused
    with pytest.raises(RuntimeError, match="inside the transaction"):
        append("system:test", [Act("test.noted", "test")])


def test_p4_failpoints_do_nothing_unless_named() -> None:
    # given a process that comes by every failpoint
    code = (
        "from postroom.kernel import failpoints as f\nfor n in f.NAMES:\n for _ in range(9): f.reach(n)\nprint('alive')"
    )
    quiet = {key: value for key, value in os.environ.items() if key != "POSTROOM_FAILPOINT"}

    def process(**more: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-c", code], env={**quiet, **more}, capture_output=True, text=True, timeout=30, check=False
        )
        return done.returncode, done.stdout

    # when none is named, then it lives; when one is, it dies there as by kill -9
    assert process() == (0, "alive\n")
    assert process(POSTROOM_FAILPOINT="after-fsync:9") == (-9, "")
    assert process(POSTROOM_FAILPOINT="after-fsync:10") == (0, "alive\n")


def test_p4_a_send_may_not_last_as_long_as_the_take_over_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    from postroom.kernel import config

    # given settings under which a living sender could be taken for dead
    monkeypatch.setenv("POSTROOM_SEND_TIMEOUT", "30")
    # when they are read, then they are refused
    with pytest.raises(config.BadSetting, match="is not below"):
        config.config.__wrapped__()


def test_p3_a_run_carried_through_twice_is_carried_through_once(starters: list[str], tmp_path: Path) -> None:
    # given a settled run, when every wake-up comes a second time, then nothing happens
    run = start(write(tmp_path, records(2)))
    carry_through(run.pk)
    before = balance_of(run)
    carry_through(run.pk)
    assert balance_of(run) == before
