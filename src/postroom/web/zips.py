"""Many documents in one ZIP, written while it is sent: one document is in memory at a time."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Iterator

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from postroom.delivery.letters import SUFFIXES, file_name
from postroom.documents.content import newest_version
from postroom.documents.models import Document, Version
from postroom.vault.read import read_blob

#: Documents in one file. More are asked for in parts, by a narrower filter.
MOST = 500
Read = Callable[[Document, Version], bytes]


class _Pipe(io.RawIOBase):
    """What zipfile writes, until it is fetched. It cannot seek, so sizes follow the data."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(data)  # type: ignore[call-overload]
        self._parts.append(piece)
        return len(piece)

    def fetch(self) -> bytes:
        found, self._parts = b"".join(self._parts), []
        return found


def original(document: Document, version: Version) -> bytes:
    """The bytes, held against their SHA-256."""
    return read_blob(version.blob)


def pieces(documents: Iterable[Document], read: Read = original) -> Iterator[bytes]:
    """The file in pieces, in the order given. PDFs are compressed already, so they are stored as they are."""
    pipe, used = _Pipe(), set[str]()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED) as packed:
        for document in documents:
            version = newest_version(document)
            packed.writestr(_name(document, version, used), read(document, version))
            yield pipe.fetch()
    yield pipe.fetch()


def as_zip(name: str, documents: Iterable[Document], read: Read = original) -> StreamingHttpResponse:
    """An answer that is saved as ``name``."""
    response = StreamingHttpResponse(pieces(documents, read), content_type="application/zip")
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _name(document: Document, version: Version, used: set[str]) -> str:
    """By its number; a second one of the same number gets a "-2"."""
    plain, suffix = file_name(document.number), SUFFIXES.get(version.media_type, "")
    name, at = f"{plain}{suffix}", 1
    while name.lower() in used:
        at += 1
        name = f"{plain}-{at}{suffix}"
    used.add(name.lower())
    return name
