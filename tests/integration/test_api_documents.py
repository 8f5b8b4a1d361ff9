"""The archive over the API: found, read, followed, sent and printed again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from api_kit import Program, World

Programs = Callable[..., Program]


def test_a_document_is_found_by_its_facts_and_words(world: World, program_of: Programs) -> None:
    program = program_of("clerk")
    for query in (
        {"number": world.number},
        {"text": world.number},
        {"party": world.party, "kind": "invoice"},
        {"run_id": world.run_id, "issued_from": "2000-01-01", "amount_from": "0.01"},
    ):
        found = program.get("/documents", query).json()["items"]
        assert world.document in [row["id"] for row in found], query
    assert program.get("/documents", {"issued_to": "1999-12-31"}).json() == {"items": [], "next": None}
    assert program.get("/documents", {"amount_from": "NaN"}).status_code == 422


def test_p2_the_bytes_are_the_stored_ones_and_carry_their_digest(world: World, program_of: Programs) -> None:
    # given a document
    program = program_of("clerk")
    document = program.get(f"/documents/{world.document}").json()
    version = document["versions"][0]
    # when its bytes are fetched
    answer = program.get(f"/documents/{world.document}/content")
    # then they have the digest they are named by, and need not be fetched twice
    assert hashlib.sha256(answer.content).hexdigest() == version["sha256"]
    assert answer["ETag"] == f'"{version["sha256"]}"'
    assert f'filename="{world.number}.pdf"' in answer["Content-Disposition"]
    again = program.get(f"/documents/{world.document}/content", **{"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert isinstance(document["amount"], str)


def test_p7_the_data_needs_a_permission_of_its_own(world: World, program_of: Programs) -> None:
    allowed, denied = program_of("records_manager"), program_of("clerk")
    answer = allowed.get(f"/documents/{world.document}/data")
    version = allowed.get(f"/documents/{world.document}").json()["versions"][0]
    assert hashlib.sha256(answer.content).hexdigest() == version["data_sha256"]
    assert denied.get(f"/documents/{world.document}/data").status_code == 404


def test_p7_a_folder_closed_to_a_role_is_not_there_for_it(world: World, program_of: Programs) -> None:
    from postroom.documents.models import Folder

    # given a folder that clerks may not see
    program = program_of("clerk")
    assert program.get(f"/documents/{world.document}").status_code == 200
    Folder.objects.update(roles=["operator"])
    # then nothing of it is there for a clerk: not in lists, not by id, not its deliveries
    assert program.get("/documents").json()["items"] == []
    for rest in ("", "/content", "/deliveries", "/timeline"):
        assert program.get(f"/documents/{world.document}{rest}").status_code == 404, rest
    assert program.get("/deliveries").json()["items"] == []
    assert program.get(f"/deliveries/{world.delivery}").status_code == 404
    assert program.post(f"/documents/{world.document}/reprint").status_code == 404


def test_the_timeline_tells_everything_oldest_first(world: World, program_of: Programs) -> None:
    entries = program_of("operator").get(f"/documents/{world.document}/timeline").json()
    told = [entry["what"] for entry in entries]
    assert told[0] == "document.composed"
    assert {"delivery.delivered", "delivery.tried", "delivery.receipt"} <= set(told)
    assert [entry["at"] for entry in entries] == sorted(entry["at"] for entry in entries)
    assert len(entries[0]["evidence"]["sha256"]) == 64
    # and who may not see deliveries is told nothing of them
    narrow = program_of("operator", scopes=["document.view"])
    told = {entry["what"] for entry in narrow.get(f"/documents/{world.document}/timeline").json()}
    assert told == {"document.composed"}


def test_a_reprint_gives_the_same_bytes_and_is_in_the_ledger(world: World, program_of: Programs) -> None:
    from postroom.ledger.models import Entry

    program = program_of("clerk")
    original = program.get(f"/documents/{world.document}/content").content
    answer = program.post(f"/documents/{world.document}/reprint")
    assert answer.content == original
    assert Entry.objects.filter(act="document.reprinted", object_id=world.document).count() == 1


def test_a_resend_is_a_new_delivery(world: World, program_of: Programs) -> None:
    program = program_of("clerk")
    before = len(program.get(f"/documents/{world.document}/deliveries").json()["items"])
    answer = program.post(f"/documents/{world.document}/resend", {})
    assert answer.status_code == 201, answer.content
    assert program.get(answer["Location"].removeprefix("/api/v1")).json()["state"] == "ready"
    assert len(program.get(f"/documents/{world.document}/deliveries").json()["items"]) == before + 1
    refused = program.post(f"/documents/{world.document}/resend", {"destination": "pigeon"})
    assert (refused.status_code, refused.json()["code"]) == (422, "no-channel")


def test_a_delivery_shows_tries_receipts_and_how_surely_it_arrived(world: World, program_of: Programs) -> None:
    delivery = program_of("clerk").get(f"/deliveries/{world.delivery}").json()
    assert delivery["state"] == "delivered"
    assert delivery["truth"] in ("accepted", "relayed", "confirmed", "read")
    assert [attempt["outcome"] for attempt in delivery["tries"]] == ["sent"]
    assert delivery["receipts"][0]["truth"] == delivery["truth"]
    assert delivery["explanation"]["why"]


def test_a_delivery_in_doubt_is_decided_by_a_person(world: World, program_of: Programs) -> None:
    from postroom.delivery.models import Delivery

    Delivery.objects.filter(pk=world.delivery).update(state="in_doubt")
    program = program_of("operator")
    listed = program.get("/deliveries", {"state": "in_doubt"}).json()["items"]
    assert [row["id"] for row in listed] == [world.delivery]
    decided = program.post(f"/deliveries/{world.delivery}/decide", {"arrived": True, "reason": "seen in the log"})
    assert decided.json()["state"] == "delivered"
    assert decided.json()["receipts"][-1]["source"] == "person"
    again = program.post(f"/deliveries/{world.delivery}/decide", {"arrived": True, "reason": "seen in the log"})
    assert again.json()["code"] == "wrong-state"


def test_parties_templates_and_the_ledger_are_read(world: World, program_of: Programs) -> None:
    program = program_of("auditor")
    assert program.get(f"/parties/{world.party}").json()["key"] == world.party
    assert program.get("/parties", {"text": world.party}).json()["items"][0]["key"] == world.party
    template = program.get("/templates/invoice").json()
    assert template["newest"]["no"] == len(template["versions"]) == 1
    assert template["contract"]["type"] == "object"
    assert [row["key"] for row in program.get("/templates").json()["items"]] == ["invoice", "reminder", "statement"]
    verdict = program.get("/ledger/verify").json()
    assert (verdict["whole"], verdict["faults"]) == (True, [])
    entries = program.get("/ledger/entries", {"object_id": world.document}).json()["items"]
    assert [entry["act"] for entry in entries] == ["document.composed"]
