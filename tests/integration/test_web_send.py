"""One document sent by hand, a run started from a file, the palette: looked at first, done once, told in words."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from api_kit import World, as_file, carry_through, records, sample
from desk_kit import Desk, desk_of, mark_in, said


@pytest.fixture
def desk(user_of: Callable[[str], Any]) -> Desk:
    return desk_of(user_of)


def form_of(browser: Any, world: World, **changes: Any) -> dict[str, Any]:
    """The form of an invoice to the world's party as the page gives it, with top-level fields changed."""
    page = browser.get("/send/", {"template": "invoice", "party": world.party})
    data = sample("invoice", number="H-0001") | changes
    data["customer"]["key"] = world.party
    return {"template": "invoice", "party": world.party, "token": mark_in(page), "data": json.dumps(data), "way": ""}


def test_the_page_begins_with_a_sample_and_the_facts_of_the_party(world: World, desk: Desk) -> None:
    from postroom.parties.models import Party
    from postroom.web.fill.send import started

    party = Party.objects.get(key=world.party)
    # given a template and a party that was searched for
    found = said(desk("operator").get("/send/", {"template": "invoice", "q": party.name[:4]}))
    assert f"party={world.party}" in found
    # when it is chosen, then the data stands there with the party's own facts
    data = json.loads(started("invoice", party))
    assert (data["customer"]["key"], data["customer"]["name"]) == (party.key, party.name)
    assert data["customer"]["language"] == party.language and "contact" not in data["customer"]
    assert "<textarea" in said(desk("operator").get("/send/", {"template": "invoice", "party": party.key}))
    assert "Nobody of that name" in said(desk("operator").get("/send/", {"template": "invoice", "q": "zzzz"}))


def test_a_look_shows_pages_words_and_way_and_stores_nothing(world: World, desk: Desk) -> None:
    from postroom.documents.models import Document
    from postroom.parties.models import Party
    from postroom.production.models import Run
    from postroom.vault.models import Blob

    browser = desk("operator")
    before = [model.objects.count() for model in (Document, Run, Party, Blob)]
    # when a filled form is looked at
    answer = browser.post("/send/", form_of(browser, world) | {"do": "look"})
    page = said(answer)
    # then pages, words, way and the reason stand there, and a document number that is taken is a doubt
    assert answer.status_code == 200
    assert "data:image/png;base64," in page and "H-0001" in page and "Where it would go" in page
    assert [model.objects.count() for model in (Document, Run, Party, Blob)] == before
    twin = browser.post("/send/", form_of(browser, world, number=world.number) | {"do": "look"})
    assert f"There is a document with the number {world.number} already" in said(twin)


def test_what_is_wrong_is_told_by_path_and_what_was_typed_stays(world: World, desk: Desk) -> None:
    browser = desk("operator")
    # when an amount is no text and a field is missing
    form = form_of(browser, world)
    data = json.loads(form["data"])
    data["totals"]["gross"] = 12
    del data["due_on"]
    for do in ("look", "send"):
        answer = browser.post("/send/", form | {"data": json.dumps(data), "do": do})
        page = said(answer)
        # then both are named with their place, and the data and the mark are kept
        assert answer.status_code == 422
        assert "totals.gross" in page and "due_on" in page and "H-0001" in page
        assert mark_in(answer) == form["token"]
    broken = browser.post("/send/", form | {"data": '{"number":', "do": "send"})
    assert broken.status_code == 422 and "This is not JSON" in said(broken)


