"""The versions of a document: all of them, or the one somebody asks for by its number."""

from __future__ import annotations

from postroom.documents.content import newest_version
from postroom.documents.models import Document, Version
from postroom.kernel.errors import NotFound


def versions_of(found: Document) -> list[Version]:
    """Newest first."""
    return list(found.versions.select_related("blob").order_by("-no"))


def version_of(found: Document, no: int | None = None) -> Version:
    """The version with the number ``no``, or the one in force. Raises NotFound."""
    if no is None:
        return newest_version(found)
    version = found.versions.select_related("blob").filter(no=no).first()
    if version is None:
        raise NotFound(f"Document {found.number} has no version {no}.", hint="Open the document to see its versions.")
    return version
