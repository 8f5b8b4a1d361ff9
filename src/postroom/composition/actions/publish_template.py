"""Publish a template folder as a new, immutable, numbered version."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from django.db import transaction
from django.utils.text import slugify

from postroom.composition import fonts, pack, proofs
from postroom.composition.canonical import canonical
from postroom.composition.models import Template, TemplateVersion
from postroom.composition.problems import Problem, TemplateFaults
from postroom.composition.queries import packed_like, ready
from postroom.documents.models import Folder
from postroom.identity.actor import Actor
from postroom.kernel import clock, registry
from postroom.kernel.ids import new_id
from postroom.ledger.append import Act, append
from postroom.vault import dictionary
from postroom.vault.write import Batch

#: Who sees a folder that publishing makes; changed afterwards by an administrator.
FOLDER_ROLES = ["operator", "clerk", "records_manager", "auditor"]
_EPOCH = (1980, 1, 1, 0, 0, 0)


def publish_template(actor: Actor, files: Mapping[str, bytes], *, note: str = "") -> TemplateVersion:
    """The new version; or the newest one when its files are the same already. Raises TemplateFaults."""
    actor.require("template.publish")
    loaded = pack.load(files)
    renderer = registry.provider("renderers", loaded.manifest.lane)
    broken = sorted(set(loaded.manifest.promises) - set(renderer.promises))
    if broken:
        raise TemplateFaults(
            [
                Problem(
                    file="template.yaml",
                    line=0,
                    what=f"The lane {loaded.manifest.lane} cannot keep the promise {broken[0]!r}.",
                    hint=f"It promises: {', '.join(sorted(renderer.promises))}.",
                )
            ]
        )
    newest = TemplateVersion.objects.filter(template_id=loaded.key).order_by("-no").first()
    same = newest is not None and newest.digest == loaded.digest and newest.asset_lock == fonts.lock()
    if newest is not None and same and proofs.holds(newest):
        return newest  # one that waits because of an upgrade is published again, and that settles it
    version = TemplateVersion(
        id=new_id(),
        template_id=loaded.key,
        digest=loaded.digest,
        contract=dict(loaded.contract.schema),
        lane=loaded.manifest.lane,
        promises=sorted(loaded.manifest.promises),
        asset_lock=fonts.lock(),
        engine=renderer.engine(),
        published_by=actor.name,
        published_at=clock.now(),
        note=note,
    )
    proof = proofs.made_now(ready(version, loaded))
    batch = Batch()
    blob = batch.add(_zip(files))
    batch.sync()
    with transaction.atomic():
        batch.record()
        folder = slugify(loaded.manifest.folder)
        Folder.objects.get_or_create(key=folder, defaults={"name": loaded.manifest.folder, "roles": FOLDER_ROLES})
        Template.objects.update_or_create(key=loaded.key, defaults={"name": loaded.manifest.name})
        Template.objects.select_for_update().get(key=loaded.key)  # numbers are given out one after the other
        last = TemplateVersion.objects.filter(template_id=loaded.key).order_by("-no").values_list("no", flat=True)
        version.no = (last.first() or 0) + 1
        version.files_id = blob.id
        version.save(force_insert=True)
        proof.note(version)
        facts = {"template": loaded.key, "no": version.no, "digest": loaded.digest}
        append(actor.name, [Act("template.published", "template_version", version.pk, facts)])
    dictionary.learn(packed_like(version), [*proof.contents, *(canonical(record) for _, record in loaded.samples)])
    return version


def _zip(files: Mapping[str, bytes]) -> bytes:
    """The files as a zip whose bytes depend on nothing but them."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), files[name], zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
