"""Pages of the house library: windows to the millimetre, sums over page breaks, symbols that two readers read."""

from __future__ import annotations

import copy
import io
import re
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from library_kit import by_another, by_zxing, changed, pictures, printed, sample, specimen, texts

from postroom.composition.pay import grouped
from postroom.composition.problems import RecordRefused
from postroom.composition.spec import RenderFault

#: Where the window of each form shows the address: left, top, right, bottom in mm of the sheet.
WINDOWS = {1: (20, 62.5, 105, 90), 2: (20, 44.5, 105, 72), 3: (22, 52, 136, 80.4), 4: (20, 57, 100, 81)}


def place_of(content: bytes, text: str, page: int = 0) -> tuple[float, float, float, float]:
    """Left, top, right, bottom in mm from the sheet's upper left corner."""
    sheet = pypdfium2.PdfDocument(content)[page]
    found = sheet.get_textpage()
    at = found.search(text, match_case=True).get_next()
    assert at is not None, text
    boxes = [found.get_charbox(index, loose=False) for index in range(at[0], at[0] + at[1])]
    left, bottom = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, top = max(box[2] for box in boxes), max(box[3] for box in boxes)
    high, mm = sheet.get_height(), 25.4 / 72
    return left * mm, (high - top) * mm, right * mm, (high - bottom) * mm


def record(form: int = 1, **change: Any) -> dict[str, Any]:
    return {**copy.deepcopy(sample("02")), "form": form, **change}


@pytest.mark.parametrize("form", WINDOWS)
def test_the_address_stands_in_the_window_of_every_form(form: int, tmp_path: Path) -> None:
    # given four lines
    one = record(form)
    one.pop("endorsement")
    # when
    made, _ = printed(specimen(), one, tmp_path)
    # then first and last line are within what the window shows
    left, top, right, bottom = WINDOWS[form]
    for text in ("Gesellschaft für Drucksachen mbH", "93047 Regensburg"):
        x0, y0, x1, y1 = place_of(made.content, text)
        assert left <= x0 and x1 <= right and top <= y0 and y1 <= bottom, (text, x0, y0, x1, y1)


@pytest.mark.parametrize(("form", "top"), [(1, 45), (2, 27)])
def test_an_endorsement_stands_in_the_zone_above_the_address(form: int, top: float, tmp_path: Path) -> None:
    made, _ = printed(specimen(), record(form), tmp_path)
    _, first, _, last = place_of(made.content, "Einschreiben")
    assert top < first and last < top + 17.7
    assert place_of(made.content, "Gesellschaft")[1] > top + 17.0


@pytest.mark.parametrize(
    ("form", "lines", "says"),
    [
        (4, [f"Line {n}" for n in range(6)], "has 10 lines and needs"),
        (1, [f"Line {n}" for n in range(9)], "has 13 lines and needs"),
        (
            1,
            ["Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"],
            "word of the address",
        ),
    ],
)
def test_planted_an_address_that_does_not_fit_is_refused(
    form: int, lines: list[str], says: str, tmp_path: Path
) -> None:
    one = record(form)
    one["customer"]["address"]["lines"] = lines
    with pytest.raises(RenderFault, match=says) as caught:
        printed(specimen(), one, tmp_path)
    assert caught.value.code == "address-does-not-fit"
    assert caught.value.hint.startswith("Shorten") and "postroom-" not in caught.value.where


def test_a_form_that_does_not_exist_is_named(tmp_path: Path) -> None:
    page = specimen().files["main.typ"].replace(b'"din-b", ', b'"din-c", ')
    with pytest.raises(RenderFault, match="no letter form din-c") as caught:
        printed(changed({"main.typ": page}), record(1), tmp_path)
    assert "din-b" in caught.value.hint


