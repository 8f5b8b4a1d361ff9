"""Forms of the studio for people who write no source: conditions, short texts, the Word file; pages of other lanes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from desk_kit import desk_of, mark_in, said
from kit.lanes import slip_files

HTMX = {"HX-Request": "true"}


@pytest.fixture
def author(starters: list[str], user_of: Callable[[str], Any]) -> Iterator[Any]:
    from postroom.composition import preview

    yield desk_of(user_of)("author")
    preview.close_previews()


def draft_at(author: Any) -> str:
    return str(author.post("/templates/invoice/draft/")["Location"]) + "studio/"


def test_a_condition_is_changed_by_rows_and_by_nothing_else(author: Any, user_of: Callable[[str], Any]) -> None:
    from postroom.composition import drafts

    at = f"{draft_at(author)}conditions/"
    # given the two symbols of the invoice, the first one open, as a sentence
    page = said(author.get(at))
    assert "Only when sepa is yes." in page and "samples fulfil it" in page
    assert said(author.get(f"{at}?at=codes/find")).count("Only when sepa is no.") == 2
    # when another field is chosen, then its questions and its kind of value come
    rows = {"at": "codes/pay", "match": "all", "field-1": "totals.gross", "ask-1": "is", "value-1": "1000"}
    fresh = said(author.post(f"{at}?do=rows", rows, headers=HTMX))
    assert "is above" in fresh and 'inputmode="decimal"' in fresh and 'id="field-2"' in fresh
    assert 'value="sepa" selected' not in said(author.post(f"{at}?do=rows&away=1", rows, headers=HTMX))
    # when the rows are filled in, then they are a sentence, held against the samples, beside the page
    rows |= {"ask-1": "above", "field-2": "currency", "ask-2": "among", "value-2": "EUR, CHF"}
    seen = said(author.post(at, rows, headers=HTMX))
    assert "Only when totals gross is above “1000”, and currency is one of “EUR, CHF”." in seen
    assert "data:image/jpeg" in seen and "does not hold" in seen
    # when a row says nothing, then it is refused with the field, and what was filled in stays
    revision = mark_in(author.get(at), "revision")
    told = author.post(at, {**rows, "value-1": "", "do": "save", "revision": revision})
    assert told.status_code == 422 and "totals.gross: there is nothing to compare with" in said(told)
    # when it is saved, then one line of the file is another one
    before = drafts.files(drafts.open_for("invoice"))["template.yaml"].decode().splitlines()
    saved = author.post(at, {**rows, "do": "save", "revision": revision})
    assert saved.status_code == 303
    after = drafts.files(drafts.open_for("invoice"))["template.yaml"].decode().splitlines()
    different = [new for old, new in zip(before, after, strict=True) if old != new]
    assert different == ['    when: {totals.gross: "> 1000", currency: [EUR, CHF]}']
    assert drafts.check(drafts.open_for("invoice")) == []
    # and whoever may only read cannot save
    clerk = desk_of(user_of)("approver")
    assert clerk.post(at, {**rows, "do": "save", "revision": "1", "value-1": "5"}).status_code == 403
    # and two at once lose nothing: the later one is led to both texts
    late = author.post(at, {**rows, "value-1": "77", "do": "save", "revision": revision})
    assert late.status_code == 303 and "/conflicts/" in late["Location"]


def test_a_condition_of_several_groups_is_shown_and_left_alone(author: Any) -> None:
    from postroom.composition import drafts

    at = draft_at(author)
    text = drafts.files(drafts.open_for("invoice"))["template.yaml"].decode()
    several = 'when: [{sepa: "true", currency: EUR}, {currency: CHF}]'
    changed = text.replace('when: {sepa: "true"}', several)
    author.post(
        f"{at}save/",
        json.dumps({"files": {"template.yaml": changed}, "revision": 0}),
        content_type="application/json",
    )
    page = said(author.get(f"{at}conditions/"))
    assert "says more than rows can" in page and "{currency: CHF}" in page and 'id="field-1"' not in page


def test_short_texts_are_counted_as_they_are_typed_and_long_ones_are_told_where_one_publishes(author: Any) -> None:
    from postroom.composition import drafts

    at = draft_at(author)
    page = said(author.get(f"{at}texts/"))
    assert "No short text" in page and 'data-path="document.title"' in page
    # when it is typed, then it stands on the telephone with what it costs
    seen = said(author.post(f"{at}texts/", {"sms": "{{ document.title }}: {{ link }}"}, headers=HTMX))
    assert "Invoice INV-2026-1187: https://portal.example/d/1" in seen and "1 part" in seen and "GSM alphabet" in seen
    dear = said(author.post(f"{at}texts/", {"sms": "Ş {{ document.title }}", "push": "x" * 200}, headers=HTMX))
    assert "Ş is outside the GSM alphabet" in dear and "200 signs of 178" in dear and "Publishing warns" in dear
    # what it may not name is told with its line
    wrong = said(author.post(f"{at}texts/", {"sms": "a\n{{ view.nmber }}"}, headers=HTMX))
    assert "texts/sms.txt:2" in wrong
    # when it is saved and sent to review, then whoever publishes reads what is too long
    saved = author.post(f"{at}texts/", {"sms": "Dear customer " * 20, "do": "save", "revision": "0"})
    assert saved.status_code == 303
    assert drafts.files(drafts.open_for("invoice"))["texts/sms.txt"].startswith(b"Dear customer")
    review = said(author.get(at.replace("studio/", "review/")))
    assert "Short texts that are longer than allowed" in review and "needs 2 parts, and 1 are allowed" in review
    # and an empty text takes its file away
    author.post(f"{at}texts/", {"sms": " ", "do": "save", "revision": "1"})
    assert "texts/sms.txt" not in drafts.files(drafts.open_for("invoice"))


def test_the_word_file_of_a_draft_goes_home_and_comes_back(author: Any) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from postroom.composition import drafts
    from postroom.composition.actions.push_draft import push_draft
    from postroom.identity.actor import SYSTEM

    pytest.importorskip("docxtpl")
    files = slip_files("word")
    push_draft(SYSTEM, files)
    found = drafts.open_for("slip-word")
    at = f"/templates/drafts/{found.pk}/studio/word/"
    taken = author.get(at)
    assert taken.content == files["main.docx"] and "slip-word.docx" in taken["Content-Disposition"]
    # planted: what is no Word file is refused with a word for it
    for name, content in (("letter.doc", b"\xd0\xcf\x11\xe0"), ("main.docx", b"")):
        author.post(at, {"document": SimpleUploadedFile(name, content), "revision": "1"})
        assert drafts.find(found.pk).revision == found.revision
    # a file in its place is the draft's next revision
    other = files["main.docx"] + b"\x00"
    assert author.post(at, {"document": SimpleUploadedFile("x.docx", other), "revision": "1"}).status_code == 303
    assert drafts.files(drafts.find(found.pk))["main.docx"] == other
    # and a draft of another lane has none
    assert author.get(f"{draft_at(author)}word/").status_code == 404


def test_the_html_lane_keeps_its_cell_while_its_page_changes(db: str) -> None:
    from postroom.composition.preview import Asked, Preview

    pytest.importorskip("plutoprint")
    own = slip_files("html")
    record = json.loads(own["samples/01.json"])
    live = Preview()
    try:
        first = live.look(Asked(files=own, record=record))
        pid = live._cell.pid if live._cell else 0
        assert first.faults == () and first.pages == 1
        # when page and stylesheet change, then the page follows in the same process
        other = {**own, "main.html": own["main.html"].replace(b"</body>", b"<p>Neu dabei</p></body>")}
        second = live.look(Asked(files=other, record=record))
        assert second.faults == () and second.pictures != first.pictures
        runs = [run[-1] for run in live.look(Asked(files=other, record=record, map=True)).runs]
        assert any("Neu dabei" in run for run in runs)
        # planted: a page that cannot be read is told on its line, and the cell goes on with the next one
        broken = {**own, "main.html": own["main.html"] + b"\n{% if %}"}
        lines = own["main.html"].count(b"\n") + 2
        seen = live.look(Asked(files=broken, record=record))
        assert seen.pictures is None and {one.line for one in seen.faults} <= {lines, 0} and seen.faults
        again = live.look(Asked(files=own, record=record))
        assert again.faults == () and again.pictures == first.pictures
        assert live._cell is not None and live._cell.pid == pid
    finally:
        live.close()
