"""Add font files that stand in for signs the house's own family does not have."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from postroom.composition import fonts, fonts_own
from postroom.composition.fonts_models import PrintFont
from postroom.composition.fonts_read import FontFile, FontTaken, read_font
from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.kernel.ids import new_id
from postroom.ledger.append import Act, append
from postroom.vault.write import Batch


def add_fonts(actor: Actor, files: Mapping[str, bytes]) -> list[PrintFont]:
    """``files`` by name, all of them or none. One that is there already, byte for byte, is taken up again where it was
    withdrawn. Templates get a new family when they are published next. Raises FontUnusable, FontTaken."""
    actor.require("brand.edit")
    read = {name: read_font(content, name) for name, content in files.items()}
    known = {row.sha256: row for row in PrintFont.objects.filter(sha256__in=[one.sha256 for one in read.values()])}
    _refuse_taken(read, known)
    fresh = {one.sha256: name for name, one in read.items() if one.sha256 not in known}
    batch = Batch()
    blobs = {digest: batch.add(files[name]) for digest, name in fresh.items()}
    batch.sync()
    now = clock.now()
    with transaction.atomic():
        batch.record()
        for digest, name in fresh.items():
            one = read[name]
            known[one.sha256] = PrintFont.objects.create(
                id=new_id(),
                family=one.family,
                cut=one.cut,
                name=name[:200],
                sha256=one.sha256,
                covers=one.covers,
                licence=one.licence,
                blob_id=blobs[digest].id,
                added_by=actor.name,
                added_at=now,
            )
        families = {row.family for row in known.values()}
        PrintFont.objects.filter(family__in=families).update(withdrawn_at=None)
        digests = sorted(known)
        append(actor.name, [Act("font.added", "print_font", known[one].pk, {"sha256": one}) for one in digests])
    fonts_own.forget()
    kept = {row.sha256: row for row in PrintFont.objects.filter(sha256__in=digests)}
    return [kept[one.sha256] for one in read.values()]


def _refuse_taken(read: Mapping[str, FontFile], known: Mapping[str, PrintFont]) -> None:
    ours = {fact["family"] for fact in (*fonts.built(), *fonts.more())}
    seen: dict[tuple[str, str], str] = {}
    for name, one in read.items():
        if one.family in ours:
            raise FontTaken(
                f"{name} is called {one.family!r}, as a family that comes with Postroom.",
                hint="Give the family a name of its own.",
            )
        other = seen.setdefault((one.family, one.cut), name)
        if read[other].sha256 == one.sha256:
            other = name
        there = one.sha256 not in known and PrintFont.objects.filter(family=one.family).exists()
        if there or other != name:
            raise FontTaken(
                f"{name}: the family {one.family!r} is there already, and this cut ({one.cut}) is not one of it.",
                hint="A family never changes, as documents are made again with it: bring all its cuts at once, or give"
                " the new edition another name.",
            )
