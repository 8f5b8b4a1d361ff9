"""What a change of a content block or brand makes of real letters, in words, and whether that can be signed."""

from __future__ import annotations

import uuid

from django.urls import reverse
from django.utils.translation import gettext

from postroom.composition import house, where_used
from postroom.composition.checks import part_signing
from postroom.composition.checks.models import DONE, Replay, ReplayCase
from postroom.composition.life_models import OPEN, HouseVersion
from postroom.composition.models import TemplateVersion
from postroom.identity.actor import Actor
from postroom.kernel.errors import NotFound
from postroom.production.models import Run
from postroom.web import words
from postroom.web.fill import names, replayed
from postroom.web.fill.replayed import Addresses, beside_of, chosen_of, facts_of, groups_of, signed_by, standing_of
from postroom.web.pages.parts import Crumb, Fact
from postroom.web.pages.proofs import CoverLine, ProofsPanel, ReplayPage, RunChoice

_RUNS = 8


def part_panel(actor: Actor, change: HouseVersion, *, whole: bool = False, current: str = "") -> ProofsPanel:
    """The replay of a change. ``whole``: for the replay's own page, where the group ``current`` is looked at."""
    replay = part_signing.newest(change)
    status, told, hint = _standing(change, replay)
    may = actor.may("template.review") and change.state in OPEN
    starts = may and status not in ("none", "moving")
    at = [change.part.kind, change.part.key]
    live = reverse("house-part-replay-live", args=at) + ("?from=replay" if whole else "")
    return ProofsPanel(
        replay=status,
        told=told,
        hint=hint,
        done=replay.done if replay else 0,
        total=replay.total if replay else 0,
        groups=groups_of(replay, _addresses(change), current),
        digest=replay.digest if replay and status == "done" else "",
        signed=signed_by(replay),
        start_url=reverse("house-part-replay-start", args=at) if starts else "",
        stop_url=reverse("house-part-replay-stop", args=at) if may and status == "moving" else "",
        page_url=reverse("house-part-replay", args=at),
        live_url=live if status == "moving" else "",
        whole=whole,
        runs=_runs(change, replay) if starts else (),
    )


def part_replay_page(actor: Actor, change: HouseVersion, group: str = "", position: int = 0) -> ReplayPage:
    """The differences of a replay, group by group, with the pages of one record side by side."""
    replay = part_signing.newest(change)
    at = _addresses(change)
    chosen = chosen_of(replay, groups_of(replay, at, group), group)
    crumbs = (
        Crumb(label=gettext("Templates"), url=reverse("templates")),
        Crumb(label=gettext("Content blocks and brands"), url=reverse("house-parts")),
        Crumb(label=change.part.name, url=reverse("house-part", args=[change.part.kind, change.part.key])),
    )
    return ReplayPage(
        crumbs=crumbs,
        name=gettext("Replay of {name}").format(name=change.part.name),
        panel=part_panel(actor, change, whole=True, current=chosen.key if chosen else ""),
        facts=facts_of(replay, Fact(label=gettext("Of"), value=_of(replay))) if replay is not None else (),
        group=chosen,
        beside=beside_of(actor, replay, chosen, position, at) if replay and chosen else None,
        covers=_covers(replay),
    )


def change_of(kind: str, key: str) -> HouseVersion:
    """The change whose replay is looked at: the one on its way, else the newest that was replayed.

    Raises UnknownPart, NotFound.
    """
    part = house.part(kind, key)
    found = house.on_its_way(kind, key)
    if found is None:
        replayed_once = Replay.objects.filter(part__part=part).select_related("part", "part__part")
        newest = replayed_once.order_by("-started_at").first()
        found = newest.part if newest is not None else None
    if found is None:
        raise NotFound(f"Nothing of {part.name} is on its way.", hint="Change it first, then replay the change.")
    return found


def case_of(change: HouseVersion, position: int) -> ReplayCase | None:
    """One record of the newest replay of a change."""
    return replayed.case_of(part_signing.newest(change), position)


def run_asked(text: str) -> uuid.UUID | None:
    """The run a form names; None: all of them."""
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        return None


def _addresses(change: HouseVersion) -> Addresses:
    at = [change.part.kind, change.part.key]
    return Addresses(
        page=reverse("house-part-replay", args=at),
        picture=reverse("house-part-replay-picture", args=at),
        masked=reverse("house-part-replay-masked-picture", args=at),
    )


def _standing(change: HouseVersion, replay: Replay | None) -> tuple[str, str, str]:
    if replay is None:
        if not part_signing.is_needed(change):
            told = gettext("No real letter was made by a template that gets it yet, so there is nothing to replay.")
            return "none", told, ""
        return (
            "needed",
            gettext("Real letters are made by templates that get it. See what the change would make of them."),
            gettext("It is approved after that, not before."),
        )
    ended = replay.state == DONE and change.state in OPEN and not replay.signed_by
    why = part_signing.outdated(change, replay) if ended else ""
    return standing_of(replay, _why(why) if why else "")


def _why(why: str) -> str:
    return {
        "revision": gettext("The change was saved again since it was replayed."),
        "base": gettext("Another version of a template was published since the change was replayed."),
        "age": gettext("The change was replayed more than three days ago; other letters were made since."),
        "toolchain": gettext("What makes documents was upgraded since the change was replayed."),
        "house": gettext("Another content block or brand was changed since the change was replayed."),
    }.get(why, why)


def _runs(change: HouseVersion, replay: Replay | None) -> tuple[RunChoice, ...]:
    """The newest runs of the templates that get it: by number, template, day and count; nothing of their records."""
    used = where_used.templates_of(change.part.kind, change.part.key)
    rows = list(Run.objects.filter(template_key__in=used, received__gt=0).order_by("-started_at")[:_RUNS])
    if not rows:
        return ()
    called, now = names.kinds(), replay.run_id if replay is not None else None
    everything = RunChoice(value="", label=gettext("the newest of all runs"), chosen=now is None)
    return (
        everything,
        *(RunChoice(value=str(row.pk), label=_run_words(row, called), chosen=row.pk == now) for row in rows),
    )


def _run_words(run: Run, called: dict[str, str]) -> str:
    return gettext("run {ref}: {count} × {template}, {when}").format(
        ref=run.ref,
        count=words.count(run.received),
        template=called.get(run.template_key, run.template_key),
        when=words.moment(run.started_at),
    )


def _of(replay: Replay) -> str:
    if replay.run_id is None:
        return gettext("the newest of all runs")
    run = Run.objects.filter(pk=replay.run_id).first()
    return gettext("run {ref}").format(ref=run.ref) if run is not None else "–"


def _covers(replay: Replay | None) -> tuple[CoverLine, ...]:
    """Each template that gets it, with how many of its records were taken; the most first."""
    if replay is None:
        return ()
    called = names.kinds()
    versions = TemplateVersion.objects.in_bulk([one["base"] for one in replay.covers])
    numbers = {str(pk): version.no for pk, version in versions.items()}
    return tuple(
        CoverLine(
            name=called.get(one["template"], one["template"]),
            url=reverse("template", args=[one["template"]]),
            count=words.count(one["records"]),
            version=gettext("version {no}").format(no=numbers.get(one["base"], "–")),
            told="" if one["records"] else gettext("no real letter here; see its sample pages"),
        )
        for one in sorted(replay.covers, key=lambda one: (-one["records"], called.get(one["template"], "")))
    )
