"""Writing the documents of a run into a folder, each named by its number."""

from __future__ import annotations

import os
from pathlib import Path

from postroom.delivery.letters import SUFFIXES, file_name
from postroom.documents.models import Version
from postroom.documents.queries import visible_to
from postroom.identity.actor import Actor
from postroom.production.models import Run
from postroom.vault.read import read_blob


def export_documents(actor: Actor, run: Run, folder: Path) -> int:
    """Number of files written. A number used twice gets a counter; a file is complete or not there."""
    folder.mkdir(parents=True, exist_ok=True)
    used: set[str] = set()
    versions = (
        Version.objects.filter(document__in=visible_to(actor).filter(run_id=run.pk), no=1)
        .select_related("document", "blob")
        .order_by("document__created_at", "document_id")
    )
    for version in versions.iterator(200):
        stem, suffix = file_name(version.document.number), SUFFIXES.get(version.media_type, "")
        name, counter = stem + suffix, 1
        while name.casefold() in used:
            counter += 1
            name = f"{stem}-{counter}{suffix}"
        used.add(name.casefold())
        growing = folder / f".{name}.{os.getpid()}.part"
        growing.write_bytes(read_blob(version.blob))
        growing.replace(folder / name)
    return len(used)
