"""Where each blob lies. The bytes themselves are in segments (``postroom.vault.segments``)."""

from __future__ import annotations

from django.db import models


class Segment(models.Model):
    """One append-only file (or object) of a store; owned by one writer until it is sealed."""

    name = models.CharField(primary_key=True, max_length=80)
    store = models.CharField(max_length=40, default="local")
    created_at = models.DateTimeField()
    sealed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "vault_segment"


class Blob(models.Model):
    """Bytes that never change, named by their SHA-256.

    Equal bytes of two documents are two blobs (P2). ``wrapped_key`` is where the data key goes when segments are
    encrypted; destroying a blob clears it and sets ``destroyed_at``.
    """

    id = models.UUIDField(primary_key=True)
    sha256 = models.BinaryField()
    size = models.BigIntegerField()
    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, db_index=False)
    offset = models.BigIntegerField()
    stored_size = models.BigIntegerField()
    codec = models.SmallIntegerField()
    wrapped_key = models.BinaryField(null=True)
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "vault_blob"
        indexes = [
            models.Index(fields=["segment", "offset"], name="vault_blob_place"),
            models.Index(fields=["sha256"], name="vault_blob_digest"),
        ]
