"""In which language somebody works. Their own affair: nothing for the ledger."""

from __future__ import annotations

from postroom.identity.models import User


def choose_language(user: User, language: str) -> None:
    """Keep it. The caller knows which languages there are; "" means: as the browser asks."""
    if user.language != language:
        user.language = language
        user.save(update_fields=["language"])
