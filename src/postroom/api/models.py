"""What the API remembers of requests, so that a repeated POST acts once."""

from __future__ import annotations

from django.db import models


class IdempotentRequest(models.Model):
    """A POST that carried an Idempotency-Key: the digest of what it asked, and the answer it got."""

    actor = models.CharField(max_length=80)
    key = models.CharField(max_length=255)
    path = models.CharField(max_length=255)
    digest = models.BinaryField()
    status = models.IntegerField(null=True)
    media_type = models.CharField(max_length=120, blank=True)
    answer = models.BinaryField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "api_idempotent_request"
        constraints = [models.UniqueConstraint(fields=["actor", "key"], name="idempotency_key_once")]
