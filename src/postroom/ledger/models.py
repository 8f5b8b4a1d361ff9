"""Facts that never change (P6).

Entries are leaves; each commit appends one block that seals its leaves and the block before it. The leaf hash is
that of RFC 9162, section 2.1 (``SHA-256(0x00 || entry)``), so that the Merkle log of the production engine can take
the same leaves over. The database itself refuses UPDATE, DELETE and TRUNCATE (migration 0002).
"""

from __future__ import annotations

from django.db import models


class Entry(models.Model):
    """One act: who did what to which object, when, with which facts (ids, enumerations, digests; no personal data)."""

    seq = models.BigIntegerField(primary_key=True)
    block_no = models.BigIntegerField(db_index=True)
    at = models.DateTimeField()
    actor = models.TextField()
    act = models.TextField()
    kind = models.TextField()
    object_id = models.UUIDField(null=True, db_index=True)
    facts = models.JSONField()
    leaf = models.BinaryField()

    class Meta:
        db_table = "ledger_entry"


class Block(models.Model):
    """The entries of one commit, chained to the block before: ``hash = SHA-256(0x01 || previous || no || leaves)``."""

    no = models.BigIntegerField(primary_key=True)
    first_seq = models.BigIntegerField()
    last_seq = models.BigIntegerField()
    previous = models.BinaryField()
    hash = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        db_table = "ledger_block"
