"""The families that a house added itself: what is known of them, and their bytes.

Asked by ``fonts``, which knows no database. A process reads the list once, and again when it publishes or meets a
family it does not know: a font never changes, so an old list can only lack the newest.
"""

from __future__ import annotations

from typing import Any

from django.db import DatabaseError

from postroom.composition import fonts
from postroom.composition.fonts_models import PrintFont
from postroom.vault.read import read

_KNOWN: list[tuple[dict[str, Any], ...]] = []


def listed() -> tuple[dict[str, Any], ...]:
    """Every cut in the order of adding, those that were withdrawn too: a version may be set with them."""
    if not _KNOWN:
        try:
            rows = list(PrintFont.objects.order_by("added_at", "id"))
        except DatabaseError:  # templates are checked without a database too (`postroom template test FOLDER`)
            return ()
        _KNOWN.append(tuple(_fact(row) for row in rows))
    return _KNOWN[0]


def content(fact: dict[str, Any]) -> bytes:
    """The bytes of a listed font, checked against its digest by the vault."""
    return read(fact["blob"])


def forget() -> None:
    """The list is read anew when it is asked for next."""
    _KNOWN.clear()


def register() -> None:
    """From now on the house's own families are known to ``fonts``."""
    fonts.ask(fonts.Added(listed, content, forget))


def _fact(row: PrintFont) -> dict[str, Any]:
    return {
        "name": f"{row.family.replace(' ', '')}-{row.cut.replace(' ', '')}.ttf",
        "family": row.family,
        "cut": row.cut,
        "sha256": row.sha256,
        "covers": row.covers,
        "licence": row.licence,
        "blob": row.blob_id,
        "withdrawn": row.withdrawn_at is not None,
    }
