"""Hosts that share a database and a store, and nothing else: what one writes, another one reads (ADR 0043)."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from vault_kit import stored

from kit.runs import balance_of, postroom, start, write
from postroom.kernel.home import Home
from servers.seaweedfs import ACCESS, BUCKET, SECRET, SeaweedFs


@pytest.fixture(scope="module")
def weed() -> Iterator[SeaweedFs]:
    pytest.importorskip("obstore")
    with SeaweedFs() as server:
        yield server


@pytest.fixture
def shared(db: str, weed: SeaweedFs, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A store that this process and those it starts use. Its address."""
    from django.conf import settings

    from postroom.vault import places

    url = f"s3://{BUCKET}/{uuid.uuid4().hex}"
    for name, value in {
        "AWS_ACCESS_KEY_ID": ACCESS,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": weed.endpoint,
        "POSTROOM_STORE_URL": url,
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(settings, "CONFIG", settings.CONFIG.model_copy(update={"store_url": url}))
    places.forget()
    yield url
    places.forget()


class Host:
    """Another host: a home folder of its own, and workers in it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.worker: subprocess.Popen[bytes] | None = None

    def work(self, roles: str) -> Host:
        with (self.home / "worker.log").open("ab") as log:
            self.worker = subprocess.Popen(
                [sys.executable, "-m", "postroom.cli.app", "worker", "--roles", roles],
                stderr=log,
                env={**os.environ, "POSTROOM_HOME": str(self.home)},
            )
        return self

    def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self.worker is not None:
            self.worker.send_signal(how)
            self.worker.wait(60)
            self.worker = None

    def verify(self) -> dict[str, Any]:
        done = postroom("vault", "verify", "--json", timeout=120, POSTROOM_HOME=str(self.home))
        return {"code": done.returncode, **json.loads(done.stdout)}


@pytest.fixture
def hosts(shared: str, home: Home, tmp_path: Path) -> Iterator[tuple[Host, Host]]:
    """This test's own home, and a second one that holds nothing yet."""
    (tmp_path / "second").mkdir()
    both = Host(home.root), Host(tmp_path / "second")
    yield both
    for host in both:
        host.end()


def test_p2_two_hosts_carry_one_run_with_nothing_shared_but_database_and_store(
    starters: list[str], hosts: tuple[Host, Host], tmp_path: Path
) -> None:
    from api_kit import records
    from postroom.delivery.models import Destination
    from postroom.vault.models import Segment

    # given a host that reads, sweeps and sends, and one that composes: on another disk, without the templates' bytes
    first, second = hosts
    drop = tmp_path / "drop"
    drop.mkdir()
    Destination.objects.filter(key="letters").update(config={"folder": str(drop)})
    first.work("read,deliver,sweep")
    second.work("render")
    # when a run goes through both
    run = start(write(tmp_path, records(40)), destination="letters")
    _wait_for(lambda: run.__class__.objects.get(pk=run.pk).state == "settled", 90, hosts)
    # then each document left, although none of them was ever written to the disk of who sent it
    counted = balance_of(run)
    assert (counted.records_difference, counted.deliveries_difference) == (0, 0)
    assert counted.deliveries["delivered"] == 40
    assert len(list(drop.glob("**/*.pdf"))) == 40
    made_by = set(Segment.objects.values_list("home", flat=True))
    assert {Home(first.home).label(), Home(second.home).label()} <= made_by
    # and every byte is found from either
    assert [(one["code"], one["whole"]) for one in (first.verify(), second.verify())] == [(0, True)] * 2
    # when the second host is switched off for good, then nothing is missing: it handed over what only it had
    second.end()
    shutil.rmtree(second.home)
    told = first.verify()
    assert (told["code"], told["elsewhere"]) == (0, [])


def test_p2_a_host_that_is_away_is_named_with_the_documents_on_its_disk(
    starters: list[str], hosts: tuple[Host, Host], tmp_path: Path
) -> None:
    from kit.runs import through

    # given documents on the disk of one host, which has no worker
    first, second = hosts
    from api_kit import records

    numbers = sorted(str(one["number"]) for one in records(2))
    through(write(tmp_path, records(2)))
    # when another host looks for them, then it is told where they are, and that this proves nothing
    told = second.verify()
    assert (told["code"], told["whole"], told["damaged"]) == (7, True, [])
    assert {name for one in told["elsewhere"] for name in one["documents"]} >= set(numbers)
    assert Home(first.home).label() in {one["home"] for one in told["elsewhere"]}
    # when a worker starts there, then all of it is found
    first.work("render")
    _wait_for(lambda: second.verify()["code"] == 0, 60, hosts)


def test_pieces_grow_with_their_segment_and_go_when_it_is_whole(
    shared: str, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from postroom.vault import pieces, places, write
    from postroom.vault.errors import SegmentElsewhere
    from postroom.vault.models import Piece, Segment
    from postroom.vault.read import read
    from postroom.vault.upkeep import upkeep

    there = places.remote()
    assert there is not None
    stopping = threading.Event()

    # given an open segment
    early = stored(b"early")[0]
    name = Segment.objects.get().name
    whole = home.vault / name
    monkeypatch.setattr(pieces, "this_home", lambda: "another/1")
    monkeypatch.setattr(pieces, "PATIENCE", 0.3)
    monkeypatch.setattr(pieces, "IN_VAIN", 0.0)

    def from_afar(blob: uuid.UUID) -> bytes:
        """As a host reads it that has not the file, while ``whole`` is handed over by the one that has."""
        monkeypatch.setattr(places, "store", lambda: _Nothing())
        try:
            return read(blob)
        finally:
            monkeypatch.setattr(places, "store", write.store)

    # when nobody answers, then it says where the bytes are
    with pytest.raises(SegmentElsewhere, match=Home(home.root).label()):
        from_afar(early)
    answering = threading.Thread(target=pieces.answer, args=(stopping, there))
    answering.start()
    try:
        _wait_for(lambda: _quiet(lambda: from_afar(early)) == b"early", 20)
        # when the segment grows, then what came is asked for and put, and what is there is not put again
        late = stored(b"late" * 3000_000)[0]
        _wait_for(lambda: _quiet(lambda: from_afar(late)) == b"late" * 3000_000, 20)
        held = list(Piece.objects.order_by("start").values_list("start", "stop", "ready"))
        assert held[0][0] == 0
        assert held[-1][1] == whole.stat().st_size
        assert [one[0] for one in held[1:]] == [one[1] for one in held[:-1]]
        assert len(held) >= 2
        assert all(one[2] for one in held)
    finally:
        stopping.set()
        answering.join(10)
    # when it is sealed and stored, then its pieces are gone, and who still knew of them reads the whole one
    write._writer().abandon()
    assert upkeep(rewriting=False).uploaded == 1
    assert not Piece.objects.exists()
    with pytest.raises(FileNotFoundError):
        there.size(pieces.named(name, 0, held[0][1]))
    assert from_afar(late) == b"late" * 3000_000


def test_p2_planted_a_crash_while_a_piece_is_put_leaves_nothing_behind(
    shared: str, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    from postroom.kernel import failpoints
    from postroom.vault import pieces, places
    from postroom.vault.models import Piece, Segment

    there = places.remote()
    assert there is not None
    stored(b"one")
    name = Segment.objects.get().name

    # given a host that dies after it put a piece and before it said so
    class Died(BaseException):
        pass

    def die(place: str) -> None:
        if place == "after-piece":
            raise Died

    monkeypatch.setattr(failpoints, "reach", die)
    with pytest.raises(Died):
        pieces.hand_over(name, there)
    monkeypatch.undo()
    left = Piece.objects.get()
    # then nobody reads it
    assert pieces.reach(name) == 0
    # and the next one puts it anew, with all that is there by now
    stored(b"two")
    assert pieces.hand_over(name, there) == 1
    with pytest.raises(FileNotFoundError):
        there.size(pieces.named(name, 0, left.stop))
    assert pieces.reach(name) == (home.vault / name).stat().st_size


def test_a_wish_for_what_is_no_segment_is_not_heard(shared: str, home: Home) -> None:
    from postroom.vault import pieces, places

    there = places.remote()
    assert there is not None
    (home.root / "vault.key.seg").write_bytes(b"secret")
    assert [pieces.hand_over(name, there) for name in ("../vault.key.seg", "0" * 32 + ".seg", "")] == [0, 0, 0]


class _Nothing:
    """The disk of a host that has no segment."""

    def read(self, name: str, offset: int, length: int) -> bytes:
        raise FileNotFoundError(name)

    size = read


def _quiet(act: Callable[[], bytes]) -> bytes:
    from postroom.vault.errors import SegmentElsewhere

    try:
        return act()
    except SegmentElsewhere:
        return b""


def _wait_for(what: Callable[[], object], seconds: float, hosts: tuple[Host, ...] = ()) -> None:
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() >= end:
            logs = "\n".join((host.home / "worker.log").read_text()[-3000:] for host in hosts if host.worker)
            raise AssertionError(f"it took too long\n{logs}")
        time.sleep(0.05)
