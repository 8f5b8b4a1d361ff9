"""Indexes that are read newest first grow at their right end (documents/models.py says why)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0005_destroyed_is_not_found"),
        ("parties", "0001_initial"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="document",
            name="document_folder_newest",
        ),
        migrations.RemoveIndex(
            model_name="document",
            name="document_newest",
        ),
        migrations.RemoveIndex(
            model_name="document",
            name="document_of_party",
        ),
        migrations.RemoveIndex(
            model_name="document",
            name="document_of_run",
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(fields=["folder", "created_at", "id"], name="document_folder_newest"),
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(fields=["created_at", "id"], include=("folder",), name="document_newest"),
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(fields=["party", "created_at", "id"], include=("folder",), name="document_of_party"),
        ),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(fields=["run_id", "created_at", "id"], include=("folder",), name="document_of_run"),
        ),
    ]
