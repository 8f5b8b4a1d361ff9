"""Contract suites for stores of segments: subclass one, give it a ``store`` fixture, run pytest.

``StoreContract`` is for what new segments are written to, ``RemoteStoreContract`` for what sealed ones are moved to.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from postroom.vault.spec import RemoteStore, Store


class StoreContract:
    """What a ``Store`` SHALL do."""

    @pytest.fixture
    def store(self) -> Store:
        """An empty store."""
        raise NotImplementedError

    def test_what_is_appended_is_read_and_offsets_say_where(self, store: Store) -> None:
        segment = store.create("a.seg")
        assert [segment.append(b"one"), segment.append(b""), segment.append(b"three")] == [0, 3, 3]
        segment.sync()
        assert (store.read("a.seg", 3, 5), store.size("a.seg")) == (b"three", 8)
        segment.close()

    def test_a_name_is_given_once(self, store: Store) -> None:
        segment = store.create("a.seg")
        segment.append(b"kept")
        segment.close()
        with pytest.raises(FileExistsError):
            store.create("a.seg")
        assert store.read("a.seg", 0, 4) == b"kept"

    def test_what_is_not_there_is_told(self, store: Store) -> None:
        store.create("a.seg").close()
        with pytest.raises(EOFError):
            store.read("a.seg", 0, 1)
        for ask in (lambda: store.read("b.seg", 0, 1), lambda: store.size("b.seg")):
            with pytest.raises(FileNotFoundError):
                ask()

    def test_names_are_sorted(self, store: Store) -> None:
        for name in ("b.seg", "a.seg"):
            store.create(name).close()
        assert list(store.names()) == ["a.seg", "b.seg"]

    def test_a_segment_is_abandoned_when_its_writer_is_gone(self, store: Store) -> None:
        segment = store.create("a.seg")
        assert not store.abandoned("a.seg")
        segment.close()
        assert store.abandoned("a.seg")
        assert not store.abandoned("b.seg")


class RemoteStoreContract:
    """What a ``RemoteStore`` SHALL do."""

    @pytest.fixture
    def store(self) -> RemoteStore:
        """An empty store."""
        raise NotImplementedError

    @pytest.fixture
    def segment(self, tmp_path: Path) -> Path:
        path = tmp_path / "whole"
        path.write_bytes(os.urandom(3 << 20))
        return path

    def test_what_is_put_is_read_by_range(self, store: RemoteStore, segment: Path) -> None:
        whole = segment.read_bytes()
        store.put("a.seg", segment)
        assert store.size("a.seg") == len(whole)
        for start, length in ((0, 16), (1 << 20, 25_000), (len(whole) - 7, 7), (5, 0)):
            assert store.read("a.seg", start, length) == whole[start : start + length]

    def test_nothing_is_ever_overwritten_even_by_two_at_once(
        self, store: RemoteStore, segment: Path, tmp_path: Path
    ) -> None:
        whole = segment.read_bytes()
        other = tmp_path / "other"
        other.write_bytes(os.urandom(1000))
        store.put("a.seg", segment)
        with pytest.raises(FileExistsError):
            store.put("a.seg", other)
        assert store.read("a.seg", 0, len(whole)) == whole
        contents = [tmp_path / f"racer-{number}" for number in range(4)]
        for path in contents:
            path.write_bytes(os.urandom(5000))

        def race(path: Path) -> Path | None:
            try:
                store.put("b.seg", path)
            except FileExistsError:
                return None
            return path

        with ThreadPoolExecutor(4) as pool:
            winners = [path for path in pool.map(race, contents) if path]
        assert len(winners) == 1
        assert store.read("b.seg", 0, 5000) == winners[0].read_bytes()

    def test_what_is_not_there_is_told(self, store: RemoteStore, segment: Path) -> None:
        store.put("a.seg", segment)
        for offset in (segment.stat().st_size - 2, segment.stat().st_size + 99):
            with pytest.raises(EOFError):
                store.read("a.seg", offset, 10)
        for ask in (lambda: store.read("b.seg", 0, 1), lambda: store.size("b.seg")):
            with pytest.raises(FileNotFoundError):
                ask()

    def test_names_are_sorted_and_deleting_is_harmless_twice(self, store: RemoteStore, segment: Path) -> None:
        for name in ("b.seg", "a.seg"):
            store.put(name, segment)
        assert list(store.names()) == ["a.seg", "b.seg"]
        for _ in range(2):
            store.delete("b.seg")
        assert list(store.names()) == ["a.seg"]
