"""What a person chose for their own desk. Nothing here decides what anybody may see."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

COMFORTABLE, COMPACT = "comfortable", "compact"
DENSITIES = (COMFORTABLE, COMPACT)


class DeskChoice(models.Model):
    """How somebody likes their desk. No row: as it comes."""

    user = models.OneToOneField("identity.User", on_delete=models.CASCADE, primary_key=True, related_name="desk_choice")
    density = models.CharField(max_length=12, choices=[(name, name) for name in DENSITIES], default=COMFORTABLE)
    columns = models.JSONField(default=dict, help_text="By list: the keys of its columns that are shown, in order.")
    seen = ArrayField(models.CharField(max_length=40), default=list, help_text="Guidance that was put away.")

    class Meta:
        db_table = "web_desk_choice"


class SavedView(models.Model):
    """A list with its filters under a name of one's own."""

    user = models.ForeignKey("identity.User", on_delete=models.CASCADE, related_name="saved_views")
    list_key = models.CharField(max_length=20, help_text="documents, deliveries, runs, parties or set_aside.")
    name = models.CharField(max_length=80)
    query = models.CharField(max_length=2000, blank=True, help_text="The query string of the list, without the page.")
    pinned = models.BooleanField(default=False, help_text="Shown on Home.")
    created_at = models.DateTimeField()

    class Meta:
        db_table = "web_saved_view"
        constraints = [models.UniqueConstraint(fields=["user", "list_key", "name"], name="saved_view_once")]
        ordering = ("name",)


class BulkWork(models.Model):
    """An act on many rows that goes on when its page is left. ``at`` of ``rows`` are through: it is raised in the
    transaction that acts on a row, so a row is acted on once whoever goes on with it, and however often (P4)."""

    user = models.ForeignKey("identity.User", on_delete=models.CASCADE, related_name="bulk_works")
    mark = models.CharField(max_length=64, help_text="Of the form: handed in twice, it is one work.")
    act = models.CharField(max_length=20, help_text="resend, arrived or again.")
    reason = models.TextField()
    rows = ArrayField(models.UUIDField())
    at = models.IntegerField(default=0)
    refused = models.JSONField(default=list, help_text="Rows that could not be acted on: id and the words why.")
    started_at = models.DateTimeField()
    taken_at = models.DateTimeField(help_text="When somebody last went on with it; long ago: whoever looks goes on.")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "web_bulk_work"
        constraints = [models.UniqueConstraint(fields=["user", "mark"], name="bulk_work_once")]
