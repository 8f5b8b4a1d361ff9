"""Write a content block or a brand: a change that is reviewed and published as a template is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from postroom.composition import blocks_store, brands, house
from postroom.composition.errors import BadPart, StaleDraft, WrongState
from postroom.composition.life_models import BLOCK, DRAFT, HouseAsset, HousePart, HouseVersion
from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.kernel.ids import new_id
from postroom.ledger.append import Act, append
from postroom.vault.write import Batch

_KEY = re.compile(r"[a-z][a-z0-9-]{0,59}")
_MOST = 4_000_000


def save_part(
    actor: Actor,
    kind: str,
    key: str,
    *,
    name: str,
    content: Mapping[str, Any],
    expected_revision: int = 0,
    files: Mapping[str, bytes | None] | None = None,
    note: str = "",
) -> HouseVersion:
    """The change that is on its way, made when there is none. ``expected_revision`` is that of the change it was typed
    over, 0 for the published one. ``files`` (a brand's pictures) are added to those there are; None takes one away.

    Raises BadPart, BlockFault, BrandFault with the place; StaleDraft when somebody else saved meanwhile, with both
    contents; WrongState when it is being reviewed.
    """
    actor.require("block.edit" if kind == BLOCK else "brand.edit")
    if not _KEY.fullmatch(key):
        raise BadPart(f"{key!r} is no key.", hint="Small letters, digits and hyphens, such as terms-of-payment.")
    called = " ".join(name.split())[:200] or key
    change, published = house.on_its_way(kind, key), house.in_force(kind, key)
    pictures = _pictures(change or published, files or {})
    if kind == BLOCK:
        tidy = blocks_store.checked(key, content)
    else:
        brand = brands.checked(key, called, content, pictures)
        tidy = {name: value for name, value in brand.tokens.items() if name not in ("key", "name")}
    batch = Batch()
    blobs = {file: batch.add(data).id for file, data in sorted(pictures.items())}
    batch.sync()
    with transaction.atomic():
        batch.record()
        part, _ = HousePart.objects.get_or_create(kind=kind, key=key, defaults={"id": new_id(), "name": called})
        HousePart.objects.select_for_update().get(pk=part.pk)
        change = HouseVersion.objects.select_for_update().filter(part=part, state__in=["review", "approved"]).first()
        if change is not None:
            raise WrongState("It is being reviewed.", hint="Withdraw it first.", state=change.state)
        change = HouseVersion.objects.select_for_update().filter(part=part, state=DRAFT).first()
        _fresh(change, expected_revision, tidy)
        if part.name != called:
            HousePart.objects.filter(pk=part.pk).update(name=called)
        now = clock.now()
        if change is None:
            change = HouseVersion(id=new_id(), part=part, created_at=now, revision=0)
        change.content, change.changed_at, change.note = tidy, now, " ".join(note.split())[:300]
        change.revision += 1
        change.authors = sorted({*change.authors, actor.name})
        change.save()
        HouseAsset.objects.filter(version=change).delete()
        HouseAsset.objects.bulk_create(
            HouseAsset(id=new_id(), version=change, name=file, blob_id=blob) for file, blob in blobs.items()
        )
        facts = {"key": key, "revision": change.revision}
        append(actor.name, [Act(f"{kind}.changed", "house_version", change.pk, facts)])
    return change


def _fresh(change: HouseVersion | None, expected: int, tidy: dict[str, Any]) -> None:
    current = change.revision if change is not None else 0
    if expected == current or (change is not None and change.content == tidy):
        return
    raise StaleDraft(
        f"Somebody else saved this meanwhile (revision {current}; this was typed over {expected}).",
        hint="Both texts are on the page: take over what is missing and save again.",
        revision=current,
        theirs=change.content if change is not None else None,
    )


def _pictures(before: HouseVersion | None, files: Mapping[str, bytes | None]) -> dict[str, bytes]:
    found = brands.assets_of(before) if before is not None else {}
    for name, content in files.items():
        if content is None:
            found.pop(name, None)
        else:
            found[name] = content
    if sum(map(len, found.values())) > _MOST:
        raise BadPart(f"The pictures have more than {_MOST // 1_000_000} MB.", hint="Make them smaller.")
    return found
