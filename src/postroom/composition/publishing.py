"""From a template's own files to numbered versions: with what it takes from the house, and checked whole.

One publication may make several versions: the house may say another thing from a later day on (a brand's new address,
a text's next variant), and a version holds one thing only. Each begins when its content is right (ADR 0034).
"""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Mapping

from django.db import transaction
from django.utils.text import slugify

from postroom.composition import fonts, freezing, pack, proofs, stand_ins, where_used
from postroom.composition.canonical import canonical
from postroom.composition.checks import gate
from postroom.composition.errors import BadDates, BreaksUse
from postroom.composition.models import Template, TemplateVersion
from postroom.composition.problems import TemplateFaults
from postroom.composition.queries import newest_number, packed_like, ready, versions_by_start
from postroom.documents.models import Folder
from postroom.identity.actor import Actor
from postroom.kernel import clock, registry
from postroom.kernel.ids import new_id
from postroom.ledger.append import Act, append
from postroom.vault import dictionary
from postroom.vault.write import Batch

#: Who sees a folder that publishing makes; changed afterwards by an administrator.
FOLDER_ROLES = ["operator", "clerk", "records_manager", "auditor"]
#: What would break is named so far; the rest is counted.
_NAMED = 5
_EPOCH = (1980, 1, 1, 0, 0, 0)


def publish(
    actor: Actor,
    own: Mapping[str, bytes],
    *,
    note: str = "",
    valid_from: dt.datetime | None = None,
    valid_until: dt.datetime | None = None,
    again: bool = True,
) -> TemplateVersion:
    """The version in force at the beginning of what is published. The caller has asked for the permission.

    With ``again`` and no dates, files that are in force already give that version. Raises TemplateFaults, BreaksUse,
    BadDates.
    """
    now, own = clock.now(), dict(own)
    start = valid_from if valid_from is not None and valid_from > now else None
    _, *later = beginnings(own, start, valid_until, now)
    first = _publish(actor, own, start, valid_until, note, again=again and start is None and valid_until is None)
    before = first
    for at in later:
        told = note or f"What the house says from {at:%Y-%m-%d}"
        before = _publish(actor, own, at, valid_until, told, after=before, again=True)
    return first


def beginnings(
    own: Mapping[str, bytes],
    valid_from: dt.datetime | None = None,
    valid_until: dt.datetime | None = None,
    now: dt.datetime | None = None,
) -> list[dt.datetime]:
    """When each of the versions would begin that a publication of the files makes. Raises BadDates."""
    now = now or clock.now()
    first = max(valid_from, now) if valid_from is not None else now
    if valid_until is not None and valid_until <= first:
        raise BadDates("The version would end before it begins.", hint="Choose a later end, or none.")
    later = freezing.moments(own, first)
    return [first, *(at for at in later if valid_until is None or at < valid_until)]


def refuse_breaking(template_key: str, contract: Mapping[str, object]) -> None:
    """Raises BreaksUse when something that is in use would not work with the contract."""
    broken = [use for use in where_used.impact(template_key, contract) if use.told]
    if broken:
        named = "; ".join(f"the {use.kind} {use.name}: {use.told.rstrip('.')}" for use in broken[:_NAMED])
        more = f"; and {len(broken) - _NAMED} more" if len(broken) > _NAMED else ""
        raise BreaksUse(
            f"With this data contract {len(broken)} would not work any more: {named}{more}.",
            hint="Change what uses the template first, or keep the fields it needs.",
            uses=[{"kind": use.kind, "key": use.key, "name": use.name, "told": use.told} for use in broken],
        )


def refuse_breaking_change(template_key: str, contract: Mapping[str, object]) -> None:
    """``refuse_breaking`` where the contract is another one than the newest version's: what does not work today is no
    reason to keep a better wording back. Raises BreaksUse."""
    newest = newest_number(template_key)
    if newest is None or newest.contract != contract:
        refuse_breaking(template_key, contract)


def _publish(
    actor: Actor,
    own: dict[str, bytes],
    start: dt.datetime | None,
    until: dt.datetime | None,
    note: str,
    *,
    after: TemplateVersion | None = None,
    again: bool,
) -> TemplateVersion:
    now = clock.now()
    fonts.read_anew()  # what another process added a moment ago counts
    frozen = freezing.freeze(own, start or now)
    loaded = pack.load(frozen.files)
    broken = freezing.unkept_promises(loaded)
    if broken:
        raise TemplateFaults(broken)
    before = after or _in_force(loaded.key, now)
    uses = {**frozen.uses, **stand_ins.kept_with(loaded)}
    lock = fonts.lock(stand_ins.locked(uses))
    if before is not None and again and before.digest == loaded.digest and _same_tools(before, lock):
        return before
    if before is None or before.contract != loaded.contract.schema:
        refuse_breaking(loaded.key, loaded.contract.schema)
    version = TemplateVersion(
        id=new_id(),
        template_id=loaded.key,
        digest=loaded.digest,
        contract=dict(loaded.contract.schema),
        lane=loaded.manifest.lane,
        promises=sorted(loaded.manifest.promises),
        asset_lock=lock,
        engine=registry.provider("renderers", loaded.manifest.lane).engine(),
        published_by=actor.name,
        published_at=now,
        note=note[:300],
        valid_from=start,
        valid_until=until,
        uses=uses,
    )
    gate.refuse_red(loaded)
    proof = proofs.made_now(ready(version, loaded))
    batch = Batch()
    blob = batch.add(zipped(frozen.files))
    batch.sync()
    with transaction.atomic():
        batch.record()
        folder = slugify(loaded.manifest.folder)
        Folder.objects.get_or_create(key=folder, defaults={"name": loaded.manifest.folder, "roles": FOLDER_ROLES})
        Template.objects.update_or_create(key=loaded.key, defaults={"name": loaded.manifest.name})
        Template.objects.select_for_update().get(key=loaded.key)  # numbers are given out one after the other
        last = newest_number(loaded.key)
        version.no = last.no + 1 if last is not None else 1
        version.files_id = blob.id
        version.save(force_insert=True)
        proof.note(version)
        facts: dict[str, object] = {"template": loaded.key, "no": version.no, "digest": loaded.digest}
        if start is not None:
            facts["from"] = start.isoformat()
        if until is not None:
            facts["until"] = until.isoformat()
        append(actor.name, [Act("template.published", "template_version", version.pk, facts)])
    dictionary.learn(packed_like(version), [*proof.contents, *(canonical(record) for _, record in loaded.samples)])
    return version


def _in_force(key: str, at: dt.datetime) -> TemplateVersion | None:
    begun = versions_by_start(key).filter(begins__lte=at).exclude(valid_until__lte=at)
    found: TemplateVersion | None = begun.order_by("-begins", "-no").first()
    return found


def _same_tools(version: TemplateVersion, lock: str) -> bool:
    """Whether it would be the same version once more; one that waits because of an upgrade is settled by another."""
    return version.asset_lock == lock and proofs.holds(version)


def zipped(files: Mapping[str, bytes]) -> bytes:
    """The files as a zip whose bytes depend on nothing but them."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), files[name], zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
