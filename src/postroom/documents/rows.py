"""The rows of a chunk of finished documents, gathered and then written by COPY in one go."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field
from decimal import Decimal

from postroom.documents.models import Communication, Document, Enclosure, SearchRow, Version
from postroom.documents.search import rows_of
from postroom.kernel.ids import new_id
from postroom.kernel.rows import NULL, copy_lines, line, moment, new_ids, octets, text
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
    mark: str = ""


@dataclass(slots=True)
class DocumentRows:
    """Collects rows, as lines of COPY; ``write`` sends them inside the caller's transaction."""

    at: dt.datetime
    _documents: list[str] = field(default_factory=list)
    _versions: list[str] = field(default_factory=list)
    _search: list[str] = field(default_factory=list)
    _communications: list[str] = field(default_factory=list)
    _enclosures: list[str] = field(default_factory=list)
    _ids: list[uuid.UUID] = field(default_factory=list)

    def document(self, new: NewDocument) -> uuid.UUID:
        """Add a document with its first version and its search rows."""
        if len(self._ids) < 2:
            self._ids = new_ids(64)
        document_id, at = self._ids.pop(), moment(self.at)
        document = document_id.hex
        self._documents.append(
            line(
                document,
                text(new.kind),
                text(new.number),
                text(new.title),
                new.party_id.hex,
                text(new.folder),
                new.issued_on.isoformat(),
                NULL if new.amount is None else str(new.amount),
                text(new.currency),
                text(new.language),
                _id(new.run_id),
                _id(new.record_id),
                at,
            )
        )
        self._versions.append(
            line(
                self._ids.pop().hex,
                document,
                "1",
                new.content.id.hex,
                octets(new.content.sha256),
                new.content.size,
                new.pages,
                text(new.media_type),
                new.data.id.hex,
                octets(new.data.sha256),
                new.template_version_id.hex,
                text(new.engine),
                text(new.asset_lock),
                new.fixed_clock,
                "t" if new.reproducible else "f",
                text(new.mark),
                at,
            )
        )
        for part, body in enumerate(rows_of(new.index_text)):
            self._search.append(line(document, part, text(body)))
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
        own = communication_id.hex
        self._communications.append(
            line(
                own,
                party_id.hex,
                text(subject),
                text(language),
                body.id.hex if body else NULL,
                _id(run_id),
                _id(record_id),
                moment(self.at),
            )
        )
        for position, document_id in enumerate(documents):
            self._enclosures.append(line(own, document_id.hex, position))
        return communication_id

    def write(self) -> None:
        """One COPY for each table."""
        copy_lines(
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
        copy_lines(
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
                "mark",
                "created_at",
            ),
            self._versions,
        )
        copy_lines(SearchRow, ("document_id", "part", "body"), self._search)
        copy_lines(
            Communication,
            ("id", "party_id", "subject", "language", "body_blob_id", "run_id", "record_id", "created_at"),
            self._communications,
        )
        copy_lines(Enclosure, ("communication_id", "document_id", "position"), self._enclosures)


def _id(value: uuid.UUID | None) -> str:
    return NULL if value is None else value.hex
