"""The rows of a chunk of finished documents, gathered and then written by COPY in one go."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from postroom.documents.models import Communication, Document, Enclosure, SearchRow, Version
from postroom.documents.search import rows_of
from postroom.kernel import packed
from postroom.kernel.ids import new_id
from postroom.kernel.packed import copy_packed, fixed, ident
from postroom.kernel.rows import NULL, copy_lines, moment, new_ids, new_octets, text
from postroom.vault.write import StoredBlob

#: Ids drawn at once.
_DRAWN = 32
_DOCUMENT = (
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
)
#: First what has a fixed size, then what is the same for most of a chunk.
_VERSION = (
    "id",
    "document_id",
    "no",
    "blob_id",
    "sha256",
    "size",
    "pages",
    "data_blob_id",
    "data_sha256",
    "template_version_id",
    "fixed_clock",
    "media_type",
    "engine",
    "asset_lock",
    "reproducible",
    "mark",
    "created_at",
)
_VERSION_ROW, _MADE = packed.row(len(_VERSION)), fixed(16, 16, "i", 16, 32, "i", "i", 16, 32, 16, "q")
_COMMUNICATION = ("id", "party_id", "subject", "language", "body_blob_id", "run_id", "record_id", "created_at")
_COMMUNICATION_ROW = packed.row(len(_COMMUNICATION))
_ENCLOSURE = ("communication_id", "document_id", "position")
_ENCLOSURE_ROW, _ENCLOSED = packed.row(len(_ENCLOSURE)), fixed(16, 16, "i")


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
    """Collects rows as COPY reads them; ``write`` sends them inside the caller's transaction.

    Documents are lines of text, since an amount has no cheap binary form; the others are packed.
    """

    at: dt.datetime
    _documents: list[str] = field(default_factory=list)
    _versions: list[bytes] = field(default_factory=list)
    _search: list[str] = field(default_factory=list)
    _communications: list[bytes] = field(default_factory=list)
    _enclosures: list[bytes] = field(default_factory=list)
    _ids: list[uuid.UUID] = field(default_factory=list)
    _versions_ids: list[bytes] = field(default_factory=list)
    _alike: dict[tuple[str, str, str, bool], bytes] = field(default_factory=dict)
    _at: str = field(init=False, default="")
    _packed_at: bytes = field(init=False, default=b"")

    def __post_init__(self) -> None:
        self._at, self._packed_at = moment(self.at), packed.moment(self.at)

    def document(self, new: NewDocument) -> uuid.UUID:
        """Add a document with its first version and its search rows."""
        if not self._ids:
            self._ids, self._versions_ids = new_ids(_DRAWN), new_octets(_DRAWN)
        document_id = self._ids.pop()
        document = document_id.hex
        amount = NULL if new.amount is None else new.amount
        self._documents.append(
            f"{document}\t{text(new.kind)}\t{text(new.number)}\t{text(new.title)}\t{new.party_id.hex}"
            f"\t{text(new.folder)}\t{new.issued_on}\t{amount}\t{text(new.currency)}\t{text(new.language)}"
            f"\t{_id(new.run_id)}\t{_id(new.record_id)}\t{self._at}"
        )
        self._versions.append(self._version(document_id, new))
        for part, body in enumerate(rows_of(new.index_text)):
            self._search.append(f"{document}\t{part}\t{text(body)}")
        return document_id

    def _version(self, document_id: uuid.UUID, new: NewDocument) -> bytes:
        content, data = new.content, new.data
        kind = new.media_type, new.engine, new.asset_lock, new.reproducible
        alike = self._alike.get(kind)
        if alike is None:
            alike = self._alike[kind] = b"".join((*map(packed.text, kind[:3]), packed.truth(kind[3])))
        made = _MADE.pack(
            *(16, self._versions_ids.pop(), 16, document_id.bytes, 4, 1),
            *(16, content.id.bytes, 32, content.sha256, 4, content.size, 4, new.pages),
            *(16, data.id.bytes, 32, data.sha256, 16, new.template_version_id.bytes, 8, new.fixed_clock),
        )
        return _VERSION_ROW + made + alike + packed.text(new.mark) + self._packed_at

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
        said = packed.text(subject) + packed.text(language) + (ident(body.id) if body else packed.NULL)
        of = ident(run_id) + ident(record_id)
        own = ident(communication_id) + ident(party_id)
        self._communications.append(_COMMUNICATION_ROW + own + said + of + self._packed_at)
        for position, document_id in enumerate(documents):
            enclosed = _ENCLOSED.pack(16, communication_id.bytes, 16, document_id.bytes, 4, position)
            self._enclosures.append(_ENCLOSURE_ROW + enclosed)
        return communication_id

    def write(self) -> None:
        """One COPY for each table."""
        copy_lines(Document, _DOCUMENT, self._documents)
        copy_packed(Version, _VERSION, self._versions)
        copy_lines(SearchRow, ("document_id", "part", "body"), self._search)
        copy_packed(Communication, _COMMUNICATION, self._communications)
        copy_packed(Enclosure, _ENCLOSURE, self._enclosures)


def _id(value: uuid.UUID | None) -> str:
    return NULL if value is None else value.hex
