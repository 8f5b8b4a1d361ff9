"""References between the rows of a chunk are kept by statement (``kernel.references``); two indexes too many go."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

from postroom.kernel.references import Reference, keep

BLOB, PARTY, DOCUMENT = "vault_blob", "party", "document"
KEPT = (
    keep(DOCUMENT, Reference("party_id", PARTY, few=True), Reference("folder_id", "folder", "key", few=True)),
    keep(
        "document_version",
        Reference("document_id", DOCUMENT),
        Reference("blob_id", BLOB),
        Reference("data_blob_id", BLOB),
    ),
    keep("document_search", Reference("document_id", DOCUMENT)),
    keep("communication", Reference("party_id", PARTY, few=True), Reference("body_blob_id", BLOB)),
    keep(
        "communication_document",
        Reference("communication_id", "communication"),
        Reference("document_id", DOCUMENT),
    ),
)


def without(to: str, on_delete: Any, related: str, **how: Any) -> Any:
    return models.ForeignKey(db_constraint=False, on_delete=on_delete, related_name=related, to=to, **how)


PROTECT, CASCADE = django.db.models.deletion.PROTECT, django.db.models.deletion.CASCADE
FIELDS = (
    ("document", "party", without("parties.party", PROTECT, "documents", db_index=False)),
    ("document", "folder", without("documents.folder", PROTECT, "documents", db_index=False)),
    ("version", "document", without("documents.document", CASCADE, "versions", db_index=False)),
    ("version", "blob", without("vault.blob", PROTECT, "+", db_index=False)),
    ("version", "data_blob", without("vault.blob", PROTECT, "+", db_index=False, null=True)),
    ("searchrow", "document", without("documents.document", CASCADE, "search_rows")),
    ("communication", "party", without("parties.party", PROTECT, "communications")),
    ("communication", "body_blob", without("vault.blob", PROTECT, "+", db_index=False, null=True)),
    ("enclosure", "communication", without("documents.communication", CASCADE, "enclosures")),
    ("enclosure", "document", without("documents.document", PROTECT, "enclosed_in")),
)


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0002_pages_stay_quick"),
        ("parties", "0001_initial"),
        ("vault", "0005_kept_by_statement"),
    ]

    operations = [
        *(migrations.AlterField(model_name=model, name=name, field=field) for model, name, field in FIELDS),
        # (number) alone finds as much: a number is hardly ever given twice
        migrations.RemoveIndex(model_name="document", name="document_number"),
        *(migrations.RunSQL(forward, backward) for forward, backward in KEPT),
    ]
