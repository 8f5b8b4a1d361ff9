"""Fonts that a house added itself (ADR 0044)."""

from __future__ import annotations

from django.db import models


class PrintFont(models.Model):
    """One cut of a family: its bytes in the vault, and what is known of them. Its bytes never change; a family that is
    no longer wanted is withdrawn, and stays for the versions that were published with it."""

    id = models.UUIDField(primary_key=True)
    family = models.CharField(max_length=120)
    cut = models.CharField(max_length=60, help_text="Weight and slope, such as 700 italic.")
    name = models.CharField(max_length=200, help_text="The file it came as.")
    sha256 = models.CharField(max_length=64, unique=True)
    covers = models.JSONField(help_text="Ranges of code points, ends included.")
    licence = models.CharField(max_length=300, blank=True, help_text="What the font says of its licence.")
    blob = models.ForeignKey("vault.Blob", on_delete=models.PROTECT, related_name="+")
    added_by = models.CharField(max_length=80)
    added_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "print_font"
        constraints = [models.UniqueConstraint(fields=["family", "cut"], name="print_font_once")]
