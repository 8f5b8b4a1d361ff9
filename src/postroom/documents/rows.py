"""The rows of a chunk of finished documents, gathered and then written by COPY in one go."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from postroom.documents.models import Communication, Document, Enclosure, SearchRow, Version
from postroom.documents.search import rows_of
from postroom.kernel.ids import new_id
from postroom.kernel.rows import copy_rows
from postroom.vault.write import StoredBlob


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A finished document on its way into the archive."""

    kind: str
    number: str
    title: str
    party_id: uuid.UUID
    folder: str
    issued_on: dt.date
    amount: Decimal | None
    currency: str
    language: str
    run_id: uuid.UUID | None
    record_id: uuid.UUID | None
    content: StoredBlob
    pages: int
    media_type: str
    data: StoredBlob
    template_version_id: uuid.UUID
    engine: str
    asset_lock: str
    fixed_clock: int
    reproducible: bool
    index_text: str


@dataclass(slots=True)
class DocumentRows:
    """Collects rows; ``write`` sends them inside the caller's transaction."""

    at: dt.datetime
    _documents: list[tuple[Any, ...]] = field(default_factory=list)
    _versions: list[tuple[Any, ...]] = field(default_factory=list)
    _search: list[tuple[Any, ...]] = field(default_factory=list)
    _communications: list[tuple[Any, ...]] = field(default_factory=list)
    _enclosures: list[tuple[Any, ...]] = field(default_factory=list)

    def document(self, new: NewDocument) -> uuid.UUID:
        """Add a document with its first version and its search rows."""
        document_id = new_id()
        self._documents.append(
            (
                document_id,
                new.kind,
                new.number,
                new.title,
                new.party_id,
                new.folder,
                new.issued_on,
                new.amount,
                new.currency,
                new.language,
                new.run_id,
                new.record_id,
                self.at,
            )
        )
        self._versions.append(
            (
                new_id(),
                document_id,
                1,
                new.content.id,
                new.content.sha256,
                new.content.size,
                new.pages,
                new.media_type,
                new.data.id,
                new.data.sha256,
                new.template_version_id,
                new.engine,
                new.asset_lock,
                new.fixed_clock,
                new.reproducible,
                self.at,
            )
        )
        for part, body in enumerate(rows_of(new.index_text)):
            self._search.append((document_id, part, body))
        return document_id

    def communication(
        self,
        party_id: uuid.UUID,
        subject: str,
        language: str,
        documents: list[uuid.UUID],
        body: StoredBlob | None,
        run_id: uuid.UUID | None,
        record_id: uuid.UUID | None,
        communication_id: uuid.UUID | None = None,
    ) -> uuid.UUID:
        """Add a communication that encloses ``documents``."""
        communication_id = communication_id or new_id()
        self._communications.append(
            (communication_id, party_id, subject, language, body.id if body else None, run_id, record_id, self.at)
        )
        for position, document_id in enumerate(documents):
            self._enclosures.append((communication_id, document_id, position))
        return communication_id

    def write(self) -> None:
        copy_rows(
            Document,
            (
                "id",
                "kind",
                "number",
                "title",
                "party_id",
                "folder_id",
                "issued_on",
                "amount",
                "currency",
                "language",
                "run_id",
                "record_id",
                "created_at",
            ),
            self._documents,
        )
        copy_rows(
            Version,
            (
                "id",
                "document_id",
                "no",
                "blob_id",
                "sha256",
                "size",
                "pages",
                "media_type",
                "data_blob_id",
                "data_sha256",
                "template_version_id",
                "engine",
                "asset_lock",
                "fixed_clock",
                "reproducible",
                "created_at",
            ),
            self._versions,
        )
        copy_rows(SearchRow, ("document_id", "part", "body"), self._search)
        copy_rows(
            Communication,
            ("id", "party_id", "subject", "language", "body_blob_id", "run_id", "record_id", "created_at"),
            self._communications,
        )
        copy_rows(Enclosure, ("communication_id", "document_id", "position"), self._enclosures)
