"""The wire of the cage: any portions in, whole frames out, and no trust in what the other side claims."""

from __future__ import annotations

import struct
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postroom import cage
from postroom.cage.bench import BenchFault
from postroom.cage.cell import load
from postroom.cage.frames import MAX_BLOBS, MAX_BYTES, MAX_JSON, PORTION, BrokenFrame, Reader, encode, plain
from postroom.cage.locks.seccomp import _ARCHES, _GUARDED, _REFUSED

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcä", max_size=3), inner, max_size=4),
    max_leaves=12,
)


@given(
    frames=st.lists(st.tuples(values, st.lists(st.binary(max_size=50), max_size=3)), max_size=4),
    portion=st.integers(1, 40),
)
def test_frames_arrive_whole_whatever_the_portions(frames: list[tuple[Any, list[bytes]]], portion: int) -> None:
    wire = b"".join(encode(value, blobs) for value, blobs in frames)
    reader, arrived = Reader(), []
    for start in range(0, len(wire), portion):
        reader.feed(wire[start : start + portion])
        while (frame := reader.take()) is not None:
            arrived.append(frame)
    assert arrived == [(value, tuple(blobs)) for value, blobs in frames]


@given(
    sizes=st.lists(st.sampled_from([0, 1, 63_000, PORTION, 300_000, 1_000_000]), min_size=1, max_size=6),
    portion=st.sampled_from([40_000, 100_000, PORTION, 3 * PORTION]),
)
@settings(max_examples=30, deadline=None)
def test_bytes_written_into_its_room_arrive_whole_and_large_room_is_given_back(sizes: list[int], portion: int) -> None:
    # given documents of any size, each of other bytes, on a wire that writes where the reader says
    frames = [({"n": number}, (bytes([number + 1]) * size,)) for number, size in enumerate(sizes)]
    wire = memoryview(b"".join(encode(value, blobs) for value, blobs in frames))
    reader, arrived = Reader(), []
    # when they come
    while wire:
        room = reader.room()
        count = min(portion, len(room), len(wire))
        room[:count] = wire[:count]
        reader.came(count)
        wire = wire[count:]
        while (frame := reader.take()) is not None:
            arrived.append(frame)
    # then they are the same, and what the largest needed is not kept
    assert arrived == frames
    assert len(reader.room()) == 2 * PORTION


def test_room_is_taken_for_what_came_not_for_what_a_frame_claims() -> None:
    reader = Reader()
    reader.feed(struct.pack("<IIQ", 2, 1, MAX_BYTES // 2) + b"{}" + bytes(PORTION))
    assert reader.take() is None
    assert len(reader.room()) < 4 * PORTION


@pytest.mark.parametrize(
    "head",
    [
        struct.pack("<II", MAX_JSON + 1, 0),
        struct.pack("<II", 2, MAX_BLOBS + 1),
        struct.pack("<IIQ", 2, 1, 1 << 60) + b"{}",
        struct.pack("<II", 2, 0) + b"{]",
        struct.pack("<II", 200_000, 0) + b"[" * 200_000,
    ],
)
def test_a_frame_that_claims_too_much_is_refused_before_memory_is_taken(head: bytes) -> None:
    reader = Reader()
    reader.feed(head)
    with pytest.raises(BrokenFrame):
        reader.take()


@pytest.mark.parametrize("value", [Decimal("1.10"), float("nan"), object(), b"bytes"])
def test_p9_what_json_cannot_carry_exactly_is_refused(value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        encode({"amount": value})
    with pytest.raises((TypeError, ValueError)):
        plain({"amount": value})


@pytest.mark.parametrize("name", ["os:system", "postroomx.cage:Bench", "postroom.cage.probe", "subprocess:Popen"])
def test_p10_only_our_own_modules_are_benches(name: str) -> None:
    with pytest.raises(BenchFault):
        load(name)


def test_every_public_name_of_the_package_can_be_had() -> None:
    assert all(getattr(cage, name) for name in cage.__all__)
    with pytest.raises(AttributeError):
        _ = cage.nothing


def test_p10_no_refused_call_is_also_guarded_and_no_number_is_named_twice() -> None:
    for column in {column for column, _ in _ARCHES.values()}:
        numbers = [entry[column] for entry in (*_REFUSED.values(), *_GUARDED.values()) if entry[column] is not None]
        assert len(numbers) == len(set(numbers))
