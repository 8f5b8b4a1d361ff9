"""``postroom evidence export``: through every door, for those who may, and nothing in it can be changed."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api_kit import World
from desk_kit import acts_of, desk_of
from kit.runs import postroom
from postroom.ledger import postroom_verify as verifier


@pytest.fixture
def exported(world: World, actor_of: Callable[[str], Any]) -> bytes:
    from postroom.support.evidence import export

    return bytes(export(actor_of("auditor"), world.document)[1])


def test_p6_evidence_of_a_real_document_holds_and_names_what_happened(world: World, exported: bytes) -> None:
    from postroom.documents.content import original
    from postroom.identity.actor import SYSTEM

    report = verifier.check(exported, original(SYSTEM, world.document))
    assert report.faults == []
    acts = [entry["act"] for entry in report.told["entries"]]
    assert acts[0] == "template.published" and acts[-1] == verifier.SEAL
    assert {"document.composed", "delivery.delivered", "run.started"} <= set(acts)
    delivery = report.told["statement"]["deliveries"][0]
    assert delivery["attempts"] and delivery["receipts"] and delivery["explanation"]["why"]
    # and which rule of which table decided, by the digest that the entry of the document's making holds
    decision = report.told["statement"]["decision"]
    assert decision["told"] == delivery["explanation"] and decision["told"]["rows"] and decision["told"]["rules"]
    assert len(decision["told"]["table_sha256"]) == 64 and "salt" not in delivery["explanation"]
    assert "Decided    by table 0: " in verifier.in_words(report, True)
    # and that it was given out is in the ledger
    assert acts_of(verifier.SEAL) == [
        {"entries": len(acts) - 1, "statement_sha256": verifier.digest_of(report.told["statement"])}
    ]


def test_p6_one_changed_bit_in_any_byte_is_found(exported: bytes) -> None:
    chance = random.Random(4)
    changed = bytearray(exported)
    for place in range(len(exported)):
        bit = 1 << chance.randrange(8)
        changed[place] ^= bit
        assert not verifier.check(bytes(changed)).verified, place
        changed[place] ^= bit


def test_p6_no_personal_data_and_nothing_that_can_be_guessed(world: World, exported: bytes) -> None:
    from postroom.delivery.models import Delivery
    from postroom.documents.models import Document

    # given the names and addresses of the document, then none stands in the file; two files share no digest
    document = Document.objects.select_related("party").get(pk=world.document)
    address = Delivery.objects.get(pk=world.delivery).address
    told = exported.decode()
    for word in (document.party.name, document.party.email, address):
        assert not word or word not in told
    assert len(json.loads(told)["statement"]["salt"]) == 32


def test_p7_what_one_may_not_see_is_left_out(world: World, actor_of: Callable[[str], Any]) -> None:
    from postroom.kernel.errors import NotAllowed, NotFound
    from postroom.support.evidence import export

    # given a records manager, who sees no runs: the file holds, without them
    report = verifier.check(export(actor_of("records_manager"), world.document)[1])
    assert report.verified and not any(entry["kind"] == "run" for entry in report.told["entries"])
    # given a clerk, who may not read the ledger, or nobody known: refused
    with pytest.raises(NotAllowed):
        export(actor_of("clerk"), world.document)
    with pytest.raises(NotFound):
        export(actor_of("author"), world.document)


def test_the_terminal_writes_evidence_and_checks_it_with_the_pdf(world: World, tmp_path: Path) -> None:
    # given evidence and the document as files
    file, pdf, alone = tmp_path / "e.json", tmp_path / "d.pdf", tmp_path / "verify.py"
    done = postroom("evidence", "export", world.number, "--to", str(file))
    assert done.returncode == 0, done.stderr
    assert postroom("documents", "download", world.number, "--to", str(pdf)).returncode == 0
    # when it is checked with the key of this ledger, then it holds
    key = postroom("ledger", "key").stdout.strip()
    done = postroom("evidence", "verify", str(file), str(pdf), "--key", key)
    assert done.returncode == 0 and "the document given has it" in done.stdout, done.stdout + done.stderr
    assert "Note" not in done.stdout
    # and with one byte of the PDF changed it does not
    pdf.write_bytes(pdf.read_bytes()[:-1] + b"x")
    assert postroom("evidence", "verify", str(file), str(pdf)).returncode == 1
    assert postroom("evidence", "verifier", "--to", str(alone)).returncode == 0
    assert alone.read_bytes() == Path(verifier.__file__).read_bytes()


def test_the_api_exports_evidence_also_when_asked_twice(world: World, program_of: Callable[..., Any]) -> None:
    auditor = program_of("auditor")
    for _ in range(2):
        answer = auditor.post(f"/documents/{world.document}/evidence", Idempotency_Key="one")
        assert answer.status_code == 200, answer.content
        assert verifier.check(answer.content).verified
    assert program_of("clerk").post(f"/documents/{world.document}/evidence").status_code in (403, 404)


def test_the_document_page_gives_evidence_to_who_reads_the_ledger(world: World, user_of: Callable[[str], Any]) -> None:
    desk = desk_of(user_of)
    address = f"/documents/{world.document}/"
    # given an auditor, then the page has the button, and it gives a file that holds
    assert f"{address}evidence/" in desk("auditor").get(address).content.decode()
    answer = desk("auditor").post(f"{address}evidence/")
    assert answer.status_code == 200 and "attachment" in answer["Content-Disposition"]
    assert verifier.check(answer.content).verified
    assert "Evidence of it was given out" in desk("auditor").get(address).content.decode()
    # given a clerk, then neither
    assert f"{address}evidence/" not in desk("clerk").get(address).content.decode()
    assert desk("clerk").post(f"{address}evidence/").status_code in (403, 404)


def test_p6_planted_a_ledger_that_was_changed_gives_no_evidence(world: World, actor_of: Callable[[str], Any]) -> None:
    from django.db import connection

    from postroom.ledger.errors import LedgerDamaged
    from postroom.support.evidence import export

    # given one fact of the document's entry changed behind the triggers
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_entry DISABLE TRIGGER USER")
        cursor.execute("UPDATE ledger_entry SET actor = 'nobody' WHERE act = 'document.composed'")
        cursor.execute("ALTER TABLE ledger_entry ENABLE TRIGGER USER")
    # then no evidence that would not hold is handed out
    with pytest.raises(LedgerDamaged, match="not in the signed ledger"):
        export(actor_of("auditor"), world.document)


def test_p6_documents_that_are_decided_alike_have_digests_of_their_own(world: World) -> None:
    from postroom.ledger.models import Entry

    # given three documents for whom the rules decided the same, then nobody can tell from the ledger
    made = [entry.facts for entry in Entry.objects.filter(act="document.composed")]
    assert len({facts["decision_sha256"] for facts in made}) == len(made) == 3


def test_p6_planted_a_decision_rewritten_in_its_row_gives_no_evidence(
    world: World, actor_of: Callable[[str], Any]
) -> None:
    from postroom.delivery.models import Delivery
    from postroom.ledger.errors import LedgerDamaged
    from postroom.support.evidence import export

    row = Delivery.objects.get(pk=world.delivery)
    Delivery.objects.filter(pk=row.pk).update(explanation={**row.explanation, "why": "Law"})
    with pytest.raises(LedgerDamaged, match="what the rules decided"):
        export(actor_of("auditor"), world.document)


def test_p7_who_sees_no_deliveries_gets_no_decision(world: World, actor_of: Callable[[str], Any]) -> None:
    from dataclasses import replace

    from postroom.support.evidence import export

    auditor = actor_of("auditor")
    blind = replace(auditor, permissions=auditor.permissions - {"delivery.view"})
    report = verifier.check(export(blind, world.document)[1])
    assert report.verified and report.told["statement"]["decision"] is None
