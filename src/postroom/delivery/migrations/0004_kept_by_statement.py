"""What deliveries refer to is kept by statement (``kernel.references``)."""

import django.db.models.deletion
from django.db import migrations, models

from postroom.kernel.references import Reference, keep


class Migration(migrations.Migration):
    dependencies = [
        ("delivery", "0003_taking_turns"),
        ("documents", "0003_kept_by_statement"),
    ]

    operations = [
        migrations.AlterField(
            model_name="delivery",
            name="communication",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="deliveries",
                to="documents.communication",
            ),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="destination",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="delivery.destination",
            ),
        ),
        migrations.RunSQL(
            *keep(
                "delivery",
                Reference("communication_id", "communication"),
                Reference("destination_id", "destination", "key", few=True),
            )
        ),
    ]
