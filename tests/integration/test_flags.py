"""Conditions with a name, and content blocks with one: answered from the record, alike in each lane and in the mail."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from desk_kit import desk_of, mark_in, said
from kit.lanes import slip_files

BLOCK = json.dumps([{"kind": "paragraph", "children": [{"kind": "text", "text": "Handle with care"}]}]).encode()
ASKED = b"""flags:
  hasty: {when: {urgent: "true"}}
blocks: [{key: care, when: {urgent: "true"}}]
"""
PAGE = {
    "typst": (
        "main.typ",
        b'\n#import "postroom-block.typ": *\n#if flag("flags.hasty") [Hastily]\n#content-block("care")\n',
    ),
    "html": ("main.html", b"<p>{% if view.flags.hasty %}Hastily{% endif %}</p>{{ blocks.care }}</body>"),
}


def files_of(lane: str) -> dict[str, bytes]:
    """The slip with a flag and a block that are said of urgent ones only."""
    files = slip_files(lane)
    name, more = PAGE[lane]
    page = files[name]
    files[name] = page.replace(b"</body>", more) if lane == "html" else page + more
    files["template.yaml"] += ASKED
    files |= {f"blocks/care.{tag}.json": BLOCK for tag in ("en", "de", "fr")}
    files["mail/body.txt"] += b"\n{% if view.flags.hasty %}Hastily{% endif %}\n{{ blocks.care }}\n"
    return files


@pytest.mark.parametrize("lane", ["typst", "html"])
def test_a_page_says_them_only_where_they_hold(lane: str, db: str) -> None:
    from postroom.composition.preview import Asked, Preview

    if lane == "html":
        pytest.importorskip("plutoprint")
    own = files_of(lane)
    record = json.loads(own["samples/01.json"])
    live = Preview()
    try:
        for urgent in (True, False):
            asked = Asked(files=own, record={**record, "urgent": urgent}, map=True)
            seen = live.look(asked)
            assert seen.faults == () and seen.refused == ()
            text = " ".join(str(run[-1]) for run in seen.runs)
            assert ("Hastily" in text, "Handle with care" in text) == (urgent, urgent), text
            mail = live.look(Asked(files=own, record={**record, "urgent": urgent})).mail
            assert mail is not None
            assert ("Hastily" in mail.text, "Handle with care" in mail.text) == (urgent, urgent), mail.text
    finally:
        live.close()


def test_planted_what_a_condition_asks_for_must_be_there(db: str) -> None:
    from postroom.composition import pack
    from postroom.composition.problems import TemplateFaults

    own = files_of("typst")
    contract = json.loads(own["contract.json"])
    contract["properties"]["flags"] = {"type": "string"}
    for name, content, told in (
        ("template.yaml", own["template.yaml"].replace(b"{urgent:", b"{urgnt:"), "no field 'urgnt'"),
        ("contract.json", json.dumps(contract).encode(), "has a field 'flags' too"),
        ("main.typ", own["main.typ"].replace(b"flags.hasty", b"flags.hasti"), "flags.hasti"),
    ):
        with pytest.raises(TemplateFaults) as refused:
            pack.load({**own, name: content})
        assert any(told in str(problem) for problem in refused.value.problems), (told, refused.value.problems)


def test_they_are_changed_in_the_form(starters: list[str], user_of: Callable[[str], Any]) -> None:
    from postroom.composition import drafts, preview
    from postroom.composition.actions.push_draft import push_draft
    from postroom.identity.actor import SYSTEM

    push_draft(SYSTEM, files_of("typst"))
    draft = drafts.open_for("slip")
    author = desk_of(user_of)("author")
    at = f"/templates/drafts/{draft.pk}/studio/conditions/"
    try:
        # given a flag and a content block beside what else hangs on conditions
        page = said(author.get(f"{at}?at=blocks/care"))
        assert "Flag hasty" in page and "Content block care" in page and page.count("Only when urgent is yes.") >= 2
        # when the block's rows are filled in and saved, then one line is another one
        rows = {"at": "blocks/care", "match": "all", "field-1": "currency", "ask-1": "is", "value-1": "EUR"}
        saved = author.post(at, {**rows, "do": "save", "revision": mark_in(author.get(at), "revision")})
        assert saved.status_code == 303
        text = drafts.files(drafts.find(draft.pk))["template.yaml"].decode()
        assert "blocks: [{key: care, when: {currency: EUR}}]" in text and 'when: {urgent: "true"}}' in text
        assert drafts.check(drafts.find(draft.pk)) == []
    finally:
        preview.close_previews()
