"""Reading templates."""

from __future__ import annotations

import datetime as dt
import difflib
import hashlib
import io
import shutil
import tempfile
import uuid
import zipfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from postroom.composition import fonts, pack, stand_ins
from postroom.composition.errors import NotInForce
from postroom.composition.models import Template, TemplateVersion
from postroom.kernel import clock, registry
from postroom.kernel.errors import NotFound
from postroom.kernel.home import home
from postroom.vault.read import read


class UnknownTemplate(NotFound):
    """No template of that name is published."""

    code = "unknown-template"
    title = "There is no such template"


def packed_like(version: TemplateVersion) -> str:
    """Whose dictionary the vault packs documents of ``version`` with: it is made from the version's samples (P11)."""
    return f"template-version:{version.pk}"


@dataclass(frozen=True, slots=True)
class LivePack:
    """A published version, loaded and unfolded for the cage."""

    version: TemplateVersion
    pack: pack.TemplatePack
    folder: Path

    @property
    def engine(self) -> str:
        """The engine that makes documents of it now; that of ``version`` is the one it was published with."""
        return str(registry.provider("renderers", self.version.lane).engine())

    @property
    def asset_lock(self) -> str:
        """The fonts that documents of it are set with now."""
        return fonts.lock((*self.pack.manifest.fonts, *self.pack.stand_ins))

    def wide(self, families: tuple[str, ...]) -> Path:
        """The folder with ``families`` behind the template's own fonts; without any, its plain folder."""
        if not families:
            return self.folder
        named = hashlib.sha256("\n".join(families).encode()).hexdigest()[:12]
        folder = self.folder.with_name(f"{self.folder.name}-{named}")
        if not folder.is_dir():
            unfold_once(stand_ins.widened(self.pack, families), folder)
        return folder


def newest_version(key: str) -> TemplateVersion:
    """The version of ``key`` in force now: what runs, previews and programs take. See ``version_at``."""
    return version_at(key)


def version_at(key: str, at: dt.datetime | None = None) -> TemplateVersion:
    """The version of ``key`` in force at a moment (None: now): of those that have begun and not ended, the one that
    began last, and of those that began together the one with the highest number.

    Raises UnknownTemplate with a suggestion, NotInForce.
    """
    moment = at or clock.now()
    begun = versions_by_start(key).filter(begins__lte=moment)
    version: TemplateVersion | None = begun.exclude(valid_until__lte=moment).order_by("-begins", "-no").first()
    if version is not None:
        return version
    first: TemplateVersion | None = versions_by_start(key).filter(valid_from=None).order_by("no").first()
    if first is not None and first.published_at > moment:
        return first  # a clock that was set back stops no run
    if TemplateVersion.objects.filter(template_id=key).exists():
        raise NotInForce(
            f"No version of {key} is in force on {moment:%d %b %Y}.",
            hint="Publish one that is valid then; see `postroom template list`.",
        )
    known = list(Template.objects.order_by("key").values_list("key", flat=True))
    near = difflib.get_close_matches(key, known, 1)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    there = ", ".join(known) or "none; publish one with `postroom template push FOLDER --publish`"
    raise UnknownTemplate(f"There is no template {key!r}.", hint=f"{hint}Published: {there}.")


def versions_by_start(key: str) -> QuerySet[Any, Any]:
    """All versions of ``key``, each with ``begins``: since when it is, or will be, in force."""
    rows = TemplateVersion.objects.select_related("template").filter(template_id=key)
    return rows.annotate(begins=Coalesce("valid_from", "published_at"))


def newest_number(key: str) -> TemplateVersion | None:
    """The version published last, whether or not it is in force yet: what somebody who goes on writing begins with."""
    return TemplateVersion.objects.select_related("template").filter(template_id=key).order_by("-no").first()


def numbered(key: str, no: int) -> TemplateVersion:
    """One version by its number. Raises UnknownTemplate."""
    found = TemplateVersion.objects.select_related("template").filter(template_id=key, no=no).first()
    if found is None:
        raise UnknownTemplate(f"{key} has no version {no}.", hint="See `postroom template versions`.")
    return found


@lru_cache(maxsize=64)
def live_pack(version_id: uuid.UUID) -> LivePack:
    """A version ready for use. A version never changes, so a process loads it once."""
    version = TemplateVersion.objects.select_related("template").get(pk=version_id)
    families = stand_ins.of_version(version.uses)
    # later lint rules do not take old versions out of use
    loaded = pack.load(files_of(version), published=True, families=families)
    return ready(version, loaded)


def ready(version: TemplateVersion, loaded: pack.TemplatePack) -> LivePack:
    """A version with its unfolded folder; ``version`` may be one that is about to be published."""
    return LivePack(version, loaded, _unfolded(version, loaded))


def files_of(version: TemplateVersion) -> dict[str, bytes]:
    """The files of a version as they were published."""
    with zipfile.ZipFile(io.BytesIO(read(version.files_id))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def sources_of(version: TemplateVersion) -> dict[str, bytes]:
    """The template's own files: without those that were put beside them from the house (ADR 0034)."""
    return {name: content for name, content in files_of(version).items() if name not in version.uses}


def _unfolded(version: TemplateVersion, loaded: pack.TemplatePack) -> Path:
    """The pack as a folder without links, made once for all processes."""
    packs = home().prepare().work / "packs"
    packs.mkdir(exist_ok=True)
    folder = packs / f"{version.pk}-{pack.library_digest()[:12]}"
    if not folder.is_dir():
        unfold_once(loaded, folder)
    return folder


def unfold_once(loaded: pack.TemplatePack, folder: Path) -> None:
    """Unfolded aside, then renamed: nobody sees half a folder, and of two processes the first one's stays."""
    aside = Path(tempfile.mkdtemp(prefix="unfolding-", dir=folder.parent))
    loaded.unfold(aside / "pack")
    try:
        (aside / "pack").rename(folder)
    except OSError:  # another process was first
        if not folder.is_dir():
            raise
    shutil.rmtree(aside, ignore_errors=True)
