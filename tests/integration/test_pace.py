"""Whose turn it is: the urgent overtake a batch, batches share evenly, and claiming costs the same whatever waits."""

from __future__ import annotations

import datetime as dt
import json
import time
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from api_kit import records
from kit.backlog import analyse, backlog, destination, letter
from kit.runs import start, write

A, B = uuid.UUID(int=0xA << 96), uuid.UUID(int=0xB << 96)
LETTER = uuid.UUID(int=0xC << 96)


def _claims(key: str, count: int) -> list[Any]:
    from postroom.delivery.claiming import claim

    return [claim(key, 7) for _ in range(count)]


@pytest.fixture
def crowded(db: str) -> str:
    """A destination with a batch of 20,000 letters, another batch, and letters that were deferred for an hour."""
    key, shared = destination("relay"), letter()
    backlog(key, 20_000, run=A, shared=shared)
    backlog(key, 300, run=B, shared=shared)
    from postroom.kernel import clock

    backlog(key, 2000, run=A, attempts=1, due=clock.now() + dt.timedelta(hours=1), shared=shared)
    return key


def test_p4_two_batches_share_evenly_and_neither_starves(crowded: str) -> None:
    # when letters are taken, then each run has its turn, however long the other one is
    taken = Counter(found.run_id for found in _claims(crowded, 400))
    assert taken == {A: 200, B: 200}
    # and what the shorter one leaves goes to the longer one
    taken = Counter(found.run_id for found in _claims(crowded, 300))
    assert taken == {A: 200, B: 100}


def test_p4_one_letter_overtakes_a_batch(crowded: str) -> None:
    from postroom.delivery.models import URGENT

    _claims(crowded, 5)
    # given a letter that somebody waits for
    backlog(crowded, 1, run=LETTER, priority=URGENT)
    # when the next one is taken, then it is this one, at once
    began = time.monotonic()
    assert _claims(crowded, 1)[0].run_id == LETTER
    assert time.monotonic() - began < 1.0
    # and so is one that belongs to no run
    backlog(crowded, 1, priority=URGENT)
    assert _claims(crowded, 1)[0].run_id is None


def test_p4_a_priority_given_later_counts(crowded: str) -> None:
    from postroom.delivery.models import Delivery

    assert Delivery.objects.filter(run_id=B, state="ready").update(priority=5) == 300
    assert {found.run_id for found in _claims(crowded, 300)} == {B}
    assert _claims(crowded, 1)[0].run_id == A


def test_p4_what_is_tried_again_takes_turns_with_what_is_new(db: str) -> None:
    # given many letters that are due again, and new ones
    key, shared = destination("relay"), letter()
    backlog(key, 50, run=A, attempts=1, shared=shared)
    backlog(key, 50, run=B, shared=shared)
    # then neither waits for the end of the other
    assert Counter(found.run_id for found in _claims(key, 40)) == {A: 20, B: 20}


def test_p4_while_the_urgent_one_is_in_other_hands_the_others_go_on(crowded: str) -> None:
    import psycopg
    from django.conf import settings

    # given a letter somebody else is just taking
    backlog(crowded, 1, run=LETTER, priority=100)
    with psycopg.connect(settings.DATABASE_URL) as other:
        other.execute("SELECT 1 FROM delivery WHERE priority = 100 FOR UPDATE")
        # then this worker does not come away with nothing
        assert _claims(crowded, 1)[0].run_id in (A, B)


def test_p4_a_clock_that_jumps_back_holds_up_no_first_try(db: str) -> None:
    from postroom.kernel import clock

    key = destination("relay")
    backlog(key, 1, run=A, due=clock.now() + dt.timedelta(hours=1))
    assert _claims(key, 1)[0].run_id == A


def _buffers(plan: dict[str, Any]) -> int:
    return int(plan["Shared Hit Blocks"]) + int(plan["Shared Read Blocks"])


