"""Template tests and replay: nothing red is published, and who approves has seen what real letters become."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from api_kit import records
from desk_kit import acts_of, desk_of, said
from kit import runs

if TYPE_CHECKING:
    from postroom.composition.checks.models import Replay
    from postroom.composition.life_models import Draft
    from postroom.identity.actor import Actor

Actors = Callable[[str], Any]
Change = Callable[[dict[str, bytes]], dict[str, bytes]]
WORDS = "words/en.json"


def letters(tmp_path: Path, count: int = 4) -> Any:
    """A run of real records, composed and delivered; the second one has a longer name."""
    made = records(count)
    made[1]["customer"]["name"] = "Ingeborg Vestergaard"
    return runs.through(runs.write(tmp_path, made))


def changed(actor: Actor, change: Change) -> Draft:
    """A draft of the invoice with a change, sent to review."""
    from postroom.composition import drafts
    from postroom.composition.actions.send_draft import send_draft

    draft = drafts.open_for("invoice", actor)
    drafts.save(actor, draft.pk, change(drafts.files(draft)), draft.revision)
    return send_draft(actor, draft.pk)


def word(files: dict[str, bytes]) -> dict[str, bytes]:
    """Another word for the due date."""
    return {WORDS: files[WORDS].replace(b'"due_date": "Due date"', b'"due_date": "Please pay by"')}


def replayed(actor: Actor, draft: Draft, wanted: int = 200) -> Replay:
    """The draft's replay, carried through here."""
    from postroom.composition.checks.models import Replay
    from postroom.production.actions.start_replay import start_replay
    from postroom.production.replay.going import go_on

    replay = start_replay(actor, draft.pk, wanted=wanted)
    assert go_on(replay.pk) is False
    return Replay.objects.get(pk=replay.pk)


def test_publishing_is_refused_when_a_test_is_red(starters: list[str], actor_of: Actors) -> None:
    from postroom.composition.actions.publish_template import publish_template
    from postroom.composition.checks.models import TemplateCheck
    from postroom.composition.problems import TemplateFaults
    from postroom.composition.queries import newest_version, sources_of
    from postroom.identity.actor import SYSTEM

    # given a template whose author expects a text that does not stand on its page
    files = dict(sources_of(newest_version("reminder")))
    files["tests/page.yaml"] = b"expect:\n  - text: '{number}'\n  - text: Kindest regards\n    samples: [01-friendly]\n"
    # when it is published, then it is refused with file and line, for every language
    with pytest.raises(TemplateFaults) as refused:
        publish_template(SYSTEM, files)
    told = refused.value.problems
    assert {(one.file, one.line) for one in told} == {("tests/page.yaml", 3)} and len(told) == 6
    assert "01-friendly in de" in " ".join(one.what for one in told)
    assert newest_version("reminder").no == 1
    # and what was found is kept: asking again makes nothing
    count = TemplateCheck.objects.count()
    with pytest.raises(TemplateFaults):
        publish_template(SYSTEM, files)
    assert TemplateCheck.objects.count() == count
    # and without that line it is published
    files["tests/page.yaml"] = b"expect:\n  - text: '{number}'\n"
    assert publish_template(SYSTEM, files).no == 2


def test_a_replay_groups_by_cause_and_the_approver_signs_it(
    starters: list[str], actor_of: Actors, tmp_path: Path
) -> None:
    from postroom.composition.actions.approve_draft import approve_draft
    from postroom.composition.checks.models import Replay, ReplayCase
    from postroom.composition.checks.signing import ReplayNeeded, ReplayStale
    from postroom.composition.errors import WrongState
    from postroom.documents.models import Document

    # given real letters and a draft that says another word
    letters(tmp_path)
    before = Document.objects.count()
    draft, approver = changed(actor_of("author"), word), actor_of("approver")
    # then it is not approved before somebody saw what it does
    with pytest.raises(ReplayNeeded):
        approve_draft(approver, draft.pk, revision=draft.revision)
    # when it is replayed, then every record is counted once, in the group of its cause
    replay = replayed(approver, draft)
    assert (replay.state, replay.done, replay.total, replay.told) == ("done", 4, 4, "")
    (group,) = replay.groups
    assert (group["count"], group["outcome"]) == (4, "changed")
    assert group["causes"] == [{"kind": "reworded", "what": "Due date", "to": "Please pay by"}]
    # and nothing of a record is kept, and nothing became a document
    kept = repr(list(ReplayCase.objects.filter(replay=replay).values_list("causes", flat=True)))
    assert "Vestergaard" not in kept and Document.objects.count() == before
    # and the approval signs that set and no other
    with pytest.raises(ReplayStale):
        approve_draft(approver, draft.pk, revision=draft.revision, replay="0" * 64)
    with pytest.raises(WrongState):
        approve_draft(approver, draft.pk, revision=draft.revision - 1, replay=replay.digest)
    assert acts_of("replay.signed") == []
    approve_draft(approver, draft.pk, revision=draft.revision, replay=replay.digest)
    assert acts_of("replay.signed")[0]["digest"] == replay.digest == acts_of("replay.done")[0]["digest"]
    assert Replay.objects.get(pk=replay.pk).signed_by == approver.name


