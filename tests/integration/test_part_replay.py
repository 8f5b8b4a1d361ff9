"""A change of a content block or brand over real records: what it makes of letters is seen and signed before it is
approved, as with a draft."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from api_kit import records
from desk_kit import acts_of, desk_of, said
from kit import runs

if TYPE_CHECKING:
    from postroom.composition.checks.models import Replay

Actors = Callable[[str], Any]
AT = "/templates/house/block/terms/"
OLD, NEW = "Payable within ten days.", "Payable at once."


def text(words: str, **case: str) -> dict[str, Any]:
    return {**case, "body": [{"kind": "paragraph", "children": [{"kind": "text", "text": words}]}]}


@pytest.fixture
def letters(starters: list[str], tmp_path: Path) -> Any:
    """A content block on invoices, and a run of four of them: two in English, two in German."""
    from postroom.composition.actions.publish_part import publish_part
    from postroom.composition.actions.publish_template import publish_template
    from postroom.composition.actions.save_part import save_part
    from postroom.composition.queries import newest_version, sources_of
    from postroom.identity.actor import SYSTEM

    save_part(SYSTEM, "block", "terms", name="Terms", content={"variants": [text(OLD)]})
    publish_part(SYSTEM, "block", "terms", unreviewed=True)
    for key in ("invoice", "reminder"):
        own = sources_of(newest_version(key))
        page = own["main.typ"] + b'\n#import "postroom-block.typ": *\n#content-block("terms")\n'
        publish_template(
            SYSTEM, {**own, "main.typ": page, "template.yaml": own["template.yaml"] + b"blocks: [terms]\n"}
        )
    made = records(4)
    for index, record in enumerate(made):
        record["customer"]["language"] = ("en", "de")[index % 2]
    made[1]["customer"]["name"] = "Ingeborg Vestergaard"
    return runs.through(runs.write(tmp_path, made))


def sent(author: Any, *variants: dict[str, Any]) -> None:
    """A change of the block, on its way to whoever approves it."""
    from postroom.composition.actions.review_part import review_part
    from postroom.composition.actions.save_part import save_part

    save_part(author, "block", "terms", name="Terms", content={"variants": list(variants)})
    review_part(author, "block", "terms", "sent")


def replayed(actor: Any, **more: Any) -> Replay:
    """The replay of the change, carried through here."""
    from postroom.composition.checks.models import Replay
    from postroom.production.actions.start_part_replay import start_part_replay
    from postroom.production.replay.going import go_on

    replay = start_part_replay(actor, "block", "terms", **more)
    assert go_on(replay.pk) is False
    return Replay.objects.get(pk=replay.pk)


def outcomes(replay: Replay) -> dict[str, int]:
    return {group["outcome"]: group["count"] for group in replay.groups}


def test_a_changed_sentence_is_seen_in_every_letter_and_that_set_is_signed(letters: Any, actor_of: Actors) -> None:
    from postroom.composition.actions.publish_part import publish_part
    from postroom.composition.actions.review_part import review_part
    from postroom.composition.checks.models import Replay, ReplayCase
    from postroom.composition.checks.signing import ReplayNeeded, ReplayStale
    from postroom.documents.models import Document

    before = Document.objects.count()
    author, approver = actor_of("author"), actor_of("approver")
    sent(author, text(NEW))
    # then it is not approved before somebody saw what it does to letters
    with pytest.raises(ReplayNeeded) as needed:
        review_part(approver, "block", "terms", "approved")
    assert "Replay the change" in needed.value.hint
    # when it is replayed, then each record stands in the group of its cause (planted: it alters every letter)
    replay = replayed(approver)
    assert (replay.state, replay.done, replay.total, replay.told) == ("done", 4, 4, "")
    assert outcomes(replay) == {"changed": 4}
    assert replay.groups[0]["causes"][0]["kind"] == "reworded"
    # and both templates that get it are covered, of which one has no letter yet
    assert {one["template"]: one["records"] for one in replay.covers} == {"invoice": 4, "reminder": 0}
    # and nothing of a record is kept, and nothing became a document
    assert "Vestergaard" not in repr(list(ReplayCase.objects.values_list("causes", flat=True)))
    assert Document.objects.count() == before
    # and the approval signs that set and no other
    with pytest.raises(ReplayStale):
        review_part(approver, "block", "terms", "approved", replay="0" * 64)
    assert acts_of("replay.signed") == []
    review_part(approver, "block", "terms", "approved", replay=replay.digest)
    assert acts_of("replay.signed")[0]["digest"] == replay.digest == acts_of("replay.done")[0]["digest"]
    assert acts_of("replay.signed")[0]["part"] == "block/terms"
    assert Replay.objects.get(pk=replay.pk).signed_by == approver.name
    assert len(publish_part(approver, "block", "terms").templates) == 2


def test_letters_that_stay_the_same_are_counted_as_identical(letters: Any, actor_of: Actors) -> None:
    approver = actor_of("approver")
    # given a change that says something else in German only
    sent(actor_of("author"), text(OLD), text("Sofort zahlbar.", language="de"))
    replay = replayed(approver)
    assert outcomes(replay) == {"identical": 2, "changed": 2}
    assert sum(group["count"] for group in replay.groups) == replay.total == 4


def test_what_moved_on_since_cannot_be_signed(letters: Any, actor_of: Actors, tmp_path: Path) -> None:
    from postroom.composition.actions.publish_template import publish_template
    from postroom.composition.actions.review_part import review_part
    from postroom.composition.checks.models import Replay
    from postroom.composition.checks.signing import ReplayNeeded, ReplayStale
    from postroom.composition.queries import newest_version, sources_of
    from postroom.identity.actor import SYSTEM
    from postroom.production.actions.start_part_replay import start_part_replay
    from postroom.production.actions.stop_replay import stop_replay
    from postroom.production.replay.errors import NothingToReplay
    from postroom.production.replay.going import go_on

    author, approver = actor_of("author"), actor_of("approver")
    sent(author, text(NEW))

    def why() -> str:
        with pytest.raises(ReplayStale) as stale:
            review_part(approver, "block", "terms", "approved")
        return str(stale.value.context["why"])

    replayed(approver)
    # when the change is saved again, then what was seen is another one
    review_part(author, "block", "terms", "withdrawn")
    from postroom.composition.actions.save_part import save_part

    save_part(author, "block", "terms", name="Terms", content={"variants": [text("At once!")]}, expected_revision=1)
    review_part(author, "block", "terms", "sent")
    assert why() == "revision"
    replayed(approver)
    # when a template that gets it is published anew, then its letters are others
    own = sources_of(newest_version("reminder"))
    publish_template(SYSTEM, {**own, "words/en.json": own["words/en.json"].replace(b"Reminder", b"A reminder", 1)})
    assert why() == "base"
    # when it goes on it is not signed, starting again is the same one, and stopped it cannot be signed either
    again = start_part_replay(approver, "block", "terms")
    assert start_part_replay(approver, "block", "terms").pk == again.pk
    with pytest.raises(ReplayNeeded):
        review_part(approver, "block", "terms", "approved")
    assert again.part_id is not None
    stop_replay(approver, again.part_id)
    assert go_on(again.pk) is False and Replay.objects.get(pk=again.pk).state == "stopped"
    with pytest.raises(ReplayNeeded):
        review_part(approver, "block", "terms", "approved")
    # and it may be over one run alone: of another one there is nothing
    from postroom.kernel.ids import new_id

    with pytest.raises(NothingToReplay):
        start_part_replay(approver, "block", "terms", run_id=new_id())
    assert replayed(approver, run_id=letters.pk, wanted=3).total == 3


def test_records_are_shared_fairly_between_templates() -> None:
    from postroom.production.replay.records import shared

    assert shared({"a": 1000, "b": 1000, "c": 1000, "d": 1000}, 200) == dict.fromkeys("abcd", 50)
    assert shared({"a": 1000, "b": 3, "c": 0}, 200) == {"a": 197, "b": 3, "c": 0}
    assert shared({"a": 4, "b": 3}, 200) == {"a": 4, "b": 3}
    assert sum(shared({"a": 99, "b": 99, "c": 99}, 200).values()) == 200
    assert shared({}, 200) == {}


def test_the_desk_replays_a_part_and_shows_letters_to_whom_they_are_for(
    letters: Any, actor_of: Actors, user_of: Callable[[str], Any]
) -> None:
    from postroom.composition.checks.models import Replay
    from postroom.production.replay.going import go_on

    sent(actor_of("author"), text(NEW))
    desk = desk_of(user_of)
    approver, everything, clerk = desk("approver"), desk("administrator"), desk("clerk")
    # given the page of the change, which asks for a replay over all runs or over one
    page = said(approver.get(AT))
    assert "Not replayed yet" in page and "Replay 200 records" in page and f'value="{letters.pk}"' in page
    assert "No pages yet" in said(approver.get(f"{AT}replay/"))
    # when it is approved at once, then it is told why not
    approver.post(f"{AT}approved/", {"revision": "1", "replay": ""})
    assert "was not replayed over them" in said(approver.get(AT))
    # when it is replayed over that run
    assert approver.post(f"{AT}replay/start/", {"run": str(letters.pk)}).status_code == 303
    assert "0 of 4 records" in said(approver.get(f"{AT}replay/live/"))
    go_on(Replay.objects.get().pk)
    replay = Replay.objects.get()
    page = said(approver.get(f"{AT}replay/"))
    # then the difference is told in words, with the run, the templates and the digest
    assert f"“{OLD}” became “{NEW}”" in page and f"run {letters.ref}" in page
    assert replay.digest[:16] in page and "no real letter here" in page and "With the change" in page
    # and letters themselves are for who may see records; who approves sees them masked (ADR 0041)
    assert "masked/" in page and "picture/" not in page and "picture/" in said(everything.get(f"{AT}replay/"))
    assert approver.get(f"{AT}replay/picture/?record=1&side=after").status_code == 404
    for side in ("before", "after"):
        masked = approver.get(f"{AT}replay/masked/?record=1&side={side}")
        real = everything.get(f"{AT}replay/picture/?record=1&side={side}")
        assert masked.content.startswith(b"\x89PNG") and real.content.startswith(b"\x89PNG")
        assert masked.content != real.content
    assert everything.get(f"{AT}replay/picture/?record=99&side=after").status_code == 404
    assert clerk.get(f"{AT}replay/").status_code in (403, 404)
    # and the form that approves carries the digest that was seen
    assert f'name="replay" value="{replay.digest}"' in said(approver.get(AT))
    approver.post(f"{AT}approved/", {"revision": "1", "replay": replay.digest})
    assert "Signed by" in said(approver.get(AT))
    approver.post(f"{AT}published/")
    # and what was signed can be looked at when it is published
    assert replay.digest[:16] in said(approver.get(f"{AT}replay/"))


def test_a_brand_is_replayed_too(starters: list[str], actor_of: Actors, tmp_path: Path) -> None:
    from postroom.composition.actions.publish_part import publish_part
    from postroom.composition.actions.publish_template import publish_template
    from postroom.composition.actions.save_part import save_part
    from postroom.composition.brand import default_brand
    from postroom.composition.queries import newest_version, sources_of
    from postroom.identity.actor import SYSTEM
    from postroom.production.actions.start_part_replay import start_part_replay
    from postroom.production.replay.going import go_on

    # given real letters in a brand of the house
    lines, bank = default_brand().tokens["lines"], default_brand().tokens["bank"]
    save_part(SYSTEM, "brand", "house", name="House", content={"lines": lines, "bank": bank})
    publish_part(SYSTEM, "brand", "house", unreviewed=True)
    own = sources_of(newest_version("invoice"))
    publish_template(SYSTEM, {**own, "template.yaml": own["template.yaml"] + b"brand: house\n"})
    runs.through(runs.write(tmp_path, records(2)))
    # when its account falls away, which each invoice asks to pay to, then it is told that none could be composed
    save_part(actor_of("author"), "brand", "house", name="House", content={"lines": lines})
    replay = start_part_replay(actor_of("approver"), "brand", "house")
    assert go_on(replay.pk) is False
    replay.refresh_from_db()
    assert (replay.state, outcomes(replay)) == ("done", {"unmade": 2}), replay.told
