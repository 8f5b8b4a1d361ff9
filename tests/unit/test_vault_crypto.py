"""Two layers of keys, without files or rows: what is sealed opens with its key and its name, and with nothing else."""

from __future__ import annotations

import os
import uuid

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from postroom.vault import crypto, frames
from postroom.vault.crypto import Kek, SealBroken, new_kek, parse_keks

COMPRESSOR = zstandard.ZstdCompressor(level=3)


@given(st.binary(max_size=5000))
def test_p11_what_is_sealed_in_a_frame_opens_again(content: bytes) -> None:
    # given content packed with a data key
    key = os.urandom(32)
    data, frame, size = frames.pack(uuid.uuid4(), content, COMPRESSOR, key)
    head, sealed = data[: frames.FRAME_SIZE], data[frames.FRAME_SIZE :]
    # then the frame says that it is sealed, and how long it is
    assert frame.codec & frames.ENCRYPTED
    assert (len(sealed), size) == (frame.stored_size, len(content))
    # and with key and header the content comes back
    assert frames.unpack(crypto.unseal(key, sealed, head), frame.codec & ~frames.ENCRYPTED) == content


def test_p11_a_seal_is_bound_to_key_bytes_and_every_bit_of_the_header() -> None:
    # given sealed content
    key = os.urandom(32)
    data, _, _ = frames.pack(uuid.uuid4(), b"Dear Ms Vega", COMPRESSOR, key)
    head, sealed = data[: frames.FRAME_SIZE], data[frames.FRAME_SIZE :]
    assert b"Vega" not in sealed
    # when any bit of header or content changes, or the key is another one, then it does not open
    for place in range(len(head)):
        with pytest.raises(SealBroken):
            crypto.unseal(key, sealed, _flipped(head, place))
    for place in range(len(sealed)):
        with pytest.raises(SealBroken):
            crypto.unseal(key, _flipped(sealed, place), head)
    with pytest.raises(SealBroken):
        crypto.unseal(os.urandom(32), sealed, head)


def test_p11_a_wrapped_key_is_bound_to_its_blob_and_its_kek() -> None:
    # given a data key wrapped for one blob
    kek, blob, data_key = new_kek(), uuid.uuid4(), os.urandom(32)
    wrapped = kek.wrap(blob, data_key)
    assert (len(wrapped), kek.unwrap(blob, wrapped)) == (60, data_key)
    # then it serves neither another blob nor another key, and two wraps never look alike
    for other, which in ((kek, uuid.uuid4()), (new_kek(), blob)):
        with pytest.raises(SealBroken):
            other.unwrap(which, wrapped)
    with pytest.raises(SealBroken):
        kek.unwrap(blob, b"")
    assert kek.wrap(blob, data_key) != wrapped


def test_p11_keys_wrapped_together_have_nonces_of_their_own() -> None:
    # given many data keys, when they are wrapped together
    kek = new_kek()
    keys = [(uuid.uuid4(), os.urandom(32)) for _ in range(500)]
    wrapped = list(kek.wrap_all(keys))
    # then each is bound to its blob, and no nonce is used twice
    assert [(blob, kek.unwrap(blob, sealed)) for blob, sealed in wrapped] == keys
    assert len({sealed[:12] for _, sealed in wrapped}) == len(keys)
    assert {len(sealed) for _, sealed in wrapped} == {60}
    assert list(kek.wrap_all([])) == []


def test_keys_are_read_from_lines_commas_and_both_alphabets() -> None:
    # given three keys written in three ways
    keks = [new_kek() for _ in range(3)]
    secret = bytes(range(32))
    text = f"# newest first\n{keks[0].text},{keks[1].text}  # both\n\n{secret.hex()}\n{keks[2].text}"
    # when they are read, then they are those, in that order
    found = parse_keks(text)
    assert [kek.id for kek in found] == [keks[0].id, keks[1].id, Kek(secret).id, keks[2].id]
    assert (found[0].check, repr(found[0])) == (keks[0].check, f"Kek({keks[0].id})")


@pytest.mark.parametrize("text", ["password", "AAAA", "é", "00" * 31 + "zz"])
def test_what_is_no_key_is_refused_without_being_told(text: str) -> None:
    with pytest.raises(ValueError, match="key 1") as refused:
        parse_keks(text)
    assert text not in str(refused.value)


def test_an_old_frame_is_read_as_ever() -> None:
    # given a frame from before encryption, then nothing about it has changed
    data, frame, _ = frames.pack(uuid.uuid4(), b"invoice " * 50, COMPRESSOR)
    assert frame.codec == frames.ZSTD
    assert frames.unpack(data[frames.FRAME_SIZE :], frame.codec) == b"invoice " * 50


def _flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
