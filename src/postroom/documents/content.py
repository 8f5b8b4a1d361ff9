"""The bytes of a document, for those who may see it."""

from __future__ import annotations

import uuid

from postroom.documents.models import Document, Version
from postroom.documents.queries import document
from postroom.identity.actor import Actor
from postroom.kernel.errors import NotFound
from postroom.vault.read import read, read_blob


def newest_version(found: Document) -> Version:
    """The version in force."""
    version = found.versions.select_related("blob").order_by("-no").first()
    if version is None:
        raise NotFound("This document has no version.", hint="Run `postroom vault verify`.")
    return version


def original(actor: Actor, document_id: uuid.UUID | str) -> bytes:
    """The bytes of the newest version, held against their SHA-256. Raises NotFound, BlobDamaged."""
    return read_blob(newest_version(document(actor, document_id)).blob)


def made_from(actor: Actor, document_id: uuid.UUID | str) -> bytes:
    """The data the newest version was made from, as canonical JSON. Needs ``document.data``."""
    found = document(actor, document_id)
    actor.require_view("document.data")
    version = newest_version(found)
    if version.data_blob_id is None:
        raise NotFound("This document was not made from data.", hint="It came in as it is.")
    return read(version.data_blob_id)


def documents_with(blob_id: uuid.UUID) -> list[str]:
    """Numbers of the documents a blob belongs to, as bytes, data or words."""
    versions = Version.objects.filter(blob_id=blob_id) | Version.objects.filter(data_blob_id=blob_id)
    numbers = set(versions.values_list("document__number", flat=True))
    numbers.update(
        Document.objects.filter(enclosed_in__communication__body_blob_id=blob_id).values_list("number", flat=True)
    )
    return sorted(numbers)
