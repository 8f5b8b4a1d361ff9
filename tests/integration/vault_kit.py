"""What the tests of the vault share: something stored, and an installation that keeps its key in its home."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from postroom.kernel.home import Home


@pytest.fixture
def own_key(home: Home, db: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This installation keeps its key in its home, as it comes. The file, which the first blob makes."""
    from django.conf import settings

    from postroom.vault import keys

    monkeypatch.delenv("POSTROOM_VAULT_KEY")
    monkeypatch.setattr(settings, "CONFIG", settings.CONFIG.model_copy(update={"vault_key": ""}))
    keys.forget()
    return home.root / "vault.key"


def stored(*contents: bytes) -> list[uuid.UUID]:
    """Ids of blobs with these contents, committed."""
    from django.db import transaction

    from postroom.vault.write import Batch

    batch = Batch()
    made = [batch.add(content).id for content in contents]
    batch.sync()
    with transaction.atomic():
        batch.record()
    return made
