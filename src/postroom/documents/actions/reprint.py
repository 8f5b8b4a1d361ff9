"""Give out a document's bytes to be printed again: the same bytes, and a note in the ledger that it was done."""

from __future__ import annotations

import uuid

from django.db import transaction

from postroom.documents.content import newest_version
from postroom.documents.queries import document
from postroom.identity.actor import Actor
from postroom.ledger.append import Act, append
from postroom.vault.read import read_blob


def reprint(actor: Actor, document_id: uuid.UUID | str) -> bytes:
    """The bytes of the newest version, held against their SHA-256. Raises NotFound, BlobDamaged.

    The note comes first: bytes that were given out are never missing from the ledger.
    """
    found = document(actor, document_id)
    version = newest_version(found)
    content = read_blob(version.blob)
    facts = {"version": version.no, "sha256": bytes(version.sha256).hex()}
    with transaction.atomic():
        append(actor.name, [Act("document.reprinted", "document", found.pk, facts)])
    return content
