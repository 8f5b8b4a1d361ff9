"""The wording form: two languages side by side, and nothing typed is lost on the way from one to the next."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from desk_kit import desk_of, said


def columns(page: str) -> list[str]:
    return re.findall(r'<th scope="col">([^<]*)</th>', page)


def test_of_many_languages_two_are_shown_and_what_was_typed_goes_along(
    starters: list[str], actor_of: Callable[[str], Any], user_of: Any
) -> None:
    from postroom.composition import drafts

    # given a template in more languages than fit, one of which lacks a word
    author = actor_of("author")
    draft = drafts.open_for("invoice", author)
    swedish = json.loads(drafts.files(draft)["words/sv.json"])
    swedish["order"] = ""
    drafts.save(author, draft.pk, {"words/sv.json": json.dumps(swedish).encode()}, 0)
    desk = desk_of(user_of)("author")
    at = f"/templates/drafts/{draft.pk}/studio/words/"
    # when its wording is opened, then there are the first language and one beside it, and what is missing is named
    page = said(desk.get(at))
    assert columns(page) == ["Word", "English", "German"]
    assert "missing in Swedish" in page and "Swedish, 1 word missing" in page and "sv:title" not in page
    # and an address names another one; one that it has not is as if none was named
    assert columns(said(desk.get(f"{at}?with=sv"))) == ["Word", "English", "Swedish"]
    assert columns(said(desk.get(f"{at}?with=xx"))) == ["Word", "English", "German"]
    # when a word was typed and another language is chosen, then it goes along, by htmx and without scripts
    form = {"revision": "1", "with": "de", "de:title": "Beleg {number}", "en:title": "Receipt {number}"}
    part = desk.post(f"{at}?do=show&with=sv", form, headers={"HX-Request": "true"})
    assert part["HX-Replace-Url"] == f"{at}?with=sv" and "<html" not in said(part)
    for page in (said(part), said(desk.post(f"{at}?do=show&with=sv", form))):
        assert columns(page) == ["Word", "English", "Swedish"] and 'value="Receipt {number}"' in page
        assert '<input type="hidden" name="de:title" value="Beleg {number}">' in page
    assert drafts.find(draft.pk).revision == 1
    # and saved, both are kept, and the same two stay
    kept = desk.post(at, {**form, "with": "sv", "do": "save"})
    assert kept["Location"] == f"{at}?with=sv"
    now = drafts.files(drafts.find(draft.pk))
    assert json.loads(now["words/de.json"])["title"] == "Beleg {number}"
    assert json.loads(now["words/en.json"])["title"] == "Receipt {number}"
