"""Publish a content block or a brand: a version of it, and a new version of every template that uses it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from postroom.composition import freezing, house, pack, where_used
from postroom.composition.errors import BadDates, BadPart, UnknownPart, WrongState
from postroom.composition.life_models import APPROVAL, APPROVED, BLOCK, PUBLICATION, PUBLISHED, HousePart, HouseVersion
from postroom.composition.models import TemplateVersion
from postroom.composition.people import person_behind
from postroom.composition.problems import Problem, TemplateFaults
from postroom.composition.publishing import publish
from postroom.composition.queries import sources_of, versions_by_start
from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.ledger.append import Act, append


class PartBreaks(BadPart):
    """Templates that use it would have faults; each is told with its template, file and line."""

    code = "house-part-breaks"
    title = "Templates that use it would have faults"


@dataclass(frozen=True, slots=True)
class PartPublished:
    """What was published, and the templates that have a new version because of it."""

    version: HouseVersion
    templates: tuple[TemplateVersion, ...]


def publish_part(
    actor: Actor, kind: str, key: str, *, valid_from: dt.datetime | None = None, unreviewed: bool = False
) -> PartPublished:
    """``valid_from``: it is right from then on. All templates that use it are checked before anything is published.

    ``unreviewed`` needs its own permission: for the system and administrators. Raises UnknownPart, WrongState,
    BadDates, PartBreaks.
    """
    actor.require("template.publish_unreviewed" if unreviewed else "template.publish")
    change = house.on_its_way(kind, key)
    if change is None:
        raise UnknownPart(f"Nothing of {key!r} is on its way.", hint="Change it first.")
    if change.state != APPROVED and not unreviewed:
        raise WrongState(f"{change.part.name} is not approved.", hint="Send it to review first.", state=change.state)
    if not unreviewed:
        _approved_by_another(change)
    now = clock.now()
    if valid_from is not None and valid_from <= now:
        raise BadDates("That day has begun already.", hint="Choose a later one, or publish it at once.")
    start = valid_from or now
    used = where_used.templates_of(kind, key)
    faults = faults_of(change, start)
    if faults:
        raise PartBreaks(
            "; ".join(f"{template}: {problem}" for template, problem in faults[:3]),
            hint="Mend the text, or the templates.",
            problems=[{"template": template, "what": str(problem)} for template, problem in faults],
        )
    with transaction.atomic():
        HousePart.objects.select_for_update().get(pk=change.part_id)
        last = HouseVersion.objects.filter(part=change.part, state=PUBLISHED).order_by("-no").first()
        step = {"step": PUBLICATION, "by": actor.name, "at": now.isoformat(), "reason": "", "revision": change.revision}
        told = [*change.told, step]
        changed = HouseVersion.objects.filter(pk=change.pk, state=change.state, revision=change.revision).update(
            state=PUBLISHED,
            no=(last.no or 0) + 1 if last else 1,
            valid_from=valid_from,
            published_by=actor.name,
            published_at=now,
            changed_at=now,
            told=told,
        )
        if not changed:
            raise WrongState("It was changed at this moment.", hint="Look at it again.")
        change = HouseVersion.objects.select_related("part").get(pk=change.pk)
        facts = {"key": key, "no": change.no, "templates": len(used)}
        append(actor.name, [Act(f"{kind}.published", "house_version", change.pk, facts)])
    return PartPublished(change, tuple(republished(actor, change, used, start)))


def _approved_by_another(change: HouseVersion) -> None:
    """Defence in depth: an approval of this very revision by somebody who did not change it must be there."""
    authors = {person_behind(name) for name in change.authors}
    approved = {
        person_behind(one["by"])
        for one in change.told
        if one["step"] == APPROVAL and one.get("revision") == change.revision
    }
    if not approved - authors:
        raise WrongState("Nobody else approved this revision.", hint="Send it to review again.", state=change.state)


def republished(actor: Actor, change: HouseVersion, used: list[str], start: dt.datetime) -> list[TemplateVersion]:
    """New versions of the templates that use a part: of the one that will be in force then, and of each that begins
    later. Repeating it is harmless: what says the same already is not published again."""
    called = "Content block" if change.part.kind == BLOCK else "Brand"
    made: list[TemplateVersion] = []
    for key in used:
        known = set(TemplateVersion.objects.filter(template_id=key).values_list("pk", flat=True))
        for before in affected(key, start):
            note = f"{called} {change.part.name}, version {change.no}"
            begins = max(start, before.valid_from or before.published_at)
            version = publish(
                actor,
                sources_of(before),
                note=note,
                valid_from=begins if begins > clock.now() else None,
                valid_until=before.valid_until,
            )
            if version.pk not in known:
                made.append(version)
    return made


def affected(key: str, start: dt.datetime) -> list[TemplateVersion]:
    """The version of a template in force at a moment, and those with other files of their own that begin later."""
    rows = versions_by_start(key)
    begun = rows.filter(begins__lte=start).exclude(valid_until__lte=start).order_by("-begins", "-no").first()
    found = [begun] if begun is not None else []
    own = sources_of(begun) if begun is not None else {}
    for later in rows.filter(begins__gt=start).order_by("begins", "no"):
        if sources_of(later) != own:  # those with equal files only follow what the house says
            found.append(later)
            own = sources_of(later)
    return found


def faults_of(change: HouseVersion, start: dt.datetime) -> list[tuple[str, Problem]]:
    """What would be wrong with the templates that use a part, if it said this."""
    found: list[tuple[str, Problem]] = []
    for key in where_used.templates_of(change.part.kind, change.part.key):
        for version in affected(key, start):
            try:
                pack.load(freezing.freeze(sources_of(version), start, change).files)
            except TemplateFaults as faults:
                found += [(key, problem) for problem in faults.problems]
    return found
