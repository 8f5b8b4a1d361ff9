"""Worker processes as rows, so that any of them can be told dead from alive by its advisory lock."""

from __future__ import annotations

from django.db import models


class Worker(models.Model):
    """One living (or gone) worker process.

    ``lock`` is the key of the session advisory lock it holds as long as it lives; ``gone_since`` is when somebody
    first found that lock free.
    """

    lock = models.BigIntegerField(primary_key=True)
    host = models.CharField(max_length=255)
    pid = models.IntegerField()
    roles = models.CharField(max_length=255)
    version = models.CharField(max_length=32)
    started_at = models.DateTimeField()
    gone_since = models.DateTimeField(null=True)

    class Meta:
        db_table = "worker"
