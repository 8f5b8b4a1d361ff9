"""The segment of a blob is kept by statement (``kernel.references``); nothing looked blobs up by their digest."""

import django.db.models.deletion
from django.db import migrations, models

from postroom.kernel.references import Reference, keep


class Migration(migrations.Migration):
    dependencies = [("vault", "0004_stored_segments")]

    operations = [
        migrations.AlterField(
            model_name="blob",
            name="segment",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                to="vault.segment",
            ),
        ),
        migrations.RemoveIndex(model_name="blob", name="vault_blob_digest"),
        migrations.RunSQL(*keep("vault_blob", Reference("segment_id", "vault_segment", "name", few=True))),
    ]
