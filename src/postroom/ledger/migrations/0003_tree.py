"""The tree over the leaves, signed heads of it, and what witnesses say of those. All insert-only, as the entries are."""

import django.db.models.deletion
from django.db import migrations, models

TABLES = ("ledger_node", "ledger_checkpoint", "ledger_cosignature")
REFUSE = "".join(
    f"""
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
  FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
"""
    for table in TABLES
)
ALLOW = "".join(
    f"DROP TRIGGER {table}_no_truncate ON {table}; DROP TRIGGER {table}_append_only ON {table};" for table in TABLES
)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_append_only")]
    operations = [
        migrations.CreateModel(
            name="Node",
            fields=[
                ("pk", models.CompositePrimaryKey("level", "place", blank=True, editable=False, primary_key=True, serialize=False)),
                ("level", models.SmallIntegerField(help_text="1: of 256 leaves, 2: of 65536, and so on.")),
                ("place", models.BigIntegerField()),
                ("hash", models.BinaryField()),
            ],
            options={"db_table": "ledger_node"},
        ),
        migrations.CreateModel(
            name="SignedHead",
            fields=[
                ("size", models.BigIntegerField(primary_key=True, serialize=False)),
                ("root", models.BinaryField()),
                ("note", models.TextField(help_text="The signed note: three lines, an empty one, our signature line.")),
                ("key", models.TextField(help_text="The public key it is verified with, as a verifier key.")),
                ("at", models.DateTimeField()),
            ],
            options={"db_table": "ledger_checkpoint"},
        ),
        migrations.CreateModel(
            name="Cosignature",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("line", models.TextField(unique=True)),
                ("key", models.TextField(help_text="The witness's verifier key it was held against when it was added.")),
                ("at", models.DateTimeField(help_text="When the witness says it saw the head.")),
                (
                    "head",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cosignatures",
                        to="ledger.signedhead",
                    ),
                ),
            ],
            options={"db_table": "ledger_cosignature"},
        ),
        migrations.RunSQL(REFUSE, ALLOW),
    ]