@pytest.mark.parametrize("rows", [1, 2, 13, 14, 15, 24, 25, 26, 27, 28, 29, 46])
def test_sums_are_carried_and_totals_keep_the_last_row(rows: int, tmp_path: Path) -> None:
    # given groups of fourteen rows
    one = copy.deepcopy(sample("01"))
    one["lines"] = one["lines"][:rows]
    one["totals"]["gross"] = f"{sum(round(float(row['amount']) * 100) for row in one['lines']) / 100:.2f}"
    # when
    made, ready = printed(specimen(), one, tmp_path)
    found = texts(made.content)
    # then
    carried = {row["carried"] for row in ready.view["lines"]}
    for before, after in pairwise(found):
        over, forward = re.search(r"Carried over\s+(\S+)", before), re.search(r"Brought forward\s+(\S+)", after)
        assert bool(over) == bool(forward)
        assert over is None or (forward is not None and over[1] == forward[1] and over[1] in carried)
    ending = next(page for page in found if "To pay" in page)
    assert f"Broadside no. {rows} " in ending
    # and a group's head is never the last line above a break
    for page in found:
        lines = [line for line in page.split("\n") if line.startswith(("Group", "Broadside"))]
        assert not lines or lines[-1].startswith("Broadside"), page


def test_a_table_without_a_sum_that_travels_says_none(tmp_path: Path) -> None:
    # given a letter with column heads over pages, and no row that says a sum so far
    page = specimen().files["main.typ"]
    assert b'carry(slot(row, "carried"))' in page
    pack = changed({"main.typ": page.replace(b'(carry(slot(row, "carried")), ', b"(")})
    made, _ = printed(pack, sample("01"), tmp_path)
    # then the heads are repeated, and no word stands there for a sum that is none
    assert made.pages > 1
    assert not any("Carried over" in text or "Brought forward" in text for text in texts(made.content))


def test_decimals_stand_below_each_other(tmp_path: Path) -> None:
    made, _ = printed(specimen(), record(), tmp_path)
    ends = []
    for text in ("1.204,25", "0,1285"):
        x0, _, x1, _ = place_of(made.content, text)
        part = len(text.split(",")[1]) / len(text)
        ends.append(x1 - (x1 - x0) * part)
    assert abs(ends[0] - ends[1]) < 1.2  # mm; the figures have one width, the point has not


def test_pages_are_counted_for_each_letter(tmp_path: Path) -> None:
    made, _ = printed(specimen(), copy.deepcopy(sample("01")), tmp_path)
    pages = texts(made.content)
    assert [re.findall(r"Page (\d) of (\d)", page)[-1] for page in pages] == [
        ("1", "4"), ("2", "4"), ("3", "4"), ("4", "4"), ("1", "1"),
    ]  # fmt: skip


@pytest.mark.parametrize(("mark", "word"), [("copy", "Kopie"), ("draft", "Entwurf"), ("duplicate", "Zweitschrift")])
def test_a_mark_stands_across_every_page(mark: str, word: str, tmp_path: Path) -> None:
    plain, _ = printed(specimen(), record(), tmp_path / "a")
    marked, _ = printed(specimen(), record(), tmp_path / "b", mark=mark)
    assert all(word in page for page in texts(marked.content))
    assert not any(word in page for page in texts(plain.content))
    assert marked.pages == plain.pages


def test_two_readers_read_every_symbol(tmp_path: Path) -> None:
    """Made by Zint within zxing-cpp; read by the reader of zxing-cpp, and by zbar (QR, EAN, Code 128) or libdmtx
    (DataMatrix). For Aztec and PDF417 Debian has no second reader: those are read by one alone."""
    made, _ = printed(specimen(), record(), tmp_path)
    sheets = pictures(made.content, 5)
    first = {text for sheet in sheets for text in by_zxing(sheet)}
    second = {text for sheet in sheets for text in by_another(sheet)}
    epc = next(text for text in first if text.startswith("BCD"))
    assert first >= {"https://example.com/SP-2", "SP-2", "4006381333931", "96385074", "SP-2 C-1"}
    assert second >= {"https://example.com/SP-2", "SP-2", "4006381333931", "96385074", epc}
    assert epc.split("\n")[6:8] == ["SE3599900000019315560120", "EUR632.70"]


