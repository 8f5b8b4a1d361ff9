"""A replay in words, whatever it is of: how far it is, its groups, and the pages of one record side by side."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from postroom.composition.checks.causes import IDENTICAL
from postroom.composition.checks.models import FAILED, MOVING, STOPPED, Replay, ReplayCase
from postroom.documents.queries import visible_to
from postroom.identity.actor import Actor
from postroom.web import words
from postroom.web.fill import names
from postroom.web.fill.causes import cause_text, group_label, tone
from postroom.web.pages.parts import Fact
from postroom.web.pages.proofs import Beside, GroupLine

_GROUPS = 40


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a replay is shown: its page, and pictures as they are and masked. ``sample``: where one is made of it."""

    page: str
    picture: str
    masked: str
    sample: str = ""


def standing_of(replay: Replay, why: str) -> tuple[str, str, str]:
    """How it stands: a key, a sentence, and what to do. ``why``: a sentence that tells why it cannot be signed."""
    if replay.state in MOVING:
        told = gettext("{done} of {total} records").format(
            done=words.count(replay.done), total=words.count(replay.total)
        )
        return "moving", told, gettext("You may leave this page; it goes on.")
    if replay.state == FAILED:
        return "failed", replay.told, ""
    if replay.state == STOPPED:
        told = gettext("Stopped after {done} of {total} records.").format(
            done=words.count(replay.done), total=words.count(replay.total)
        )
        return "stopped", told, gettext("What was found so far is below; it cannot be signed.")
    if why:
        return "stale", why, gettext("Replay it again before it is approved.")
    told = ngettext("{count} record, {when}", "{count} records, {when}", replay.total).format(
        count=words.count(replay.total), when=words.moment(replay.ended_at)
    )
    return "done", told, ""


def groups_of(replay: Replay | None, at: Addresses, current: str) -> tuple[GroupLine, ...]:
    """Records by what is different."""
    if replay is None:
        return ()
    return tuple(
        GroupLine(
            key=one["key"],
            count=words.count(one["count"]),
            label=group_label(one["outcome"], one["causes"]),
            tone=tone(one["outcome"]),
            url="" if one["outcome"] == IDENTICAL else f"{at.page}?group={one['key']}",
            current=one["key"] == current,
        )
        for one in replay.groups[:_GROUPS]
    )


def chosen_of(replay: Replay | None, lines: tuple[GroupLine, ...], group: str) -> GroupLine | None:
    """The group that is looked at: the one asked for, else the first that is not identical."""
    chosen = next((one for one in lines if one.key == group), None)
    if chosen is None and replay is not None:
        unlike = next((one for one in replay.groups if one["outcome"] != IDENTICAL), None)
        chosen = next((one for one in lines if unlike is not None and one.key == unlike["key"]), None)
    return chosen


def signed_by(replay: Replay | None) -> str:
    """Whose eyes saw it, and when; empty when nobody signed it."""
    if replay is None or not replay.signed_by:
        return ""
    people = names.people([replay.signed_by])
    return gettext("Signed by {who}, {when}").format(
        who=words.who(replay.signed_by, people), when=words.moment(replay.signed_at)
    )


def facts_of(replay: Replay, *more: Fact) -> tuple[Fact, ...]:
    """What it is over, and the digest that is signed."""
    facts = [
        Fact(label=gettext("Records"), value=words.count(replay.total)),
        *more,
        Fact(label=gettext("Revision"), value=str(replay.revision)),
        Fact(label=gettext("Begun"), value=words.moment(replay.started_at)),
    ]
    if replay.digest:
        facts.append(Fact(label=gettext("Digest"), value=replay.digest[:16], code=True))
    return tuple(facts)


def case_of(replay: Replay | None, position: int) -> ReplayCase | None:
    """One record of a replay, with all that its pictures are made from."""
    if replay is None:
        return None
    found = ReplayCase.objects.select_related(
        "base", "replay", "replay__base", "replay__draft", "replay__draft__origin", "replay__part", "replay__part__part"
    )
    return found.filter(replay=replay, position=position).first()


def beside_of(actor: Actor, replay: Replay, group: GroupLine, position: int, at: Addresses) -> Beside | None:
    """One record of a group, with the ones before and after it; masked for who may not see records (ADR 0041)."""
    positions = list(
        ReplayCase.objects.filter(replay=replay, group=group.key)
        .order_by("position")
        .values_list("position", flat=True)
    )
    if not positions:
        return None
    here = positions.index(position) if position in positions else 0
    case = case_of(replay, positions[here])
    if case is None:
        return None
    masked = not actor.may("record.view")
    shown = at.masked if masked else at.picture

    def to(index: int) -> str:
        return f"{at.page}?group={group.key}&record={positions[index]}" if 0 <= index < len(positions) else ""

    def picture(side: str, pages: int) -> str:
        return f"{shown}?record={case.position}&side={side}&of={replay.pk}" if 1 <= case.page <= pages else ""

    document = visible_to(actor).filter(pk=case.document_id).first()
    about = gettext("Page {page}: {before} pages before, {after} now").format(
        page=case.page, before=case.pages_before, after=case.pages_after
    )
    if case.base is not None:
        about = f"{names.kinds().get(case.base.template_id, case.base.template_id)} · {about}"
    return Beside(
        title=gettext("Record {number} of {count}").format(
            number=words.count(here + 1), count=words.count(len(positions))
        ),
        about=about,
        before_url=picture("before", case.pages_before),
        after_url=picture("after", case.pages_after),
        document_url=reverse("document", args=[document.pk]) if document else "",
        older_url=to(here - 1),
        newer_url=to(here + 1),
        causes=tuple(cause_text(cause) for cause in case.causes),
        masked=masked,
        sample_url=f"{at.sample}?record={case.position}" if at.sample else "",
        part=case.base is not None,
    )
