"""Indexes that are read newest first grow at their right end (documents/models.py says why)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("delivery", "0004_kept_by_statement"),
        ("documents", "0006_oldest_first"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="delivery",
            name="delivery_newest",
        ),
        migrations.RemoveIndex(
            model_name="delivery",
            name="delivery_of_state",
        ),
        migrations.RemoveIndex(
            model_name="delivery",
            name="delivery_of_state_changed",
        ),
        migrations.RemoveIndex(
            model_name="delivery",
            name="delivery_of_run",
        ),
        migrations.RemoveIndex(
            model_name="delivery",
            name="delivery_of_party",
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["created_at", "id"], name="delivery_newest"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["state", "created_at", "id"], name="delivery_of_state"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["state", "changed_at"], name="delivery_of_state_changed"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["run_id", "created_at", "id"], name="delivery_of_run"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["party_id", "created_at", "id"], name="delivery_of_party"),
        ),
    ]
