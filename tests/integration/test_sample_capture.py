"""A sample is made of a real record, masked: from its document, from what was set aside, from a replay."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api_kit import records
from desk_kit import acts_of, desk_of, mark_in, said
from kit import runs

Actors = Callable[[str], Any]
Users = Callable[[str], Any]


def a_run(tmp_path: Path) -> Any:
    """A real letter, and a record that composes no page, because its name has no place in any window."""
    made = records(3)
    made[0]["customer"] |= {"name": "Ingeborg Vestergaard", "key": "C-77410"}
    made[0]["customer"]["email"] = "ingeborg@vestergaard.example"
    made[1]["lines"][0]["amount"] = "1.00"  # the sums do not add up: set aside, though it fits its contract
    return runs.through(runs.write(tmp_path, made))


def a_document(name: str = "Ingeborg Vestergaard") -> Any:
    from postroom.documents.models import Document

    return Document.objects.get(party__name=name)


def stored_of(template: str = "invoice") -> dict[str, bytes]:
    from postroom.composition import drafts

    draft = drafts.standing(template)
    return {} if draft is None else drafts.files(draft)


def test_a_document_becomes_a_masked_sample_of_its_template(
    starters: list[str], user_of: Users, actor_of: Actors, tmp_path: Path
) -> None:
    from postroom.composition import drafts
    from postroom.composition.masks import words_in
    from postroom.production.sampling import of_document

    # given a real letter
    a_run(tmp_path)
    document = a_document()
    original = of_document(actor_of("operator"), document.pk).record
    desk = desk_of(user_of)
    operator, at = desk("operator"), f"/documents/{document.pk}/sample/"
    assert at in said(operator.get(f"/documents/{document.pk}/"))
    # when somebody looks at what the sample would be
    page = operator.get(at)
    told = said(page)
    # then it says what became of each field, beside the page it makes, and shows the record to who may see it
    assert page.status_code == 200 and "another mail address" in told and "kept: an amount" in told
    assert 'src="data:image/png;base64,' in told and "Ingeborg Vestergaard" in told
    # and what was looked at is what is kept
    kept = operator.post(at, {"mark": mark_in(page, "mark"), "name": "Long Table"})
    assert kept.status_code == 303
    sample = stored_of()["samples/long-table.json"].decode()
    made = json.loads(sample)
    assert f">{made['customer']['name']}<" in told and made["totals"]["gross"] == original["totals"]["gross"]
    # and no word or number of its personal fields is left
    personal = [original["number"], *_texts(original["customer"]), *(line["text"] for line in original["lines"])]
    for text in personal:
        assert not words_in(text) & words_in(sample) - {"test"}, text
    # and the ledger knows of what, by whom and the digest, and nothing else
    (facts,) = acts_of("sample.captured")
    assert facts["of"] == str(document.pk) and facts["from"] == "document" and len(facts["sample"]) == 64
    assert not words_in(json.dumps(facts)) & words_in("Ingeborg Vestergaard long-table")
    # and the draft has no fault by it
    draft = drafts.standing("invoice")
    assert draft is not None and drafts.check(draft) == [] and drafts.authors(draft) == {actor_name(operator)}
    # and a name that is taken, or says whom it is about, is refused where it is typed
    for name, why in (("long table", "already"), ("vestergaard", "whom")):
        again = operator.post(at, {"mark": "x", "name": name})
        assert again.status_code in (409, 422) and why in said(again)
    assert len([name for name in stored_of() if name.startswith("samples/long")]) == 1


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for name, inner in value.items() if name not in ("language", "country") for text in _texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner)]
    return [value] if isinstance(value, str) else []


def actor_name(client: Any) -> str:
    return f"user:{client.session['_auth_user_id']}"


def test_p7_making_samples_needs_its_permission_and_the_record_is_for_who_may_see_it(
    starters: list[str], user_of: Users, actor_of: Actors, tmp_path: Path
) -> None:
    from postroom.kernel.errors import NotAllowed, NotFound
    from postroom.production.actions.capture_sample import capture_sample
    from postroom.production.sampling import of_document

    a_run(tmp_path)
    document = a_document()
    at, desk = f"/documents/{document.pk}/sample/", desk_of(user_of)
    for role in ("clerk", "records_manager", "auditor", "approver", "author"):
        client = desk(role)
        assert client.get(at).status_code == 404 and client.post(at, {"mark": "x"}).status_code in (403, 404), role
    assert stored_of() == {} and acts_of("sample.captured") == []
    with pytest.raises(NotFound):
        of_document(actor_of("author"), document.pk)
    with pytest.raises(NotAllowed):
        capture_sample(actor_of("clerk"), of_document(actor_of("clerk"), document.pk), "mark")


def test_planted_a_sample_and_its_ledger_entry_are_kept_together_or_not_at_all(
    starters: list[str], actor_of: Actors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from postroom.composition import drafts
    from postroom.production.actions import capture_sample as module
    from postroom.production.sampling import of_document

    a_run(tmp_path)
    operator = actor_of("operator")
    origin = of_document(operator, a_document().pk)
    # given a database that fails when both were written, and not yet committed
    from postroom.ledger.append import append as done

    def fails(by: str, acts: Any) -> None:
        done(by, acts)
        if any(act.act == "sample.captured" for act in acts):
            raise ConnectionError("gone")

    with monkeypatch.context() as planted, pytest.raises(ConnectionError):
        planted.setattr("postroom.composition.drafts.append", fails)
        module.capture_sample(operator, origin, "mark", "long")
    # then neither is there
    begun = drafts.standing("invoice")
    assert begun is not None and begun.revision == 0 and acts_of("sample.captured") == []
    # and tried again, both are, of one revision
    draft, path = module.capture_sample(operator, origin, "mark", "long")
    (facts,) = acts_of("sample.captured")
    assert path in stored_of() and facts["revision"] == draft.revision == 1


def test_what_was_set_aside_becomes_a_sample_where_its_template_takes_it(
    starters: list[str], user_of: Users, tmp_path: Path
) -> None:
    from postroom.production.models import SetAside

    # given a record whose sums do not add up, and one that does not fit the contract at all
    a_run(tmp_path)
    made = records(1)
    made[0]["customer"]["name"] = "Sigrid Aronsson"
    made[0].pop("due_on")
    runs.through(runs.write(tmp_path, made, "second.jsonl"))
    operator = desk_of(user_of)("operator")
    told = {}
    for row in SetAside.objects.select_related("run", "record"):
        at = f"/runs/{row.run.ref}/set-aside/{row.record_id}/sample/"
        assert at in said(operator.get(f"/runs/{row.run.ref}/"))
        answer = operator.get(at)
        assert answer.status_code == 200
        told[row.code] = said(answer)
    # then each page says where it does not fit and what to do, and names no value
    assert len(told) == 2
    for page in told.values():
        assert "No sample can be made of it" in page and "Back to the record" in page and "Aronsson" not in page
    assert any("$.due_on" in page for page in told.values())
    assert operator.get("/runs/R-2026-9999/set-aside/00000000-0000-7000-8000-000000000000/sample/").status_code == 404


def test_a_record_of_a_replay_becomes_a_sample_for_who_may_see_no_record(
    starters: list[str], user_of: Users, actor_of: Actors, tmp_path: Path
) -> None:
    from postroom.composition import drafts
    from postroom.production.actions.start_replay import start_replay
    from postroom.production.replay.going import go_on

    a_run(tmp_path)
    author = actor_of("author")
    draft = drafts.open_for("invoice", author)
    words = drafts.files(draft)["words/en.json"].replace(b'"Due date"', b'"Please pay by"')
    drafts.save(author, draft.pk, {"words/en.json": words}, draft.revision)
    go_on(start_replay(author, draft.pk).pk)
    client = desk_of(user_of)("author")
    at = f"/templates/drafts/{draft.pk}/replay/sample/?record=1"
    assert "replay/sample/?record=1" in said(client.get(f"/templates/drafts/{draft.pk}/replay/"))
    page = client.get(at)
    # then the author sees the masked values and not one of the record
    assert page.status_code == 200 and "In the record" not in said(page)
    assert not any(word in said(page) for word in ("Vestergaard", "Ingeborg"))
    assert client.post(at, {"mark": mark_in(page, "mark"), "name": ""}).status_code == 303
    assert "samples/real-1.json" in stored_of()
    # and a draft that is being reviewed takes none
    from postroom.composition.actions.send_draft import send_draft

    send_draft(author, draft.pk)
    late = client.post(at, {"mark": "x", "name": "late"})
    assert late.status_code == 409 and "samples/late.json" not in stored_of()
