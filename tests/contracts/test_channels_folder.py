"""The folder channel keeps the contract."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from postroom.delivery.spec import Channel
from postroom.plugins.channels.folder import FolderChannel, FolderConfig
from postroom.testing.channels import Arrivals, ChannelContract


class TestFolderChannel(ChannelContract):
    address = "kunden/eingang"

    @pytest.fixture
    def drop(self, tmp_path: Path) -> Path:
        drop = tmp_path / "drop"
        drop.mkdir()
        return drop

    @pytest.fixture
    def channel(self, drop: Path) -> Iterator[Channel]:
        yield FolderChannel(FolderConfig(folder=drop, sidecar=True))

    @pytest.fixture
    def unreachable(self, tmp_path: Path) -> Channel:
        return FolderChannel(FolderConfig(folder=tmp_path / "not-mounted", timeout=2.0))

    @pytest.fixture
    def arrivals(self, drop: Path) -> Arrivals:
        """What a reader of the folder sees: visible files, told apart by their sidecars."""

        def arrivals(key: str) -> list[list[bytes]]:
            visible = (path for path in drop.rglob("*.json") if ".postroom" not in path.parts)
            sidecars = [json.loads(path.read_text(encoding="utf-8")) for path in visible]
            return [
                [(drop / file["name"]).read_bytes() for file in each["files"]]
                for each in sidecars
                if each["key"] == key
            ]

        return arrivals
