"""Runs from start to end: once per key, corrected, cancelled, waiting for a disk, and never out of balance (P3)."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from api_kit import carry_through, records
from kit.runs import balance_of, settled, start, through, write


def _set(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    from django.conf import settings

    monkeypatch.setattr(settings, "CONFIG", settings.CONFIG.model_copy(update=changes))


def test_p3_the_same_key_runs_once_and_belongs_to_its_bytes(starters: list[str], tmp_path: Path) -> None:
    from postroom.documents.models import Document
    from postroom.production.errors import RunKeyTaken

    # given a run with a key
    first = through(write(tmp_path, records(3)), run_key="nightly")
    # when the same file comes again, with the key or without any, then it is the same run, and nothing is done twice
    assert through(write(tmp_path, records(3), "other-name.jsonl"), run_key="nightly").pk == first.pk
    own = through(write(tmp_path, records(2)))
    assert through(write(tmp_path, records(2))).pk == own.pk
    assert Document.objects.count() == 5
    # when another file comes with that key, then it is refused and says whose key it is
    with pytest.raises(RunKeyTaken, match=first.ref):
        start(write(tmp_path, records(4)), run_key="nightly")


def test_p3_two_starts_of_one_key_at_the_same_moment_make_one_run(starters: list[str], tmp_path: Path) -> None:
    from django.db import connection

    from postroom.production.models import Run

    # given four that start the same at once
    path = write(tmp_path, records(2))
    gate, refs, faults = threading.Barrier(4), [], []

    def begin() -> None:
        try:
            gate.wait(10)
            refs.append(start(path, run_key="same").ref)
        except Exception as error:
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    # then all got the same run, and there is one
    assert faults == []
    assert len(set(refs)) == 1
    assert Run.objects.count() == 1


def test_a_record_is_corrected_and_completed(starters: list[str], tmp_path: Path) -> None:
    from postroom.identity.actor import SYSTEM
    from postroom.production.actions.correct_record import correct_record
    from postroom.production.errors import NotSetAside
    from postroom.production.models import SetAside

    # given a run with one record set aside
    made = records(3)
    made[1]["issued_on"] = "2026-02-30"
    run = through(write(tmp_path, made))
    assert balance_of(run).records["set_aside"] == 1
    record = SetAside.objects.get(run=run).record_id
    # when it is corrected wrongly, then it is set aside again, with the new reason
    correct_record(SYSTEM, record, {**made[1], "issued_on": "tomorrow"})
    assert settled(run).records["set_aside"] == 1
    # when it is corrected, then it is completed, and the balance is zero all along
    correct_record(SYSTEM, record, {**made[1], "issued_on": "2026-02-28"})
    counted = settled(run)
    assert (counted.records["completed"], counted.records_difference) == (3, 0)
    with pytest.raises(NotSetAside):
        correct_record(SYSTEM, record, made[1])


def test_p3_a_record_corrected_while_its_file_is_still_read_disturbs_nobody(
    starters: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from postroom.identity.actor import SYSTEM
    from postroom.production import reading
    from postroom.production.actions.correct_record import correct_record
    from postroom.production.models import SetAside

    # given a file that is read in chunks of two, and a reader that is cut after the first
    _set(monkeypatch, chunk_size=2)
    made: list[Any] = [*records(6)]
    good, made[1] = made[1], "no record"
    run = start(write(tmp_path, made))
    real = reading._commit
    cut = [1]

    def commit(*arguments: Any) -> None:
        real(*arguments)
        if cut:
            cut.pop()
            raise RuntimeError("cut")

    monkeypatch.setattr(reading, "_commit", commit)
    with pytest.raises(RuntimeError, match="cut"):
        reading.read_parcel(run.pk)
    # when its bad record is corrected, and it is read on with chunks of another size
    correct_record(SYSTEM, SetAside.objects.get(run=run).record_id, good)
    _set(monkeypatch, chunk_size=3)
    carry_through(run.pk)
    # then all six arrive
    assert settled(run).records["completed"] == 6


def test_p3_a_run_is_cancelled_in_the_middle_and_balances(
    starters: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from postroom.delivery.claiming import claim
    from postroom.delivery.dispatch import dispatch
    from postroom.delivery.models import Delivery
    from postroom.delivery.settle import settle
    from postroom.delivery.spec import Deferred, Truth
    from postroom.identity.actor import SYSTEM
    from postroom.kernel import liveness
    from postroom.kernel.errors import Conflict
    from postroom.production.actions.cancel_run import cancel_run
    from postroom.production.models import Chunk
    from postroom.production.pipeline import compose_chunk
    from postroom.production.reading import read_parcel

    # given a run of three chunks: one delivered, one composed of which a delivery is being sent, one waiting
    _set(monkeypatch, chunk_size=2)
    run = start(write(tmp_path, records(6)))
    read_parcel(run.pk)
    first, second, _ = Chunk.objects.filter(run=run).order_by("no")
    compose_chunk(first.pk)
    dispatch("letters")
    compose_chunk(second.pk)
    sending = claim("letters", liveness.current().number)
    assert sending is not None
    # when it is cancelled
    cancel_run(SYSTEM, run.pk, "Wrong prices")
    counted = balance_of(run)
    # then what left is delivered, what waits is cancelled, what is being sent is in progress; the balances are zero
    assert (counted.records["completed"], counted.records["cancelled"], counted.records["in_progress"]) == (2, 3, 1)
    assert (counted.records_difference, counted.deliveries_difference) == (0, 0)
    # when the one being sent comes back deferred, then it is not tried again
    settle(sending, Deferred("later", retry_after=60), Truth.ACCEPTED)
    counted = settled(run)
    assert (counted.records["completed"], counted.records["cancelled"]) == (2, 4)
    assert Delivery.objects.get(pk=sending.pk).state == "cancelled"
    with pytest.raises(Conflict):
        cancel_run(SYSTEM, run.pk, "again")


def test_p3_a_full_disk_makes_the_run_wait_and_it_goes_on_when_there_is_room(
    starters: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from postroom.production.models import Chunk
    from postroom.production.pipeline import compose_chunk
    from postroom.production.reading import read_parcel
    from postroom.vault.errors import DiskFull

    # given a disk that fills up after the parcel was taken
    run = start(write(tmp_path, records(2)))
    read_parcel(run.pk)
    chunk = Chunk.objects.get(run=run)
    with monkeypatch.context() as full:
        _set(full, disk_reserve=1 << 60)
        for _ in range(7):  # as often as you like
            with pytest.raises(DiskFull, match="below the reserve"):
                compose_chunk(chunk.pk)
        # then nothing more is taken in either
        with pytest.raises(DiskFull):
            start(write(tmp_path, records(3)))
    chunk.refresh_from_db()
    assert (chunk.state, chunk.tries) == ("ready", 0)
    assert balance_of(run).records["in_progress"] == 2
    # when there is room again, then it goes on
    assert settled(run).records["completed"] == 2


def test_p3_a_chunk_that_always_fails_is_set_aside_with_a_reason(
    starters: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from postroom.identity.actor import SYSTEM
    from postroom.production import stages
    from postroom.production.actions.correct_record import correct_record
    from postroom.production.models import Chunk, SetAside
    from postroom.production.pipeline import MOST_TRIES, compose_chunk
    from postroom.production.reading import read_parcel

    # given a fault of ours that meets every record of a chunk
    run = start(write(tmp_path, records(2)))
    read_parcel(run.pk)
    chunk = Chunk.objects.get(run=run)
    with monkeypatch.context() as broken:
        broken.setattr(stages, "meet_recipients", lambda works: 1 / 0)
        for _ in range(MOST_TRIES):
            with pytest.raises(ZeroDivisionError):
                compose_chunk(chunk.pk)
        compose_chunk(chunk.pk)
    # then it is not tried for ever: its records wait for a person, and the run balances
    counted = settled(run)
    assert (counted.records["set_aside"], counted.records_difference) == (2, 0)
    # when the fault is mended, then they go on
    for row in SetAside.objects.filter(run=run):
        assert row.code == "worker-died"
        correct_record(SYSTEM, row.record_id)
    assert settled(run).records["completed"] == 2


def test_p3_rows_deleted_behind_its_back_turn_the_balance(starters: list[str], tmp_path: Path) -> None:
    from django.db import connection

    # given a run that balances
    run = through(write(tmp_path, records(3)))
    # when a record and a delivery vanish from the tables
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM run_record WHERE run_id = %s AND ordinal = 2", [run.pk])
        cursor.execute("DELETE FROM delivery_receipt")
        cursor.execute("DELETE FROM delivery_attempt")
        cursor.execute("DELETE FROM delivery WHERE id = (SELECT min(id::text)::uuid FROM delivery)")
    # then neither balance is zero
    counted = balance_of(run)
    assert (counted.records_difference, counted.deliveries_difference) == (1, 1)


def test_p3_planted_a_run_that_is_not_counted_is_never_taken_for_balanced(starters: list[str], tmp_path: Path) -> None:
    from django.db import transaction

    from postroom.kernel.ids import new_id
    from postroom.production.balance import balance, drifted, keep

    # given a settled run
    run = through(write(tmp_path, records(1)))
    # when it is asked for by a text, or is not there, then that is an error: no row of zeros is shown or kept
    unknown: list[Any] = [str(run.pk), new_id()]
    for stranger in unknown:
        with pytest.raises(RuntimeError, match="says nothing of"):
            balance(stranger)
    with pytest.raises(RuntimeError, match="says nothing of"), transaction.atomic():
        keep(unknown[0])
    assert drifted() == []
