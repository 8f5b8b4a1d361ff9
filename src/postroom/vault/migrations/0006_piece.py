"""Where a segment was born, and what of it was put into the store before it was whole (ADR 0043)."""

from django.db import migrations, models

import postroom.vault.models


class Migration(migrations.Migration):
    dependencies = [("vault", "0005_kept_by_statement")]

    operations = [
        migrations.AddField(
            model_name="segment",
            name="home",
            field=models.CharField(default="", max_length=80),
        ),
        migrations.AlterField(  # those that are there already were born nobody knows where
            model_name="segment",
            name="home",
            field=models.CharField(default=postroom.vault.models.this_home, max_length=80),
        ),
        migrations.CreateModel(
            name="Piece",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("segment_name", models.CharField(max_length=80)),
                ("start", models.BigIntegerField()),
                ("stop", models.BigIntegerField()),
                ("ready", models.BooleanField(default=False)),
            ],
            options={
                "db_table": "vault_piece",
                "constraints": [models.UniqueConstraint(fields=("segment_name", "start"), name="vault_piece_once")],
            },
        ),
    ]
