"""A masked sample says nothing of anybody, fits its contract, and looks as the record looked."""

from __future__ import annotations

import datetime as dt
import os
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from postroom.composition import pack
from postroom.composition.contract import Contract
from postroom.composition.errors import NotMasked
from postroom.composition.manifest import Manifest, read_manifest
from postroom.composition.masking import KEPT, mask
from postroom.composition.masks import Masker, kind_of, words_in
from postroom.composition.pay import creditor_reference_fault, iban_fault, qr_reference_fault
from postroom.composition.prepare import prepare

SOURCE = Path(__file__).parents[2] / "src" / "postroom"
SECRET = bytes(range(32))
MANIFEST = """
key: letter
name: Letter
languages: [en]
language: customer.language
fonts: [Postroom Sans]
folder: Letters
document: {number: number, date: issued_on, title: title}
recipient: {key: customer.key, name: customer.name, email: customer.email}
"""


def templates() -> Iterator[Path]:
    for where in (SOURCE / "gallery", SOURCE / "demo" / "templates"):
        yield from sorted(one.parent for one in where.glob("*/template.yaml"))


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    else:
        yield value


def letter(**fields: Any) -> tuple[Contract, Manifest]:
    """A small contract with some fields besides the usual ones."""
    text = {"type": "string"}
    customer = {"type": "object", "properties": dict.fromkeys(("key", "name", "email", "language"), text)}
    known = {"number": text, "issued_on": {**text, "x-format": "date"}, "customer": customer, **fields}
    return Contract({"type": "object", "properties": known}), read_manifest(MANIFEST.encode())[0]


def masked(record: dict[str, Any], fields: dict[str, Any] | None = None, secret: bytes = SECRET) -> Any:
    return mask(record, *letter(**fields or {}), secret)


@pytest.mark.parametrize("folder", list(templates()), ids=lambda path: f"{path.parent.name}-{path.name}")
def test_every_sample_of_every_template_can_be_masked_and_fits_its_template(folder: Path) -> None:
    loaded = pack.load_folder(folder)
    for name, record in loaded.samples:
        # when it is masked as if it were real, then the template takes it: contract, sums, payment codes
        made = mask(record, loaded.contract, loaded.manifest, os.urandom(32))
        prepare(loaded, made.record)
        # and no word or number of what was replaced is left anywhere that is not an amount or a choice
        told = dict(made.told)
        left = [text for path, text in _paths(made.record) if told[path] not in ("amount", "choice", "structure")]
        words = set().union(*(words_in(str(text)) for text in left)) - {"test", "http", "https"}
        assert made.words.isdisjoint(words), name
        # and everything is as long as it was, in as many rows
        assert [len(str(one)) for one in leaves(made.record)] == [len(_nfc(one)) for one in leaves(record)], name


