"""The studio: the page of what is typed, where it comes from, and the door of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from desk_kit import desk_of, said

INVOICE = Path(__file__).parents[2] / "src" / "postroom" / "demo" / "templates" / "invoice"


@pytest.fixture
def own() -> dict[str, bytes]:
    from postroom.composition.pack import read_folder

    return read_folder(INVOICE)


@pytest.fixture
def live() -> Iterator[Any]:
    from postroom.composition.preview import Preview

    opened = Preview()
    yield opened
    opened.close()


def asked(own: dict[str, bytes], **more: Any) -> Any:
    from postroom.composition.preview import Asked

    return Asked(files=own, record=json.loads(own["samples/01-usual.json"]), **more)


def changed(own: dict[str, bytes], old: str, new: str, name: str = "main.typ") -> dict[str, bytes]:
    text = own[name].decode()
    assert old in text
    return {**own, name: text.replace(old, new).encode()}


def test_the_page_follows_what_is_typed_with_one_warm_cell(db: str, own: dict[str, bytes], live: Any) -> None:
    first = live.look(asked(own))
    pid = live._cell.pid
    second = live.look(asked(changed(own, 'word("payment")', "[Bezahlen]")))
    # then both were made, by the same process, and the second one shows what was typed
    assert first.faults == second.faults == () and first.pages == second.pages == 1
    assert live._cell.pid == pid
    assert first.pictures[1] != second.pictures[1] and first.pictures[1][:2] == b"\xff\xd8"
    texts = [run[-1] for run in live.look(asked(changed(own, 'word("payment")', "[Bezahlen]"), map=True)).runs]
    assert any("Bezahlen" in text for text in texts)


def test_a_fault_stands_on_its_line_with_a_suggestion(db: str, own: dict[str, bytes], live: Any) -> None:
    # planted: a field that the contract has not, and a page that does not compose
    seen = live.look(asked(changed(own, 'slot("order")', 'slot("ordre")')))
    line = own["main.typ"].decode()[: own["main.typ"].decode().index('slot("order")')].count("\n") + 1
    assert [(one.file, one.line) for one in seen.faults] == [("main.typ", line)]
    assert "Did you mean 'order'?" in seen.faults[0].hint
    broken = live.look(asked(changed(own, "#let rows = band(", "#let rows = band((")))
    assert broken.pictures is None and broken.faults[0].file == "main.typ" and broken.faults[0].line > 0
    # and the cell lives on
    assert live.look(asked(own)).faults == ()


def test_a_page_that_never_ends_costs_one_answer(db: str, own: dict[str, bytes], live: Any, monkeypatch: Any) -> None:
    from postroom.composition import preview

    monkeypatch.setattr(preview, "_DEADLINE", 5.0)
    seen = live.look(asked({**own, "main.typ": b"#let f(n) = { while true { n += 1 } }\n#f(1)"}))
    assert seen.pictures is None and seen.faults
    assert live.look(asked(own)).pages == 1


def test_a_record_that_does_not_fit_names_its_path(db: str, own: dict[str, bytes], live: Any) -> None:
    from postroom.composition.locate import line_of
    from postroom.composition.preview import Asked

    record = json.loads(own["samples/01-usual.json"])
    record["lines"][1]["unit_price"] = 4
    seen = live.look(Asked(files=own, record=record))
    assert "$.lines[1].unit_price" in [one.path for one in seen.refused]
    text = json.dumps(record, indent=1)
    found = text.splitlines()[line_of(text, "$.lines[1].unit_price") - 1]
    assert "unit_price" in found and ": 4" in found


def test_every_value_of_the_page_knows_its_slot(db: str, own: dict[str, bytes], live: Any) -> None:
    from postroom.composition.locate import source_of, text_source

    texts = {name: data.decode() for name, data in own.items() if name.endswith((".typ", ".json"))}
    marks = {one[-1].partition("@")[0]: one for one in live.look(asked(own, map=True)).marks}
    assert {"slot/totals.gross", "slot/lines.0.text", "slot/customer.name", "word/terms"} <= set(marks)
    assert all(0 <= share <= 1 for one in marks.values() for share in one[1:5])
    # a value leads to its slot, in its row too
    gross = source_of("slot/totals.gross", texts).spots
    assert all('slot("totals.gross")' in one.text for one in gross) and gross
    row = source_of("slot/lines.0.detail", texts).spots
    assert len(row) == 1 and 'slot(row, "detail")' in row[0].text
    # a value that several slots could show leads to the one that it comes from
    amount = source_of(marks["slot/lines.0.amount"][-1], texts).spots
    tax = source_of(marks["slot/taxes.0.amount"][-1], texts).spots
    assert len(amount) == len(tax) == 1 and amount[0].line != tax[0].line
    assert len(source_of("slot/taxes.0.amount", texts).spots) > 1
    # planted: after lines were typed above it, the place is not believed
    later = {**texts, "main.typ": "// new\n// lines\n" + texts["main.typ"]}
    assert len(source_of(marks["slot/taxes.0.amount"][-1], later).spots) > 1
    # what the house library sets leads to where the template names it
    told = {**texts, "template.yaml": own["template.yaml"].decode()}
    assert source_of(marks["slot/customer.name"][-1], told).spots[0].text == "name: customer.name"
    assert source_of("slot/customer.address.city", told).spots[0].text == "address: customer.address"
    # a word leads to its words file first
    assert source_of("word/terms", texts, "en").spots[0].file == "words/en.json"
    # fixed text leads to where it is written, and says when that may be several places
    assert text_source("IBAN", texts).spots[0].file == "main.typ"
    twice = {**texts, "other.typ": "IBAN"}
    assert text_source("IBAN", twice).ambiguous
    # words that hold a place are found by what stands there, in the language that is shown and in no other
    counted = text_source("Page 1 of 1", texts, "en")
    assert [(one.file, one.text[:10]) for one in counted.spots] == [("words/en.json", '"page_of":')]
    # what a page never shows is no place that its text could come from
    assert text_source("Tracking", {"contract.json": "Tracking", "main.typ": "// Tracking"}).spots == ()
    # planted: text that is nowhere
    assert text_source("Zqxwv unheard", texts).spots == ()


def test_a_box_lies_where_its_value_is_shown(db: str, own: dict[str, bytes], live: Any) -> None:
    seen = live.look(asked(own, map=True))
    name = json.loads(own["samples/01-usual.json"])["customer"]["name"]
    _, left, top, width, height, _ = next(one for one in seen.marks if one[-1].startswith("slot/customer.name"))
    shown = next(run for run in seen.runs if name in run[-1] and abs(run[2] - top) < height)
    # then the text of the name begins and ends within the box
    assert abs(shown[1] - left) < 0.01 and shown[1] + shown[3] < left + width + 0.01


def test_a_page_in_html_knows_its_values_by_their_text(db: str, live: Any) -> None:
    pytest.importorskip("plutoprint")
    from kit.lanes import slip_files
    from postroom.composition.locate import source_of
    from postroom.composition.preview import Asked

    own = slip_files("html")
    name = min(file for file in own if file.startswith("samples/"))
    record = json.loads(own[name])
    texts = {file: data.decode() for file, data in own.items() if file.endswith((".html", ".json", ".yaml"))}
    seen = live.look(Asked(files=own, record=record, map=True))
    assert seen.faults == seen.refused == ()
    marks = {one[-1]: one for one in seen.marks}
    # then a value is a mark that lies on its text, and leads to its slot
    _, left, top, width, *_ = marks["slot/customer.name"]
    shown = [run for run in seen.runs if record["customer"]["name"] in run[-1] and abs(run[2] - top) < 0.01]
    assert any(left > run[1] - 0.01 and left + width < run[1] + run[3] + 0.01 for run in shown)
    assert "customer.name" in source_of("slot/customer.name", texts).spots[0].text
    # then a fixed word is one, and so is a value of a row
    assert any(one.startswith("word/") for one in marks)
    assert any(one.startswith("slot/lines.0.text") for one in marks)
    # then what two fields say is told as either, and leads to both
    either = source_of("slot/totals.net|totals.gross", texts)
    assert either.ambiguous and either.name == "totals.net"


def test_the_newest_wins(db: str, own: dict[str, bytes], live: Any) -> None:
    from postroom.composition.preview import Superseded

    live.look(asked(own))
    told: list[str] = []

    def ask(number: int) -> None:
        try:
            live.look(asked(changed(own, 'word("payment")', f"[N{number}]")))
            told.append("made")
        except Superseded:
            told.append("superseded")

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "made" in told and "superseded" in told


def test_language_and_brand_stand_in(db: str, own: dict[str, bytes], live: Any) -> None:
    from postroom.composition.brand import default_brand, read_brand

    seen = live.look(asked(own, map=True, language="de"))
    assert seen.faults == () and seen.language.startswith("de")
    assert any("Rechnung" in run[-1] for run in seen.runs)
    usual = default_brand()
    other = read_brand({**usual.tokens, "key": "other", "name": "Other House"}, usual.files)
    named = live.look(asked(own, map=True, brand=other))
    assert named.faults == named.refused == ()
    assert any("Other House" in run[-1] for run in named.runs)


def test_the_studio_by_its_door(starters: list[str], user_of: Callable[[str], Any]) -> None:
    from postroom.composition import drafts, preview

    desk = desk_of(user_of)
    author, clerk = desk("author"), desk("clerk")
    at = author.post("/templates/invoice/draft/")["Location"] + "studio/"
    page = said(author.get(at))
    assert "template-studio" in page and "samples/01-usual.json" in page
    assert clerk.get(at).status_code in (403, 404)

    def post(what: str, body: object) -> Any:
        return author.post(f"{at}{what}/", json.dumps(body), content_type="application/json")

    try:
        wanted = {"files": {}, "revision": 0, "sample": "samples/01-usual.json", "pages": [1], "width": 620}
        made = post("page", wanted).json()
        assert made["pages"] == 1 and made["pictures"]["1"] and made["faults"] == [] and made["mail"]["subject"]
        mapped = post("page", {**wanted, "map": True}).json()
        assert mapped["marks"]
        found = post("where", {**wanted, "what": "slot/due_on"}).json()
        assert found["spots"][0]["file"] == "main.typ"
        assert "places" in found["said"] or "written" in found["said"]
        # what is typed is seen before it is saved, and a sample that is no JSON is told with its line
        text = drafts.files(drafts.open_for("invoice"))["samples/01-usual.json"].decode()
        refused = post("page", {**wanted, "files": {"samples/01-usual.json": text[:-10]}}).json()
        assert refused["faults"][0]["line"] > 1 and refused["pages"] == 0
        frame = author.post(f"{at}mail/", {"asked": json.dumps(wanted)})
        assert "sandbox" in frame["Content-Security-Policy"] and frame.status_code == 200
        # a save answers with the new revision, and one over an old revision with the way to both texts
        words = drafts.files(drafts.open_for("invoice"))["words/en.json"].decode()
        saved = post("save", {"files": {"words/en.json": words.replace("Invoice date", "Day")}, "revision": 0}).json()
        assert saved["revision"] == 1 and saved["checked"] == [] and saved["names"]["words"]["invoice_date"] == "Day"
        clash = post("save", {"files": {"words/en.json": words.replace("Invoice date", "Date")}, "revision": 0}).json()
        assert "/conflicts/" in clash["conflict"]
        # planted: bodies that are none
        assert post("page", []).status_code == 422 and post("save", {"files": 3}).status_code == 422
    finally:
        preview.close_previews()
