"""One record in, one PDF out, nothing kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from django.core.files.uploadedfile import SimpleUploadedFile

from api_kit import Program, as_file, sample

Programs = Callable[..., Program]


def test_a_record_becomes_a_pdf_by_json_and_by_form_alike(starters: list[str], program_of: Programs) -> None:
    from postroom.documents.models import Document
    from postroom.ledger.models import Entry

    # given a record and what is in the house before
    program, record = program_of("clerk"), sample("invoice")
    before = Entry.objects.count()
    # when it is composed both ways
    by_json = program.post("/compose", {"template": "invoice", "data": record})
    by_form = program.post("/compose", {"template": "invoice", "data": as_file([record], "order.json")}, form=True)
    # then both are the same PDF, named by its number, and nothing was kept
    assert by_json.status_code == 200, by_json.content
    assert by_json["Content-Type"] == "application/pdf"
    assert by_json.content.startswith(b"%PDF-")
    assert hashlib.sha256(by_json.content).digest() == hashlib.sha256(by_form.content).digest()
    assert by_json["X-Postroom-Pages"] == "1"
    assert f'filename="{record["number"]}.pdf"' in by_json["Content-Disposition"]
    assert (Document.objects.count(), Entry.objects.count()) == (0, before)


def test_a_record_that_does_not_fit_is_refused_with_every_reason(starters: list[str], program_of: Programs) -> None:
    record = sample("invoice")
    del record["number"], record["customer"]
    answer = program_of("clerk").post("/compose", {"template": "invoice", "data": record})
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert {problem["path"] for problem in answer.json()["context"]["problems"]} >= {"$.number", "$.customer"}


def test_what_is_no_record_is_told_so(starters: list[str], program_of: Programs) -> None:
    program = program_of("clerk")
    for body, code in (
        ({"template": "invoice"}, "invalid-request"),
        ({"data": {}}, "invalid-request"),
        ({"template": "invioce", "data": {}}, "unknown-template"),
        ("[1]", "bad-input"),
        ("{", "bad-input"),
        (b"\xff\xfe{}", "bad-input"),
    ):
        answer = program.post("/compose", body)
        assert answer.json()["code"] == code, body
        assert answer.json()["hint"]
    empty = program.post("/compose", {"template": "invoice", "data": SimpleUploadedFile("e.json", b"")}, form=True)
    assert empty.status_code == 422


def test_a_number_with_odd_letters_names_the_file_safely(db: str) -> None:
    from postroom.api.routes.compose import disposition

    told = disposition('Å/2026 "7"\r\nX: y', "application/pdf")
    assert told == "inline; filename=\"_2026_7_X_y.pdf\"; filename*=UTF-8''%C3%85%2F2026%20%227%22%0D%0AX%3A%20y.pdf"