def test_p4_however_often_it_is_clicked_it_is_sent_once(world: World, desk: Desk, monkeypatch: Any) -> None:
    from postroom.production.models import Run
    from postroom.web.views import send

    monkeypatch.setattr(send, "_PATIENCE", 0)  # no worker runs here
    browser = desk("operator")
    form = form_of(browser, world) | {"do": "send"}
    before = Run.objects.count()
    # when the same form is handed in twice
    first, second = browser.post("/send/", form), browser.post("/send/", form)
    # then there is one run, and both answers lead to it
    assert (first.status_code, first["Location"]) == (303, second["Location"])
    assert Run.objects.count() == before + 1
    # when it is changed and handed in again, then nothing happens by itself: a fresh mark makes it another sending
    changed = json.dumps(json.loads(form["data"]) | {"number": "H-0002"})
    other = browser.post("/send/", form | {"data": changed})
    assert other.status_code == 409 and "was sent before" in said(other) and first["Location"] in said(other)
    assert mark_in(other) != form["token"] and Run.objects.count() == before + 1
    assert browser.post("/send/", form | {"data": changed, "token": mark_in(other)}).status_code == 303
    assert Run.objects.count() == before + 2


def test_a_way_chosen_by_hand_is_taken_and_told(world: World, desk: Desk, monkeypatch: Any) -> None:
    from postroom.delivery.models import Delivery
    from postroom.production.models import Run
    from postroom.web.views import send

    monkeypatch.setattr(send, "_PATIENCE", 0)
    browser = desk("operator")
    # when it is to go by letter whatever the rules say
    look = browser.post("/send/", form_of(browser, world) | {"do": "look", "way": "letters"})
    assert "You chose it" in said(look)
    sent = browser.post("/send/", form_of(browser, world) | {"do": "send", "way": "letters"})
    run = Run.objects.get(ref=sent["Location"].strip("/").rpartition("/")[2])
    carry_through(run.pk)
    # then it went there alone, and the delivery says by whom it was chosen
    delivery = Delivery.objects.get(run_id=run.pk)
    assert (delivery.destination_id, delivery.explanation["why"], delivery.fallbacks) == ("letters", "Person", [])
    assert "Chosen by hand: letters." in said(browser.get(f"/deliveries/{delivery.pk}/"))
    # and a way that there is not is refused before anything is started
    nowhere = browser.post("/send/", form_of(browser, world) | {"do": "send", "way": "pigeon"})
    assert nowhere.status_code == 422 and "pigeon" in said(nowhere)


def test_a_suppressed_address_stays_closed_to_people_too(world: World) -> None:
    from postroom.delivery.determine import Case, direct
    from postroom.delivery.errors import NoChannel
    from postroom.delivery.models import Destination

    case = Case("invoice", "", has_email=True, country="SE", language="sv", suppressed=True)
    email = Destination(key="email", channel="email")
    assert isinstance(direct(email, case, "user:1"), NoChannel)
    assert isinstance(direct(email, Case("invoice", "", False, "SE", "sv"), "user:1"), NoChannel)
    # planted: without the suppression the same case is let through
    assert not isinstance(direct(email, Case("invoice", "", True, "SE", "sv"), "user:1"), NoChannel)


def test_who_may_not_start_a_run_finds_no_form(world: World, desk: Desk) -> None:
    assert desk("auditor").get("/send/").status_code == 404
    assert desk("clerk").get("/send/").status_code == 404
    assert 'href="/send/"' not in said(desk("auditor").get("/"))
    assert 'href="/send/"' in said(desk("operator").get("/"))


def test_a_file_is_looked_at_before_it_is_started_and_kept_between(starters: list[str], desk: Desk, home: Any) -> None:
    from postroom.intake.models import Parcel
    from postroom.production.models import Run

    browser = desk("operator")
    items: list[Any] = [*records(6), '{"number": ']
    items[1] = {**items[1], "due_on": "soon"}
    # when a file is looked at
    answer = browser.post("/runs/new/", {"template": "invoice", "file": as_file(items), "do": "look"})
    page = said(answer)
    # then the first five records are told, and nothing is stored
    assert answer.status_code == 200 and "4 of 5 can go on" in page and "due_on" in page and "The file goes on" in page
    assert (Run.objects.count(), Parcel.objects.count()) == (0, 0)
    # when it is started without handing the file in again, under a key
    form = {"template": "invoice", "held": mark_in(answer, "held"), "held_name": "orders.jsonl", "do": "start"}
    started = browser.post("/runs/new/", form | {"run_key": "november"})
    # then it runs, and the scratch folder holds nothing of it any more
    run = Run.objects.get(run_key="november")
    assert (started.status_code, started["Location"]) == (303, f"/runs/{run.ref}/")
    assert list((home.root / "work" / "held").iterdir()) == []
    carry_through(run.pk)
    run.refresh_from_db()
    assert run.received == 7


