"""Each lock is attacked for real, and each test is shown to turn red when its lock is missing (P10)."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from postroom.cage import Cell, level, spawn
from postroom.cage.levels import attempt

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="these locks are Linux")


class CellWithout(Cell):
    """A planted fault: the same cell, started with some of its locks replaced by nothing."""

    planted = ""

    def _command(self, channel: int) -> list[str]:
        script = (
            "import sys; from postroom.cage import cell, locks; "
            "from postroom.cage.locks import landlock, namespaces, seccomp; "
            f"{self.planted}; cell.main(sys.argv[1:])"
        )
        return [*spawn.python(), "-c", script, str(channel), str(os.getpid())]


class WithoutNamespace(CellWithout):
    planted = "namespaces.isolate = lambda notes: bool(notes.append('planted'))"


class WithoutFilter(CellWithout):
    planted = "seccomp.install = lambda notes: False"


class WithoutNetworkLock(CellWithout):
    """Landlock goes too: since its fourth version it refuses TCP by itself."""

    planted = (
        "seccomp.install = namespaces.isolate = lambda notes: False; landlock.restrict = lambda read, notes, **_: False"
    )


class WithoutLandlock(CellWithout):
    planted = "landlock.restrict = lambda read, notes, **_: False"


class Boasting(CellWithout):
    """Claims locks that it does not have."""

    planted = (
        "namespaces.isolate = seccomp.install = lambda notes: True; landlock.restrict = lambda read, notes, **_: True"
    )


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def connects(cell: Cell, server: socket.socket) -> bool:
    host, port = server.getsockname()
    return bool(cell.call({"op": "connect", "host": host, "port": port}).value == "done")


def opens(cell: Cell, path: Path) -> bool:
    return bool(cell.call({"op": "read", "path": str(path)}).value == "done")


@pytest.mark.parametrize("kind", [Cell, WithoutNamespace, WithoutFilter])
def test_p10_the_network_is_out_of_reach_with_either_lock(kind: type[Cell], server: socket.socket) -> None:
    with kind("probe", {}) as cell:
        if cell.level["network"] == "none":
            pytest.skip("this kernel offers neither lock")
        assert not connects(cell, server)


def test_p10_planted_fault_without_its_network_locks_the_server_is_reached(server: socket.socket) -> None:
    with WithoutNetworkLock("probe", {}) as cell:
        assert cell.level["network"] == "none"
        assert connects(cell, server)


def test_p10_a_cell_falls_back_to_the_filter_and_says_so() -> None:
    with WithoutNamespace("probe", {}) as cell:
        reached = attempt(cell)
    assert reached.network == "seccomp"
    assert reached.notes == ("planted",)


def test_p10_only_named_folders_can_be_read(tmp_path: Path) -> None:
    pack, fonts, other = tmp_path / "pack", tmp_path / "fonts", tmp_path / "other"
    for folder in (pack, fonts, other):
        folder.mkdir()
        (folder / "file").write_text("x")
    (pack / "link").symlink_to(other / "file")
    with Cell("probe", {"pack": str(pack), "fonts": str(fonts)}) as cell:
        if cell.level["files"] == "none":
            pytest.skip("this kernel has no Landlock")
        assert opens(cell, pack / "file")
        assert opens(cell, fonts / "file")
        assert not opens(cell, other / "file")
        assert not opens(cell, pack / "link")
        assert not opens(cell, Path("/etc/passwd"))
        assert cell.call({"op": "write", "path": str(pack / "new")}).value != "done"
    assert not (pack / "new").exists()


def test_p10_planted_fault_without_landlock_the_other_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with WithoutLandlock("probe", {}) as cell:
        assert opens(cell, tmp_path / "file")


@pytest.mark.parametrize("op", ["fork", "execute"])
def test_p10_no_new_process_and_no_other_program(op: str) -> None:
    with Cell("probe", {}) as cell:
        if cell.level["processes"] != "seccomp":
            pytest.skip("no system call filter on this machine")
        assert "not permitted" in cell.call({"op": op}).value
        assert cell.call({"op": "thread"}).value == "done"


def test_p10_planted_fault_without_the_filter_a_process_is_started() -> None:
    with WithoutFilter("probe", {}) as cell:
        assert cell.call({"op": "fork"}).value == "done"


def test_p10_a_pair_of_streams_is_allowed_and_one_of_datagrams_is_not() -> None:
    """zen's tables need the first to wake themselves; the second could write to any Unix socket's path."""
    with WithoutNamespace("probe", {}) as cell:
        if cell.level["processes"] != "seccomp":
            pytest.skip("no system call filter on this machine")
        assert cell.call({"op": "pair", "kind": "SOCK_STREAM"}).value == "done"
        assert "not permitted" in cell.call({"op": "pair", "kind": "SOCK_DGRAM"}).value


def test_p10_a_cell_cannot_kill_its_keeper() -> None:
    with Cell("probe", {}) as cell:
        assert "refused" in cell.call({"op": "kill", "pid": os.getpid()}).value


def test_p10_a_cell_inherits_neither_environment_nor_open_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", "secret")
    with (tmp_path / "secret").open("w") as handle:
        os.set_inheritable(handle.fileno(), True)
        with Cell("probe", {}) as cell:
            assert "DATABASE_URL" not in cell.call({"op": "environment"}).value
            assert len(cell.call({"op": "files"}).value) == 4  # standard streams and the line to the keeper


def test_the_level_is_tried_and_a_boast_is_found_out() -> None:
    assert level().network in {"namespace", "seccomp", "none"}
    with Boasting("probe", {}) as cell:
        found = attempt(cell)
    assert (found.network, found.files, found.processes) == ("none", "none", "none")
    assert not found.isolated
    assert len(found.notes) == 3
