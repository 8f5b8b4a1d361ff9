"""The life of a template: drafts of several people, review by somebody else, versions with dates, blocks and brands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from desk_kit import acts_of

if TYPE_CHECKING:
    from postroom.composition.life_models import Draft
    from postroom.identity.actor import Actor

Actors = Callable[[str], Any]
WORDS = "words/en.json"


def reworded(content: bytes, line: int, text: str) -> bytes:
    """The words file with the text of one line changed."""
    lines = content.decode().split("\n")
    key, _, rest = lines[line].partition(": ")
    lines[line] = f'{key}: "{text}"' + ("," if rest.rstrip().endswith(",") else "")
    return "\n".join(lines).encode()


def changed(actor: Actor, text: str = "Your invoice", line: int = 2) -> Draft:
    from postroom.composition import drafts

    draft = drafts.open_for("invoice", actor)
    now = drafts.files(draft)
    return drafts.save(actor, draft.pk, {WORDS: reworded(now[WORDS], line, text)}, draft.revision)


def in_review(actor: Actor, **more: Any) -> Draft:
    from postroom.composition.actions.send_draft import send_draft

    return send_draft(actor, changed(actor).pk, **more)


def test_two_authors_of_different_lines_lose_nothing(starters: list[str], actor_of: Actors) -> None:
    from postroom.composition import drafts

    # given two people who opened the same revision of one draft
    one, other = actor_of("author"), actor_of("administrator")
    draft = drafts.open_for("invoice", one)
    assert drafts.open_for("invoice", other).pk == draft.pk
    text = drafts.files(draft)[WORDS]
    # when each changes another line and saves
    drafts.save(one, draft.pk, {WORDS: reworded(text, 2, "First")}, 0)
    saved = drafts.save(other, draft.pk, {WORDS: reworded(text, 8, "Second")}, 0)
    # then both changes are there, every author is remembered, and each revision can be read
    now = drafts.files(saved)[WORDS].decode()
    assert saved.revision == 2 and '"First"' in now and '"Second"' in now
    assert drafts.authors(saved) == {one.name, other.name}
    assert drafts.files(saved, 0)[WORDS] == text
    assert drafts.check(saved) == []


def test_two_authors_of_one_line_keep_both_texts(starters: list[str], actor_of: Actors) -> None:
    from postroom.composition import drafts
    from postroom.composition.errors import StaleDraft

    one, other = actor_of("author"), actor_of("administrator")
    draft = drafts.open_for("invoice", one)
    text = drafts.files(draft)[WORDS]
    drafts.save(one, draft.pk, {WORDS: reworded(text, 2, "First")}, 0)
    # when the second one saves the same line over the old revision, then it is refused and nothing is lost
    mine = reworded(text, 2, "Second")
    with pytest.raises(StaleDraft) as stale:
        drafts.save(other, draft.pk, {WORDS: mine}, 0)
    conflict = drafts.conflict_of(stale.value.context["conflict"])
    assert drafts.typed_in(conflict) == {WORDS: mine}
    assert '"First"' in drafts.files(drafts.find(draft.pk))[WORDS].decode()
    # and choosing settles it
    settled = drafts.settle_conflict(other, conflict.pk, {WORDS: mine}, 1)
    assert drafts.files(settled)[WORDS] == mine


def test_every_fault_of_a_draft_has_its_place(starters: list[str], actor_of: Actors) -> None:
    from postroom.composition import drafts
    from postroom.composition.actions.send_draft import send_draft
    from postroom.composition.problems import TemplateFaults

    author = actor_of("author")
    draft = drafts.open_for("invoice", author)
    page = drafts.files(draft)["main.typ"] + b'\n#slot("custmer.name")\n'
    draft = drafts.save(author, draft.pk, {"main.typ": page}, 0)
    # then the fault names file and line, and review is refused
    problems = drafts.check(draft)
    assert [(one.file, one.line) for one in problems] == [("main.typ", page.count(b"\n"))]
    with pytest.raises(TemplateFaults):
        send_draft(author, draft.pk)
    # and a name that no template has is refused at once
    with pytest.raises(TemplateFaults):
        drafts.save(author, draft.pk, {"../evil.typ": b""}, draft.revision)


def test_nobody_approves_what_they_changed(starters: list[str], actor_of: Actors, user_of: Any) -> None:
    from postroom.composition import drafts
    from postroom.composition.actions.approve_draft import approve_draft
    from postroom.composition.actions.publish_draft import publish_draft
    from postroom.composition.errors import OwnWork, WrongState
    from postroom.composition.queries import newest_version
    from postroom.identity.actions.issue_token import issue_token
    from postroom.identity.actor import SYSTEM, actor_of_token
    from postroom.kernel.errors import NotAllowed

    # given a draft that an administrator changed, who may approve
    admin, author, approver = actor_of("administrator"), actor_of("author"), actor_of("approver")
    draft = in_review(admin)
    with pytest.raises(OwnWork):
        approve_draft(admin, draft.pk, revision=1)
    # then not by a token of their own either, nor by who may not approve, nor another revision
    token = issue_token(SYSTEM, user=user_of("administrator"), name="mine")[0]
    with pytest.raises(OwnWork):
        approve_draft(actor_of_token(token), draft.pk, revision=1)
    with pytest.raises(NotAllowed):
        approve_draft(author, draft.pk, revision=1)
    with pytest.raises(WrongState):
        approve_draft(approver, draft.pk, revision=0)
    with pytest.raises(WrongState):
        publish_draft(admin, draft.pk)
    # when somebody else approves, then it is published as the next number
    approve_draft(approver, draft.pk, revision=1)
    published = publish_draft(admin, draft.pk)
    assert published.state == "published" and newest_version("invoice").no == 2
    assert drafts.standing("invoice") is None
    assert [acts_of(f"draft.{step}")[0]["template"] for step in ("sent", "approved", "published")] == ["invoice"] * 3


def test_planted_without_the_check_of_hands_an_author_approves(
    starters: list[str], actor_of: Actors, monkeypatch: pytest.MonkeyPatch
) -> None:
    from postroom.composition.actions import approve_draft as module
    from postroom.composition.actions.publish_draft import publish_draft
    from postroom.composition.errors import WrongState

    # given a step without its guard, when the author approves, then publishing notices still
    admin = actor_of("administrator")
    draft = in_review(admin)
    monkeypatch.setattr(module, "refuse_own", lambda actor, draft: None)
    module.approve_draft(admin, draft.pk, revision=1)
    with pytest.raises(WrongState, match="Nobody else approved"):
        publish_draft(admin, draft.pk)


def test_a_rejection_says_why_and_the_draft_goes_on(starters: list[str], actor_of: Actors) -> None:
    from postroom.composition.actions.comment_draft import comment_draft
    from postroom.composition.actions.reject_draft import reject_draft
    from postroom.composition.draft_steps import ReasonMissing
    from postroom.composition.errors import WrongState

    author, approver = actor_of("author"), actor_of("approver")
    draft = in_review(author)
    with pytest.raises(WrongState):  # what is looked at does not change
        changed(author, "Again")
    with pytest.raises(ReasonMissing):
        reject_draft(approver, draft.pk, reason="  ")
    comment_draft(approver, draft.pk, text="The tone is off", file=WORDS, line=2)
    back = reject_draft(approver, draft.pk, reason="Write what the customer has to do")
    # then it can be changed again, and the reason is kept outside the ledger
    assert back.state == "draft" and changed(author, "Better").revision == 2
    assert back.steps.latest("at").reason.startswith("Write what")
    assert set(acts_of("draft.rejected")[0]) == {"template", "revision", "reason_sha256"}


def test_a_version_begins_on_its_day_and_ends_on_its_day(starters: list[str], actor_of: Actors) -> None:
    from postroom.composition.actions.approve_draft import approve_draft
    from postroom.composition.actions.publish_draft import publish_draft
    from postroom.composition.queries import newest_version, version_at
    from postroom.kernel import clock

    # given a draft for next week, for one week
    week = dt.timedelta(days=7)
    start = clock.now() + week
    draft = in_review(actor_of("author"), valid_from=start, valid_until=start + week)
    approve_draft(actor_of("approver"), draft.pk, revision=1)
    publish_draft(actor_of("author"), draft.pk)
    # then the first version is in force until then, and again after it
    assert newest_version("invoice").no == 1
    assert [version_at("invoice", start + day * week).no for day in (-0.5, 0, 0.5, 1)] == [1, 2, 2, 1]


def test_a_newer_version_is_merged_into_a_draft(starters: list[str], actor_of: Actors) -> None:
    from postroom.composition import drafts
    from postroom.composition.actions.publish_template import publish_template
    from postroom.composition.actions.rebase_draft import rebase_draft
    from postroom.composition.actions.send_draft import send_draft
    from postroom.composition.errors import DraftBehind
    from postroom.composition.queries import newest_version, sources_of
    from postroom.identity.actor import SYSTEM

    author = actor_of("author")
    draft = changed(author, "Mine", 2)
    # given another change of the same file that was published meanwhile
    own = sources_of(newest_version("invoice"))
    publish_template(SYSTEM, {**own, WORDS: reworded(own[WORDS], 9, "Theirs")})
    with pytest.raises(DraftBehind):
        send_draft(author, draft.pk)
    # when the draft is brought up to date, then it has both
    moved = rebase_draft(author, draft.pk)
    text = drafts.files(moved)[WORDS].decode()
    assert '"Mine"' in text and '"Theirs"' in text and moved.base is not None and moved.base.no == 2
    assert drafts.changed_names(moved) == [WORDS] and send_draft(author, moved.pk).state == "review"


def test_going_back_is_a_new_number_with_the_old_files(starters: list[str], actor_of: Actors) -> None:
    from postroom.composition.actions.publish_template import publish_template
    from postroom.composition.actions.roll_back import roll_back
    from postroom.composition.queries import newest_version, sources_of
    from postroom.identity.actor import SYSTEM

    own = sources_of(newest_version("invoice"))
    publish_template(SYSTEM, {**own, WORDS: reworded(own[WORDS], 2, "Worse")})
    version = roll_back(actor_of("approver"), "invoice", to=1, reason="Customers called")
    assert version.no == 3 and sources_of(version) == own and newest_version("invoice").pk == version.pk


TEXT = [{"kind": "paragraph", "children": [{"kind": "text", "text": "Payable within ten days."}]}]
OTHER = [{"kind": "paragraph", "children": [{"kind": "text", "text": "Payable at once."}]}]


def a_block(actor: Actor, *variants: dict[str, Any], key: str = "terms", **more: Any) -> Any:
    from postroom.composition.actions.publish_part import publish_part
    from postroom.composition.actions.save_part import save_part

    save_part(actor, "block", key, name=key.title(), content={"variants": list(variants)})
    return publish_part(actor, "block", key, unreviewed=True, **more)


def with_block(own: dict[str, bytes], key: str = "terms") -> dict[str, bytes]:
    manifest = own["template.yaml"] + f"blocks: [{key}]\n".encode()
    return {**own, "template.yaml": manifest}


def test_a_changed_block_makes_new_versions_of_all_templates_that_use_it(starters: list[str], actor_of: Actors) -> None:
    import json

    from postroom.composition import drafts, where_used
    from postroom.composition.actions.publish_part import publish_part
    from postroom.composition.actions.publish_template import publish_template
    from postroom.composition.actions.review_part import review_part
    from postroom.composition.actions.save_part import save_part
    from postroom.composition.errors import OwnWork
    from postroom.composition.queries import files_of, newest_version, sources_of
    from postroom.identity.actor import SYSTEM

    # given a block that two templates use
    a_block(SYSTEM, {"body": TEXT})
    for key in ("invoice", "reminder"):
        publish_template(SYSTEM, with_block(sources_of(newest_version(key))))
    assert newest_version("invoice").uses["blocks/terms.en.json"]["no"] == 1
    assert {use.key for use in where_used.of_part("block", "terms")} == {"invoice", "reminder"}
    # when an author changes it and somebody else approves
    author, approver = actor_of("author"), actor_of("approver")
    save_part(author, "block", "terms", name="Terms", content={"variants": [{"body": OTHER}]})
    review_part(author, "block", "terms", "sent")
    with pytest.raises(OwnWork):
        review_part(replace(approver, name=author.name), "block", "terms", "approved")
    review_part(approver, "block", "terms", "approved")
    done = publish_part(approver, "block", "terms")
    # then both have a version with the new text, and the old version keeps the old one (P5)
    assert {(one.template_id, one.no) for one in done.templates} == {("invoice", 3), ("reminder", 3)}
    assert json.loads(files_of(newest_version("invoice"))["blocks/terms.de.json"]) == OTHER
    # and a template's own files do not hold it
    assert not any(name.startswith("blocks/") for name in drafts.files(drafts.open_for("invoice")))


def test_variants_are_chosen_in_the_documented_order() -> None:
    from postroom.composition.variants import choose

    day = dt.date(2026, 11, 22)
    general, german, swiss = {"body": 1}, {"language": "de", "body": 2}, {"language": "de-CH", "body": 3}
    entity, brand = {"language": "de", "entity": "gmbh", "body": 4}, {"language": "de", "brand": "b", "body": 5}
    later = {"language": "de", "from": "2027-01-01", "body": 6}
    over = {"language": "de", "until": "2026-11-21", "body": 7}
    every: list[dict[str, Any]] = [general, german, swiss, entity, brand, later, over]

    def body(language: str, **more: Any) -> Any:
        found = choose(every, language=language, on=more.pop("on", day), **more)
        return found and found["body"]

    assert [body("de"), body("de-CH"), body("de-AT"), body("fr")] == [2, 3, 2, 1]
    assert [body("de", entity="gmbh", brand="b"), body("de", brand="b"), body("de", brand="c")] == [4, 5, 2]
    assert body("de", on=dt.date(2027, 1, 1)) == 6
    # a gap falls back to the template's first language, then to whatever there is, then to nothing
    assert choose([german], language="fr", fallback="de", on=day) is german
    assert choose([swiss], language="fr", on=day) is swiss
    assert choose([entity], language="de", on=day) is None


def test_blocks_may_hold_blocks_and_never_themselves(starters: list[str], actor_of: Actors) -> None:
    from postroom.composition.actions.save_part import save_part
    from postroom.composition.errors import BadPart
    from postroom.identity.actor import SYSTEM

    a_block(SYSTEM, {"body": TEXT}, key="inner")
    a_block(SYSTEM, {"body": [{"kind": "block", "key": "inner"}]}, key="outer")
    with pytest.raises(BadPart, match="inner > outer > inner"):
        save_part(
            SYSTEM,
            "block",
            "inner",
            name="Inner",
            content={"variants": [{"body": [{"kind": "block", "key": "outer"}]}]},
        )


def test_a_contract_that_breaks_a_schedule_is_refused(starters: list[str], actor_of: Actors) -> None:
    import json

    from postroom.composition.actions.publish_template import publish_template
    from postroom.composition.errors import BreaksUse
    from postroom.composition.queries import newest_version, sources_of
    from postroom.identity.actor import SYSTEM
    from postroom.kernel import clock
    from postroom.kernel.ids import new_id
    from postroom.schedules.models import DOCUMENT, Schedule

    # given a schedule that goes by a date of the invoice
    Schedule.objects.create(
        id=new_id(), key="remind", name="Remind", goes_by=DOCUMENT, event="invoice", date_field="due_on",
        template_key="reminder", created_by="system:test", created_at=clock.now(),
    )  # fmt: skip
    own = sources_of(newest_version("invoice"))
    files = {name: content.replace(b"due_on", b"payable_on") for name, content in own.items()}
    assert json.loads(files["contract.json"])["properties"]["payable_on"]
    # when that field goes, then publishing is refused and the schedule is named
    with pytest.raises(BreaksUse, match="Remind"):
        publish_template(SYSTEM, files)


def test_a_brand_is_changed_once_for_all_from_a_day_on(starters: list[str], actor_of: Actors) -> None:
    import json

    from postroom.composition.actions.publish_part import publish_part
    from postroom.composition.actions.publish_template import publish_template
    from postroom.composition.actions.save_part import save_part
    from postroom.composition.brand import default_brand
    from postroom.composition.queries import files_of, newest_version, sources_of, version_at
    from postroom.identity.actor import SYSTEM
    from postroom.kernel import clock

    # given a brand that a template names
    bank = default_brand().tokens["bank"]
    lines = default_brand().tokens["lines"]
    said = {"lines": {**lines, "phone": "111"}, "bank": bank}
    save_part(SYSTEM, "brand", "house", name="House", content=said)
    publish_part(SYSTEM, "brand", "house", unreviewed=True)
    own = sources_of(newest_version("reminder"))
    publish_template(SYSTEM, {**own, "template.yaml": own["template.yaml"] + b"brand: house\n"})
    # when its telephone number changes next month
    month = clock.now() + dt.timedelta(days=30)
    save_part(SYSTEM, "brand", "house", name="House", content={**said, "lines": {**lines, "phone": "222"}})
    publish_part(SYSTEM, "brand", "house", unreviewed=True, valid_from=month)

    def phone(at: dt.datetime) -> str:
        return str(json.loads(files_of(version_at("reminder", at))["brand.json"])["lines"]["phone"])

    # then the template says so from that day on
    assert [phone(clock.now()), phone(month)] == ["111", "222"]


def test_planted_a_block_whose_author_approved_it_is_not_published(starters: list[str], actor_of: Actors) -> None:
    from postroom.composition.actions.publish_part import publish_part
    from postroom.composition.actions.save_part import save_part
    from postroom.composition.errors import WrongState
    from postroom.composition.life_models import HouseVersion

    # given a change that is approved by its own author, past the guard of that step
    author = actor_of("author")
    change = save_part(author, "block", "terms", name="Terms", content={"variants": [{"body": TEXT}]})
    told = [{"step": "approved", "by": author.name, "at": "2026-11-22T09:00:00+00:00", "reason": "", "revision": 1}]
    HouseVersion.objects.filter(pk=change.pk).update(state="approved", told=told)
    # when it is published, then that is noticed
    with pytest.raises(WrongState, match="Nobody else approved"):
        publish_part(actor_of("approver"), "block", "terms")
