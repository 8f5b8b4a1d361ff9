"""The starter gallery on the desk and in the terminal: from looking at a starter to a draft of one's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from desk_kit import desk_of, said
from postroom.composition import starters
from postroom.kernel.errors import PostroomError


def test_an_author_begins_a_draft_from_a_starter(db: str, user_of: Callable[[str], Any]) -> None:
    from postroom.composition import drafts

    desk = desk_of(user_of)
    author = desk("author")
    # given the gallery, with a picture of each
    assert "Start from a starter" in said(author.get("/templates/"))
    gallery = said(author.get("/templates/starters/"))
    assert all(f"/templates/starters/{one.key}.png" in gallery for one in starters.starters())
    picture = author.get("/templates/starters/certificate.png")
    assert picture["Content-Type"] == "image/png" and picture.content.startswith(b"\x89PNG")
    # when one is begun under a key of the author's own
    page = author.get("/templates/starters/utility-bill/")
    assert "Begin your own" in said(page) and "Samples" in said(page)
    answer = author.post("/templates/starters/utility-bill/", {"key": "water-bill", "name": "Water bill"})
    # then a draft has its files, without a fault, and leads to its page
    draft = drafts.standing("water-bill")
    assert answer.status_code == 303 and draft is not None and str(draft.pk) in answer["Location"]
    assert draft.name == "Water bill" and drafts.check(draft) == []
    assert drafts.files(draft)["template.yaml"].startswith(b"key: water-bill\n")
    assert "Water bill" in said(author.get(answer["Location"]))


def test_a_key_that_is_taken_or_impossible_is_told_beside_what_was_typed(
    starters: list[str], user_of: Callable[[str], Any]
) -> None:
    author = desk_of(user_of)("author")
    for key, status, reason in (("invoice", 409, "There is a template"), ("Bill 1", 422, "cannot be called")):
        answer = author.post("/templates/starters/invoice/", {"key": key, "name": "My own"})
        assert answer.status_code == status, key
        assert reason in said(answer) and f'value="{key}"' in said(answer) and 'value="My own"' in said(answer)
    assert author.get("/templates/starters/nothing/").status_code == 404
    assert author.get("/templates/starters/nothing.png").status_code == 404


def test_who_may_not_change_templates_looks_and_cannot_begin(db: str, user_of: Callable[[str], Any]) -> None:
    from postroom.composition import drafts

    auditor = desk_of(user_of)("auditor")
    page = auditor.get("/templates/starters/licence/")
    assert page.status_code == 200 and "Begin your own" not in said(page)
    assert auditor.post("/templates/starters/licence/", {"key": "permit", "name": "P"}).status_code == 403
    assert drafts.standing("permit") is None


def test_the_terminal_lists_starters_and_writes_one_as_a_folder(tmp_path: Path) -> None:
    from postroom.cli.templates import app
    from postroom.composition.pack import load_folder

    runner = CliRunner()
    listed = runner.invoke(app, ["gallery", "--json"])
    assert listed.exit_code == 0 and '"key": "shipping-label"' in listed.output
    # when a folder is asked for, then it is a whole template under the new key
    folder = tmp_path / "mine"
    arguments = ["new", "parcel-label", str(folder), "--from", "shipping-label", "--name", "Parcel label"]
    assert runner.invoke(app, arguments).exit_code == 0
    pack = load_folder(folder)
    assert (pack.key, pack.name) == ("parcel-label", "Parcel label")
    # and nothing is ever written over
    with pytest.raises(PostroomError, match="not an empty folder"):
        runner.invoke(app, arguments, catch_exceptions=False)
