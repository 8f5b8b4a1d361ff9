"""Backup of a working house and restore into an empty one; a damaged or cut backup is refused by name."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from database_kit import a_home, a_made_home, heard, spawn, until

from postroom.kernel import database
from postroom.kernel.backup import HomeNotEmpty, RestoreIncomplete, backup, keep_segments, restore
from postroom.kernel.backup_format import BackupDamaged, BackupExists, BackupFailed, BadBackup
from postroom.kernel.errors import ExitCode
from postroom.kernel.home import Home


class House:
    """A writer that keeps the order of the real one: bytes, row, head."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.url = database.start(home, lambda _: None)
        self.segment = home.vault / "letters" / "0001.seg"
        self.segment.parent.mkdir(exist_ok=True)
        self.secret = home.secret("secret")
        with psycopg.connect(self.url) as connection:
            connection.execute("CREATE EXTENSION pg_trgm")
            connection.execute(
                "CREATE TABLE blob (id serial PRIMARY KEY, place int, size int, sha text, name text);"
                "CREATE INDEX ON blob USING gin (name gin_trgm_ops);"
                "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'append-only'; END $$;"
                "CREATE TRIGGER no BEFORE UPDATE OR DELETE ON blob FOR EACH ROW EXECUTE FUNCTION no()"
            )

    def write(self, count: int = 1) -> None:
        for _ in range(count):
            data = os.urandom(3000)
            place = self.segment.stat().st_size if self.segment.exists() else 0
            with self.segment.open("ab") as handle:
                handle.write(data)
            self.record(place, data)

    def record(self, place: int, data: bytes) -> None:
        with psycopg.connect(self.url) as connection:
            row = connection.execute(
                "INSERT INTO blob (place, size, sha, name) VALUES (%s, %s, %s, 'Grüße') RETURNING id",
                [place, len(data), hashlib.sha256(data).hexdigest()],
            ).fetchone()
        assert row
        with self.home.ledger_heads.open("a", encoding="ascii") as handle:
            handle.write(f"{row[0]}\n")


def _unprovable(home: Home) -> list[str]:
    """Rows without their bytes, and heads without their row."""
    wrong: list[str] = []
    with psycopg.connect(database.url(home)) as connection:
        rows = connection.execute("SELECT id, place, size, sha FROM blob ORDER BY id").fetchall()
    held = (home.vault / "letters" / "0001.seg").read_bytes()
    for number, place, size, sha in rows:
        if hashlib.sha256(held[place : place + size]).hexdigest() != sha:
            wrong.append(f"row {number}")
    known = {number for number, *_ in rows}
    wrong += [f"head {head}" for head in home.ledger_heads.read_text().split() if int(head) not in known]
    return wrong


@pytest.fixture
def house() -> Iterator[House]:
    with a_made_home() as home:
        yield House(home)


@pytest.fixture
def empty() -> Iterator[Home]:
    with a_home("restored") as home:
        yield home