def _look(key: str) -> tuple[int, str]:
    """Pages one claim reads, and the plan."""
    from postroom.delivery import claiming
    from postroom.kernel import clock

    values: dict[str, Any] = {"destination": key, "worker": 7, "now": clock.now(), "after": A, "parallel": 1 << 31}
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {claiming._CLAIM[False, False]}", values)
        found = cursor.fetchone()[0]
        cursor.execute("ROLLBACK")
    made = found if isinstance(found, list) else json.loads(found)
    return _buffers(made[0]["Plan"]), json.dumps(made)


def _pages_grow(small: int, large: int) -> list[str]:
    """The gate: a claim from a hundred times as many letters may touch a few pages more, not a hundred times."""
    return [f"{small} pages became {large}"] if large > small + 40 else []


def test_p4_a_claim_costs_the_same_however_many_wait(db: str) -> None:
    # given a small backlog, and one a hundred times as long
    key, shared = destination("relay"), letter()
    backlog(key, 200, run=A, shared=shared)
    backlog(key, 20, run=B, shared=shared)
    analyse()
    few, _ = _look(key)
    backlog(key, 20_000, run=A, shared=shared)
    backlog(key, 2000, run=B, shared=shared)
    analyse()
    many, plan = _look(key)
    # then a claim looks at a handful of pages, by the index made for it
    assert _pages_grow(few, many) == []
    assert "delivery_next" in plan
    assert "Seq Scan" not in plan.replace('"Relation Name": "party"', "")


def test_planted_without_its_index_a_claim_reads_the_backlog(db: str) -> None:
    key, shared = destination("relay"), letter()
    backlog(key, 200, run=A, shared=shared)
    analyse()
    few, _ = _look(key)
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX delivery_next")
    backlog(key, 20_000, run=A, shared=shared)
    analyse()
    assert _pages_grow(few, _look(key)[0]) != []


def _batch(folder: Path, count: int, prefix: str) -> Any:
    made = records(count)
    for number, record in enumerate(made):
        record["customer"] = {**record["customer"], "key": f"{prefix}-{number}"}
        record["number"] = f"{prefix}-{number}"
    return start(write(folder, made, f"{prefix}.jsonl"))


