"""Sealed segments move to a store, and nothing is lost on the way: a real SeaweedFS, and one that misbehaves."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from vault_kit import stored

from postroom.kernel.home import Home
from servers.rude_s3 import RudeS3
from servers.seaweedfs import ACCESS, BUCKET, SECRET, SeaweedFs

Use = Callable[..., str]


@pytest.fixture(scope="module")
def weed() -> Iterator[SeaweedFs]:
    pytest.importorskip("obstore")
    with SeaweedFs() as server:
        yield server


@pytest.fixture
def use(db: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Use]:
    """Configure a store at an endpoint."""
    from django.conf import settings

    from postroom.vault import places

    def configure(endpoint: str, *, timeout: float = 10.0, cache: int = 0) -> str:
        variables = {"AWS_ACCESS_KEY_ID": ACCESS, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_REGION": "us-east-1"}
        for name, value in {**variables, "AWS_ENDPOINT_URL": endpoint}.items():
            monkeypatch.setenv(name, value)
        url = f"s3://{BUCKET}/{uuid.uuid4().hex}"
        changes = {"store_url": url, "store_timeout": timeout, "cache_bytes": cache}
        monkeypatch.setattr(settings, "CONFIG", settings.CONFIG.model_copy(update=changes))
        places.forget()
        return url

    yield configure
    places.forget()


def _seal() -> None:
    """What this process wrote is closed, as when it ends."""
    from postroom.vault import write

    write._writer().abandon()


def test_sealed_segments_are_moved_and_read_by_range(weed: SeaweedFs, use: Use, home: Home) -> None:
    from postroom.vault.models import Segment
    from postroom.vault.read import read
    from postroom.vault.upkeep import Upkeep, upkeep
    from postroom.vault.verify import verify

    # given a store, no room for copies, and blobs in an open segment
    use(weed.endpoint)
    blobs = stored(b"one", b"two" * 200_000, b"three")
    # when the vault is kept while the writer lives, then nothing happens
    assert upkeep() == Upkeep()
    # when the writer is gone
    _seal()
    assert upkeep() == Upkeep(sealed=1, uploaded=1, dropped=1)
    # then the segment is in the store with its size and digest, the disk is empty, and everything is read from there
    segment = Segment.objects.get()
    assert (segment.store, len(bytes(segment.sha256))) == ("s3", 32)
    assert list(home.vault.glob("*.seg")) == []
    assert [read(blob) for blob in blobs] == [b"one", b"two" * 200_000, b"three"]
    assert verify().whole
    # and a second round has nothing to do
    assert upkeep() == Upkeep()


def test_copies_stay_while_there_is_room_and_the_least_used_goes_first(weed: SeaweedFs, use: Use, home: Home) -> None:
    from django.conf import settings

    from postroom.vault.read import read
    from postroom.vault.upkeep import upkeep

    # given three stored segments with room for all
    use(weed.endpoint, cache=1 << 30)
    blobs = []
    for number in range(3):
        blobs += stored(b"segment %d" % number)
        _seal()
    assert upkeep().dropped == 0
    paths = sorted(home.vault.glob("*.seg"))
    assert len(paths) == 3
    # when room becomes less after the first one was used last
    import os

    for age, path in enumerate(paths):
        os.utime(path, (time.time() - 1000 + age, time.time() - 1000 + age))
    assert read(blobs[0]) == b"segment 0"
    object.__setattr__(settings.CONFIG, "cache_bytes", paths[0].stat().st_size + 10)
    # then the other two go, and are still read
    assert upkeep().dropped == 2
    assert list(home.vault.glob("*.seg")) == [paths[0]]
    assert [read(blob) for blob in blobs] == [b"segment %d" % number for number in range(3)]


def test_an_upload_cut_after_the_put_is_finished_by_comparing(weed: SeaweedFs, use: Use, home: Home) -> None:
    from postroom.vault import places
    from postroom.vault.models import Segment
    from postroom.vault.upkeep import upkeep

    # given an object that was put before the row could say so
    use(weed.endpoint)
    stored(b"words")
    _seal()
    path = next(home.vault.glob("*.seg"))
    there = places.remote()
    assert there is not None
    there.put(path.name, path)
    # when the vault is kept, then it is compared and taken
    assert upkeep().uploaded == 1
    assert Segment.objects.get().store == "s3"


def test_planted_another_object_under_the_name_is_never_overwritten_nor_believed(
    weed: SeaweedFs, use: Use, home: Home, tmp_path: Path
) -> None:
    from postroom.vault import places
    from postroom.vault.errors import StoreConflict
    from postroom.vault.models import Segment
    from postroom.vault.upkeep import upkeep

    # given somebody else's bytes of the same length under the segment's name
    use(weed.endpoint)
    stored(b"words")
    _seal()
    path = next(home.vault.glob("*.seg"))
    foreign = tmp_path / "foreign"
    foreign.write_bytes(bytes(path.stat().st_size))
    there = places.remote()
    assert there is not None
    there.put(path.name, foreign)
    # when the vault is kept, then that is an error, and the segment stays here
    with pytest.raises(StoreConflict, match="other bytes"):
        upkeep()
    assert path.exists()
    assert Segment.objects.get().store == "local"
    assert there.read(path.name, 0, 10) == bytes(10)


def test_a_store_that_died_is_told_and_nothing_is_lost(weed: SeaweedFs, use: Use, home: Home) -> None:
    from postroom.vault.errors import StoreUnavailable
    from postroom.vault.read import read
    from postroom.vault.upkeep import upkeep

    # given one segment in the store, one here, and the server killed
    use(weed.endpoint, timeout=2.0)
    (far,) = stored(b"far")
    _seal()
    upkeep()
    (near,) = stored(b"near")
    _seal()
    weed.kill()
    try:
        # then the far one says that the store does not answer (not: damaged), and the near one is read and kept
        with pytest.raises(StoreUnavailable):
            read(far)
        with pytest.raises(StoreUnavailable):
            upkeep()
        assert read(near) == b"near"
    finally:
        weed.start()
    # when it is back, then all is done
    deadline = time.monotonic() + 40
    while True:
        try:
            assert upkeep().uploaded == 1
            break
        except StoreUnavailable:
            assert time.monotonic() < deadline
    assert (read(far), read(near)) == (b"far", b"near")


@pytest.mark.parametrize("mood", ["500", "403", "slow", "half"])
def test_a_rude_store_is_told_in_time_and_nothing_is_lost(use: Use, home: Home, mood: str) -> None:
    from postroom.vault import errors
    from postroom.vault.models import Segment
    from postroom.vault.read import read
    from postroom.vault.upkeep import upkeep

    pytest.importorskip("obstore")
    (blob,) = stored(b"words")
    _seal()
    wanted: Any = errors.StoreRefused if mood == "403" else errors.StoreUnavailable
    with RudeS3(mood) as rude:
        use(rude.endpoint, timeout=2.0)
        # when a sealed segment is to be stored, then that fails in time with a hint, and the segment stays here
        began = time.monotonic()
        with pytest.raises((wanted, errors.StoreConflict)) as told:
            upkeep()
        assert told.value.hint
        assert time.monotonic() - began < 20
        assert Segment.objects.get().store == "local"
        assert read(blob) == b"words"
        # when it is only there, then reading says whose fault it is, and never that the bytes are damaged
        next(home.vault.glob("*.seg")).unlink()
        with pytest.raises(wanted):
            read(blob)
