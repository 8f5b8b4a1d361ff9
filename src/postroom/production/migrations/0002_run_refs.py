"""Run references people can say aloud (R-2026-0042) are counted by the database, so that no two runs share one."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("production", "0001_initial")]
    operations = [migrations.RunSQL("CREATE SEQUENCE run_ref_seq", "DROP SEQUENCE run_ref_seq")]