def test_a_file_that_was_looked_at_belongs_to_whoever_handed_it_in(starters: list[str], desk: Desk) -> None:
    held = mark_in(
        desk("operator").post("/runs/new/", {"template": "invoice", "file": as_file(records(1)), "do": "look"}), "held"
    )
    for mark in (held, "../../secret.key", ""):
        answer = desk("administrator").post("/runs/new/", {"template": "invoice", "held": mark, "do": "start"})
        assert answer.status_code == 422 and "There is no file with data" in said(answer)


def test_a_mapping_and_options_are_tried_and_their_faults_stand_at_their_field(starters: list[str], desk: Desk) -> None:
    browser = desk("operator")
    base = {"template": "invoice", "do": "look"}
    for changes, field in (
        ({"file": as_file(records(1)), "mapping": "template: [\n"}, "e-mapping"),
        ({"file": as_file(records(1)), "options": "delimiter"}, "e-options"),
        ({"file": as_file(records(1)), "template": "nothing"}, "e-template"),
        ({"file": as_file(["\x00\x01"], "x.bin")}, "e-file"),
        ({"file": as_file([], "empty.jsonl")}, "e-file"),
        ({}, "e-file"),
    ):
        answer = browser.post("/runs/new/", base | changes)
        assert 400 <= answer.status_code < 500, changes
        assert f'id="{field}"' in said(answer), (changes, field)
    again = browser.post("/runs/new/", base | {"file": as_file(records(1)), "options": "delimiter"})
    assert mark_in(again, "held") and "orders.jsonl" in said(again)  # the file is kept through the mistake


def test_the_palette_offers_to_each_only_what_they_may(world: World, desk: Desk) -> None:
    def labels(role: str, q: str = "") -> list[str]:
        answer = desk(role).get("/palette/", {"q": q})
        return [item["label"] for group in answer.json()["groups"] for item in group["items"]]

    from postroom.parties.models import Party

    name = Party.objects.get(key=world.party).name
    assert "Invite somebody…" in labels("administrator") and "Invite somebody…" not in labels("operator")
    assert "Health" not in labels("clerk") and "Documents" not in labels("author")
    # documents by number, parties by name, runs by reference
    assert any(world.number in label for label in labels("clerk", world.number[:4]))
    assert name in labels("clerk", name[:5]) and name not in labels("author", name[:5])
    assert world.run in labels("operator", world.run) and world.run not in labels("clerk", world.run)
    assert f"Send to {name}…" in labels("operator", name[:5])
    for odd in ("\x00", "%", "'; drop table", "a" * 500, "((", '"'):
        assert desk("operator").get("/palette/", {"q": odd}).status_code == 200


def test_every_command_line_of_the_palette_is_a_real_command(starters: list[str]) -> None:
    from typer.main import get_command

    from postroom.cli.app import app
    from postroom.web.fill.palette import cli_lines

    def unknown(lines: list[str]) -> list[str]:
        wrong = []
        for line in lines:
            command: Any = get_command(app)
            for word in line.split()[1:]:
                if not hasattr(command, "commands") or word.startswith("-"):
                    break
                command = command.commands.get(word)
                if command is None:
                    wrong.append(line)
                    break
        return wrong

    assert len(cli_lines()) > 10 and unknown(cli_lines()) == []
    assert unknown(["postroom fly", "postroom runs fly"]) == ["postroom fly", "postroom runs fly"]  # planted
