"""A dry look at a file before a run is started: the first records, mapped and checked. Nothing is stored."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from postroom import rules
from postroom.composition.queries import live_pack, newest_version
from postroom.identity.actor import Actor
from postroom.intake.detect import source_for
from postroom.intake.spec import BadRecord, SourceRecord
from postroom.production.models import Run
from postroom.production.trying import try_out
from postroom.production.work import Work

MOST = 5


@dataclass(frozen=True, slots=True)
class TriedRecord:
    """One record of the file: ``work`` when it could be read, else ``bad``."""

    ordinal: int
    line: int
    data: dict[str, Any] | None
    work: Work | None
    bad: BadRecord | None


@dataclass(frozen=True, slots=True)
class TriedFile:
    """``more``: the file goes on after these records. ``doubts``: source fields the first record does not have."""

    source: str
    records: tuple[TriedRecord, ...]
    more: bool
    doubts: tuple[rules.Doubt, ...]

    @property
    def good(self) -> int:
        return sum(1 for one in self.records if one.work is not None and not one.work.problems)


def try_file(
    actor: Actor,
    *,
    template: str,
    path: Path,
    name: str = "",
    media_type: str = "",
    mapping: str = "",
    source_options: dict[str, Any] | None = None,
    most: int = MOST,
) -> TriedFile:
    """What ``start_run`` with the same arguments would make of the first ``most`` records.

    Raises what ``start_run`` raises before it starts anything: UnknownTemplate, UnreadableFile, the faults of a
    mapping.
    """
    actor.require("run.start")
    version = newest_version(template)
    options = dict(source_options or {})
    compiled = rules.compile_mapping(mapping, contract=version.contract) if mapping else None
    if compiled is not None and compiled.records and "records" not in options:
        options["records"] = compiled.records
    source = source_for(path, media_type=media_type, name=name or path.name, options=options)
    items = list(itertools.islice(source.read(path), most + 1))
    shown = items[:most]
    good = [item for item in shown if isinstance(item, SourceRecord)]
    run = Run(mapping=mapping, started_by=actor.name)
    works = iter(try_out(run, live_pack(version.pk), [item.data for item in good]))
    return TriedFile(
        source=source.name,
        records=tuple(_tried(item, works) for item in shown),
        more=len(items) > most,
        doubts=tuple(compiled.check(good[0].data)) if compiled is not None and good else (),
    )


def _tried(item: SourceRecord | BadRecord, works: Any) -> TriedRecord:
    if isinstance(item, BadRecord):
        return TriedRecord(item.ordinal, item.line, None, None, item)
    return TriedRecord(item.ordinal, item.line, item.data, next(works), None)