def test_p3_one_document_is_urgent_by_itself_and_composed_before_the_batches(
    starters: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.conf import settings

    from postroom.delivery.models import URGENT, Delivery
    from postroom.production import tasks
    from postroom.production.models import DONE, Chunk
    from postroom.production.reading import read_parcel

    # given two batches of several chunks that wait, and one document that came last
    monkeypatch.setattr(settings, "CONFIG", settings.CONFIG.model_copy(update={"chunk_size": 2}))
    first, second = _batch(tmp_path, 6, "A"), _batch(tmp_path, 4, "B")
    single = _batch(tmp_path, 1, "C")
    for run in (first, second, single):
        read_parcel(run.pk)
    assert (first.priority, single.priority) == (0, URGENT)
    # when workers are woken for the chunks of the first batch
    done: list[Any] = []
    for chunk_id in Chunk.objects.filter(run=first).values_list("pk", flat=True):
        tasks.compose_chunk_task(str(chunk_id))
        run_ids = Chunk.objects.filter(state=DONE).values_list("run_id", flat=True)
        done += [run_id for run_id, number in Counter(run_ids).items() for _ in range(number - done.count(run_id))]
    # then they compose the document first, and one chunk of each batch
    assert done[0] == single.pk
    assert set(done[1:]) == {first.pk, second.pk}
    assert set(Delivery.objects.filter(run_id=single.pk).values_list("priority", flat=True)) == {URGENT}
    assert set(Delivery.objects.filter(run_id=first.pk).values_list("priority", flat=True)) == {0}


def test_p3_two_workers_that_choose_the_same_chunk_compose_it_once(starters: list[str], tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor
    from threading import Barrier

    from postroom.documents.models import Document
    from postroom.production.models import Chunk
    from postroom.production.pipeline import compose_chunk
    from postroom.production.reading import read_parcel
    from postroom.production.turns import next_chunks

    run = _batch(tmp_path, 1, "A")
    read_parcel(run.pk)
    assert Chunk.objects.count() == 1
    together = Barrier(2)

    def work(_: int) -> bool:
        try:
            (chunk,), _waits = next_chunks(lambda run_id, priority: None)
            together.wait()
            return compose_chunk(chunk)
        finally:
            connection.close()

    # given two that saw the same chunk waiting, then the claim decides: one has composed it, one has done nothing
    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(work, range(2))) == [False, True]
    assert Document.objects.filter(run_id=run.pk).count() == 1


def test_p3_an_urgent_file_is_read_while_a_long_one_is_being_read(
    starters: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.conf import settings

    from postroom.production import courtesy
    from postroom.production.models import READING, WORKING, Run
    from postroom.production.reading import read_parcel

    monkeypatch.setattr(settings, "CONFIG", settings.CONFIG.model_copy(update={"chunk_size": 2}))
    long, single = _batch(tmp_path, 8, "A"), _batch(tmp_path, 1, "C")
    seen: list[tuple[str, int]] = []

    class Watched(courtesy.Courtesy):
        def __call__(self, run: Any) -> None:
            self._look_at = 0.0
            super().__call__(run)
            seen.append((Run.objects.get(pk=single.pk).state, Run.objects.get(pk=long.pk).received))

    assert Run.objects.get(pk=single.pk).state == READING
    read_parcel(long.pk, between=Watched())
    # then the document was read before the first chunk of the long file was
    assert seen[0] == (WORKING, 0)
    assert Run.objects.get(pk=long.pk).received == 8


def _jobs(destination_key: str) -> list[tuple[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT queue_name, priority FROM procrastinate_jobs WHERE args ->> 'destination' = %s ORDER BY id",
            (destination_key,),
        )
        return list(cursor.fetchall())


def test_p4_a_destination_has_a_few_wake_ups_and_an_urgent_one_is_among_them(db: str) -> None:
    from django.utils import timezone

    from postroom.delivery.wake import wake, wake_in

    # given a batch whose chunks all wake one destination
    key = destination("relay")
    for _ in range(50):
        wake(key)
    assert _jobs(key) == [("deliver:null", 0)] * 8
    # when something urgent comes, then its wake-up is there, and goes first
    wake(key, priority=100)
    assert _jobs(key)[-1] == ("deliver:null", 100)
    # and letters deferred to about the same moment share a wake-up
    later = timezone.now() + dt.timedelta(minutes=5)
    for seconds in (0.9, 0.5, 0.1, 0.0):
        wake(key, at=later + dt.timedelta(seconds=seconds))
    wake_in(key, 60.0)
    wake_in(key, 60.0)
    assert len(_jobs(key)) == 9 + 1 + 1


def test_p4_a_try_put_off_by_a_clock_that_went_ahead_waits_no_longer_than_it_was_meant_to(db: str) -> None:
    from postroom.delivery.claiming import set_waits_right
    from postroom.delivery.models import Delivery
    from postroom.kernel import clock

    # given two tries put off for ten seconds, one of them by a clock that went an hour ahead, and a first try
    key, shared, now = destination("relay"), letter(), clock.now()
    ahead, wait = dt.timedelta(hours=1), dt.timedelta(seconds=10)
    for at, attempts in ((now, 1), (now + ahead, 1), (now + ahead, 0)):
        backlog(key, 1, attempts=attempts, due=at + wait, shared=shared)
        Delivery.objects.order_by("-id").filter(changed_at__lte=clock.now(), attempts=attempts).filter(
            next_attempt_at=at + wait
        ).update(changed_at=at)
    # when the sweep sets waits right, then only the second begins anew, with the wait it was meant to have
    assert set_waits_right() == 1
    left = [
        moment - clock.now() for moment in Delivery.objects.filter(attempts=1).values_list("next_attempt_at", flat=True)
    ]
    assert all(dt.timedelta() < each <= wait for each in left)
    assert set_waits_right() == 0


def test_p4_setting_waits_right_costs_the_same_whatever_waits(crowded: str) -> None:
    from postroom.delivery.claiming import set_waits_right

    analyse()
    # given 22,000 letters that wait, of which 2,000 were put off, when nothing is wrong, then that is seen at once
    began = time.monotonic()
    assert set_waits_right() == 0
    assert time.monotonic() - began < 0.1
