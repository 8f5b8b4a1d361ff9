from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("documents", "0003_kept_by_statement")]

    operations = [
        migrations.AddField(
            model_name="version",
            name="mark",
            field=models.CharField(
                blank=True,
                default="",
                help_text="How it was marked when it was made: original, duplicate.",
                max_length=12,
            ),
        ),
    ]
