"""Data outputs: the data of a run as a file for another system, by a layout of its template."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from lxml import etree

from api_kit import Program, carry_through
from kit.lanes import slip_files
from kit.runs import problems_of, write

LAYOUTS = {
    "ledger": (
        "name: Ledger\nformat: csv\nfile: 'ledger-{run}.csv'\ndecimal: ','\ncolumns:\n"
        "  - {head: Number, field: number}\n"
        "  - {head: Date, field: issued_on, date: dd.mm.yyyy}\n"
        "  - {head: Customer, field: customer.name}\n"
        "  - {head: Account, constant: '8400'}\n"
        "  - {head: Gross, field: totals.gross, decimals: 2}\n"
        "  - {head: Digest, fact: sha256}\n"
    ),
    "lines": (
        "name: Lines\nformat: xlsx\neach: lines\ncolumns:\n"
        "  - {head: Number, field: number}\n"
        "  - {head: Goods, field: lines.text}\n"
        "  - {head: Amount, field: lines.amount}\n"
        "  - {head: Date, field: issued_on}\n"
    ),
    "feed": (
        "name: Feed\nformat: jsonl\ncolumns:\n"
        "  - {head: number, field: number}\n"
        "  - {head: gross, field: totals.gross}\n"
        "  - {head: urgent, field: urgent}\n"
    ),
    "post": (
        "name: Post\nformat: xml\nroot: invoices\nrecord: invoice\nencoding: iso-8859-15\ncolumns:\n"
        "  - {head: number, field: number}\n"
        "  - {head: gross, field: totals.gross}\n"
        "  - {head: name, field: customer.name}\n"
    ),
}


def publish(layouts: dict[str, str] | None = None) -> None:
    from postroom.composition.actions.publish_template import publish_template
    from postroom.identity.actor import SYSTEM

    given = LAYOUTS if layouts is None else layouts
    files = slip_files("typst") | {f"layouts/{name}.yaml": text.encode() for name, text in given.items()}
    publish_template(SYSTEM, files)


def slips(count: int, **changes: Any) -> list[dict[str, Any]]:
    sample = json.loads(slip_files("typst")["samples/01.json"])
    return [
        sample
        | {
            "number": f"LS-{number:05d}",
            "lines": [{"text": f"=Artikel {n}", "quantity": n, "unit_price": "1.10"} for n in (1, 2)],
            "totals": {"tax": "0.63", "gross": "3.93"},
        }
        | changes
        for number in range(1, count + 1)
    ]


def run_of(folder: Any, records: list[Any]) -> Any:
    """A run carried through, with its outputs written as a worker would."""
    from postroom.identity.actor import SYSTEM
    from postroom.production.actions.start_run import start_run

    run = start_run(SYSTEM, template="slip", path=write(folder, records)).run
    carry_through(run.pk)
    return run


def written(run: Any) -> dict[str, Any]:
    from postroom.production.dataout import write_output
    from postroom.production.models import DataOutput

    for output in DataOutput.objects.filter(run=run, state="waiting"):
        write_output(output.pk)
    return {output.layout: output for output in DataOutput.objects.filter(run=run)}


def content(run: Any, layout: str) -> bytes:
    from postroom.identity.actor import SYSTEM
    from postroom.production.actions.export_data import export_data

    return b"".join(export_data(SYSTEM, run, layout)[1])


def test_each_format_opens_in_its_own_reader_and_holds_the_sums_of_the_documents(
    starters: list[str], tmp_path: Any
) -> None:
    from postroom.documents.models import Document
    from postroom.production.balance import balance

    # given a run of a template with four layouts, one record of which is set aside
    publish()
    run = run_of(tmp_path, [*slips(5), '{"number": '])
    outputs = written(run)
    # then each is counted in the balance
    counted = balance(run.pk)
    assert counted.records["completed"] == 5, problems_of(run)
    assert {output.state for output in outputs.values()} == {"ready"}
    assert {output.records for output in outputs.values()} == {5}
    total = sum(Document.objects.filter(run_id=run.pk).values_list("amount", flat=True))
    assert total == Decimal("19.65")
    # and each reader finds the rows and the sums of the documents
    table = list(csv.DictReader(io.StringIO(content(run, "ledger").decode()), delimiter=";"))
    assert [row["Number"] for row in table] == [f"LS-{n:05d}" for n in range(1, 6)]
    assert sum(Decimal(row["Gross"].replace(",", ".")) for row in table) == total
    assert table[0]["Date"] == "12.11.2026"
    assert outputs["ledger"].sums == {"Gross": "19.65"}
    sheet = openpyxl.load_workbook(io.BytesIO(content(run, "lines"))).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == ("Number", "Goods", "Amount", "Date")
    assert len(rows) == 1 + 10 == 1 + outputs["lines"].rows
    assert sum(Decimal(str(row[2])) for row in rows[1:]) == Decimal("16.50")
    assert rows[1][3].date().isoformat() == "2026-11-12"  # type: ignore[union-attr]
    lines = [json.loads(line, parse_float=Decimal) for line in content(run, "feed").splitlines()]
    assert sum(line["gross"] for line in lines) == total
    assert lines[0]["urgent"] is True
    root = etree.fromstring(content(run, "post"))
    assert root.tag == "invoices"
    assert sum(Decimal(one.findtext("gross")) for one in root.findall("invoice")) == total
    assert root[0].findtext("name") == "Frau Ayşe Öztürk" or root[0].findtext("name")


def test_text_that_looks_like_a_formula_stays_text(starters: list[str], tmp_path: Any) -> None:
    # given goods named like a formula
    publish({"goods": "name: Goods\nformat: csv\neach: lines\ncolumns:\n  - {head: Goods, field: lines.text}\n"
             "  - {head: Amount, field: lines.amount}\n", "lines": LAYOUTS["lines"]})  # fmt: skip
    run = run_of(tmp_path, slips(1))
    written(run)
    # then a spreadsheet takes none of it for one
    assert content(run, "goods").decode().splitlines()[1] == "'=Artikel 1;1.10"
    sheet = openpyxl.load_workbook(io.BytesIO(content(run, "lines"))).active
    assert sheet is not None
    assert sheet["B2"].data_type == "s"
    assert sheet["B2"].value == "=Artikel 1"


def test_a_sign_that_the_encoding_lacks_is_refused_with_a_hint(starters: list[str], tmp_path: Any) -> None:
    from postroom.identity.actor import SYSTEM
    from postroom.production.actions.export_data import OutputRefused, export_data

    publish(
        {"old": "name: Old\nformat: csv\nencoding: iso-8859-1\ncolumns:\n  - {head: Goods, field: customer.name}\n"}
    )
    customer = slips(1)[0]["customer"] | {"name": "Łukasz"}
    run = run_of(tmp_path, slips(1, customer=customer))
    assert written(run)["old"].state == "refused"
    with pytest.raises(OutputRefused, match="U\\+0141") as told:
        export_data(SYSTEM, run, "old")
    assert "utf-8" in told.value.hint


def test_what_is_corrected_later_is_written_once_more(starters: list[str], tmp_path: Any) -> None:
    from postroom.identity.actor import SYSTEM
    from postroom.production.actions.correct_record import correct_record
    from postroom.production.models import DataOutput, Record

    # given a run whose second record is set aside
    publish({"feed": LAYOUTS["feed"]})
    records = slips(2)
    records[1]["totals"]["gross"] = "9.99"
    run = run_of(tmp_path, records)
    assert written(run)["feed"].records == 1
    # when it is corrected and the run settles again
    record = Record.objects.get(run=run, state="set_aside")
    correct_record(SYSTEM, record.pk, slips(2)[1])
    carry_on(run)
    written(run)
    # then there is a further file with both
    assert [one.records for one in DataOutput.objects.filter(run=run).order_by("wanted_at")] == [1, 2]
    assert len(content(run, "feed").splitlines()) == 2


def carry_on(run: Any) -> None:
    from postroom.delivery.dispatch import dispatch, due_destinations
    from postroom.production.models import READY, Chunk
    from postroom.production.pipeline import compose_chunk
    from postroom.production.settling import settle_run

    for chunk_id in list(Chunk.objects.filter(run=run, state=READY).values_list("pk", flat=True)):
        compose_chunk(chunk_id)
    for destination in due_destinations():
        dispatch(destination)
    settle_run(run.pk)


def test_the_file_is_kept_in_slices_and_checked_against_its_digest(
    starters: list[str], tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import hashlib

    from postroom.production import dataout

    monkeypatch.setattr(dataout, "PART_BYTES", 100)
    publish({"feed": LAYOUTS["feed"]})
    run = run_of(tmp_path, slips(20))
    output = written(run)["feed"]
    assert output.parts.count() > 5
    given = content(run, "feed")
    assert (len(given), hashlib.sha256(given).digest()) == (output.size, bytes(output.sha256))


def test_planted_a_record_left_out_keeps_the_file_from_being_ready(
    starters: list[str], tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from postroom.production import dataout

    publish({"feed": LAYOUTS["feed"]})
    run = run_of(tmp_path, slips(3))
    every = dataout._records
    monkeypatch.setattr(dataout, "_records", lambda *given: list(every(*given))[:-1])
    assert written(run)["feed"].state == "waiting"


def test_a_lost_wake_up_is_made_good(starters: list[str], tmp_path: Any) -> None:
    import datetime as dt

    from django.db import connection

    from postroom.kernel import clock
    from postroom.production.models import DataOutput
    from postroom.production.recovery import sweep

    # given an output whose task is gone
    publish({"feed": LAYOUTS["feed"]})
    run = run_of(tmp_path, slips(1))
    DataOutput.objects.update(woken_at=clock.now() - dt.timedelta(minutes=1))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
        # when the sweep comes by
        sweep()
        # then there is a task again
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'production.write_data'")
        assert cursor.fetchone()[0] == 1
    assert written(run)["feed"].state == "ready"


def test_the_api_hands_it_out_to_who_may_see_the_data(
    starters: list[str], tmp_path: Any, program_of: Callable[..., Program]
) -> None:
    publish({"feed": LAYOUTS["feed"]})
    run = run_of(tmp_path, slips(2))
    # given a program of an operator, before the file is written
    operator = program_of("operator")
    assert operator.get(f"/runs/{run.ref}/data/feed").status_code == 409
    written(run)
    # then it is listed and handed out
    (listed,) = operator.get(f"/runs/{run.ref}/data").json()["items"]
    assert (listed["layout"], listed["records"], listed["state"]) == ("feed", 2, "ready")
    answer = operator.get(f"/runs/{run.ref}/data/feed")
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content) == content(run, "feed")
    assert f'filename="feed-{run.ref}.jsonl"' in answer["Content-Disposition"]
    # and who may not see data, or asks for another, learns nothing
    assert operator.get(f"/runs/{run.ref}/data/fed").status_code == 404
    assert program_of("author").get(f"/runs/{run.ref}/data/feed").status_code in (403, 404)


def test_memory_does_not_grow_with_the_rows(tmp_path: Any) -> None:
    import tracemalloc

    from postroom.composition.dataout.layout import read_layout
    from postroom.composition.dataout.writers import writer

    class Nowhere(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data: Any) -> int:
            return len(data)

    for name, text in LAYOUTS.items():
        layout, faults = read_layout(f"layouts/{name}.yaml", name, text.encode())
        assert layout is not None, faults
        out = writer(layout, Nowhere())  # type: ignore[arg-type]
        row = ["x" * 40 for _ in layout.columns]
        tracemalloc.start()
        for _ in range(50_000):
            out.write(row)
        out.close()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 2_000_000, name


def test_the_page_of_the_run_shows_the_file_and_hands_it_out(
    starters: list[str], tmp_path: Any, user_of: Callable[[str], Any]
) -> None:
    from django.test import Client

    publish({"feed": LAYOUTS["feed"]})
    run = run_of(tmp_path, slips(2))
    desk = Client()
    desk.force_login(user_of("operator"))
    # while it is being written the page says so
    shown = desk.get(f"/runs/{run.ref}/").content.decode()
    assert "Is being written" in shown
    written(run)
    # and then it can be saved, with its totals beside it
    shown = desk.get(f"/runs/{run.ref}/").content.decode()
    assert f'href="/runs/{run.ref}/data/feed/"' in shown
    assert "7.86" in shown
    answer = desk.get(f"/runs/{run.ref}/data/feed/")
    assert b"".join(answer.streaming_content) == content(run, "feed")
    assert answer["Content-Disposition"] == f'attachment; filename="feed-{run.ref}.jsonl"'