@pytest.mark.parametrize("name", ["03", "04"])
def test_the_swiss_bill_has_the_geometry_of_the_style_guide(name: str, tmp_path: Path) -> None:
    # given, when
    made, ready = printed(specimen(), copy.deepcopy(sample(name)), tmp_path)
    last = len(pypdfium2.PdfDocument(made.content)) - 1
    image = pictures(made.content, 5)[last]
    # then zxing-cpp reads it with its cross; zbar takes the arms of the cross for something else, and reads it when
    # they are painted over: as much of the symbol is hidden then
    mm = image.width / 210
    top = image.height - 105 * mm
    (payload,) = by_zxing(image)
    painted = image.copy()
    middle = (67 + 23) * mm, top + (17 + 23) * mm
    painted.paste(0, tuple(round(at + sign * 2.9 * mm) for sign in (-1, 1) for at in middle))
    assert by_another(painted) == {payload}
    assert payload.split("\n")[3] == ready.record["account"].replace(" ", "")
    # and the symbol is 46 mm wide at 67 mm, 17 mm below the part's upper edge (style guide, 3.4)
    box = (
        image.crop((int(64 * mm), int(top + 13 * mm), int(116 * mm), int(top + 66 * mm)))
        .point(lambda v: 255 if v < 128 else 0)
        .getbbox()
    )
    assert box is not None
    assert abs(64 + box[0] / mm - 67) < 0.2 and abs((box[2] - box[0]) / mm - 46) < 0.3
    assert abs(13 + box[1] / mm - 17) < 0.2 and abs((box[3] - box[1]) / mm - 46) < 0.3
    # and the middle is the cross: white in the middle of its 7 mm, black around it
    middle_x, middle_y = (67 + 23) * mm, top + (17 + 23) * mm
    assert image.getpixel((int(middle_x), int(middle_y))) > 200
    assert image.getpixel((int(middle_x + 2.5 * mm), int(middle_y + 2.5 * mm))) < 60
    assert image.getpixel((int(middle_x + 3.25 * mm), int(middle_y))) > 200
    # and what the symbol says is said in words, twice, with the headings of the language
    said = texts(made.content)[last]
    assert said.count(grouped(ready.record["account"])) == 2
    for word in {"03": ("Zahlteil", "Empfangsschein", "Annahmestelle"), "04": ("Section paiement", "Point de dépôt")}[
        name
    ]:
        assert word in said


def test_planted_a_payment_that_no_bank_takes_refuses_the_record(tmp_path: Path) -> None:
    one = copy.deepcopy(sample("03"))
    one["reference"] = "210000000003139471430009018"
    with pytest.raises(RecordRefused) as caught:
        printed(specimen(), one, tmp_path)
    assert [(problem.code, problem.path) for problem in caught.value.problems] == [("not-reference", "$.reference")]


def test_charts_say_their_figures_to_who_cannot_see_them(tmp_path: Path) -> None:
    import pypdf

    made, _ = printed(specimen(), record(), tmp_path)
    reader = pypdf.PdfReader(io.BytesIO(made.content))
    found = [reader.get_object(number) for number in sorted(reader.xref[0])]
    alts = [str(one["/Alt"]) for one in found if isinstance(one, dict) and one.get("/Alt")]
    assert sum(alt.startswith("Umsatz nach Monaten: Januar 150,00; Februar 1.990,00") for alt in alts) == 3


def test_p5_equal_records_give_equal_bytes(tmp_path: Path) -> None:
    first, _ = printed(specimen(), record(), tmp_path / "a")
    second, _ = printed(specimen(), record(), tmp_path / "b")
    assert first.content == second.content


def test_a_long_table_costs_no_more_for_each_row(tmp_path: Path) -> None:
    """Sums in the margins are one query a page; a table that repeats them itself costs a third more."""
    took = []
    for rows in (100, 400):
        one = copy.deepcopy(sample("01"))
        one["lines"] = [{"text": f"Row {n}", "amount": "1.00"} for n in range(rows)]
        one["totals"]["gross"] = f"{rows}.00"
        before = time.process_time()
        printed(specimen(), one, tmp_path / str(rows))
        took.append(time.process_time() - before)
    assert took[1] < 8 * took[0]