def test_a_replay_of_another_revision_or_an_old_one_cannot_be_signed(
    starters: list[str], actor_of: Actors, tmp_path: Path
) -> None:
    from postroom.composition import drafts
    from postroom.composition.actions.approve_draft import approve_draft
    from postroom.composition.actions.send_draft import send_draft
    from postroom.composition.actions.withdraw_draft import withdraw_draft
    from postroom.composition.checks.models import Replay
    from postroom.composition.checks.signing import FRESH, ReplayStale
    from postroom.kernel import clock
    from postroom.production.actions.start_replay import start_replay
    from postroom.production.replay.going import go_on

    letters(tmp_path, 2)
    author, approver = actor_of("author"), actor_of("approver")
    draft = changed(author, word)
    replay = replayed(approver, draft)
    # when days have passed
    Replay.objects.filter(pk=replay.pk).update(started_at=clock.now() - FRESH - dt.timedelta(minutes=1))
    with pytest.raises(ReplayStale) as stale:
        approve_draft(approver, draft.pk, revision=draft.revision)
    assert stale.value.context["why"] == "age"
    Replay.objects.filter(pk=replay.pk).update(started_at=clock.now())
    # or the draft was changed
    withdraw_draft(author, draft.pk)
    now = drafts.files(draft)[WORDS].replace(b"Please pay by", b"Pay by")
    drafts.save(author, draft.pk, {WORDS: now}, draft.revision)
    draft = send_draft(author, draft.pk)
    with pytest.raises(ReplayStale) as stale:
        approve_draft(approver, draft.pk, revision=draft.revision)
    assert stale.value.context["why"] == "revision"
    # then it is replayed again, which forgets the earlier one; left half-way, another worker goes on
    again = start_replay(approver, draft.pk)
    assert start_replay(approver, draft.pk).pk == again.pk
    assert not Replay.objects.filter(pk=replay.pk).exists()
    while go_on(again.pk, 0.0):
        pass
    approve_draft(approver, draft.pk, revision=draft.revision)


def test_causes_are_told_apart(starters: list[str], actor_of: Actors, tmp_path: Path) -> None:
    from postroom.composition import drafts
    from postroom.composition.actions.send_draft import send_draft
    from postroom.composition.actions.withdraw_draft import withdraw_draft

    letters(tmp_path, 2)
    author, approver = actor_of("author"), actor_of("approver")
    draft = drafts.open_for("invoice", author)
    whole = drafts.files(draft)

    def causes(name: str, old: bytes, new: bytes) -> list[dict[str, Any]]:
        """What a replay tells of one change of the published template."""
        nonlocal draft
        draft = drafts.find(draft.pk)
        assert old in whole[name]
        changes = {one: content for one, content in whole.items() if one.endswith((".typ", ".json", ".yaml"))}
        changes[name] = whole[name].replace(old, new, 1)
        draft = send_draft(author, drafts.save(author, draft.pk, changes, draft.revision).pk)
        replay = replayed(approver, draft)
        withdraw_draft(author, draft.pk)
        return [cause for group in replay.groups for cause in group["causes"]]

    # a comment changes no byte: identical, no cause
    assert causes("main.typ", b"// Invoice.", b"// An invoice.") == []
    # a block 2 mm further down is a move, told with its distance
    moved = causes("main.typ", b"#block(below: 5mm,", b"#v(2mm)\n#block(below: 5mm,")
    assert {cause["kind"] for cause in moved} == {"moved"} and {cause["dy"] for cause in moved} == {2.0}
    # another symbol is a symbol, by its name
    symbol = causes("template.yaml", b'text: "{number}"}', b'text: "No. {number}"}')
    assert {"kind": "symbol", "what": "pay"} in symbol
    # a value in bold is restyled, and told by its path
    styled = causes("main.typ", b'slot("customer.key")', b'text(weight: 600, slot("customer.key"))')
    assert [(one["kind"], one["what"]) for one in styled] == [("restyled", "{customer.key}")]
    # a page more is that, and nothing that follows from it
    more = causes("main.typ", b"#table-end", b"#table-end\n#pagebreak()")
    assert {"kind": "pages", "what": "", "by": 1} in more
    # a page that cannot be made says so
    broken = causes("main.typ", b"#table-end", b'#table-end\n#if flag("sepa") { assert(count("lines") > 90) }')
    assert [one["kind"] for one in broken] == ["not_composed"]


