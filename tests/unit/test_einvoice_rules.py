"""The German rules, each broken once; a good invoice breaks none."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

pytest.importorskip("lxml", reason="the extra einvoice is not installed")

from kit.einvoices import layout, variant
from postroom.composition.einvoice import cii, ubl
from postroom.composition.einvoice.fill import fill
from postroom.composition.einvoice.profiles import PROFILES
from postroom.composition.einvoice.reading import Facts, read
from postroom.composition.einvoice.rules import RULES, findings, iban_holds
from postroom.composition.einvoice.xmlkit import parse

Change = Mapping[str, tuple[str, ...]]
NONE: tuple[str, ...] = ()


def facts(key: str, name: str = "plain") -> Facts:
    """What the XML of a variant states."""
    profile = PROFILES[key]
    invoice = fill(layout(key), variant(name)).invoice
    found = read(parse((cii if profile.syntax == "cii" else ubl).write(invoice, profile)))
    assert found is not None
    return found


#: Rule -> what to change in a good invoice so that it is broken.
BROKEN: dict[str, Change] = {
    "BR-DE-1": {"BG-16": NONE},
    "BR-DE-2": {"BG-6": NONE},
    "BR-DE-3": {"BT-37": NONE},
    "BR-DE-4": {"BT-38": (" ",)},
    "BR-DE-5": {"BT-41": NONE},
    "BR-DE-6": {"BT-42": NONE},
    "BR-DE-7": {"BT-43": NONE},
    "BR-DE-8": {"BT-52": NONE},
    "BR-DE-9": {"BT-53": NONE},
    "BR-DE-10": {"BG-15": ("x",)},
    "BR-DE-11": {"BG-15": ("x",), "BT-77": ("Bonn",)},
    "BR-DE-14": {"BT-119": NONE},
    "BR-DE-15": {"BT-10": NONE},
    "BR-DE-16": {"BT-31": NONE},
    "BR-DE-17": {"BT-3": ("325",)},
    "BR-DE-18": {"BT-20": ("#SKONTO#TAGE=14#PROZENT=2#",)},
    "BR-DE-19": {"BT-84": ("DE00512108001245126199",)},
    "BR-DE-20": {"BT-81": ("59",), "BG-17": NONE, "BG-19": ("x",), "BT-90": ("x",), "BT-91": ("DE00",)},
    "BR-DE-21": {"BT-24": ("urn:cen.eu:en16931:2017",)},
    "BR-DE-22": {"BT-125-file": ("a.pdf", "A.PDF")},
    "BR-DE-23-a": {"BG-17": NONE},
    "BR-DE-23-b": {"BG-18": ("x",)},
    "BR-DE-24-a": {"BT-81": ("48",), "BG-17": NONE},
    "BR-DE-24-b": {"BT-81": ("54",), "BG-18": ("x",)},
    "BR-DE-25-a": {"BT-81": ("59",), "BG-17": NONE},
    "BR-DE-25-b": {"BT-81": ("59",), "BG-19": ("x",), "BT-90": ("x",), "BT-91": ("DE75512108001245126199",)},
    "BR-DE-26": {"BT-3": ("384",)},
    "BR-DE-27": {"BT-42": ("++49",)},
    "BR-DE-28": {"BT-43": ("ledger@example.",)},
    "BR-DE-30": {"BG-19": ("x",), "BT-91": ("x",)},
    "BR-DE-31": {"BG-19": ("x",), "BT-90": ("x",)},
    "BR-DE-TMP-32": {"BT-72": NONE},
}


@pytest.mark.parametrize("key", ["xrechnung-cii", "xrechnung-ubl"])
def test_a_good_invoice_breaks_none(key: str) -> None:
    assert findings(facts(key), PROFILES[key]) == []


@pytest.mark.parametrize("rule", [one.id for one in RULES])
def test_planted_each_rule_finds_what_it_is_there_for(rule: str) -> None:
    # given a good invoice with that one thing made wrong
    good = facts("xrechnung-cii")
    bad = Facts("cii", {**good.values, **BROKEN[rule]})
    # then the rule speaks
    assert rule in {one["rule"] for one in findings(bad, PROFILES["xrechnung-cii"])}


def test_a_direct_debit_keeps_its_rules_in_both_syntaxes() -> None:
    for key in ("xrechnung-cii", "xrechnung-ubl"):
        assert findings(facts(key, "direct-debit"), PROFILES[key]) == []


def test_both_syntaxes_state_the_same() -> None:
    # given one invoice in CII and in UBL
    for name in ("plain", "credit-note", "several-rates", "prepayment", "elsewhere", "direct-debit"):
        one, other = facts("xrechnung-cii", name), facts("xrechnung-ubl", name)
        # then each term reads the same, but for the form of a date
        for term in one.values.keys() | other.values.keys():
            if term.startswith("BG-"):
                assert bool(one.all(term)) == bool(other.all(term)), (name, term)
            elif one.day(term):
                assert one.day(term) == other.day(term), (name, term)
            else:
                assert set(one.all(term)) == set(other.all(term)), (name, term)


@pytest.mark.parametrize("text", ["#SKONTO#TAGE=14#PROZENT=2.00#", "#VERZUG#TAGE=30#PROZENT=9.12#", "Payable at once"])
def test_discounts_in_the_written_form_pass(text: str) -> None:
    good = facts("xrechnung-cii")
    told = Facts("cii", {**good.values, "BT-20": (text,)})
    assert findings(told, PROFILES["xrechnung-cii"]) == []


def test_check_digits_of_an_iban() -> None:
    assert iban_holds("DE75 5121 0800 1245 1261 99")
    assert not iban_holds("DE76 5121 0800 1245 1261 99")
    assert not iban_holds("")
