"""Cursor paging: every row once, also while new ones come in; a cursor only goes on in its own list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from api_kit import Program, World

Programs = Callable[..., Program]


def walk(program: Program, address: str, query: dict[str, Any]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    page = program.get(address, query).json()
    while True:
        rows += page["items"]
        if page["next"] is None:
            return rows
        page = program.get(page["next"].removeprefix("/api/v1")).json()


def test_pages_hold_every_row_once_in_order(world: World, program_of: Programs) -> None:
    program = program_of("administrator")
    for address, key in (
        ("/ledger/entries", "seq"),
        ("/documents", "id"),
        ("/deliveries", "id"),
        ("/parties", "id"),
        ("/templates", "key"),
        ("/runs", "id"),
    ):
        whole = [row[key] for row in program.get(address, {"limit": 200}).json()["items"]]
        assert whole
        assert [row[key] for row in walk(program, address, {"limit": 1})] == whole, address


def test_rows_that_come_in_meanwhile_shift_nothing(world: World, program_of: Programs) -> None:
    # given the first page of the documents
    program = program_of("administrator")
    before = [row["id"] for row in program.get("/documents").json()["items"]]
    page = program.get("/documents", {"limit": 1}).json()
    seen = [row["id"] for row in page["items"]]
    # when a document comes in before each next page
    while page["next"]:
        _newer_document(world)
        page = program.get(page["next"].removeprefix("/api/v1")).json()
        seen += [row["id"] for row in page["items"]]
    # then every one that was there is seen once, and no other
    assert seen == before


def test_a_cursor_is_good_for_its_own_list_and_filters_only(world: World, program_of: Programs) -> None:
    program = program_of("administrator")
    following = program.get("/documents", {"limit": 1, "kind": "invoice"}).json()["next"]
    cursor = following.split("cursor=")[1]
    for address, query in (
        ("/documents", {"cursor": cursor}),
        ("/documents", {"cursor": cursor, "kind": "statement"}),
        ("/deliveries", {"cursor": cursor}),
        ("/documents", {"cursor": cursor[:-1] + "x", "kind": "invoice"}),
        ("/documents", {"cursor": "x"}),
    ):
        answer = program.get(address, query)
        assert (answer.status_code, answer.json()["code"]) == (422, "bad-cursor"), (address, query)
    for limit in ("0", "201", "many"):
        assert program.get("/documents", {"limit": limit}).status_code == 422


def _newer_document(world: World) -> None:
    from postroom.documents.models import Document
    from postroom.kernel import clock
    from postroom.kernel.ids import new_id

    row = Document.objects.get(pk=world.document)
    row.pk, row.created_at = new_id(), clock.now()
    row.save(force_insert=True)
