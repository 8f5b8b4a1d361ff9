"""P11: keys are a stream of their own, so a backup kept for years does not bring back what was destroyed since."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from vault_kit import own_key, stored

from kit.runs import postroom
from postroom.kernel import backup_keys
from postroom.kernel.backup import RestoreReport, backup, restore
from postroom.kernel.backup_format import BackupDamaged, BackupExists, BadBackup
from postroom.kernel.home import Home

__all__ = ["own_key"]


@contextmanager
def _restored(cluster: Any, archive: Path, root: Path, **options: Any) -> Iterator[RestoreReport]:
    """Restore into a database and home of its own, and work in it."""
    name = f"restored_{cluster.worker}_{uuid.uuid4().hex[:8]}"
    cluster.run(f"CREATE DATABASE {name}")
    try:
        home = Home(root)
        kept = os.environ["DATABASE_URL"]
        os.environ["DATABASE_URL"] = cluster.url_of(name)
        try:
            report = restore(archive, home, **options)
        finally:
            os.environ["DATABASE_URL"] = kept
        with cluster.in_use(name, home):
            yield report
    finally:
        cluster.drop(name)


@pytest.mark.parametrize("name", ["monday", "monday.tar"])
def test_p11_a_backup_with_its_keys_comes_back_readable(
    own_key: Path, home: Home, cluster: Any, tmp_path: Path, name: str
) -> None:
    from postroom.vault.read import read

    # given a vault with its key in the home, saved
    (blob,) = stored(b"Dear Ms Vega")
    saved = backup(home, tmp_path / name)
    # then the keys are beside the backup and not in it
    assert saved.keys == tmp_path / "monday.keys"
    assert saved.keys.stat().st_mode & 0o777 == 0o600
    assert "public.vault_key" not in saved.rows
    everything = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and path != saved.keys)
    assert own_key.read_bytes().strip() not in everything
    # when it is restored elsewhere, then it can be read, and its key is in place
    with _restored(cluster, tmp_path / name, tmp_path / "new") as report:
        assert (report.keys, report.unreadable) == (1, 0)
        assert read(blob) == b"Dear Ms Vega"
        assert (tmp_path / "new" / "vault.key").read_text() == own_key.read_text()


def test_p11_what_was_destroyed_stays_destroyed_in_an_old_backup(
    own_key: Path, home: Home, cluster: Any, tmp_path: Path
) -> None:
    from postroom.vault.destroy import destroy
    from postroom.vault.errors import BlobKeyMissing
    from postroom.vault.read import read
    from postroom.vault.rotate import rotate

    # given an old backup, and since then one blob destroyed, the key rotated, and a new key file made
    gone, kept = stored(b"forget me", b"keep me")
    backup(home, tmp_path / "old.tar")
    destroy([gone])
    rotate()
    newest = backup(home, tmp_path / "new.tar").keys
    (tmp_path / "old.keys").unlink()  # by its retention
    # when the old backup is restored with the newest keys
    with _restored(cluster, tmp_path / "old.tar", tmp_path / "house", keys=newest) as report:
        # then what was destroyed since cannot be read, although its row and its bytes are there
        assert (report.keys, report.unreadable) == (1, 1)
        assert read(kept) == b"keep me"
        with pytest.raises(BlobKeyMissing, match="key is not here"):
            read(gone)


def test_p11_a_backup_without_keys_says_what_cannot_be_read(
    own_key: Path, home: Home, cluster: Any, tmp_path: Path
) -> None:
    from postroom.vault.read import read
    from postroom.vault.verify import verify

    # given a backup whose keys are not there
    stored(b"one", b"two")
    backup(home, tmp_path / "b.tar")
    (tmp_path / "b.keys").unlink()
    # when it is restored, then it says how much cannot be read, names each, and new work is possible
    with _restored(cluster, tmp_path / "b.tar", tmp_path / "house") as report:
        assert (report.keys, report.unreadable) == (0, 2)
        assert len(verify().damaged) == 2
        assert read(stored(b"three")[0]) == b"three"
        done = postroom("vault", "verify")
        assert done.returncode == 8
        assert "key is not here" in done.stdout


def test_planted_a_changed_or_cut_key_file_is_refused_before_anything_is_touched(
    own_key: Path, home: Home, tmp_path: Path
) -> None:
    # given a key file with one bit changed, one cut short, another file, and none
    stored(b"one")
    keys = backup(home, tmp_path / "b.tar").keys
    assert keys is not None
    whole = keys.read_bytes()
    middle = len(whole) - 100
    for damaged in (whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :], whole[:-70], b"%PDF-1.7\n"):
        keys.write_bytes(damaged)
        # when the backup is restored, then that is refused and nothing was made
        with pytest.raises(BackupDamaged):
            backup_keys.check(keys)
    with pytest.raises(BadBackup):
        backup_keys.check(tmp_path / "nothing.keys")
    keys.write_bytes(whole)
    assert backup_keys.check(keys).rows == {"vault_kek": 1, "vault_key": 1}
    # and one that is there is never overwritten, nor left behind by a backup that failed
    (tmp_path / "b.tar").unlink()
    with pytest.raises(BackupExists):
        backup(home, tmp_path / "b.tar")
    assert keys.read_bytes() == whole
    assert not (tmp_path / "b.tar").exists()


def test_a_key_from_the_environment_is_in_no_backup(world: Any, home: Home, cluster: Any, tmp_path: Path) -> None:
    from postroom.documents.content import original
    from postroom.identity.actor import SYSTEM

    # given a house whose key comes from POSTROOM_VAULT_KEY
    saved = backup(home, tmp_path / "b.tar")
    assert saved.keys is not None
    assert backup_keys.check(saved.keys).key_file == ""
    # when it is restored where that variable is set, then its documents can be read
    with _restored(cluster, tmp_path / "b.tar", tmp_path / "house") as report:
        assert report.unreadable == 0
        assert original(SYSTEM, world.document).startswith(b"%PDF")
        with psycopg.connect(os.environ["DATABASE_URL"]) as session:
            assert session.execute("SELECT count(*) FROM vault_kek").fetchone() == (1,)
