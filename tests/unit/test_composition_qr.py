"""QR codes whose mask we choose are those that zxing-cpp makes by itself, module for module (P5)."""

from __future__ import annotations

import string
from collections.abc import Iterator
from random import Random

import pytest
import zxingcpp

from postroom.composition import codes, qr
from postroom.composition.formats import NotShowable

_SIGNS = (
    string.digits,
    string.digits + string.ascii_uppercase + " $%*+-./:",
    string.printable,
    string.ascii_letters + "äöüßéñçøåÄÖÜ€łšžабвгд漢字日本",
)


def _texts(count: int, seed: int = 1931) -> Iterator[str]:
    """Texts of every length a symbol can hold, in every mode; three of ten repeat one sign, which gives the oddest
    pictures."""
    random = Random(seed)
    for _ in range(count):
        signs, length = random.choice(_SIGNS), int(2 ** random.uniform(0, 10.4))
        if random.random() < 0.3:
            yield random.choice(signs) * length
        else:
            yield "".join(random.choice(signs) for _ in range(length))


def _alone(text: str) -> zxingcpp.Image:
    """The library's symbol, with the mask that it chooses."""
    return zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M").to_image(scale=1)


def _differing(texts: Iterator[str]) -> list[str]:
    """The gate: texts whose symbol is not drawn as the library's own is."""
    return [text for text in texts if codes.symbol("qr", text) != codes._drawn(_alone(text))]


@pytest.fixture(autouse=True)
def _nothing_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qr, "_GRIDS", {})


def test_p5_every_symbol_is_the_one_the_library_makes_alone() -> None:
    # Given texts of all lengths and modes
    texts = list(_texts(1500))
    # When symbols are made of them, then each is drawn as the library's own would be
    assert _differing(iter(texts)) == []
    # And the texts were of nearly all versions, and none was left to the library
    assert len(qr._GRIDS) > 30
    assert all(grid.sound for grid in qr._GRIDS.values())


def test_p5_payment_codes_are_the_ones_the_library_makes_alone() -> None:
    # Given payments as an invoice has them: much the same text, one version
    texts = (
        f"BCD\n002\n1\nSCT\n\nFörsta\nSE4550000000058398257466\nEUR{n}.{n % 90 + 10}\n\n\nINV-{n}" for n in range(800)
    )
    # When and then
    assert _differing(texts) == []


@pytest.mark.parametrize("fault", ["runs", "finders", "blocks"])
def test_planted_a_wrong_penalty_is_noticed(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    # Given a penalty counted wrongly, and a version's first symbol that happens to come out right
    if fault == "runs":
        monkeypatch.setattr(qr, "_runs", lambda like, step: (like & like >> step).bit_count())
    elif fault == "finders":
        monkeypatch.setattr(qr, "_finders", lambda bits, step: 0)
    else:
        monkeypatch.setattr(qr.Grid, "_cheap", lambda grid, bits, across, down: 0)
    monkeypatch.setattr(qr.Grid, "sound", True)
    # When and then
    assert _differing(_texts(200)) != []


def test_a_version_that_is_chosen_otherwise_is_left_to_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a rule that chooses other masks than the library
    monkeypatch.setattr(qr.Grid, "_cheap", lambda grid, bits, across, down: -bits)
    # When symbols are made, then they are the library's all the same
    texts = [f"INV-2026-{number}" for number in range(40)]
    assert _differing(iter(texts)) == []
    assert not any(grid.sound for grid in qr._GRIDS.values())


def test_equal_rows_are_drawn_as_one() -> None:
    # Given a symbol with two rows alike, as small ones have now and then
    texts = [text for text in _texts(600, seed=7) if len(text) < 20]
    drawn = [codes.symbol("qr", text) for text in texts]
    assert any("v2H" in one for one in drawn)
    # When and then
    assert drawn == [codes._drawn(_alone(text)) for text in texts]


def test_a_text_too_long_for_any_symbol_is_refused_as_before() -> None:
    with pytest.raises(NotShowable, match="No qr symbol can be made of these 5000 characters"):
        codes.symbol("qr", "x" * 5000)


def test_a_reader_reads_what_was_written() -> None:
    # Given
    text = "BCD\n002\n1\nSCT\n\nFörsta\nSE4550000000058398257466\nEUR12.50"
    made = qr.modules(text)
    rows = len(f"{made.bits:b}") // made.width + 1
    # When the integer is laid out as a picture with its quiet zone above and below
    blank = b"\xff" * (made.width * qr.QUIET)
    grey = f"{made.bits:0{rows * made.width}b}".encode().translate(codes._GREY)
    picture = memoryview(blank + grey + blank).cast("B", (rows + 2 * qr.QUIET, made.width))
    # Then
    assert [one.text for one in zxingcpp.read_barcodes(picture)] == [text]
