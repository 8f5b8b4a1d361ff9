"""One document made again and held against what is stored of it."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from postroom.composition.compose import Unmade
from postroom.composition.differing import first_byte, first_page
from postroom.composition.models import SampleProof, TemplateVersion
from postroom.composition.proofs import in_force
from postroom.composition.queries import LivePack, live_pack
from postroom.composition.replay import make_again, record_of
from postroom.composition.spec import Rendered
from postroom.composition.stand_ins import locked
from postroom.composition.toolchain import Present, present
from postroom.documents.models import Version
from postroom.production.reproduce.report import DAMAGED, DESTROYED, DIFFERENT, SAME, STORED_ONLY, Difference
from postroom.vault.errors import BlobDamaged, BlobMissing
from postroom.vault.read import read_blob

Verdict = tuple[str, str, Difference | None]
"""Template version, outcome, and what differs."""

_FOREIGN = "without a template"


@dataclass(slots=True)
class _Ready:
    row: Version
    stored: bytes
    record: object


def compare(rows: Sequence[Version]) -> Iterator[Verdict]:
    """The verdicts on ``rows``, which have their blobs at hand and are of one template version."""
    version_id = rows[0].template_version_id
    known = TemplateVersion.objects.filter(pk=version_id).first() if version_id else None
    if known is None:
        yield from ((_FOREIGN, STORED_ONLY, None) for _ in rows)
        return
    name = f"{known.template_id} {known.no}"
    live = live_pack(known.pk)
    now = present(known.lane, locked(known.uses))
    todo: list[_Ready] = []
    for row in rows:
        if not row.reproducible or row.data_blob is None or _outdated(row, known, now):
            yield name, STORED_ONLY, None
            continue
        try:
            todo.append(_Ready(row, read_blob(row.blob), record_of(read_blob(row.data_blob), live.pack.contract.shape)))
        except BlobMissing:
            yield name, DESTROYED, None
        except BlobDamaged as error:
            yield name, DAMAGED, Difference(row.document_id, name, error.message.rstrip("."))
        except ValueError as error:  # what was stored is no JSON: it was stored so
            yield name, DAMAGED, Difference(row.document_id, name, f"its data cannot be read: {error}")
    again = make_again(live, [one.record for one in todo], [one.row.mark for one in todo])
    for one, made in zip(todo, again, strict=True):
        yield _verdict(name, one, made, live, now)


def _verdict(name: str, one: _Ready, made: Rendered | Unmade, live: LivePack, now: Present) -> Verdict:
    row = one.row
    then = _said(in_force(live.version.pk, row.created_at))
    if isinstance(made, Unmade):
        why = f"it cannot be made any more: {made.reason.rstrip('.')}"
        return name, DIFFERENT, Difference(row.document_id, name, why, then=then, now=_said(now))
    if hashlib.sha256(made.content).digest() == bytes(row.sha256):
        return name, SAME, None
    difference = Difference(
        row.document_id,
        name,
        "it becomes other bytes",
        first_byte(one.stored, made.content),
        first_page(one.stored, made.content),
        then,
        _said(now),
    )
    return name, DIFFERENT, difference


def _outdated(row: Version, version: TemplateVersion, now: Present) -> bool:
    """Whether it was made by a toolchain whose bytes are known not to be those of the present one: an upgrade that was
    accepted, or that waits to be (which is an alarm of its own)."""
    then = in_force(version.pk, row.created_at)
    today = SampleProof.objects.filter(version=version, toolchain_id=now.digest).order_by("-noted_at").first()
    return then is not None and today is not None and then.digest != today.digest


def _said(maker: SampleProof | Present | None) -> str:
    """Engine and fonts, as an alarm names them."""
    if maker is None:
        return "what was not noted"
    source = maker.toolchain if isinstance(maker, SampleProof) else maker
    return f"{source.engine}, fonts {source.asset_lock[:12]}"


def rows_of(ids: Sequence[uuid.UUID]) -> list[Version]:
    """Versions with their blobs."""
    return list(Version.objects.select_related("blob", "data_blob").filter(pk__in=ids).order_by("pk"))
