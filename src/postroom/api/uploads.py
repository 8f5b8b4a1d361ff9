"""Uploaded files, without ever holding one in memory: Django spools what exceeds 1 MiB to disk while it comes in."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import Any

from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile

from postroom.kernel.home import home


@contextmanager
def spooled(file: UploadedFile[Any]) -> Iterator[Path]:
    """The upload as a file with the suffix its sender gave it; gone after the block."""
    if isinstance(file, TemporaryUploadedFile) and Path(file.temporary_file_path()).exists():
        yield Path(file.temporary_file_path())
        return
    folder = home().prepare().work
    suffix = PurePath(file.name or "").suffix.lower()[:12]
    fd, name = tempfile.mkstemp(prefix="upload-", suffix=suffix if suffix.isascii() else "", dir=folder)
    try:
        with os.fdopen(fd, "wb") as handle:
            for piece in file.chunks(1 << 20):
                handle.write(piece)
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def text_of(file: UploadedFile[Any], most: int = 1 << 20) -> bytes:
    """A small upload's bytes, at most ``most`` and one more, so that the caller can tell it is too large."""
    file.seek(0)
    content = file.read(most + 1)
    return content if isinstance(content, bytes) else content.encode()
