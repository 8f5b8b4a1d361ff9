"""A draft's tests and its replay in words: what is different over real records, and whether that can be signed."""

from __future__ import annotations

import json

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from postroom.composition import drafts, freezing, pack, where_used
from postroom.composition.checks import gate, signing, underway
from postroom.composition.checks.causes import IDENTICAL
from postroom.composition.checks.models import FAILED, MOVING, STOPPED, Replay, ReplayCase
from postroom.composition.checks.underway import Underway
from postroom.composition.contract_changes import changes
from postroom.composition.life_models import OPEN, Draft
from postroom.composition.pack import TemplatePack
from postroom.composition.problems import TemplateFaults
from postroom.composition.queries import newest_number
from postroom.composition.shape import ShapeFault
from postroom.documents.queries import visible_to
from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.web import words
from postroom.web.fill import names
from postroom.web.fill.causes import cause_text, group_label, tone
from postroom.web.pages.life import FaultLine, UseLine
from postroom.web.pages.parts import Crumb, Fact
from postroom.web.pages.proofs import Beside, GroupLine, ProofsPanel, ReplayPage, TestLine

_FAILURES, _GROUPS, _ASKS = 12, 40, 40


def proofs_panel(actor: Actor, draft: Draft, *, whole: bool = False, current: str = "") -> ProofsPanel:
    """Tests and replay of a draft. ``whole``: for the replay's own page, where the group ``current`` is looked at."""
    replay = signing.newest(draft)
    status, told, hint = _standing(draft, replay)
    tests, tests_told, failures, testing = _tests(draft)
    may = actor.may("template.review") and draft.state in OPEN
    asks, breaks = _contract(draft)
    people = names.people([replay.signed_by] if replay and replay.signed_by else [])
    return ProofsPanel(
        tests=tests,
        tests_told=tests_told,
        failures=failures,
        test_url=reverse("draft-test", args=[draft.pk]) if may and tests == "unknown" else "",
        test_done=testing.done,
        test_total=testing.total,
        replay=status,
        told=told,
        hint=hint,
        done=replay.done if replay else 0,
        total=replay.total if replay else 0,
        groups=_groups(actor, draft, replay, current),
        digest=replay.digest if replay and status == "done" else "",
        signed=gettext("Signed by {who}, {when}").format(
            who=words.who(replay.signed_by, people), when=words.moment(replay.signed_at)
        )
        if replay and replay.signed_by
        else "",
        start_url=reverse("draft-replay-start", args=[draft.pk]) if may and status not in ("none", "moving") else "",
        stop_url=reverse("draft-replay-stop", args=[draft.pk]) if may and status == "moving" else "",
        page_url=reverse("draft-replay", args=[draft.pk]),
        live_url=reverse("draft-replay-live", args=[draft.pk]) + ("?from=replay" if whole else "")
        if "moving" in (status, tests)
        else "",
        whole=whole,
        asks=asks,
        breaks=breaks,
    )


def _contract(draft: Draft) -> tuple[tuple[str, ...], tuple[UseLine, ...]]:
    """What the draft's data contract asks that the published one does not, and what in use that would break."""
    newest = newest_number(draft.template_key)
    if newest is None or draft.state not in OPEN:
        return (), ()
    try:
        wanted = json.loads(drafts.files(draft).get("contract.json", b""))
        asks = changes(newest.contract, wanted)
        uses = where_used.impact(draft.template_key, wanted) if wanted != newest.contract else []
    except (
        ValueError,
        ShapeFault,
        AttributeError,
    ):  # a contract that cannot be read is a fault of the draft, told there
        return (), ()
    return asks[:_ASKS], tuple(
        UseLine(kind=use.kind, name=use.name, place="", told=use.told) for use in uses if use.told
    )