def _paths(value: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _paths(inner, f"{at}.{name}" if at else name)
    elif isinstance(value, list):
        for inner in value:
            yield from _paths(inner, f"{at}[]")
    else:
        yield at, value


def _nfc(value: Any) -> str:
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else str(value)


def test_the_same_input_gives_the_same_output_within_one_capture_only() -> None:
    note = {"type": "string"}
    record = {"number": "A-1", "customer": {"name": "Astrid Holm"}, "note": "Dear Astrid,\nyour Holm. ASTRID!"}
    made = masked(record, {"note": note}).record
    first, last = made["customer"]["name"].split()
    # then a name is the same name wherever it stands, in its case, on its line
    assert made["note"].split("\n")[0].split()[1] == f"{first},"
    assert made["note"].split("\n")[1].split()[1:] == [f"{last}.", f"{first.upper()}!"]
    assert made == masked(record, {"note": note}).record != masked(record, {"note": note}, os.urandom(32)).record


def test_every_kind_keeps_what_makes_it_that_kind() -> None:
    text = {"type": "string"}
    record = {
        "number": "INV-2026-0131",
        "issued_on": "2026-11-12",
        "due_on": "2026-12-12",
        "iban": "SE45 5000 0000 0583 9825 7466",
        "qr": "CH44 3199 9123 0008 8901 2",
        "rf": "RF18 5390 0754 7034",
        "qrr": "210000000003139471430009017",
        "gtin": "4006381333931",
        "phone": "+46 70 123 45 67",
        "web": "https://holm.example/astrid?x=1",
        "born": "1984-03-12",
        "customer": {"email": "astrid.holm@example.com", "name": "Жанна Ковалёва 田中", "key": "C-00471"},
    }
    made = masked(record, dict.fromkeys(("due_on", "iban", "qr", "rf", "qrr", "gtin", "phone", "web", "born"), text))
    out = made.record
    assert out["number"][:4] == "INV-" and out["number"] != record["number"]
    days = [dt.date.fromisoformat(out[name]) for name in ("issued_on", "due_on", "born")]
    assert (days[1] - days[0]).days == 30 and days[0].weekday() == dt.date(2026, 11, 12).weekday()
    assert days[0].year != 2026 and days[2].year != 1984
    for name in ("iban", "qr"):
        bare, was = out[name].replace(" ", ""), str(record[name])
        assert not iban_fault(bare) and bare[:2] == was[:2] and out[name][4] == " " and out[name] != was
    assert 30000 <= int(out["qr"].replace(" ", "")[4:9]) <= 31999
    assert not creditor_reference_fault(out["rf"].replace(" ", "")) and not qr_reference_fault(out["qrr"])
    assert sum(int(one) * (3 if at % 2 else 1) for at, one in enumerate(out["gtin"])) % 10 == 0
    assert out["phone"][0] == "+" and [len(one) for one in out["phone"].split()] == [3, 2, 3, 2, 2]
    assert out["customer"]["email"].endswith(".test") and len(out["customer"]["email"]) == 23
    assert out["web"].startswith("https://") and ".test/" in out["web"]
    scripts = [unicodedata.name(one).split()[0] for one in out["customer"]["name"] if one.isalpha()]
    assert scripts == [unicodedata.name(one).split()[0] for one in "ЖаннаКовалёва田中"]
    told = dict(made.told)
    assert [told[one] for one in ("iban", "rf", "phone", "web")] == ["iban", "reference", "phone", "link"]


def test_what_the_contract_says_decides_and_what_it_does_not_know_goes() -> None:
    fields = {
        "unit": {"type": "string", "x-personal": False},
        "plan": {"type": "string", "enum": ["gold", "blue"]},
        "gender": {"type": "string", "enum": ["a", "b"], "x-personal": False},
        "total": {"type": "string", "x-format": "money"},
        "rank": {"type": "integer"},
        "account": {"type": "integer"},
        "salary": {"type": "string", "x-format": "money", "x-personal": True},
    }
    record = {
        "unit": "boxes", "plan": "gold", "gender": "a", "total": "1204.50", "rank": 7, "account": 40170033,
        "salary": "98765.43", "customer": {"name": "Astrid Holm", "nickname": "Assi"}, "secret": "Astrid",
    }  # fmt: skip
    made = masked(record, fields)
    out = made.record
    assert (out["unit"], out["plan"], out["gender"], out["total"], out["rank"]) == ("boxes", "gold", "a", "1204.50", 7)
    assert out["account"] != 40170033 and len(str(out["account"])) == 8
    assert out["salary"] != "98765.43" and len(out["salary"]) == 8 and out["salary"][5] == "."
    assert made.dropped == ("customer.nickname", "secret") and "secret" not in out
    assert {kind for path, kind in made.told if path in ("unit", "plan", "total", "rank")} <= set(KEPT)


def test_a_field_called_harmless_that_names_somebody_is_masked_all_the_same() -> None:
    record = {"customer": {"name": "Astrid Holm"}, "place": "Hall of Astrid"}
    made = masked(record, {"place": {"type": "string", "x-personal": False}})
    assert "Astrid" not in made.record["place"] and dict(made.told)["place"] == "text"


def test_a_pattern_is_met_or_the_field_is_named() -> None:
    # given a pattern that few texts fit: another one is tried until it does
    made = masked({"code": "K7"}, {"code": {"type": "string", "pattern": "^[KL][0-9]$"}})
    assert made.record["code"] != "K7" and made.record["code"][0] in "KL"
    # and one that only the original fits
    with pytest.raises(NotMasked) as refused:
        masked({"code": "BRAVO"}, {"code": {"type": "string", "pattern": "^BRAVO$"}})
    assert refused.value.context["fields"] == ["code"] and "BRAVO" not in refused.value.message
    # and a record that does not fit by itself
    with pytest.raises(NotMasked, match="does not fit"):
        masked({"plan": "green"}, {"plan": {"type": "string", "enum": ["gold", "blue"]}})


def test_planted_a_masker_that_leaves_a_word_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    # given a fault in the masks: one name is left as it was
    monkeypatch.setattr(Masker, "text", lambda self, value: value)
    # then no sample is made of it
    with pytest.raises(NotMasked, match="would stay"):
        masked({"customer": {"name": "Astrid Holm"}})


def test_what_a_text_looks_like() -> None:
    seen = ["SE45 5000 0000 0583 9825 7466", "a@b.se", "https://a.se", "2026-11-12", "C-00471", "Flat 4b", "x"]
    assert [kind_of(one) for one in seen] == ["iban", "mail", "link", "day", "number", "text", "text"]
