"""Facts that never change (P6).

Entries are leaves; each commit appends one block that seals its leaves and the block before it. The leaf hash is
that of RFC 9162, section 2.1 (``SHA-256(0x00 || entry)``): the entries are the leaves of a Merkle tree whose roots are
signed (``checkpoint``). The database itself refuses UPDATE, DELETE and TRUNCATE (migrations 0002 and 0003).
"""

from __future__ import annotations

from django.db import models


class Entry(models.Model):
    """One act: who did what to which object, when, with which facts (ids, enumerations, digests; no personal data)."""

    seq = models.BigIntegerField(primary_key=True)
    block_no = models.BigIntegerField()
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


class Node(models.Model):
    """The hash of a complete subtree: ``place`` counts those of a level from the left (``ledger.tree``)."""

    pk = models.CompositePrimaryKey("level", "place")
    level = models.SmallIntegerField(help_text="1: of 256 leaves, 2: of 65536, and so on.")
    place = models.BigIntegerField()
    hash = models.BinaryField()

    class Meta:
        db_table = "ledger_node"


class SignedHead(models.Model):
    """A signed tree head: the root at a size, in the very bytes that were signed (C2SP tlog-checkpoint)."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField()
    note = models.TextField(help_text="The signed note: three lines, an empty one, our signature line.")
    key = models.TextField(help_text="The public key it is verified with, as a verifier key.")
    at = models.DateTimeField()

    class Meta:
        db_table = "ledger_checkpoint"


class Cosignature(models.Model):
    """What an outside witness signed about one of our heads (C2SP tlog-cosignature)."""

    id = models.BigAutoField(primary_key=True)
    head = models.ForeignKey(SignedHead, on_delete=models.PROTECT, related_name="cosignatures")
    line = models.TextField(unique=True)
    key = models.TextField(help_text="The witness's verifier key it was held against when it was added.")
    at = models.DateTimeField(help_text="When the witness says it saw the head.")

    class Meta:
        db_table = "ledger_cosignature"