def replay_page(actor: Actor, draft: Draft, group: str = "", position: int = 0) -> ReplayPage:
    """The differences of a replay, group by group, with the pages of one record side by side."""
    replay = signing.newest(draft)
    lines = _groups(actor, draft, replay, group)
    chosen = next((one for one in lines if one.key == group), None)
    if chosen is None and replay is not None:
        unlike = next((one for one in replay.groups if one["outcome"] != IDENTICAL), None)
        chosen = next((one for one in lines if unlike is not None and one.key == unlike["key"]), None)
    panel = proofs_panel(actor, draft, whole=True, current=chosen.key if chosen else "")
    facts = []
    if replay is not None:
        facts = [
            Fact(label=gettext("Records"), value=words.count(replay.total)),
            Fact(
                label=gettext("Beside"),
                value=gettext("version {no}").format(no=replay.base.no) if replay.base else "–",
            ),
            Fact(label=gettext("Revision"), value=str(replay.revision)),
            Fact(label=gettext("Begun"), value=words.moment(replay.started_at)),
        ]
        if replay.digest:
            facts.append(Fact(label=gettext("Digest"), value=replay.digest[:16], code=True))
    return ReplayPage(
        crumbs=(
            Crumb(label=gettext("Templates"), url=reverse("templates")),
            Crumb(label=draft.name, url=reverse("template", args=[draft.template_key]) if draft.base_id else ""),
            Crumb(label=gettext("Review"), url=reverse("draft-review", args=[draft.pk])),
        ),
        name=gettext("Replay of {name}").format(name=draft.name),
        panel=panel,
        facts=tuple(facts),
        group=chosen,
        beside=_beside(actor, draft, replay, chosen, position) if replay and chosen else None,
    )


def case_of(draft: Draft, position: int) -> ReplayCase | None:
    """One record of the draft's newest replay."""
    replay = signing.newest(draft)
    if replay is None:
        return None
    found = ReplayCase.objects.select_related("replay", "replay__draft", "replay__draft__origin")
    return found.filter(replay=replay, position=position).first()


def pack_of(draft: Draft) -> TemplatePack:
    """The draft as it would be published. Raises TemplateFaults."""
    return pack.load(freezing.freeze(drafts.files(draft), draft.valid_from or clock.now()).files)


def _standing(draft: Draft, replay: Replay | None) -> tuple[str, str, str]:
    """How it stands: a key, a sentence, and what to do."""
    if replay is None:
        if not signing.is_needed(draft):
            return "none", gettext("No real letter was made by this template yet, so there is nothing to replay."), ""
        return (
            "needed",
            gettext("Real letters are made by this template. See what the draft would make of them."),
            gettext("It is approved after that, not before."),
        )
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
    why = signing.outdated(draft, replay) if draft.state in OPEN and not replay.signed_by else ""
    if why:
        return "stale", _why(why), gettext("Replay it again before it is approved.")
    told = ngettext("{count} record, {when}", "{count} records, {when}", replay.total).format(
        count=words.count(replay.total), when=words.moment(replay.ended_at)
    )
    return "done", told, ""


def _why(why: str) -> str:
    return {
        "revision": gettext("The draft was changed since it was replayed."),
        "base": gettext("Another version was published since the draft was replayed."),
        "age": gettext("The draft was replayed more than three days ago; other letters were made since."),
        "toolchain": gettext("What makes documents was upgraded since the draft was replayed."),
        "house": gettext("A content block or brand was changed since the draft was replayed."),
    }.get(why, why)


def _groups(actor: Actor, draft: Draft, replay: Replay | None, current: str) -> tuple[GroupLine, ...]:
    if replay is None:
        return ()
    at = reverse("draft-replay", args=[draft.pk])
    return tuple(
        GroupLine(
            key=one["key"],
            count=words.count(one["count"]),
            label=group_label(one["outcome"], one["causes"]),
            tone=tone(one["outcome"]),
            url="" if one["outcome"] == IDENTICAL else f"{at}?group={one['key']}",
            current=one["key"] == current,
        )
        for one in replay.groups[:_GROUPS]
    )


