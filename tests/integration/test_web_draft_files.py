"""Files come into a draft and go out of it on the desk, and nothing of them is lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from desk_kit import desk_of, said


def test_a_language_comes_in_as_a_file_that_begins_with_the_words(
    starters: list[str], user_of: Callable[[str], Any]
) -> None:
    from postroom.composition import drafts

    author = desk_of(user_of)("author")
    at = author.post("/templates/invoice/draft/")["Location"]
    # when a file is asked for that is not there, then it begins with what is to be translated, and nothing is kept yet
    page = said(author.get(f"{at}?file=words/pt.json"))
    first = json.loads(drafts.files(drafts.open_for("invoice"))["words/en.json"])
    assert "This file is new" in page and first["title"] in page and "Take this file out" not in page
    assert "words/pt.json" not in drafts.files(drafts.open_for("invoice"))
    # when it is saved, then it is in the draft
    words = json.dumps(first | {"title": "Fatura {number}"})
    kept = author.post(f"{at}save/", {"file": "words/pt.json", "text": words, "revision": "0"})
    assert kept.status_code == 303
    assert b"Fatura" in drafts.files(drafts.open_for("invoice"))["words/pt.json"]
    # when it is taken out, then asking for it again shows what it held
    revision = str(drafts.open_for("invoice").revision)
    author.post(f"{at}save/", {"file": "words/pt.json", "text": "", "revision": revision, "do": "remove"})
    assert "words/pt.json" not in drafts.files(drafts.open_for("invoice"))
    assert "Fatura {number}" in said(author.get(f"{at}?file=words/pt.json"))


def test_planted_names_that_no_file_may_have_are_told_beside_the_field(
    starters: list[str], user_of: Callable[[str], Any]
) -> None:
    author = desk_of(user_of)("author")
    at = author.post("/templates/invoice/draft/")["Location"]
    for name in ("../../etc/passwd", "assets/logo.png", ".hidden.json", "a" * 200):
        page = said(author.get(at, {"file": name}))
        assert "No text file can be called so" in page and "This file is new" not in page, name
        assert f'value="{name[:120]}"' in page, name
    # what every template has stays
    assert "Take this file out" not in said(author.get(f"{at}?file=contract.json"))
    assert "Take this file out" in said(author.get(f"{at}?file=words/en.json"))


def test_who_may_only_look_gets_no_new_file(starters: list[str], user_of: Callable[[str], Any]) -> None:
    desk = desk_of(user_of)
    at = desk("author").post("/templates/invoice/draft/")["Location"]
    page = said(desk("approver").get(f"{at}?file=words/pt.json"))
    assert "This file is new" not in page and "Another file" not in page and "No text file" not in page
