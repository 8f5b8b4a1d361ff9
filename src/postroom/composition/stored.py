"""Stored documents of a version, made again: what stands for the samples of versions from before those were noted."""

from __future__ import annotations

import hashlib

from postroom.composition.compose import Unmade
from postroom.composition.queries import LivePack
from postroom.composition.replay import make_apart, record_of
from postroom.documents.models import Version
from postroom.kernel.errors import PostroomError
from postroom.vault.read import read_blob

_ENOUGH = 20


def unlike_now(live: LivePack) -> list[str]:
    """Ids of documents, out of the newest few of this version, that would become other bytes today.

    Those whose data cannot be read are passed over: that is found, and told, by ``postroom verify --reproduce``.
    """
    rows = Version.objects.filter(
        document__kind=live.version.template_id, template_version_id=live.version.pk, reproducible=True
    )
    found, records = [], []
    for row in rows.exclude(data_blob=None).select_related("data_blob").order_by("-document__number")[:_ENOUGH]:
        if row.data_blob is None:
            continue
        try:
            records.append(record_of(read_blob(row.data_blob), live.pack.contract.shape))
            found.append(row)
        except PostroomError:
            continue
    return [
        str(row.document_id)
        for row, made in zip(found, make_apart(live, records), strict=True)
        if isinstance(made, Unmade) or hashlib.sha256(made.content).digest() != bytes(row.sha256)
    ]
