from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("production", "0002_run_refs")]

    operations = [
        migrations.AddField(
            model_name="run",
            name="destination",
            field=models.CharField(
                blank=True,
                default="",
                help_text="Where a person sends it all; empty: the rules choose for each record.",
                max_length=60,
            ),
            preserve_default=False,
        ),
    ]
