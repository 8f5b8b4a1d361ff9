"""The built-in stores against the suites of ``postroom.testing``; S3 on a real SeaweedFS."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from postroom.plugins.stores.local import LocalStore
from postroom.plugins.stores.s3 import S3Store
from postroom.testing.stores import RemoteStoreContract, StoreContract
from postroom.vault.spec import RemoteStore, Store
from servers.seaweedfs import BUCKET, SeaweedFs


@pytest.fixture(scope="module")
def weed() -> Iterator[SeaweedFs]:
    pytest.importorskip("obstore")
    with SeaweedFs() as server:
        yield server


class TestLocal(StoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Store:
        return LocalStore(tmp_path)


class TestS3(RemoteStoreContract):
    @pytest.fixture
    def store(self, weed: SeaweedFs, monkeypatch: pytest.MonkeyPatch) -> RemoteStore:
        for name, value in weed.environment().items():
            monkeypatch.setenv(name, value)
        return S3Store(f"s3://{BUCKET}/{uuid.uuid4().hex}", 10.0)


class _Overwriting(LocalStore):
    """Takes a name twice, and never knows that a writer is gone."""

    def create(self, name: str) -> object:  # type: ignore[override]
        (self.folder / name).unlink(missing_ok=True)
        return super().create(name)

    def abandoned(self, name: str) -> bool:
        return False


@pytest.mark.parametrize("check", ["test_a_name_is_given_once", "test_a_segment_is_abandoned_when_its_writer_is_gone"])
def test_planted_a_store_that_breaks_a_rule_is_caught(check: str, tmp_path: Path) -> None:
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        getattr(StoreContract(), check)(_Overwriting(tmp_path))
