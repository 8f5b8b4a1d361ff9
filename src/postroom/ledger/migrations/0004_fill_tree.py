"""Existing ledgers get their nodes: in batches of 65536 entries, each its own commit, so it goes on where it stopped.

Entries that are appended meanwhile are no obstacle: each batch holds the chain for some hundredths of a second.
"""

from django.db import migrations


def fill(apps, schema_editor):
    from postroom.ledger.nodes import fill as some

    while some():
        pass


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("ledger", "0003_tree")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
