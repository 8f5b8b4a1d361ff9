"""Nobody looks entries up by their block: a block says which entries it has."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0004_fill_tree"),
    ]

    operations = [
        migrations.AlterField(
            model_name="entry",
            name="block_no",
            field=models.BigIntegerField(),
        ),
    ]
