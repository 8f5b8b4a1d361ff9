"""The format of a segment, without a database."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from postroom.plugins.stores.local import LocalStore
from postroom.vault import frames
from postroom.vault.frames import FRAME_SIZE, SEGMENT_HEADER, pack, scan, unpack

COMPRESSOR = zstandard.ZstdCompressor(level=3)


@given(st.binary(max_size=5000))
def test_what_goes_in_comes_out(content: bytes) -> None:
    data, frame, size = pack(uuid.uuid4(), content, COMPRESSOR)
    assert size == len(content)
    assert len(data) == FRAME_SIZE + frame.stored_size
    assert unpack(data[FRAME_SIZE:], frame.codec) == content


def test_only_what_shrinks_is_compressed() -> None:
    noise, text = os.urandom(4000), b"invoice " * 500
    assert pack(uuid.uuid4(), noise, COMPRESSOR)[1].codec == frames.PLAIN
    assert pack(uuid.uuid4(), text, COMPRESSOR)[1].codec == frames.ZSTD


def test_an_unknown_codec_is_refused() -> None:
    with pytest.raises(ValueError, match="codec 9"):
        unpack(b"", 9)


def test_a_segment_can_be_walked_without_the_database_and_a_torn_tail_is_left_out(tmp_path: Path) -> None:
    # given a segment of three blobs, the last one torn by a crash
    store = LocalStore(tmp_path)
    segment = store.create("a.seg")
    segment.append(SEGMENT_HEADER)
    ids = [uuid.uuid4() for _ in range(3)]
    for blob_id in ids[:2]:
        segment.append(pack(blob_id, b"content " * 50, COMPRESSOR)[0])
    segment.append(pack(ids[2], os.urandom(900), COMPRESSOR)[0][:-10])
    segment.close()
    # when it is walked
    found = list(scan(lambda offset, length: store.read("a.seg", offset, length), store.size("a.seg")))
    # then the whole ones are there, in order
    assert [frame.id for frame in found] == ids[:2]


def test_a_segment_name_is_given_once(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.create("a.seg").close()
    with pytest.raises(FileExistsError):
        store.create("a.seg")
    with pytest.raises(EOFError):
        store.read("a.seg", 0, 1)
    assert list(store.names()) == ["a.seg"]
