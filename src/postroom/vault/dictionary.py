"""Compression dictionaries: what many blobs have in common is stored once (RFC 8878, section 5).

A dictionary is made from the *samples* of a template version and from nothing else (P11): a dictionary outlives every
document that was packed with it, so not one byte of a customer's may be in it. It is raw content, not a trained one:
zstd's training needs dozens of samples, a template has a handful. It is a blob like any other, and it is never
destroyed; whoever reads a segment without the database finds its number before each zstd frame.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import zstandard
from django.db import transaction

from postroom.kernel import clock
from postroom.vault.frames import LEVEL
from postroom.vault.models import Dictionary
from postroom.vault.read import read

#: Bytes of a dictionary, and of the share small contents (data, words) get at its end, where matches are cheapest.
SIZE, _SMALL = 64 << 10, 16 << 10
_LEAST = 512

_by_number: dict[int, zstandard.ZstdCompressionDict] = {}
_by_owner: dict[str, tuple[int, zstandard.ZstdCompressor]] = {}


def learn(owner: str, samples: Sequence[bytes]) -> int | None:
    """Make the dictionary of ``owner`` (such as ``template-version:ID``) from samples; its number.

    None when the samples hold too little to be worth one. Not inside a transaction. An owner has one for ever.
    """
    from postroom.vault.write import Batch  # a dictionary is a blob, and blobs are written with dictionaries

    found = Dictionary.objects.filter(owner=owner).first()
    if found:
        return found.pk
    content = _content(samples)
    if len(content) < _LEAST:
        return None
    batch = Batch()
    blob = batch.add(content)
    batch.sync()
    with transaction.atomic():
        row, made = Dictionary.objects.get_or_create(
            owner=owner, defaults={"blob_id": blob.id, "created_at": clock.now()}
        )
        if made:
            batch.record()
    return row.pk


def packer(owner: str) -> tuple[int, zstandard.ZstdCompressor] | None:
    """Number and compressor of an owner's dictionary, if it has one."""
    found = _by_owner.get(owner)
    if found is None and owner:
        row = Dictionary.objects.filter(owner=owner).first()
        if row is None:
            return None
        content = dictionary(row.pk)
        content.precompute_compress(level=LEVEL)  # else every blob would pay for reading the dictionary
        found = _by_owner[owner] = row.pk, zstandard.ZstdCompressor(level=LEVEL, dict_data=content)
    return found


def dictionary(number: int) -> zstandard.ZstdCompressionDict:
    """The dictionary of that number. Raises ValueError, as all that is wrong with stored bytes does."""
    found = _by_number.get(number)
    if found is None:
        row = Dictionary.objects.filter(pk=number).first()
        if row is None:
            raise ValueError(f"dictionary {number} is not in the database")
        found = _by_number[number] = _raw(read(row.blob_id))
    return found


def forget() -> None:
    """Read them again at the next use."""
    _by_number.clear()
    _by_owner.clear()


def is_dictionary(blob_id: uuid.UUID) -> bool:
    """Whether others need this blob to be read."""
    return Dictionary.objects.filter(blob_id=blob_id).exists()


def _content(samples: Sequence[bytes]) -> bytes:
    """The beginning of it from the largest samples, the end from the smallest."""
    ordered = sorted(samples, key=len)
    small = b"".join(sample for sample in ordered if len(sample) <= _SMALL // 2)[-_SMALL:]
    large = b"".join(sample for sample in ordered if len(sample) > _SMALL // 2)[-(SIZE - len(small)) :]
    return large + small


def _raw(content: bytes) -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(content, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
