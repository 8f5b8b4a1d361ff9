"""Two people in one draft, door by door: what the second one saves is merged, or refused with both texts kept.

The rich text of content blocks is held in test_web_house_parts.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from desk_kit import desk_of, said
from kit.lanes import slip_files

WORDS, FILE = "words/en.json", "template.yaml"


@pytest.fixture(autouse=True)
def through() -> Iterator[None]:
    """Tests that go on without their page end before their database goes away."""
    from postroom.composition.checks import underway

    yield
    underway.finish()


@pytest.fixture
def two(starters: list[str], user_of: Callable[[str], Any]) -> Iterator[tuple[Any, Any]]:
    """Two people who may both change templates."""
    from postroom.composition import preview

    desk = desk_of(user_of)
    yield desk("author"), desk("administrator")
    preview.close_previews()


def begun(author: Any) -> tuple[Any, str]:
    """A draft of the invoice, and its address."""
    from postroom.composition import drafts

    at = str(author.post("/templates/invoice/draft/")["Location"])
    return drafts.open_for("invoice"), at


def now(draft: Any, name: str = WORDS) -> str:
    from postroom.composition import drafts

    return drafts.files(drafts.find(draft.pk)).get(name, b"").decode()


def told(answer: Any) -> str:
    """Where both texts stand."""
    to = str(answer["Location"])
    assert "/conflicts/" in to, answer.content
    return to


def test_source_in_the_studio(two: tuple[Any, Any]) -> None:
    one, other = two
    draft, at = begun(one)
    text = now(draft)

    def typed(who: Any, new: str, revision: int = 0) -> Any:
        body = json.dumps({"files": {WORDS: new}, "revision": revision})
        return who.post(f"{at}studio/save/", body, content_type="application/json").json()

    first, second = json.loads(text), json.loads(text)
    keys = list(first)
    first[keys[1]], second[keys[8]] = "First", "Second"
    typed(one, text.replace(json.loads(text)[keys[1]], "First", 1))
    # given another line: both are there, and the second one's editor gets the first one's
    answer = typed(other, text.replace(json.loads(text)[keys[8]], "Second", 1))
    assert answer["revision"] == 2 and "First" in answer["files"][WORDS] and "Second" in now(draft)
    # given the same line: it is refused, both are kept, and whoever leaves the page finds them again
    clash = typed(other, text.replace(json.loads(text)[keys[1]], "Third", 1))["conflict"]
    page = said(other.get(clash))
    assert "First" in page and "Third" in page and "Third" not in now(draft)
    assert clash in said(other.get(at)) and "Texts that could not be put together" in said(other.get(at))
    # and choosing, or leaving it, ends that
    other.post(clash, {"do": "leave"})
    assert clash not in said(other.get(at)) and "First" in now(draft)


def test_a_form_of_the_wording_takes_back_nobody_elses_word(two: tuple[Any, Any]) -> None:
    one, other = two
    draft, at = begun(one)
    words = json.loads(now(draft))
    keys = list(words)
    whole = {f"en:{key}": text for key, text in words.items()} | {"do": "save", "revision": "0"}
    # given both opened the form, which sends every word
    one.post(f"{at}studio/words/", {**whole, f"en:{keys[1]}": "First"})
    other.post(f"{at}studio/words/", {**whole, f"en:{keys[8]}": "Second"})
    after = json.loads(now(draft))
    assert (after[keys[1]], after[keys[8]]) == ("First", "Second")
    # given the same word, then both texts are shown
    clash = told(other.post(f"{at}studio/words/", {**whole, f"en:{keys[1]}": "Third"}))
    assert all(word in said(other.get(clash)) for word in ("First", "Third"))
    assert json.loads(now(draft))[keys[1]] == "First"


def test_a_form_of_the_wording_keeps_what_it_does_not_show(two: tuple[Any, Any]) -> None:
    from postroom.composition import drafts
    from postroom.identity.actor import SYSTEM

    one, _ = two
    draft, at = begun(one)
    odd = {**json.loads(now(draft)), "odd": {"one": "1"}}
    drafts.save(SYSTEM, draft.pk, {WORDS: json.dumps(odd, indent=2).encode()}, 0)
    key = next(iter(odd))
    one.post(f"{at}studio/words/", {f"en:{key}": "Changed", "do": "save", "revision": "1"})
    after = json.loads(now(draft))
    assert after["odd"] == {"one": "1"} and after[key] == "Changed"


def test_short_texts(two: tuple[Any, Any]) -> None:
    one, other = two
    draft, at = begun(one)
    one.post(f"{at}studio/texts/", {"sms": "An SMS", "push": "", "do": "save", "revision": "0"})
    # given the other one's form is older: what it did not touch stays
    other.post(f"{at}studio/texts/", {"sms": "", "push": "A push", "do": "save", "revision": "0"})
    assert (now(draft, "texts/sms.txt"), now(draft, "texts/push.txt")) == ("An SMS\n", "A push\n")
    clash = told(other.post(f"{at}studio/texts/", {"sms": "Another", "push": "", "do": "save", "revision": "0"}))
    page = said(other.get(clash))
    assert "An SMS" in page and "Another" in page and now(draft, "texts/sms.txt") == "An SMS\n"


def test_a_condition_stays_with_the_step_that_was_looked_at(two: tuple[Any, Any]) -> None:
    from postroom.composition import drafts
    from postroom.identity.actor import SYSTEM

    one, other = two
    draft, at = begun(one)
    steps = 'finish:\n  - stamp: {text: Paid, when: {sepa: "true"}}\n'
    whole = now(draft, FILE) + steps
    drafts.save(SYSTEM, draft.pk, {FILE: whole.encode()}, 0)
    # given somebody puts another step before the one whose condition somebody else looks at
    before = steps.replace("finish:\n", "finish:\n  - watermark: {text: Copy}\n\n")
    drafts.save(SYSTEM, draft.pk, {FILE: whole.replace(steps, before).encode()}, 1)
    rows = {"at": "finish/1", "match": "all", "field-1": "currency", "ask-1": "is", "value-1": "EUR", "do": "save"}
    saved = other.post(f"{at}studio/conditions/", {**rows, "revision": "1"})
    # then the row goes to that one, or both texts are shown: never to the other step
    text = now(draft, FILE)
    assert "watermark: {text: Copy}\n" in text, text
    assert "when: {currency: EUR}}" in text or "/conflicts/" in saved["Location"]
    # and the same condition twice shows both
    revision = str(drafts.find(draft.pk).revision)
    for who, value in ((one, "CHF"), (other, "GBP")):
        saved = who.post(f"{at}studio/conditions/", {**rows, "at": "finish/2", "value-1": value, "revision": revision})
    page = said(other.get(told(saved)))
    assert "CHF" in page and "GBP" in page and "CHF" in now(draft, FILE)


def test_a_word_file_is_taken_whole_and_the_other_one_is_not_lost(two: tuple[Any, Any]) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from postroom.composition import drafts
    from postroom.composition.actions.push_draft import push_draft
    from postroom.identity.actor import SYSTEM

    pytest.importorskip("docxtpl")
    one, other = two
    files = slip_files("word")
    push_draft(SYSTEM, files)
    draft = drafts.open_for("slip-word")
    at = f"/templates/drafts/{draft.pk}/"
    made = {name: files["main.docx"] + name.encode() for name in ("one", "other")}

    def sent(who: Any, name: str) -> Any:
        upload = SimpleUploadedFile("letter.docx", made[name])
        return who.post(f"{at}studio/word/", {"document": upload, "revision": str(draft.revision)})

    # given two people who took the same file home, when the second one sends theirs, then both are kept
    sent(one, "one")
    clash = told(sent(other, "other"))
    assert drafts.files(drafts.find(draft.pk))["main.docx"] == made["one"]
    page = said(other.get(clash))
    assert "one of the two is taken whole" in page and "<textarea" not in page.split('id="h-clash-1"')[1]
    for whose, name in (("mine", "other"), ("theirs", "one")):
        assert other.get(f"{clash}file/?name=main.docx&whose={whose}").content == made[name]
    # and what is chosen is the file, byte for byte
    revision = str(drafts.find(draft.pk).revision)
    assert other.post(clash, {"clash-1": "mine", "revision": revision})["Location"] == at
    assert drafts.files(drafts.find(draft.pk))["main.docx"] == made["other"]
    # planted: a file that the two are not about, and another draft's address
    assert other.get(f"{clash}file/?name=template.yaml&whose=mine").status_code == 404
    elsewhere, _ = begun(one)
    assert other.get(clash.replace(str(draft.pk), str(elsewhere.pk))).status_code == 404


def test_what_is_typed_while_somebody_sends_the_draft_to_review_stays_on_the_page(two: tuple[Any, Any]) -> None:
    from postroom.composition.checks import underway

    one, other = two
    draft, at = begun(one)
    text = now(draft)
    key, usual = next((key, said) for key, said in json.loads(text).items() if "{" not in said)
    one.post(f"{at}save/", {"file": WORDS, "text": text.replace(usual, "First", 1), "revision": "0"})
    clash = told(other.post(f"{at}save/", {"file": WORDS, "text": text.replace(usual, "Mine", 1), "revision": "0"}))
    one.post(f"{at}send/", {"note": "x"})
    underway.finish()
    for address, fields in (
        (f"{at}save/", {"file": WORDS, "text": "Typed for an hour", "revision": "1"}),
        (f"{at}studio/words/", {f"en:{key}": "Typed for an hour", "do": "save", "revision": "1"}),
        (f"{at}studio/texts/", {"sms": "Typed for an hour", "do": "save", "revision": "1"}),
        (clash, {"clash-1": "Typed for an hour", "revision": "1"}),
    ):
        answer = other.post(address, fields)
        assert answer.status_code == 409 and "Typed for an hour" in said(answer), address
