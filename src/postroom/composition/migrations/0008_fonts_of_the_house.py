import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("composition", "0007_replays_of_parts"),
        ("vault", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="PrintFont",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("family", models.CharField(max_length=120)),
                ("cut", models.CharField(help_text="Weight and slope, such as 700 italic.", max_length=60)),
                ("name", models.CharField(help_text="The file it came as.", max_length=200)),
                ("sha256", models.CharField(max_length=64, unique=True)),
                ("covers", models.JSONField(help_text="Ranges of code points, ends included.")),
                (
                    "licence",
                    models.CharField(blank=True, help_text="What the font says of its licence.", max_length=300),
                ),
                ("added_by", models.CharField(max_length=80)),
                ("added_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "blob",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="vault.blob"),
                ),
            ],
            options={"db_table": "print_font"},
        ),
        migrations.AddConstraint(
            model_name="printfont",
            constraint=models.UniqueConstraint(fields=["family", "cut"], name="print_font_once"),
        ),
    ]