@pytest.mark.parametrize("name", ["monday", "monday.tar"])
def test_a_house_that_works_meanwhile_comes_back_whole(house: House, empty: Home, tmp_path: Path, name: str) -> None:
    house.write(20)
    steps: list[str] = []

    def busy(step: str, done: int, total: int) -> None:
        if step not in steps:
            steps.append(step)
            house.write(3)

    saved = backup(house.home, tmp_path / name, busy)
    house.write(5)
    back = restore(tmp_path / name, empty)

    assert steps == ["ledger heads", "database", "vault"]
    assert back.rows == saved.rows == {"public.blob": 23}, "20 and the 3 before the snapshot"
    assert back.segments == saved.segments == 1
    assert _unprovable(empty) == []
    assert empty.secret("secret") == house.secret
    assert (empty.root / "secret.key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / name).stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [name]
    with psycopg.connect(database.url(empty)) as connection, pytest.raises(psycopg.errors.RaiseException):
        connection.execute("DELETE FROM blob")


def test_the_proof_sees_a_row_that_came_before_its_bytes_planted_fault(
    house: House, empty: Home, tmp_path: Path
) -> None:
    house.write(2)
    house.record(6000, b"x" * 100)
    backup(house.home, tmp_path / "b")
    restore(tmp_path / "b", empty)
    assert _unprovable(empty) == ["row 3"]


def _flip(path: Path, offset: int) -> None:
    with path.open("r+b") as handle:
        handle.seek(offset)
        byte = handle.read(1)
        handle.seek(offset)
        handle.write(bytes([byte[0] ^ 1]))


@pytest.mark.parametrize("name", ["database.dump", "vault/letters/0001.seg", "ledger-heads.log", "keys/secret.key"])
def test_a_flipped_bit_is_named_and_nothing_is_touched(house: House, empty: Home, tmp_path: Path, name: str) -> None:
    house.write(2)
    backup(house.home, tmp_path / "b")
    _flip(tmp_path / "b" / name, 1)

    with pytest.raises(BackupDamaged) as damaged:
        restore(tmp_path / "b", empty)

    assert damaged.value.context["files"] == {name: "was changed"}
    assert damaged.value.exit_code == ExitCode.DAMAGED
    assert not empty.root.exists()


def test_every_kind_of_damage_is_named_per_file(house: House, empty: Home, tmp_path: Path) -> None:
    house.write(2)
    backup(house.home, tmp_path / "b")
    (tmp_path / "b" / "keys" / "secret.key").unlink()
    os.truncate(tmp_path / "b" / "vault" / "letters" / "0001.seg", 5999)

    with pytest.raises(BackupDamaged) as damaged:
        restore(tmp_path / "b", empty)

    assert damaged.value.context["files"] == {
        "keys/secret.key": "is missing",
        "vault/letters/0001.seg": "has 5999 bytes instead of 6000",
    }


def test_a_flipped_bit_in_a_tar_is_named(house: House, empty: Home, tmp_path: Path) -> None:
    house.write(2)
    archive = tmp_path / "b.tar"
    backup(house.home, archive)
    with tarfile.open(archive) as tar:
        offset = tar.getmember("vault/letters/0001.seg").offset_data
    _flip(archive, offset + 4000)
    with pytest.raises(BackupDamaged, match=r"vault/letters/0001\.seg was changed"):
        restore(archive, empty)
    assert not empty.root.exists()


def test_a_cut_backup_is_recognised(house: House, empty: Home, tmp_path: Path) -> None:
    house.write(2)
    folder, tar = tmp_path / "b", tmp_path / "b.tar"
    backup(house.home, folder)
    backup(house.home, tar)
    (folder / "manifest.json").unlink()
    os.truncate(tar, tar.stat().st_size // 2)

    for cut in (folder, tar):
        with pytest.raises(BadBackup, match="not a complete backup"):
            restore(cut, empty)
    with pytest.raises(BadBackup, match="There is no backup"):
        restore(tmp_path / "nothing", empty)


def test_a_backup_killed_in_the_middle_leaves_only_a_partial(house: House, empty: Home, tmp_path: Path) -> None:
    house.write(2)
    target = tmp_path / "b"
    process = spawn(
        house.home,
        "from postroom.kernel.backup import backup\n"
        "def stop(step, done, total):\n"
        "    if step == 'vault':\n"
        "        done_ = done\n"
        "        print('{}', flush=True)\n"
        "        time.sleep(60)\n"
        f"backup(home, Path({str(target)!r}), stop)\n",
    )
    heard(process)
    process.send_signal(signal.SIGKILL)
    process.communicate()

    assert not target.exists()
    partial = next(tmp_path.glob("b.*.partial"))
    with pytest.raises(BadBackup, match="not a complete backup"):
        restore(partial, empty)
    until(lambda: keep_segments(house.home).acquire(blocking=False))
    assert backup(house.home, target).segments == 1


def test_names_that_leave_the_backup_are_refused(house: House, empty: Home, tmp_path: Path) -> None:
    backup(house.home, tmp_path / "b")
    manifest = tmp_path / "b" / "manifest.json"
    for name in ("../evil", "/etc/evil", "vault/../../evil", "evil", "vault", "keys//x"):
        changed = json.loads(manifest.read_text(encoding="utf-8"))
        changed["files"].append({"name": name, "size": 0, "sha256": "0"})
        other = tmp_path / "other"
        shutil.copytree(tmp_path / "b", other)
        (other / "manifest.json").write_text(json.dumps(changed), encoding="utf-8")
        with pytest.raises(BadBackup, match="does not belong"):
            restore(other, empty)
        shutil.rmtree(other)


def test_another_format_and_a_newer_database_are_refused(house: House, empty: Home, tmp_path: Path) -> None:
    backup(house.home, tmp_path / "b")
    manifest = tmp_path / "b" / "manifest.json"
    whole = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps(whole | {"format": 2}), encoding="utf-8")
    with pytest.raises(BadBackup, match="format 2"):
        restore(tmp_path / "b", empty)
    manifest.write_text(json.dumps(whole | {"postgresql": 99}), encoding="utf-8")
    with pytest.raises(database.ForeignMajor, match="PostgreSQL 99"):
        restore(tmp_path / "b", empty)
    manifest.write_text("{", encoding="utf-8")
    with pytest.raises(BackupDamaged, match="manifest"):
        restore(tmp_path / "b", empty)


def test_nothing_is_ever_overwritten(house: House, empty: Home, tmp_path: Path) -> None:
    backup(house.home, tmp_path / "b")
    with pytest.raises(BackupExists):
        backup(house.home, tmp_path / "b")
    with pytest.raises(HomeNotEmpty):
        restore(tmp_path / "b", house.home)


def test_a_full_target_is_told_and_leaves_nothing(house: House) -> None:
    if subprocess.run(["mountpoint", "-q", "/dev/shm"]).returncode or os.geteuid() != 0:
        pytest.skip("needs a small disk to mount")
    house.write(400)
    small = house.home.root.parent / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "none", small], capture_output=True).returncode:
        pytest.skip("this container may not mount")
    try:
        for name in ("b", "b.tar"):
            with pytest.raises(BackupFailed, match="No space left"):
                backup(house.home, small / name)
        assert list(small.iterdir()) == []
    finally:
        subprocess.run(["umount", small], check=True)


