"""The rows of a chunk of finished documents, gathered and then written by COPY in one go."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from postroom.documents.models import Communication, Document, Enclosure, SearchRow, Version
from postroom.documents.search import rows_of
from postroom.kernel.ids import new_id
from postroom.kernel.rows import NULL, copy_lines, moment, new_hexes, new_ids, octets, text
from postroom.vault.write import StoredBlob

#: Ids drawn at once.
_DRAWN = 32


class NewDocument(NamedTuple):
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
    _versions_ids: list[str] = field(default_factory=list)
    _at: str = field(init=False, default="")

    def __post_init__(self) -> None:
        self._at = moment(self.at)

    def document(self, new: NewDocument) -> uuid.UUID:
        """Add a document with its first version and its search rows."""
        if not self._ids:
            self._ids, self._versions_ids = new_ids(_DRAWN), new_hexes(_DRAWN)
        document_id, at = self._ids.pop(), self._at
        document = document_id.hex
        amount = NULL if new.amount is None else new.amount
        self._documents.append(
            f"{document}\t{text(new.kind)}\t{text(new.number)}\t{text(new.title)}\t{new.party_id.hex}"
            f"\t{text(new.folder)}\t{new.issued_on}\t{amount}\t{text(new.currency)}\t{text(new.language)}"
            f"\t{_id(new.run_id)}\t{_id(new.record_id)}\t{at}"
        )
        content, data = new.content, new.data
        self._versions.append(
            f"{self._versions_ids.pop()}\t{document}\t1\t{content.id.hex}\t{octets(content.sha256)}"
            f"\t{content.size}\t{new.pages}\t{text(new.media_type)}\t{data.id.hex}\t{octets(data.sha256)}"
            f"\t{new.template_version_id.hex}\t{text(new.engine)}\t{text(new.asset_lock)}\t{new.fixed_clock}"
            f"\t{new.reproducible}\t{text(new.mark)}\t{at}"
        )
        for part, body in enumerate(rows_of(new.index_text)):
            self._search.append(f"{document}\t{part}\t{text(body)}")
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
            f"{own}\t{party_id.hex}\t{text(subject)}\t{text(language)}\t{body.id.hex if body else NULL}"
            f"\t{_id(run_id)}\t{_id(record_id)}\t{self._at}"
        )
        for position, document_id in enumerate(documents):
            self._enclosures.append(f"{own}\t{document_id.hex}\t{position}")
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
