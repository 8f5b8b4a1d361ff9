"""A draft's tests and its replay in words: what is different over real records, and whether that can be signed."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from postroom.composition import drafts, freezing, pack
from postroom.composition.checks import gate, signing, underway
from postroom.composition.checks.models import DONE, Replay, ReplayCase
from postroom.composition.checks.underway import Underway
from postroom.composition.draft_impact import impact_of
from postroom.composition.life_models import OPEN, Draft
from postroom.composition.pack import TemplatePack
from postroom.composition.problems import TemplateFaults
from postroom.identity.actor import Actor
from postroom.kernel import clock
from postroom.web import words
from postroom.web.fill import replayed
from postroom.web.fill.replayed import (
    Addresses,
    beside_of,
    chosen_of,
    facts_of,
    groups_of,
    signed_by,
    standing_of,
)
from postroom.web.pages.life import FaultLine, UseLine
from postroom.web.pages.parts import Crumb, Fact
from postroom.web.pages.proofs import ProofsPanel, ReplayPage, TestLine

_FAILURES, _ASKS = 12, 40


def proofs_panel(actor: Actor, draft: Draft, *, whole: bool = False, current: str = "") -> ProofsPanel:
    """Tests and replay of a draft. ``whole``: for the replay's own page, where the group ``current`` is looked at."""
    replay = signing.newest(draft)
    status, told, hint = _standing(draft, replay)
    tests, tests_told, failures, testing = _tests(draft)
    may = actor.may("template.review") and draft.state in OPEN
    asks, breaks = _contract(draft)
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
        groups=groups_of(replay, _addresses(actor, draft), current),
        digest=replay.digest if replay and status == "done" else "",
        signed=signed_by(replay),
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
    found = impact_of(draft)
    return found.asks[:_ASKS], tuple(
        UseLine(kind=use.kind, name=use.name, place="", told=use.told) for use in found.breaks
    )


def replay_page(actor: Actor, draft: Draft, group: str = "", position: int = 0) -> ReplayPage:
    """The differences of a replay, group by group, with the pages of one record side by side."""
    replay = signing.newest(draft)
    at = _addresses(actor, draft)
    chosen = chosen_of(replay, groups_of(replay, at, group), group)
    beside = Fact(
        label=gettext("Beside"),
        value=gettext("version {no}").format(no=replay.base.no) if replay and replay.base else "–",
    )
    return ReplayPage(
        crumbs=(
            Crumb(label=gettext("Templates"), url=reverse("templates")),
            Crumb(label=draft.name, url=reverse("template", args=[draft.template_key]) if draft.base_id else ""),
            Crumb(label=gettext("Review"), url=reverse("draft-review", args=[draft.pk])),
        ),
        name=gettext("Replay of {name}").format(name=draft.name),
        panel=proofs_panel(actor, draft, whole=True, current=chosen.key if chosen else ""),
        facts=facts_of(replay, beside) if replay is not None else (),
        group=chosen,
        beside=beside_of(actor, replay, chosen, position, at) if replay and chosen else None,
    )


def case_of(draft: Draft, position: int) -> ReplayCase | None:
    """One record of the draft's newest replay."""
    return replayed.case_of(signing.newest(draft), position)


def _addresses(actor: Actor, draft: Draft) -> Addresses:
    return Addresses(
        page=reverse("draft-replay", args=[draft.pk]),
        picture=reverse("draft-replay-picture", args=[draft.pk]),
        masked=reverse("draft-replay-masked-picture", args=[draft.pk]),
        sample=reverse("draft-replay-sample", args=[draft.pk])
        if actor.may("sample.capture") and draft.state in OPEN
        else "",
    )


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
    ended = replay.state == DONE and draft.state in OPEN and not replay.signed_by
    why = signing.outdated(draft, replay) if ended else ""
    return standing_of(replay, _why(why) if why else "")


def _why(why: str) -> str:
    return {
        "revision": gettext("The draft was changed since it was replayed."),
        "base": gettext("Another version was published since the draft was replayed."),
        "age": gettext("The draft was replayed more than three days ago; other letters were made since."),
        "toolchain": gettext("What makes documents was upgraded since the draft was replayed."),
        "house": gettext("A content block or brand was changed since the draft was replayed."),
    }.get(why, why)


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
