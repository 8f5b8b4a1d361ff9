"""What makes documents beside the template: engine, fonts, house library, and what formats figures and draws symbols.

Any of them may be upgraded under a running installation. ``present`` names them all in one digest, so that a change is
seen before the first document is made with it (``proofs``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version

from postroom import __version__
from postroom.composition import fonts, models, pack
from postroom.kernel import clock, registry

#: Packages whose release decides what stands on a page: the formats and names of CLDR, the symbols, and what finishes
#: PDFs where it is installed.
_TOOLS = ("babel", "zxing-cpp", "pikepdf")


@dataclass(frozen=True, slots=True)
class Present:
    """The toolchain of this process, for one lane."""

    engine: str
    asset_lock: str
    library: str
    tools: str

    @property
    def digest(self) -> str:
        """SHA-256 (hex) over all of it."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()

    def kept(self) -> models.Toolchain:
        """Its row."""
        row, _ = models.Toolchain.objects.get_or_create(
            digest=self.digest, defaults={**asdict(self), "first_seen_at": clock.now()}
        )
        return row

    def differs_from(self, other: Present | models.Toolchain) -> str:
        """What changed from ``other`` to this one, for people."""
        told = []
        for name, said in (("engine", "engine"), ("tools", "tools")):
            if getattr(other, name) != getattr(self, name):
                told.append(f"{said} {getattr(other, name) or 'unknown'} -> {getattr(self, name)}")
        for name, said in (("asset_lock", "fonts"), ("library", "house library")):
            if getattr(other, name) != getattr(self, name):
                told.append(f"{said} {getattr(other, name)[:12] or 'unknown'} -> {getattr(self, name)[:12]}")
        return ", ".join(told) or "nothing that is noted"


def present(lane: str, families: Sequence[str] = ()) -> Present:
    """What this process would make documents of ``lane`` with; ``families`` are those of a version beyond the base
    fonts. Raises FontsNotBuilt, FontsDamaged, FamilyMissing, UnknownProvider."""
    return Present(
        engine=registry.provider("renderers", lane).engine(),
        asset_lock=fonts.lock(families),
        library=pack.library_digest(),
        tools=", ".join([f"postroom {__version__}", *(f"{name} {_release(name)}" for name in _TOOLS)]),
    )


def _release(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"
