"""Whom we write to."""

from __future__ import annotations

from django.db import models


class Party(models.Model):
    """A customer, supplier or other correspondent, known by the ``key`` the business systems use."""

    id = models.UUIDField(primary_key=True)
    key = models.CharField(max_length=80, unique=True)
    name = models.CharField(max_length=300)
    kind = models.CharField(max_length=20, default="company", choices=[("company", "company"), ("person", "person")])
    language = models.CharField(max_length=20, default="en")
    country = models.CharField(max_length=2, blank=True)
    email = models.CharField(max_length=320, blank=True)
    address = models.JSONField(default=dict)
    preferred_channel = models.CharField(max_length=40, blank=True)
    portal_epoch = models.IntegerField(default=0, help_text="Raised to make all earlier portal links invalid.")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "party"
        indexes = [models.Index(fields=["name"], name="party_name")]

    def __str__(self) -> str:
        return f"{self.name} ({self.key})"


class Suppression(models.Model):
    """An address nothing is sent to any more, and why (hard bounce, complaint, wish)."""

    channel = models.CharField(max_length=40)
    address = models.CharField(max_length=320)
    reason = models.CharField(max_length=60)
    created_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "party_suppression"
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "address"], condition=models.Q(lifted_at=None), name="suppression_once"
            )
        ]
