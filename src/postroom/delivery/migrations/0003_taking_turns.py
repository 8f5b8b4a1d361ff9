# What claiming needs: priorities, runs that take turns, and the buckets of destinations with a rate.

import uuid

import django.db.models.deletion
import django.db.models.functions.comparison
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("delivery", "0002_pages_stay_quick"),
        ("documents", "0002_pages_stay_quick"),
    ]

    operations = [
        migrations.CreateModel(
            name="Bucket",
            fields=[
                (
                    "destination",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="bucket",
                        serialize=False,
                        to="delivery.destination",
                    ),
                ),
                ("tokens", models.FloatField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "destination_bucket",
            },
        ),
        migrations.RemoveIndex(
            model_name="delivery",
            name="delivery_due",
        ),
        migrations.AddField(
            model_name="delivery",
            name="priority",
            field=models.SmallIntegerField(
                db_default=0, default=0, help_text="Of its run, or URGENT; higher goes first."
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                models.F("destination"),
                models.OrderBy(models.F("priority"), descending=True),
                django.db.models.functions.comparison.Coalesce(
                    "run_id",
                    models.Value(uuid.UUID("00000000-0000-0000-0000-000000000000"), output_field=models.UUIDField()),
                ),
                models.F("id"),
                condition=models.Q(("attempts", 0), ("state", "ready")),
                name="delivery_next",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("attempts__gt", 0), ("state", "ready")),
                fields=["destination", "next_attempt_at"],
                name="delivery_again",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("state", "sending"), ("worker_lock__isnull", False)),
                fields=["destination"],
                name="delivery_in_hand",
            ),
        ),
    ]
