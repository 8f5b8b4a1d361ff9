"""An upgrade that would change bytes is seen before the first document is made with it (P5, ADR 0028).

With each version stands what its samples become. A toolchain that has not made them yet makes them first: equal bytes,
and it goes on without a word; other bytes, and documents of that template wait until somebody agrees or publishes it
again. What was made before keeps its digest either way; after an agreement it counts as stored only.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import logging
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import connection, transaction

from postroom.composition import stand_ins
from postroom.composition.alarms import raise_alarm
from postroom.composition.compose import Unmade
from postroom.composition.models import IN_FORCE, TOOLCHAIN, WAITING, SampleProof, TemplateVersion
from postroom.composition.queries import LivePack, live_pack
from postroom.composition.replay import make_apart
from postroom.composition.stored import unlike_now
from postroom.composition.toolchain import Present, present
from postroom.kernel import clock, registry
from postroom.kernel.errors import PostroomError, Unavailable
from postroom.kernel.ids import new_id
from postroom.ledger.append import Act, append

log = logging.getLogger("postroom.toolchain")

WORKER = "system:toolchain"
_LOCK = 0x70726F6F
#: What was never noted: the samples of a version from before samples were kept, made by a toolchain that is gone.
_UNKNOWN = hashlib.sha256(b"unknown").hexdigest()
_HINT = (
    "Nothing is made of it meanwhile. Look at its samples, then agree with `postroom verify --accept-engine`, or"
    " publish the template again, or install what was there before."
)
#: Versions this process has found proven: what is proven stays so as long as the toolchain does, which is this process.
_PROVEN: set[uuid.UUID] = set()


class ToolchainNotAccepted(Unavailable):
    """An upgrade would change the documents of this template, and nobody agreed to it yet."""

    code = "toolchain-not-accepted"
    title = "An upgrade would change these documents"


@dataclass(frozen=True, slots=True)
class Made:
    """What the present toolchain makes of a version's samples."""

    toolchain: Present
    samples: dict[str, str]
    contents: tuple[bytes, ...] = field(default=(), repr=False)
    """The documents themselves, of those that could be made."""

    @property
    def digest(self) -> str:
        """SHA-256 (hex) over the samples' digests."""
        return hashlib.sha256(json.dumps(self.samples, sort_keys=True).encode()).hexdigest()

    def note(self, version: TemplateVersion) -> None:
        """In force from the moment the version is published, in its transaction."""
        _row(version, self, IN_FORCE, version.published_at, version.published_by)


def made_now(live: LivePack) -> Made:
    """Make all samples. One that cannot be made is noted with its reason: that may not change unnoticed either."""
    toolchain = _present(live.version)
    names = [name for name, _ in live.pack.samples]
    results = make_apart(live, [record for _, record in live.pack.samples])
    told = {
        name: f"unmade: {made.code}" if isinstance(made, Unmade) else hashlib.sha256(made.content).hexdigest()
        for name, made in zip(names, results, strict=True)
    }
    return Made(toolchain, told, tuple(made.content for made in results if not isinstance(made, Unmade)))


def _present(version: TemplateVersion) -> Present:
    return present(version.lane, stand_ins.locked(version.uses))


def require(version: TemplateVersion) -> None:
    """Raises ToolchainNotAccepted unless documents of ``version`` may be made by this process."""
    if version.pk in _PROVEN:
        return
    if not holds(version):
        raise ToolchainNotAccepted(
            f"An upgrade would change the documents of {version.template_id} {version.no}; they wait.", hint=_HINT
        )
    _PROVEN.add(version.pk)


def holds(version: TemplateVersion) -> bool:
    """Whether the present toolchain makes what is in force; its samples are made if nobody has yet."""
    return proven(version) or _examined(version)


def forget() -> None:
    """For tests, which change the toolchain under a living process."""
    _PROVEN.clear()


def in_force(version_id: uuid.UUID, at: dt.datetime | None = None) -> SampleProof | None:
    """What made the version's documents at that moment (the first one for moments before it), or makes them now."""
    rows = SampleProof.objects.filter(version_id=version_id, state=IN_FORCE).select_related("toolchain")
    newest = rows.filter(since__lte=at) if at else rows
    return newest.order_by("-since", "-id").first() or rows.order_by("since", "id").first()


