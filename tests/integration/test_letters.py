"""Letters that a person writes: open passages, one run, four eyes, and nothing of it lost or doubled."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

import letters_kit as kit
from api_kit import World, carry_through
from desk_kit import acts_of


@pytest.fixture
def clerk(world: World, actor_of: Callable[[str], Any]) -> Any:
    kit.publish()
    kit.party("C-1")
    return actor_of("clerk")


def content_of(run_id: Any) -> list[str]:
    """The text of each document of a run, in the order of its file."""
    import pypdfium2

    from postroom.documents.models import Document, Version
    from postroom.production.models import Record
    from postroom.vault.read import read_blob

    out = []
    for record in Record.objects.filter(run_id=run_id).order_by("ordinal"):
        found = Document.objects.get(record_id=record.pk)
        content = read_blob(Version.objects.get(document=found, no=1).blob)
        out.append("".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(content)))
    return out


def test_a_letter_is_written_handed_in_and_made_with_its_own_words(clerk: Any) -> None:
    from postroom.documents.models import Document, Version
    from postroom.vault.read import read_blob

    # given a letter whose passage says something else, hostile signs included
    words = 'Thank you, {{ customer.name }}. **Read it**; #panic("no") <script>alert(1)</script> \\$x\\$ stay text.'
    letter = kit.kept(clerk, kit.begun(clerk, "C-1"), words)
    # when it is handed in, and nothing asks for a second person
    done = kit.handed_in(clerk, letter)
    carry_through(done.run_id)
    # then there is one document, in these words, and they are part of the data it is made again from (P5)
    (text,) = content_of(done.run_id)
    flat = " ".join(text.split())
    assert 'Thank you, Party C-1. Read it; #panic("no") <script>alert(1)</script> $x$ stay text.' in flat
    document = Document.objects.get(run_id=done.run_id)
    made_from = json.loads(read_blob(Version.objects.get(document=document).data_blob))
    assert made_from["passages"]["intro"][0]["children"][1] == {"kind": "field", "field": "customer.name"}
    assert [facts["letters"] for facts in acts_of("letter.released")] == [1]


def test_p5_a_letter_is_made_again_with_the_words_it_was_made_with(clerk: Any) -> None:
    from postroom.identity.actor import SYSTEM
    from postroom.production.models import Run
    from postroom.production.reproduce.again import make_again

    done = kit.handed_in(clerk, kit.kept(clerk, kit.begun(clerk, "C-1"), "Other words than the template has."))
    carry_through(done.run_id)
    report = make_again(SYSTEM, wanted=10, seed=1, run=Run.objects.get(pk=done.run_id))
    assert report.seen == 1 and not report.differences


def test_p4_handing_in_twice_makes_one_letter(clerk: Any) -> None:
    from postroom.production.models import Run

    letter = kit.kept(clerk, kit.begun(clerk, "C-1"), "Once.")
    before = Run.objects.count()
    first, again = kit.handed_in(clerk, letter), kit.handed_in(clerk, letter)
    assert first.run_id == again.run_id and Run.objects.count() == before + 1
    assert len(acts_of("letter.released")) == 1


def test_four_eyes_hold_through_every_door_and_after_a_right_is_lost(
    clerk: Any, actor_of: Callable[[str], Any]
) -> None:
    from dataclasses import replace

    from postroom.identity.actor import SYSTEM
    from postroom.kernel.errors import NotAllowed
    from postroom.production.letters.actions.approve_letter import approve_letter
    from postroom.production.letters.actions.set_limit import set_limit
    from postroom.production.letters.actions.withdraw_letter import withdraw_letter
    from postroom.production.letters.errors import LetterChanged, LetterMoved, OwnLetter
    from postroom.production.letters.steps import digest

    set_limit(SYSTEM, template=kit.TEMPLATE, verb="always")
    operator = actor_of("operator")
    own = kit.handed_in(operator, kit.begun(operator, "C-1"))
    with pytest.raises(OwnLetter):  # given somebody who writes and approves, not both of one letter
        kit.approved(operator, own)
    letter = kit.handed_in(clerk, kit.begun(clerk, "C-1"))
    with pytest.raises(NotAllowed):  # who lost the right since the page was opened
        kit.approved(replace(operator, permissions=operator.permissions - {"letter.approve"}), letter)
    seen = digest(letter)

    # when the writer takes it back and hands in another text, what was looked at is approved no more
    with pytest.raises(LetterMoved):
        approve_letter(operator, withdraw_letter(clerk, letter.pk).pk, seen=seen)
    letter.refresh_from_db()
    kit.handed_in(clerk, kit.kept(clerk, letter, "Another text."))
    with pytest.raises(LetterChanged):
        approve_letter(operator, letter.pk, seen=seen)
    # then two approvers make one run, and the second one is told
    letter.refresh_from_db()
    done = kit.approved(operator, letter)
    assert kit.approved(operator, letter).run_id == done.run_id
    with pytest.raises(LetterMoved):
        kit.approved(kit.second(operator), letter)
    assert len(acts_of("letter.released")) == 1


def test_a_new_version_is_told_and_taken_and_no_text_is_lost(clerk: Any) -> None:
    from postroom.production.letters.actions.take_version import take_version
    from postroom.production.letters.errors import NewVersion

    letter = kit.kept(clerk, kit.begun(clerk, "C-1"), "My words.")
    # given a version in which the passage is called otherwise
    kit.publish(**{"  intro: {names": "  intro: {longest: 500, names", ", longest: 600}": "}"})
    with pytest.raises(NewVersion):
        kit.handed_in(clerk, letter)
    # when it is taken, then the text is there and goes out with the new version
    letter = take_version(clerk, letter.pk)
    assert letter.passages == {"intro": "My words."}
    done = kit.handed_in(clerk, letter)
    carry_through(done.run_id)
    assert "My words." in " ".join(content_of(done.run_id)[0].split())


def test_a_template_that_is_no_longer_in_force_keeps_the_letter(clerk: Any) -> None:
    from django.db import connection

    from postroom.composition.errors import NotInForce
    from postroom.composition.models import TemplateVersion
    from postroom.kernel import clock
    from postroom.production.letters.queries import letter as find

    letter = kit.kept(clerk, kit.begun(clerk, "C-1"), "Still here.")
    with connection.cursor() as cursor:  # as if its last day were over
        cursor.execute("ALTER TABLE template_version DISABLE TRIGGER template_version_immutable")
        TemplateVersion.objects.filter(template_id=kit.TEMPLATE).update(valid_until=clock.now())
        cursor.execute("ALTER TABLE template_version ENABLE TRIGGER template_version_immutable")
    with pytest.raises(NotInForce):
        kit.handed_in(clerk, letter)
    assert find(clerk, letter.pk).passages == {"intro": "Still here."}


def test_what_a_template_does_not_open_is_refused_with_its_reason(clerk: Any) -> None:
    from postroom.production.letters.errors import LetterRefused

    for words, reason in {
        "x" * 601: "allows 600",
        "{{ customer.nmae }}": "no field",
        "a \u202e b": "control character",
        "ქ": "which no font",
        "**open": "not closed",
    }.items():
        letter = kit.kept(clerk, kit.begun(clerk, "C-1"), words)
        with pytest.raises(LetterRefused) as refused:
            kit.handed_in(clerk, letter)
        assert reason in refused.value.message, words
    # a party without an address is told where it is missing
    kit.party("C-7", address={})
    with pytest.raises(LetterRefused) as refused:
        kit.handed_in(clerk, kit.begun(clerk, "C-7"))
    assert any("address" in one["path"] for one in refused.value.context["problems"])
    assert acts_of("letter.submitted") == []


def test_a_batch_has_a_number_each_and_one_language(clerk: Any) -> None:
    from postroom.documents.models import Document
    from postroom.production.letters.actions.address_letter import add_recipient
    from postroom.production.letters.errors import BadRecipient

    kit.party("C-2")
    kit.party("C-3", language="de")
    letter = kit.begun(clerk, "C-1")
    letter = add_recipient(clerk, letter.pk, "C-2")
    with pytest.raises(BadRecipient):
        add_recipient(clerk, letter.pk, "C-3")
    done = kit.handed_in(clerk, kit.kept(clerk, letter, "Both of you, {{ customer.name }}."))
    carry_through(done.run_id)
    made = list(Document.objects.filter(run_id=done.run_id).order_by("number"))
    assert len({one.number for one in made}) == 2
    assert {one.party.key for one in made} == {"C-1", "C-2"}
    assert "Both of you, Party C-2." in " ".join(content_of(done.run_id)[1].split())


def test_limits_of_a_kind_take_the_place_of_those_for_all(clerk: Any) -> None:
    from postroom.identity.actor import SYSTEM
    from postroom.production.letters.actions.set_limit import set_limit
    from postroom.production.letters.errors import BadLimit

    set_limit(SYSTEM, verb="always")
    assert kit.handed_in(clerk, kit.begun(clerk, "C-1")).state == "waiting"
    set_limit(SYSTEM, template=kit.TEMPLATE, verb="amount", field="fee", value="1000")
    small = kit.kept(clerk, kit.begun(clerk, "C-1"), fee="999.99")
    assert kit.handed_in(clerk, small).state == "released"
    assert kit.handed_in(clerk, kit.kept(clerk, kit.begun(clerk, "C-1"), fee="1000.01")).state == "waiting"
    # an amount that cannot be told asks, too
    bare = kit.begun(clerk, "C-1")
    data = json.loads(bare.data)
    data.pop("fee", None)
    from postroom.production.letters.actions.keep_letter import keep_letter

    bare = keep_letter(clerk, bare.pk, revision=bare.revision, data=data, passages={})
    assert kit.handed_in(clerk, bare).state == "waiting"
    set_limit(SYSTEM, template=kit.TEMPLATE, verb="never")
    assert kit.handed_in(clerk, kit.begun(clerk, "C-1")).state == "released"
    for wrong in ({"verb": "often"}, {"verb": "amount", "value": "-1"}, {"verb": "count", "value": "0"}):
        with pytest.raises(BadLimit):
            set_limit(SYSTEM, **wrong)
    with pytest.raises(BadLimit):
        set_limit(SYSTEM, template=kit.TEMPLATE, verb="amount", field="nothing", value="1")


def test_the_document_tells_who_approved_it(clerk: Any, actor_of: Callable[[str], Any]) -> None:
    from postroom.documents.models import Document
    from postroom.documents.timeline import timeline
    from postroom.identity.actor import SYSTEM
    from postroom.production.letters.actions.set_limit import set_limit

    set_limit(SYSTEM, verb="always")
    done = kit.approved(actor_of("operator"), kit.handed_in(clerk, kit.begun(clerk, "C-1")))
    carry_through(done.run_id)
    told = timeline(SYSTEM, Document.objects.get(run_id=done.run_id))
    by = {entry.what: entry.actor for entry in told if entry.what.startswith("letter.")}
    assert by["letter.submitted"] == clerk.name and by["letter.approved"] == actor_of("operator").name


def test_two_letters_begun_at_once_have_two_numbers(clerk: Any) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    from postroom.production.letters.models import Number

    # given eight clicks at once
    def begin(_: int) -> str:
        try:
            return str(json.loads(kit.begun(clerk, "C-1").data)["number"])
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as at_once:
        numbers = list(at_once.map(begin, range(8)))
    # then each has a number of its own, one after the other, and the database says whose each is
    assert len(set(numbers)) == 8
    given = list(Number.objects.order_by("counted").values_list("counted", flat=True))
    assert given == list(range(given[0], given[0] + 8)) and Number.objects.filter(number__in=numbers).count() == 8


def test_no_number_goes_missing_unseen(clerk: Any) -> None:
    from postroom.production.letters.actions.address_letter import add_recipient, remove_recipient
    from postroom.production.letters.actions.discard_letter import discard_letter
    from postroom.production.letters.actions.restore_letter import restore_letter
    from postroom.production.letters.errors import LetterRefused
    from postroom.production.letters.models import Number

    def states() -> dict[str, str]:
        return {row.number: row.state for row in Number.objects.select_related("letter")}

    kit.party("C-2")
    first, second = kit.begun(clerk, "C-1"), kit.begun(clerk, "C-1")
    one, two = (str(json.loads(letter.data)["number"]) for letter in (first, second))
    # given a batch whose second letter has a number that is not the other letter's; taken off, it is its spare one
    first = add_recipient(clerk, first.pk, "C-2")
    three = first.recipients.get(place=2).number
    assert len({one, two, three}) == 3
    first = add_recipient(clerk, remove_recipient(clerk, first.pk, 2).pk, "C-2")
    assert first.recipients.get(place=2).number == three
    # when the first one is taken off, then the other one's number is the letter's
    first = remove_recipient(clerk, first.pk, 1)
    assert json.loads(first.data)["number"] == three
    # when a number of another letter is typed, then it is refused where it stands
    with pytest.raises(LetterRefused) as refused:
        kit.handed_in(clerk, kit.kept(clerk, first, number=two))
    assert refused.value.context["problems"][0]["path"] == "$.number" and two in refused.value.message
    first.refresh_from_db()
    # when the other one is deleted, then its number stays unused, is not given again, and may be taken by hand
    discard_letter(clerk, second.pk)
    assert states()[two] == "thrown_away"
    four = str(json.loads(kit.begun(clerk, "C-1").data)["number"])
    assert four not in (one, two, three)
    done = kit.handed_in(clerk, first)
    assert done.state == "released"
    assert states() == {one: "left", two: "used", three: "left", four: "reserved"}
    # and who brings the deleted one back is told whose its number is now
    back = restore_letter(clerk, second.pk)
    with pytest.raises(LetterRefused):
        kit.handed_in(clerk, back)


def test_letters_that_are_taken_out_keep_their_numbers(clerk: Any, actor_of: Callable[[str], Any]) -> None:
    from postroom.identity.actor import SYSTEM
    from postroom.production.letters.actions.address_letter import add_recipient
    from postroom.production.letters.actions.set_limit import set_limit
    from postroom.production.letters.actions.take_out import take_out
    from postroom.production.letters.models import Number

    set_limit(SYSTEM, verb="always")
    kit.party("C-2")
    batch = kit.begun(clerk, "C-1")
    between = kit.begun(clerk, "C-1")  # somebody begins one meanwhile: the batch's numbers have a gap
    batch = kit.handed_in(clerk, add_recipient(clerk, batch.pk, "C-2"))
    given = {row.number for row in Number.objects.filter(letter=batch)}
    apart = take_out(actor_of("operator"), batch.pk, [2], "Not them")
    # then both parts are handed in and made with the numbers they were looked at with
    assert (
        {str(json.loads(apart.data)["number"])} == {row.number for row in Number.objects.filter(letter=apart)} < given
    )
    kit.handed_in(clerk, apart)
    batch.refresh_from_db()
    assert kit.approved(actor_of("operator"), batch).state == "released"
    assert Number.objects.get(letter=between).state == "reserved"
