"""A home that cannot be written: the error says so, and says what to do, before anything is half made."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from database_kit import NOBODY, a_made_home, end_server, needs_root, others_can_run_python, run

from postroom.kernel import database
from postroom.kernel.home import Home

START = "start(); done()"


@contextmanager
def _mounted(size: str) -> Iterator[Home]:
    """A home on a small disk of its own."""
    folder = Path(tempfile.mkdtemp(prefix="pr-small-"))
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder], capture_output=True).returncode:
        folder.rmdir()
        pytest.skip("this container may not mount")
    home = Home(folder / "home")
    try:
        yield home
    finally:
        end_server(home)
        subprocess.run(["umount", folder], check=True)
        folder.rmdir()


@needs_root
def test_a_first_start_on_a_full_disk_is_refused_before_it_begins() -> None:
    with _mounted("8m") as home:
        with pytest.raises(database.HomeNotWritable, match="MB are free") as refused:
            database.start(home, lambda _: None)
        assert str(home.root) in refused.value.message
        assert not (home.database / "data").exists()


@needs_root
def test_a_disk_that_fills_up_during_the_first_start_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with _mounted("24m") as home:
        monkeypatch.setattr("postroom.kernel.database.adapter._FIRST_START_BYTES", 0)
        with pytest.raises(database.HomeNotWritable, match="disk is full"):
            database.start(home, lambda _: None)


@needs_root
def test_a_start_on_a_disk_that_is_full_by_now_is_named_and_works_after_cleaning() -> None:
    with _mounted("300m") as home:
        database.start(home, lambda _: None)
        database.stop(home)
        filler = home.root / "filler"
        with pytest.raises(OSError, match="No space"), filler.open("wb", buffering=0) as handle:
            while True:
                handle.write(bytes(65536))

        with pytest.raises(database.HomeNotWritable, match="disk is full"):
            database.start(home, lambda _: None)
        filler.unlink()
        assert database.start(home, lambda _: None)


@needs_root
def test_a_disk_mounted_read_only_is_named() -> None:
    with _mounted("300m") as home:
        database.start(home, lambda _: None)
        database.stop(home)
        subprocess.run(["mount", "-o", "remount,ro", home.root.parent], check=True)
        with pytest.raises(database.HomeNotWritable, match="Read-only file system"):
            database.start(home, lambda _: None)


@needs_root
def test_a_folder_without_rights_is_named() -> None:
    others_can_run_python()
    folder = Path(tempfile.mkdtemp(prefix="pr-closed-"))
    folder.chmod(0o755)
    try:
        facts = run(Home(folder / "home"), START, uid=NOBODY)
        assert facts["error"] == "HomeNotWritable"
        assert "Permission denied" in facts["message"]
        assert "POSTROOM_HOME" in facts["hint"]
    finally:
        shutil.rmtree(folder)


def test_a_home_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("I am a file", encoding="utf-8")
    with pytest.raises(database.HomeNotWritable, match="File exists"):
        database.start(Home(tmp_path / "home"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_existing_home_without_rights_is_named() -> None:
    with a_made_home() as home:
        (home.locks / "database.lock").chmod(0o400)
        with pytest.raises(database.HomeNotWritable, match="Permission denied"):
            database.start(home)