def test_a_restore_cut_short_is_never_taken_for_the_house(
    house: House, empty: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.write(2)
    backup(house.home, tmp_path / "b")

    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("postroom.kernel.backup._postgres", cut)
        with pytest.raises(KeyboardInterrupt):
            restore(tmp_path / "b", empty)
    with pytest.raises(database.HalfRestored) as half:
        database.start(empty)
    assert "restore again" in half.value.hint


def test_rows_are_counted_after_the_restore_planted_fault(house: House, empty: Home, tmp_path: Path) -> None:
    house.write(2)
    backup(house.home, tmp_path / "b")
    manifest = tmp_path / "b" / "manifest.json"
    lying = json.loads(manifest.read_text(encoding="utf-8"))
    lying["rows"]["public.blob"] = 3
    manifest.write_text(json.dumps(lying), encoding="utf-8")
    with pytest.raises(RestoreIncomplete, match=r"public\.blob"):
        restore(tmp_path / "b", empty)


def test_a_database_that_was_down_is_down_again(house: House, tmp_path: Path) -> None:
    house.write(1)
    assert database.stop(house.home)
    saved = backup(house.home, tmp_path / "b")
    assert saved.rows == {"public.blob": 1}
    assert not database.status(house.home).running


def test_an_external_database_is_saved_and_restored_too(
    house: House, empty: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.write(3)
    with psycopg.connect(house.url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE second")
    first, second = house.url, house.url.replace("/postroom?", "/second?")
    monkeypatch.setenv("DATABASE_URL", first)
    backup(house.home, tmp_path / "b")
    with pytest.raises(HomeNotEmpty, match="DATABASE_URL"):
        restore(tmp_path / "b", empty)
    monkeypatch.setenv("DATABASE_URL", second)
    assert restore(tmp_path / "b", empty).rows == {"public.blob": 3}
    assert _unprovable(empty) == []
    assert not empty.database.exists()
