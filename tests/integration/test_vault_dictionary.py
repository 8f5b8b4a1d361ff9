"""What the documents of a template have in common is stored once, and comes from samples only."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import zstandard
from django.db import transaction

from api_kit import records
from kit.runs import start, write
from postroom.kernel.home import Home

pytestmark = pytest.mark.usefixtures("db")


def _letter(name: str) -> bytes:
    boiler = [{"text": f"Paragraph {number} of our terms of business", "clause": f"§ {number}"} for number in range(40)]
    return json.dumps({"name": name, "terms": boiler}).encode()


def _stored(owner: str, *contents: bytes) -> Any:
    from postroom.vault.models import Blob
    from postroom.vault.write import Batch

    batch = Batch(owner)
    made = [batch.add(content).id for content in contents]
    batch.sync()
    with transaction.atomic():
        batch.record()
    return [Blob.objects.get(pk=blob) for blob in made]


def test_documents_like_the_samples_become_small_and_come_back(home: Home) -> None:
    from postroom.vault import dictionary, frames
    from postroom.vault.read import read
    from postroom.vault.verify import verify

    # given a dictionary of two samples
    assert dictionary.learn("template-version:1", [_letter("Sample One"), _letter("Sample Two")]) == 1
    # when letters are stored with it and without
    (with_it,) = _stored("template-version:1", _letter("Vega"))
    (without,) = _stored("", _letter("Vega"))
    # then the first takes a fraction, says so in its frame, and both come back whole
    assert with_it.stored_size < without.stored_size / 3
    assert with_it.codec == frames.ZSTD_DICTIONARY | frames.ENCRYPTED
    assert read(with_it.pk) == read(without.pk) == _letter("Vega")
    # also in a process that has never seen the dictionary
    dictionary.forget()
    assert read(with_it.pk) == _letter("Vega")
    assert verify().whole


def test_an_owner_has_one_dictionary_and_too_little_makes_none() -> None:
    from postroom.vault import dictionary
    from postroom.vault.models import Dictionary

    # given samples that hold next to nothing, then there is no dictionary, and storing goes on without
    assert dictionary.learn("template-version:2", [b"{}"]) is None
    assert _stored("template-version:2", b"words")[0].size == 5
    # given enough, then the first one stays
    first = dictionary.learn("template-version:3", [_letter("One")])
    assert dictionary.learn("template-version:3", [_letter("Two")]) == first
    assert Dictionary.objects.count() == 1


def test_planted_a_lost_dictionary_is_told_of_each_blob_that_needs_it() -> None:
    from postroom.vault import dictionary
    from postroom.vault.errors import BlobDamaged
    from postroom.vault.models import Dictionary
    from postroom.vault.read import read

    # given a blob whose dictionary somebody deleted
    dictionary.learn("template-version:4", [_letter("One")])
    (blob,) = _stored("template-version:4", _letter("Vega"))
    Dictionary.objects.all().delete()
    dictionary.forget()
    # then that is what is said
    with pytest.raises(BlobDamaged, match="dictionary 1 is not"):
        read(blob.pk)


def test_p11_documents_of_a_run_are_packed_with_what_the_samples_of_their_template_taught(
    starters: list[str], tmp_path: Path
) -> None:
    from postroom.composition.models import TemplateVersion
    from postroom.composition.queries import packed_like
    from postroom.documents.models import Document
    from postroom.production.models import Chunk
    from postroom.production.pipeline import compose_chunk
    from postroom.production.reading import read_parcel
    from postroom.vault.models import Blob, Dictionary
    from postroom.vault.read import read

    # given a published template, then there is a dictionary of its own
    version = TemplateVersion.objects.filter(template_id="invoice").latest("no")
    learnt = Dictionary.objects.get(owner=packed_like(version))
    # when a record of a customer who stands in no sample becomes a document
    (record,) = records(1)
    record["customer"]["name"] = "Zaventem Quibbleworth"
    run = start(write(tmp_path, [record]))
    read_parcel(run.pk)
    compose_chunk(Chunk.objects.get(run=run).pk)
    # then its data takes a part of the room it takes without, comes back whole, and taught the dictionary nothing
    document = Document.objects.get(run_id=run.pk)
    made_from = Blob.objects.get(pk=document.versions.get().data_blob_id)
    alone = len(zstandard.ZstdCompressor(level=3).compress(read(made_from.pk)))
    assert made_from.stored_size < alone * 0.8
    assert b"Quibbleworth" in read(made_from.pk) and b"Quibbleworth" not in read(learnt.blob_id)
