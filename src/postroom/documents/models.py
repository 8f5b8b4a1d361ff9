"""The coin every stage passes on: documents, their versions, what holds them together and who may see them.

Rows of a chunk are written by COPY (``postroom.documents.rows``), never one by one. Upward references (run, record,
template version) are plain ids: foreign keys point down only. Those between rows of a chunk are kept by triggers
for a whole statement at a time (``kernel.references``), hence ``db_constraint=False``.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models


class Folder(models.Model):
    """Where documents are filed, and which roles may see them there."""

    key = models.SlugField(primary_key=True, max_length=80)
    name = models.CharField(max_length=200)
    roles = ArrayField(models.CharField(max_length=40), default=list)

    class Meta:
        db_table = "folder"

    def __str__(self) -> str:
        return self.name


class Document(models.Model):
    """One document: the facts people look for. Its bytes are versions."""

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=60, help_text="Key of the template, or the class of a captured document.")
    number = models.CharField(max_length=120)
    title = models.CharField(max_length=300)
    party = models.ForeignKey(
        "parties.Party", on_delete=models.PROTECT, related_name="documents", db_index=False, db_constraint=False
    )
    folder = models.ForeignKey(
        Folder, on_delete=models.PROTECT, related_name="documents", db_index=False, db_constraint=False
    )
    issued_on = models.DateField()
    amount = models.DecimalField(max_digits=21, decimal_places=6, null=True)
    currency = models.CharField(max_length=3, blank=True)
    language = models.CharField(max_length=20)
    run_id = models.UUIDField(null=True)
    record_id = models.UUIDField(null=True, db_index=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "document"
        # What is read newest first stands oldest first: rows come in the order of time, and an index that grows at its
        # right end stays half the size of one that grows at its left; it is read backwards as fast.
        indexes = [
            models.Index(fields=["folder", "created_at", "id"], name="document_folder_newest"),
            models.Index(fields=["created_at", "id"], include=["folder"], name="document_newest"),
            models.Index(fields=["party", "created_at", "id"], include=["folder"], name="document_of_party"),
            models.Index(fields=["run_id", "created_at", "id"], include=["folder"], name="document_of_run"),
            models.Index(fields=["number"], name="document_by_number"),
            models.Index(fields=["issued_on"], name="document_date"),
            models.Index(fields=["amount"], name="document_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.title}"


class Version(models.Model):
    """One immutable state of a document, with everything needed to make it again (P5)."""

    id = models.UUIDField(primary_key=True)
    document = models.ForeignKey(
        Document, on_delete=models.CASCADE, related_name="versions", db_index=False, db_constraint=False
    )
    no = models.IntegerField()
    blob = models.ForeignKey(
        "vault.Blob", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    sha256 = models.BinaryField()
    size = models.IntegerField()
    pages = models.IntegerField()
    media_type = models.CharField(max_length=80)
    data_blob = models.ForeignKey(
        "vault.Blob", on_delete=models.PROTECT, related_name="+", null=True, db_index=False, db_constraint=False
    )
    data_sha256 = models.BinaryField(null=True)
    template_version_id = models.UUIDField(null=True)
    engine = models.CharField(max_length=60, blank=True)
    asset_lock = models.CharField(max_length=64, blank=True)
    fixed_clock = models.BigIntegerField(null=True)
    reproducible = models.BooleanField(default=False)
    mark = models.CharField(
        max_length=12, blank=True, default="", help_text="How it was marked when it was made: original, duplicate."
    )
    created_at = models.DateTimeField()

    class Meta:
        db_table = "document_version"
        constraints = [models.UniqueConstraint(fields=["document", "no"], name="version_no_once")]


class SearchRow(models.Model):
    """Text people find a document by, folded (``search.fold``), in parts of at most 8 kB.

    to_tsvector fails above 1 MB, and folding before the database spares it the unaccent extension.
    """

    id = models.BigAutoField(primary_key=True)
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="search_rows", db_constraint=False)
    part = models.IntegerField()
    body = models.TextField()
    words = models.GeneratedField(
        expression=SearchVector("body", config="simple"), output_field=SearchVectorField(), db_persist=True
    )

    class Meta:
        db_table = "document_search"
        indexes = [GinIndex(fields=["words"], name="document_search_words")]


class Communication(models.Model):
    """A message to one recipient; holds one or several documents."""

    id = models.UUIDField(primary_key=True)
    party = models.ForeignKey(
        "parties.Party", on_delete=models.PROTECT, related_name="communications", db_constraint=False
    )
    subject = models.CharField(max_length=300)
    language = models.CharField(max_length=20)
    body_blob = models.ForeignKey(
        "vault.Blob", on_delete=models.PROTECT, related_name="+", null=True, db_index=False, db_constraint=False
    )
    run_id = models.UUIDField(null=True, db_index=True)
    record_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, help_text="When the recipient first got it; opens it on the portal.")

    class Meta:
        db_table = "communication"


class Enclosure(models.Model):
    """A document's place in a communication."""

    id = models.BigAutoField(primary_key=True)
    communication = models.ForeignKey(
        Communication, on_delete=models.CASCADE, related_name="enclosures", db_constraint=False
    )
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="enclosed_in", db_constraint=False)
    position = models.IntegerField()

    class Meta:
        db_table = "communication_document"
