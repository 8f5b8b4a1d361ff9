"""Templates and their immutable versions."""

from __future__ import annotations

from django.db import models


class Template(models.Model):
    """A template by its key; what it looks like is its versions."""

    key = models.SlugField(primary_key=True, max_length=60)
    name = models.CharField(max_length=200)

    class Meta:
        db_table = "template"

    def __str__(self) -> str:
        return self.name


class TemplateVersion(models.Model):
    """One published state: its files (one blob, a zip), their digest, and the fonts they were checked with.

    Never updated: the database refuses it (migration 0002). The newest number is the one in use.
    """

    id = models.UUIDField(primary_key=True)
    template = models.ForeignKey(Template, on_delete=models.PROTECT, related_name="versions")
    no = models.IntegerField()
    digest = models.CharField(max_length=64)
    files = models.ForeignKey("vault.Blob", on_delete=models.PROTECT, related_name="+")
    contract = models.JSONField()
    lane = models.CharField(max_length=40)
    promises = models.JSONField()
    asset_lock = models.CharField(max_length=64)
    engine = models.CharField(max_length=60)
    published_by = models.CharField(max_length=80)
    published_at = models.DateTimeField()
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "template_version"
        constraints = [models.UniqueConstraint(fields=["template", "no"], name="template_version_once")]
