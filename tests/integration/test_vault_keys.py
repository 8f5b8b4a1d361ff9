"""P11: a destroyed key is the end of its content, and a key that is missing or wrong stops everything politely."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from vault_kit import own_key, stored

from kit.runs import postroom
from postroom.kernel.home import Home

__all__ = ["own_key"]


def _on_disk(home: Home) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(home.vault.glob("*.seg")))


def test_p11_bytes_are_sealed_on_the_disk_and_the_key_is_the_owners(own_key: Path, home: Home) -> None:
    from postroom.vault.models import WrappedKey
    from postroom.vault.read import read

    # when something is stored in a new installation
    (blob,) = stored(b"Dear Ms Vega, you owe us nothing.")
    # then the disk does not tell it, the key was made for its owner only, and it can be read
    assert b"Vega" not in _on_disk(home)
    assert own_key.stat().st_mode & 0o777 == 0o600
    assert read(blob) == b"Dear Ms Vega, you owe us nothing."
    assert len(WrappedKey.objects.get().wrapped) == 60


def test_p11_no_two_blobs_of_a_batch_share_a_data_key(db: str, home: Home) -> None:
    from postroom.vault.crypto import KEY_BYTES
    from postroom.vault.write import Batch

    # given more blobs than ids and keys are drawn for at once
    batch = Batch()
    added = [batch.add(b"the same words") for _ in range(110)]
    # then each has a whole key of its own, under its own id
    keys = dict(batch._data_keys)
    assert list(keys) == [blob.id for blob in added] and len(keys) == 110
    assert len(set(keys.values())) == 110 and {len(key) for key in keys.values()} == {KEY_BYTES}


def test_p11_bytes_from_before_encryption_stay_readable(db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from postroom.vault import frames
    from postroom.vault.destroy import destroy
    from postroom.vault.read import read
    from postroom.vault.verify import verify

    # given a blob that was stored without a key
    plain = frames.packed
    with monkeypatch.context() as before:
        before.setattr(frames, "packed", lambda blob, content, compressor, *_: plain(blob, content, compressor))
        (old,) = stored(b"old words " * 20)
    # then it is read and verified beside new ones, and destroying it says that its bytes are still there
    (new,) = stored(b"new words")
    assert (read(old), read(new)) == (b"old words " * 20, b"new words")
    assert verify().whole
    done = destroy([old, new])
    assert (set(done.blobs), done.plain) == ({old, new}, (old,))


def test_p11_what_is_destroyed_cannot_be_read_and_its_neighbour_can(db: str, home: Home) -> None:
    from postroom.vault.destroy import destroy
    from postroom.vault.errors import BlobMissing
    from postroom.vault.models import WrappedKey
    from postroom.vault.read import read
    from postroom.vault.verify import verify

    # given two blobs of equal bytes, when one is destroyed
    gone, kept = stored(b"the same words", b"the same words")
    before = _on_disk(home)
    assert destroy([gone]).blobs == (gone,)
    # then its key is gone, it is told as destroyed, the other one is untouched, and so are the segments
    assert set(WrappedKey.objects.values_list("blob_id", flat=True)) == {kept}
    with pytest.raises(BlobMissing, match="destroyed"):
        read(gone)
    assert read(kept) == b"the same words"
    assert _on_disk(home) == before
    assert verify().whole
    # and doing it again changes nothing
    assert destroy([gone]).blobs == ()


def test_a_missing_or_wrong_key_refuses_and_overwrites_nothing(own_key: Path, home: Home) -> None:
    from postroom.vault import keys
    from postroom.vault.crypto import new_kek
    from postroom.vault.errors import VaultKeyMissing, VaultKeyUnusable, VaultKeyWrong
    from postroom.vault.read import read

    # given an installation with something stored
    (blob,) = stored(b"words")
    right = own_key.read_text()
    # when the key file is gone, another one, or no key at all
    for content, error in (("", VaultKeyUnusable), (new_kek().text, VaultKeyWrong), ("rubbish", VaultKeyUnusable)):
        own_key.write_text(content)
        # then nothing is stored, the reason and a way out are told, and the file is left alone
        with pytest.raises(error) as refused:
            stored(b"more")
        assert refused.value.hint
        assert own_key.read_text() == content
    own_key.unlink()
    with pytest.raises(VaultKeyMissing, match="missing"):
        stored(b"more")
    assert not own_key.exists()
    # and the program that serves ends with that error
    done = postroom("worker", "--roles", "sweep")
    assert done.returncode == 7, done.stdout + done.stderr
    assert "vault.key is missing" in done.stderr
    # when it is back, then all is well
    own_key.write_text(right)
    keys.forget()
    assert read(blob) == b"words"


def test_a_key_file_that_is_named_is_never_made(own_key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.conf import settings

    from postroom.vault.errors import VaultKeyMissing

    # given a setting that names a file which is not there
    named = {"vault_key_file": str(tmp_path / "kek")}
    monkeypatch.setattr(settings, "CONFIG", settings.CONFIG.model_copy(update=named))
    # when something is to be stored, then that is refused, and no key appears anywhere
    with pytest.raises(VaultKeyMissing, match="kek"):
        stored(b"words")
    assert not (tmp_path / "kek").exists()
    assert not own_key.exists()


def test_p11_rotating_wraps_again_and_leaves_segments_alone(
    own_key: Path, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    from postroom.vault import rotate as rotating
    from postroom.vault.models import KeyEncryptionKey, WrappedKey
    from postroom.vault.read import read

    # given 25 blobs, and a rotation that is cut after the second batch of ten
    blobs = stored(*(b"words %d" % number for number in range(25)))
    old, before = own_key.read_text().strip(), _on_disk(home)
    monkeypatch.setattr(rotating, "BATCH", 10)

    def cut(done: int, _: int) -> None:
        if done == 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotating.rotate(cut)
    # then both keys are in the file, everything is readable, and new bytes take the new one
    assert own_key.read_text().split()[1:] == [old]
    assert read(blobs[24]) == b"words 24"
    assert read(blobs[0]) == b"words 0"
    stored(b"meanwhile")
    # when it is started again
    done = rotating.rotate()
    # then it goes on with the rest, lets go of the old key, and has not touched a segment
    assert done.rewrapped == 5
    assert own_key.read_text().split() == [own_key.read_text().strip()] != [old]
    assert set(WrappedKey.objects.values_list("kek_id", flat=True)) == {done.kek}
    assert KeyEncryptionKey.objects.filter(retired_at=None).count() == 1
    assert _on_disk(home).startswith(before)
    assert [read(blob) for blob in blobs] == [b"words %d" % number for number in range(25)]
    # and a second rotation is a new one
    assert rotating.rotate().rewrapped == 26


def test_p11_a_chunk_in_flight_is_not_left_with_the_old_key(own_key: Path) -> None:
    from django.db import connection, transaction

    from postroom.vault.models import WrappedKey
    from postroom.vault.read import read
    from postroom.vault.rotate import rotate
    from postroom.vault.write import Batch

    # given a chunk that has written its keys and not committed yet
    stored(b"first")
    batch = Batch()
    late = batch.add(b"in flight").id
    batch.sync()
    results: list[Any] = []

    def elsewhere() -> None:
        try:
            results.append(rotate())
        finally:
            connection.close()

    with transaction.atomic():
        batch.record()
        # when the key is rotated meanwhile, then the change waits for the chunk
        rotating = threading.Thread(target=elsewhere)
        rotating.start()
        rotating.join(0.5)
        assert rotating.is_alive()
    rotating.join(20)
    # and its keys are wrapped again with all others
    assert results[0].rewrapped == 2
    assert set(WrappedKey.objects.values_list("kek_id", flat=True)) == {results[0].kek}
    assert read(late) == b"in flight"


def test_planted_a_wrapped_key_of_another_blob_does_not_open(db: str) -> None:
    from postroom.vault.errors import BlobDamaged
    from postroom.vault.models import WrappedKey
    from postroom.vault.read import read
    from postroom.vault.verify import verify

    # given two blobs whose wrapped keys somebody has exchanged
    one, other = stored(b"one", b"other")
    first, second = WrappedKey.objects.get(pk=one), WrappedKey.objects.get(pk=other)
    WrappedKey.objects.filter(pk=one).update(wrapped=second.wrapped)
    WrappedKey.objects.filter(pk=other).update(wrapped=first.wrapped)
    # then neither is served, and the vault knows
    with pytest.raises(BlobDamaged, match="wrapped key was changed"):
        read(one)
    assert {blob for blob, _ in verify().damaged} == {one, other}


def test_the_terminal_rotates_and_makes_keys(own_key: Path) -> None:
    stored(b"words")
    made = postroom("vault", "new-key")
    assert len(made.stdout.strip()) == 44, made.stderr
    done = postroom("vault", "rotate-key", "--json")
    assert '"rewrapped": 1' in done.stdout, done.stdout + done.stderr
