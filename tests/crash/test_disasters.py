"""P2, P3, P4: full disks, wrong clocks, damaged segments, a rude store, two supervisors, and a worker of yesterday."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from crash import processes
from crash.house import House
from servers.rude_front import RudeFront

slow = pytest.mark.slow


@contextmanager
def _small_disk(folder: Path, size: str) -> Iterator[Callable[[str], None]]:
    """``folder`` becomes a disk of its own; the function gives it another size."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", str(folder)], check=True)
    try:
        yield lambda more: _run("mount", "-o", f"remount,size={more}", str(folder))
    finally:
        _run("umount", "--lazy", str(folder))


def _run(*words: str) -> None:
    subprocess.run(words, check=True)


@slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a small disk")
def test_p3_a_full_disk_stops_a_run_and_sets_nothing_aside() -> None:
    # given a vault on a disk that is too small for the run
    with House(records=60) as house, _small_disk(house.root / "small", "10m") as grow:
        kept = house.home.vault
        for path in kept.iterdir():  # what the templates have stored already
            (house.root / "small" / path.name).write_bytes(path.read_bytes())
        kept.rename(house.root / "vault.before")
        kept.symlink_to(house.root / "small")
        filler = house.root / "small" / "filler"
        with filler.open("wb", buffering=0) as full, pytest.raises(OSError, match="No space"):
            while True:  # without a buffer: what did not fit would be tried, and fail, again when the file is closed
                full.write(bytes(1 << 16))
        with filler.open("r+b") as full:
            full.truncate(filler.stat().st_size - (1 << 20))  # room for the parcel and a document or two
        # when it is full in the middle of the run
        house.start(to="letters")
        said = any("DiskFull" in house.logs() or "room left" in house.logs() for _ in processes.waiting(60, 0.5))
        assert said, house.logs()
        assert house.ask("SELECT count(*) FROM run_set_aside") == 0
        # and there is room again
        grow("200m")
        filler.unlink()
        # then the run goes on by itself and ends whole
        house.until_settled()
        house.judge()
        kept.unlink()


@slow
def test_p4_a_clock_that_jumps_back_an_hour_stops_nothing() -> None:
    # given a run that began when the clock was an hour ahead, with letters that are to be tried again by that clock
    with House(records=60, more={"POSTROOM_RETRY_DELAYS": "5,5,5"}) as house:
        clock, away = house.root / "clock", house.root / "letters.away"
        clock.write_text("3600", "ascii")
        house.letters.rename(away)
        house.start(to="letters")
        house.until("SELECT count(*) > 20 FROM delivery WHERE state = 'ready' AND attempts = 1", 60)
        # when somebody puts it right in the middle
        clock.write_text("0", "ascii")
        away.rename(house.letters)
        # then each waits no longer than it was meant to, the run ends whole, and the ledger holds
        house.until_settled(60)
        assert house.ask("SELECT count(*) FROM delivery WHERE attempts > 1") > 20
        house.judge()


@slow
def test_p2_a_damaged_segment_is_named_with_its_documents() -> None:
    # given a run that is settled
    with House(records=20) as house:
        house.start(to="letters")
        house.until_settled()
        segment = max(house.home.vault.glob("*.seg"), key=lambda path: path.stat().st_size)
        whole = segment.read_bytes()
        numbers = {json.loads(line)["number"] for line in house.data.read_text("utf-8").splitlines()}
        flipped = bytearray(whole)
        flipped[len(whole) // 2] ^= 1
        for damage in (whole[: len(whole) // 2], bytes(flipped), None):
            # when its segment is cut short, a bit of it flips, or it is gone
            if damage is None:
                segment.unlink()
            else:
                segment.write_bytes(damage)
            # then the vault says so, and names the blob and the documents it belongs to
            told = house.python("-m", "postroom.cli.app", "vault", "verify", "--json", code=8)
            found = json.loads(told[told.index("{") : told.rindex("}") + 1])
            assert not found["whole"]
            assert found["damaged"]
            assert {name for blob in found["damaged"] for name in blob["documents"]} & numbers, found["damaged"][:2]
            assert found["missing_segments"] == ([segment.name] if damage is None else [])
        segment.write_bytes(whole)
        house.judge()


@slow
def test_p3_a_rude_store_delays_nothing_and_gets_everything_in_the_end() -> None:
    # given a store that answers late, not at all, with half an answer, or refuses us
    with House(records=80, stored=True) as house:
        assert house.s3 is not None
        with RudeFront(house.s3.endpoint) as front:
            house.more["AWS_ENDPOINT_URL"] = front.endpoint
            house.serve()
            house.python(
                "-m", "crash.program", "none", "run", "invoice", str(house.data), "--run-key", "main", "--no-wait"
            )
            for mood in ("slow", "500", "half", "403"):
                front.turn(mood)
                time.sleep(4)
                # (a busy machine comes to the store later)
                until = time.monotonic() + 40
                while mood in ("slow", "500") and mood not in front.met and time.monotonic() < until:
                    time.sleep(0.2)
            # when the run ends while it is still rude
            house.until_all_settled()
            assert {"slow", "500"} <= set(front.met), front.met
            # then nothing is lost, and all of it goes there once it is itself again
            front.turn("")
            house.kill_all()
            house.judge()


@slow
def test_a_second_supervisor_is_refused_and_may_follow_a_killed_one() -> None:
    # given an installation that serves
    with House(records=4) as house:
        house.serve()
        house.until("SELECT count(*) >= 4 FROM worker", 60)
        # when a second one is started on the same home
        said = house.python("-m", "postroom.cli.app", "serve", "--port", "0", code=6)
        # then it is refused and says by whom
        assert house.program is not None
        assert "already running" in said and str(house.program.pid) in said
        # and when the first is killed, a new one takes its place
        house.kill_all()
        house.serve()
        house.python("-m", "crash.program", "none", "run", "invoice", str(house.data), "--run-key", "main", "--json")
        house.judge()


@slow
def test_a_worker_of_another_release_joins_and_one_that_does_not_know_the_tables_is_refused() -> None:
    # given a worker that says it is of another version than the rest
    with House(records=20) as house:
        old = house.worker("render", "yesterday", CRASH_VERSION="0.0.1")
        house.until("SELECT count(*) = 1 FROM worker WHERE version = '0.0.1' AND gone_since IS NULL", 40)
        # when a run is worked on by both
        house.start(to="letters")
        house.until_settled()
        # then the claim, the lock and the schema are the same for both, and the house is whole
        assert old.poll() is None
        house.judge()
        # but when the tables are of a version that it does not know, then it stops, and cannot begin again
        house.ask(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('delivery', '0999_of_tomorrow', now())"
            " RETURNING true"
        )
        assert old.wait(40) == 75, house.logs()
        refused = house.worker("render", "refused", CRASH_VERSION="0.0.1")
        assert refused.wait(40) == 7, house.logs()
        said = (house.root / "refused.log").read_text("utf-8")
        assert "newer version than this worker" in said and "0999_of_tomorrow" in said and "Traceback" not in said
