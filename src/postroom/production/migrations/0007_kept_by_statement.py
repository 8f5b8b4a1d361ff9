"""The run and the chunk of a record are kept by statement (``kernel.references``)."""

import django.db.models.deletion
from django.db import migrations, models

from postroom.kernel.references import Reference, keep


class Migration(migrations.Migration):
    dependencies = [("production", "0006_operator_in_control")]

    operations = [
        migrations.AlterField(
            model_name="record",
            name="run",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="records",
                to="production.run",
            ),
        ),
        migrations.AlterField(
            model_name="record",
            name="chunk",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="records",
                to="production.chunk",
            ),
        ),
        migrations.RunSQL(
            *keep(
                "run_record",
                Reference("run_id", "run", few=True),
                Reference("chunk_id", "run_chunk", few=True),
            )
        ),
    ]
