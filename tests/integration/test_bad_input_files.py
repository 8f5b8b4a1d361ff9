"""Whatever comes in: a clear answer, nothing lost, and the good records go on."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from api_kit import sample
from kit.runs import Change, balance_of, changed, postroom, problems_of, start, through, write

GOOD = [json.dumps(sample("invoice", number=f"T-{number}")) for number in (1, 2, 3)]
BOMB = """<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<records><record><number>&b;</number></record></records>"""
OUTSIDE = """<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]>
<records><record><number>&a;</number></record></records>"""


def test_a_file_that_is_no_use_is_refused_with_a_reason_and_starts_nothing(starters: list[str], tmp_path: Path) -> None:
    from postroom.kernel.errors import BadInput
    from postroom.production.models import Run

    # given files nothing can be made of
    cases: dict[str, tuple[bytes, str]] = {
        "empty.jsonl": (b"", "holds no records"),
        "blank.jsonl": (b" \n\n", "holds no records"),
        "nothing.json": (b"[]", "holds no records"),
        "words.json": (b"hello world", "not a list or an object of JSON"),
        "binary.jsonl": (bytes(range(256)) * 8, "binary file"),
        "picture.pdf": (b"%PDF-1.7 ...", "of no format that Postroom reads"),
        "bomb.xml": (BOMB.encode(), "declares a document type"),
        "outside.xml": (OUTSIDE.encode(), "declares a document type"),
    }
    for name, (content, words) in cases.items():
        # when a run of one is started, then it is refused, and says why and what to do
        with pytest.raises(BadInput, match=words) as refused:
            start(write(tmp_path, content, name))
        assert refused.value.hint, name
    # and no run was begun
    assert not Run.objects.exists()


def _line(changes: dict[str, Any]) -> Change:
    def change(record: dict[str, Any]) -> None:
        for path, value in changes.items():
            place: Any = record
            *ways, last = path.split(".")
            for way in ways:
                place = place[int(way) if way.isdigit() else way]
            place[last] = value

    return change


def test_p3_bad_records_are_set_aside_with_line_path_and_reason_and_the_rest_goes_on(
    starters: list[str], tmp_path: Path
) -> None:
    # given three records, the second of them bad, each time in another way
    latin = "\n".join([GOOD[0], '{"number": "caf\xe9"}', GOOD[2]]).encode("latin-1")
    cases: list[tuple[str, Any, dict[str, Any], str, str, str]] = [
        ("latin.jsonl", latin, {}, "not-decodable", "$", "byte 0xE9 is not UTF-8"),
        ("words.jsonl", [GOOD[0], "hello", GOOD[2]], {}, "not-well-formed", "$", "Line 2, column 1"),
        ("cut.jsonl", [GOOD[0], GOOD[1][:60], GOOD[2]], {}, "not-well-formed", "$", "Line 2"),
        (
            "huge.jsonl",
            [GOOD[0], json.dumps({"number": "x" * 9000}), GOOD[2]],
            {"source_options": {"max_record_bytes": "8000"}},
            *("too-large", "$", "longer than 8,000 bytes"),
        ),
        (
            "floats.jsonl",
            changed(_line({"lines.0.amount": 12.5})),
            {},
            *("wrong-type", "$.lines[0].amount", "must be text"),
        ),
        (
            "glyphs.jsonl",
            changed(_line({"customer.name": "ქსელი Trading"})),
            {},
            *("missing-glyph", "$.customer.name", "no sign for"),
        ),
        (
            "address.jsonl",
            changed(_line({"customer.address.lines": [f"Line {number}" for number in range(12)]})),
            {},
            *("too-many", "$.customer.address.lines", "12 entries; at most"),
        ),
    ]
    for name, content, options, code, path, words in cases:
        # when it runs
        run = through(write(tmp_path, content, name), **options)
        # then one record is set aside with its line, its place and the reason, and the others arrived
        ((line, _, problem),) = problems_of(run)
        assert (line, problem["code"], problem["path"]) == (2, code, path), name
        assert words in problem["reason"], problem
        assert problem["hint"], name
        assert balance_of(run).records["completed"] == 2, name


def test_p3_a_ragged_table_and_a_formula_without_a_result_are_set_aside_by_row(
    starters: list[str], tmp_path: Path
) -> None:
    # given a table with a row that is too long, and a workbook with a formula nobody calculated
    table = through(write(tmp_path, "number;name\n1;a\n2;b;c;d\n3;c\n", "ragged.csv"))
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (["number", "amount"], ["1", "=1+1"], ["2", "3"]):
        sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    formulas = through(write(tmp_path, buffer.getvalue(), "formulas.xlsx"))
    # then each bad row is named by its line, in the stage of reading; every row is counted
    assert [(line, stage, problem["code"]) for line, stage, problem in problems_of(table)][1] == (
        3,
        "read",
        "ragged-row",
    )
    line, stage, problem = problems_of(formulas)[0]
    assert (line, stage, problem["path"]) == (2, "read", "$.amount")
    assert "formula" in problem["reason"]
    assert (balance_of(table).received, balance_of(formulas).received) == (3, 2)


def test_a_template_or_mapping_with_a_typo_is_named_with_a_suggestion(starters: list[str], tmp_path: Path) -> None:
    from postroom.composition.queries import UnknownTemplate
    from postroom.kernel.errors import BadInput

    # given a good file
    path = write(tmp_path, GOOD)
    # when the template is misspelt, then the right one is suggested
    with pytest.raises(UnknownTemplate) as unknown:
        start(path, "invoces")
    assert "Did you mean 'invoice'" in unknown.value.hint
    # when a field of the mapping is, or a key of the mapping itself, then they are named with their lines
    with pytest.raises(BadInput, match=r'line 4: numbr: .* Did you mean "number"'):
        start(path, mapping="mapping: 1\ntemplate: invoice\nfields:\n  numbr: number\n")
    with pytest.raises(BadInput, match=r'line 3: feilds: .* Did you mean "fields"'):
        start(path, mapping="mapping: 1\ntemplate: invoice\nfeilds:\n  number: number\n")
    # when an option of the source is, then the known ones are named
    with pytest.raises(BadInput) as options:
        start(path, source_options={"max_recrd_bytes": "8"})
    assert "max_record_bytes" in options.value.hint


def test_p3_a_fact_too_long_for_its_row_sets_its_record_aside_not_its_chunk(
    starters: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from postroom.production import stages

    # given rows that hold less than a record brings
    monkeypatch.setattr(stages, "_LIMITS", tuple({**stages._LONGEST, "number": 6}.items()))
    # when it runs
    run = through(write(tmp_path, changed(_line({"number": "T-0000002"}))))
    # then that record is set aside, and the others arrived
    ((line, stage, problem),) = problems_of(run)
    assert (line, stage, problem["code"]) == (2, "validate", "too-long")
    assert balance_of(run).records["completed"] == 2


def test_p9_text_that_only_looks_like_an_escape_is_kept_as_it_is() -> None:
    from decimal import Decimal

    from postroom.production import exact_json

    # given data with an escaped backslash before u0000, exact decimals, and a real NUL
    data = {"path": "C:\\u0000\\x", "amount": Decimal("12.50"), "bad": "a\x00b", "both": "\\\\\x00"}
    # when it goes through a row
    back = exact_json.loads(exact_json.storable(exact_json.dumps(data)))
    # then only the NUL is replaced
    assert back == {**data, "bad": "a\ufffdb", "both": "\\\\\ufffd"}
    assert str(back["amount"]) == "12.50"
    with pytest.raises(json.JSONDecodeError):
        exact_json.loads('{"amount": NaN}')


def test_the_terminal_tells_it_with_a_hint_and_an_exit_code(starters: list[str], tmp_path: Path) -> None:
    # given a mapping in another encoding
    mapping = tmp_path / "mapping.yaml"
    mapping.write_bytes("mapping: 1 # caf\xe9\n".encode("latin-1"))
    # when it is used in the terminal, then that is said, without a traceback
    done = postroom("run", "invoice", str(write(tmp_path, GOOD)), "--mapping", str(mapping))
    assert done.returncode == 3, done.stderr
    assert "not UTF-8" in done.stderr
    assert "Traceback" not in done.stderr
