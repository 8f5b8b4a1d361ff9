"""Where each blob lies. The bytes themselves are in segments (``postroom.vault.segments``)."""

from __future__ import annotations

from django.db import models

from postroom.kernel.home import home

#: The place of blobs whose bytes are gone: a row for them to refer to, without a file.
DESTROYED = "destroyed"


def this_home() -> str:
    """Whose disk a new segment is born on."""
    return home().label()


class Segment(models.Model):
    """One append-only file, owned by one writer until it is sealed; then it may go to another store.

    ``home`` is the home folder it was born in; hosts that share a store have one each. ``size`` and ``sha256`` are
    those of the whole segment, known once it is in that store.
    """

    name = models.CharField(primary_key=True, max_length=80)
    store = models.CharField(max_length=40, default="local")
    home = models.CharField(max_length=80, default=this_home)
    created_at = models.DateTimeField()
    sealed_at = models.DateTimeField(null=True)
    size = models.BigIntegerField(null=True)
    sha256 = models.BinaryField(null=True)

    class Meta:
        db_table = "vault_segment"


class Piece(models.Model):
    """Bytes of a segment that is not in the store yet, put there because another host asked for them (``pieces``).

    They go when the whole segment is there. Until ``ready`` the object may not be there, or in part.
    """

    segment_name = models.CharField(max_length=80)
    start = models.BigIntegerField()
    stop = models.BigIntegerField()
    ready = models.BooleanField(default=False)

    class Meta:
        db_table = "vault_piece"
        constraints = [models.UniqueConstraint(fields=["segment_name", "start"], name="vault_piece_once")]


class Blob(models.Model):
    """Bytes that never change, named by their SHA-256.

    Equal bytes of two documents are two blobs (P2). Destroying a blob deletes its ``WrappedKey`` and sets
    ``destroyed_at``.
    """

    id = models.UUIDField(primary_key=True)
    sha256 = models.BinaryField()
    size = models.BigIntegerField()
    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, db_index=False, db_constraint=False)
    offset = models.BigIntegerField()
    stored_size = models.BigIntegerField()
    codec = models.SmallIntegerField()
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "vault_blob"
        indexes = [models.Index(fields=["segment", "offset"], name="vault_blob_place")]


class KeyEncryptionKey(models.Model):
    """A key that wraps keys (KEK). The key itself is in the key file; here is how to tell that it is the right one."""

    id = models.CharField(primary_key=True, max_length=16)
    check_value = models.BinaryField()
    created_at = models.DateTimeField()
    current = models.BooleanField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "vault_kek"
        constraints = [
            models.UniqueConstraint(fields=["current"], condition=models.Q(current=True), name="vault_kek_one_current")
        ]


class WrappedKey(models.Model):
    """The data key of one blob, wrapped by a KEK (``crypto``). A stream of its own in a backup (P11).

    Its ids are plain ones, so that the main stream can be restored without it.
    """

    blob_id = models.UUIDField(primary_key=True)
    kek_id = models.CharField(max_length=16)
    wrapped = models.BinaryField()

    class Meta:
        db_table = "vault_key"


class Dictionary(models.Model):
    """What blobs of one owner are packed with: a blob itself, made of samples only."""

    id = models.AutoField(primary_key=True)
    owner = models.CharField(max_length=80, unique=True)
    blob_id = models.UUIDField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "vault_dictionary"