def _tests(draft: Draft) -> tuple[str, str, tuple[TestLine, ...], Underway]:
    """green, red, unknown, moving or broken; a sentence; the failures; how far they are."""
    still = Underway()
    if draft.state not in OPEN:
        return "", "", (), still
    try:
        pack = pack_of(draft)
    except TemplateFaults:
        return "broken", gettext("The draft has faults of its own; its tests run when they are mended."), (), still
    check = gate.known(pack)
    if check is None:
        moving = underway.standing(gate.check_digest(pack))
        if moving is None or moving.told:
            told = moving.told if moving is not None else ""
            usual = gettext("Every sample in every language is made and held against what is expected.")
            return "unknown", told or usual, (), still
        told = gettext("{done} of {total} documents").format(
            done=words.count(moving.done), total=words.count(moving.total)
        )
        return "moving", told if moving.total else gettext("The tests begin."), (), moving
    documents = ngettext("{count} document", "{count} documents", check.documents).format(
        count=words.count(check.documents)
    )
    asserted = ngettext("{count} expectation", "{count} expectations", check.assertions).format(
        count=words.count(check.assertions)
    )
    if not check.failures:
        return (
            "green",
            gettext("{documents}, {asserted}: all hold.").format(documents=documents, asserted=asserted),
            (),
            still,
        )
    told = ngettext(
        "{documents}, {asserted}: {count} does not hold. It cannot be published.",
        "{documents}, {asserted}: {count} do not hold. It cannot be published.",
        len(check.failures),
    )
    failures = gate.failures_of(check)[:_FAILURES]
    lines = tuple(
        TestLine(
            fault=FaultLine(
                path=f"{one.file}:{one.line}" if one.line else one.file,
                reason=one.problem().what,
                what_to_do=one.hint,
            ),
            picture_url=f"{reverse('draft-test-picture', args=[draft.pk])}?no={number}" if one.page else "",
            alt=gettext("Page {page} of {sample} with the place outlined").format(page=one.page, sample=one.sample),
        )
        for number, one in enumerate(failures)
    )
    return (
        "red",
        told.format(documents=documents, asserted=asserted, count=words.count(len(check.failures))),
        lines,
        still,
    )


def _beside(actor: Actor, draft: Draft, replay: Replay, group: GroupLine, position: int) -> Beside | None:
    """One record of a group, with the ones before and after it."""
    positions = list(
        ReplayCase.objects.filter(replay=replay, group=group.key)
        .order_by("position")
        .values_list("position", flat=True)
    )
    if not positions:
        return None
    at = positions.index(position) if position in positions else 0
    case = case_of(draft, positions[at])
    if case is None:
        return None
    masked = not actor.may("record.view")
    here = reverse("draft-replay", args=[draft.pk])
    shown = reverse("draft-replay-masked-picture" if masked else "draft-replay-picture", args=[draft.pk])

    def to(index: int) -> str:
        return f"{here}?group={group.key}&record={positions[index]}" if 0 <= index < len(positions) else ""

    def picture(side: str, pages: int) -> str:
        return f"{shown}?record={case.position}&side={side}&of={replay.pk}" if 1 <= case.page <= pages else ""

    document = visible_to(actor).filter(pk=case.document_id).first()
    return Beside(
        title=gettext("Record {number} of {count}").format(
            number=words.count(at + 1), count=words.count(len(positions))
        ),
        about=gettext("Page {page}: {before} pages before, {after} now").format(
            page=case.page, before=case.pages_before, after=case.pages_after
        ),
        before_url=picture("before", case.pages_before),
        after_url=picture("after", case.pages_after),
        document_url=reverse("document", args=[document.pk]) if document else "",
        older_url=to(at - 1),
        newer_url=to(at + 1),
        causes=tuple(cause_text(cause) for cause in case.causes),
        masked=masked,
        sample_url=f"{reverse('draft-replay-sample', args=[draft.pk])}?record={case.position}"
        if actor.may("sample.capture") and draft.state in OPEN
        else "",
    )