def proven(version: TemplateVersion) -> bool:
    """Whether the present toolchain is known to make the same bytes as what is in force. Makes nothing."""
    if not registry.provider("renderers", version.lane).reproducible:
        return True
    force = in_force(version.pk)
    if force is None:
        return False
    now = _present(version).digest
    same = SampleProof.objects.filter(version=version, toolchain_id=now, digest=force.digest, state=IN_FORCE)
    return force.toolchain_id == now or same.exists()


def examine_all() -> list[TemplateVersion]:
    """Hold the present toolchain against every published version, before anything is made with it. Those that wait."""
    versions = TemplateVersion.objects.select_related("template").order_by("template_id", "no")
    return [version for version in versions if not holds(version)]


def look_before_use() -> None:
    """At the start of a worker. What cannot be examined (no fonts, a damaged file) stops the documents it concerns when
    they are to be made, with its reason; it does not stop deliveries."""
    try:
        for version in examine_all():
            log.warning("documents of %s %s wait: an upgrade would change them", version.template_id, version.no)
    except PostroomError as error:
        log.error("the templates could not be held against this toolchain: %s %s", error.message, error.hint)


def waiting() -> list[SampleProof]:
    """What the present toolchain would change, of versions where something else is in force."""
    rows = SampleProof.objects.filter(state=WAITING).select_related("version", "toolchain")
    return [row for row in rows.order_by("version__template_id", "version__no") if _is_present(row)]


def _is_present(row: SampleProof) -> bool:
    return row.toolchain_id == _present(row.version).digest and not proven(row.version)


def _examined(version: TemplateVersion) -> bool:
    """Make the samples and compare them, one process at a time: the others find it done."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
    try:
        if proven(version):
            return True
        now = _present(version)
        if SampleProof.objects.filter(version=version, toolchain_id=now.digest, state=WAITING).exists():
            return False
        live = live_pack(version.pk)
        made = made_now(live)
        with transaction.atomic():
            return _judged(live, made)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", (_LOCK,))


def _judged(live: LivePack, made: Made) -> bool:
    """Note what was made, in force or waiting."""
    version = live.version
    force = in_force(version.pk)
    if force is None:
        return _first(live, made)
    if made.digest == force.digest:
        _row(version, made, IN_FORCE, clock.now(), WORKER)
        facts = {"toolchain": made.toolchain.digest, "samples": made.digest}
        append(WORKER, [Act("toolchain.same", "template_version", version.pk, facts)])
        return True
    changed = [name for name in made.samples if made.samples[name] != force.samples.get(name)]
    _wait(version, made, made.toolchain.differs_from(force.toolchain), changed or sorted(made.samples))
    return False


def _first(live: LivePack, made: Made) -> bool:
    """A version from before samples were noted: stored documents of it stand in for them."""
    version = live.version
    changed = unlike_now(live)
    if not changed:
        _row(version, made, IN_FORCE, version.published_at, WORKER)
        return True
    before = Present(engine=version.engine, asset_lock=version.asset_lock, library="", tools="")
    _row(version, Made(before, {"unknown": _UNKNOWN}), IN_FORCE, version.published_at, WORKER)
    _wait(version, made, made.toolchain.differs_from(before), [f"document {one}" for one in changed])
    return False


def _wait(version: TemplateVersion, made: Made, differs: str, changed: Iterable[str]) -> None:
    _row(version, made, WAITING, None, "")
    named = sorted(changed)
    shown = ", ".join(named[:5]) + (f" and {len(named) - 5} more" if len(named) > 5 else "")
    raise_alarm(
        WORKER,
        TOOLCHAIN,
        f"An upgrade would change the documents of {version.template_id} {version.no} ({shown}): {differs}.",
        _HINT,
        {"toolchain": made.toolchain.digest, "samples": made.digest, "changed": len(named)},
        template_version_id=version.pk,
    )


def _row(version: TemplateVersion, made: Made, state: str, since: dt.datetime | None, by: str) -> None:
    SampleProof.objects.create(
        id=new_id(),
        version=version,
        toolchain=made.toolchain.kept(),
        samples=made.samples,
        digest=made.digest,
        state=state,
        since=since,
        noted_at=clock.now(),
        decided_by=by,
    )