def test_pages_of_real_letters_are_for_who_may_see_records(
    starters: list[str], actor_of: Actors, user_of: Callable[[str], Any], tmp_path: Path
) -> None:
    from postroom.composition.checks.models import Replay
    from postroom.kernel import clock
    from postroom.kernel.home import home
    from postroom.production.replay.upkeep import KEPT, forget_old_replays

    letters(tmp_path, 2)
    draft = changed(actor_of("author"), word)
    desk = desk_of(user_of)
    approver, everything = desk("approver"), desk("administrator")
    at = f"/templates/drafts/{draft.pk}/replay/"
    assert "Replay 200 records" in said(approver.get(f"/templates/drafts/{draft.pk}/review/"))
    # given a replay that an approver starts and a worker carries through
    assert approver.post(f"{at}start/").status_code == 303
    assert "0 of 2 records" in said(approver.get(f"{at}live/"))
    replay = replayed(actor_of("approver"), draft)
    # then the approver sees what is different, in words
    page = said(approver.get(at))
    assert "“Due date” became “Please pay by”" in page and replay.digest[:16] in page
    # and the letters themselves only who may see records; who approves sees them masked, by both versions (ADR 0041)
    assert not actor_of("approver").may("record.view") and "masked/" in page and "picture/" not in page
    assert approver.get(f"{at}picture/?record=1&side=after").status_code == 404
    for side in ("before", "after"):
        answer = approver.get(f"{at}masked/?record=1&side={side}")
        assert answer.status_code == 200 and answer.content.startswith(b"\x89PNG")
        assert answer.content != everything.get(f"{at}picture/?record=1&side={side}").content
    assert desk("clerk").get(f"{at}masked/?record=1&side=after").status_code == 404
    assert "picture/" in said(everything.get(at))
    for side in ("before", "after"):
        answer = everything.get(f"{at}picture/?record=1&side={side}")
        assert answer.status_code == 200 and answer.content.startswith(b"\x89PNG")
    assert everything.get(f"{at}picture/?record=1&side=above").status_code == 404
    assert everything.get(f"{at}picture/?record=99&side=after").status_code == 404
    # and the form that approves carries the digest that was seen
    assert f'name="replay" value="{replay.digest}"' in said(approver.get(f"/templates/drafts/{draft.pk}/review/"))
    # when its time is over, then rows and pictures are gone
    pictures = home().work / "replays"
    assert list(pictures.rglob("*.png"))
    Replay.objects.update(started_at=clock.now() - KEPT - dt.timedelta(minutes=1))
    assert forget_old_replays() == 1
    assert list(pictures.rglob("*.png")) == [] and not Replay.objects.exists()


def test_the_desk_runs_tests_and_shows_where_they_fail(
    starters: list[str], actor_of: Actors, user_of: Callable[[str], Any]
) -> None:
    from postroom.composition import drafts
    from postroom.composition.checks import gate, underway
    from postroom.web.fill import proofs

    author = actor_of("author")
    draft = drafts.open_for("reminder", author)
    wrong = b"expect:\n  - text: '{customer.name}'\n    inside: [150, 250, 20, 20]\n    languages: [en]\n"
    draft = drafts.save(author, draft.pk, {"tests/page.yaml": wrong}, 0)
    desk = desk_of(user_of)("author")
    at = f"/templates/drafts/{draft.pk}/"
    assert "Not tested yet" in said(desk.get(f"{at}review/"))
    # when its author runs the tests, then the page does not hang: it says how far they are
    loaded = proofs.pack_of(draft)
    with underway.telling(gate.check_digest(loaded)) as told:
        told(3, 12)
        page = said(desk.get(f"{at}replay/live/"))
        assert "Under way" in page and "3 of 12 documents" in page and "hx-get" in page
    assert "Not tested yet" in said(desk.get(f"{at}replay/live/"))
    # and when they are through, it names the line and shows the place
    assert desk.post(f"{at}test/").status_code == 303
    underway.finish()
    page = said(desk.get(f"{at}review/"))
    assert "Not all hold" in page and "tests/page.yaml:2" in page
    assert desk.get(f"{at}test/picture/?no=0").content.startswith(b"\x89PNG")
    assert desk.get(f"{at}test/picture/?no=99").status_code == 404


def test_a_stopped_replay_is_not_signed(starters: list[str], actor_of: Actors, tmp_path: Path) -> None:
    from postroom.composition.actions.approve_draft import approve_draft
    from postroom.composition.checks.models import Replay
    from postroom.composition.checks.signing import ReplayNeeded
    from postroom.kernel import clock
    from postroom.production.actions.start_replay import start_replay
    from postroom.production.actions.stop_replay import stop_replay
    from postroom.production.replay.going import go_on
    from postroom.production.replay.upkeep import LOST_AFTER, wake_forgotten_replays

    letters(tmp_path, 2)
    draft, approver = changed(actor_of("author"), word), actor_of("approver")
    replay = start_replay(approver, draft.pk)
    # a replay that nobody went on with is not woken twice
    Replay.objects.update(taken_at=clock.now() - LOST_AFTER - dt.timedelta(seconds=1))
    assert wake_forgotten_replays() == 0  # its wake-up is there still
    # while it is on its way, and after it was stopped, nothing is approved
    with pytest.raises(ReplayNeeded):
        approve_draft(approver, draft.pk, revision=draft.revision)
    stop_replay(approver, draft.pk)
    assert go_on(replay.pk) is False and Replay.objects.get(pk=replay.pk).state == "stopped"
    with pytest.raises(ReplayNeeded):
        approve_draft(approver, draft.pk, revision=draft.revision)
    assert acts_of("replay.stopped")[0]["done"] == 0
