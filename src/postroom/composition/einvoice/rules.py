"""The German rules of XRechnung 3.0 (BR-DE-..) in Python, since no package carries KoSIT's Schematron.

Each function is one rule, named by its id, and says what is wrong, or nothing. What a rule looks at is what the XML
states (``reading``). Whether a rule stops an invoice (fatal) or warns is as KoSIT flags it. BR-DE-13 was withdrawn
with XRechnung 2; the extension's rules (BR-DEX) and those of cash discounts beyond their form are not judged here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from postroom.composition.einvoice.profiles import Profile
from postroom.composition.einvoice.reading import Facts

_TYPES = frozenset({"326", "380", "384", "389", "381", "875", "876", "877"})
_TAXED = frozenset({"S", "Z", "E", "AE", "K", "G", "L", "M"})
#: XRechnung 3.0, 11.4: a line of BT-20 that begins with # is a discount or an interest, to the letter.
_SKONTO = re.compile(
    r"#(?:SKONTO|VERZUG)#TAGE=[0-9]{1,3}#PROZENT=[0-9]{1,2}\.[0-9]{2}(?:#BASISBETRAG=-?[0-9]+\.[0-9]{2})?#"
)
_EMAIL = re.compile(r"[^@\s.][^@\s]*@[^@\s]*[^@\s.]")


@dataclass(frozen=True, slots=True)
class Rule:
    """``broken`` gives whether the facts offend against it."""

    id: str
    text: str
    broken: Callable[[Facts], bool]
    fatal: bool = True


def _lacks(term: str, group: str = "") -> Callable[[Facts], bool]:
    return lambda facts: (not group or bool(facts.all(group))) and not facts.has(term)


def _means(facts: Facts, *codes: str) -> bool:
    return any(code.strip() in codes for code in facts.all("BT-81"))


def _only(facts: Facts, group: str) -> bool:
    """Whether of the three ways to pay exactly this one is told."""
    others = [one for one in ("BG-17", "BG-18", "BG-19") if one != group]
    return bool(facts.all(group)) and not any(facts.all(one) for one in others)


def iban_holds(iban: str) -> bool:
    """ISO 13616: the check digits of an IBAN (remainder 1 modulo 97)."""
    plain = re.sub(r"\s", "", iban).upper()
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", plain):
        return False
    return int("".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4])) % 97 == 1


def _no_vat_number(facts: Facts) -> bool:
    return bool(_TAXED & set(facts.all("BT-151", "BT-95", "BT-118"))) and not facts.has("BT-31", "BT-32", "BG-11")


def _bad_discount(facts: Facts) -> bool:
    lines = (line.strip() for text in facts.all("BT-20") for line in re.split(r"[\r\n]|(?<=#)\s+(?=#)", text))
    return any(line.startswith("#") and not _SKONTO.fullmatch(line) for line in lines)


def _same_names(facts: Facts) -> bool:
    names = [name.lower() for name in facts.all("BT-125-file")]
    return len(names) != len(set(names))


RULES: tuple[Rule, ...] = (
    Rule("BR-DE-1", "The invoice must say how to pay: PAYMENT INSTRUCTIONS (BG-16).", lambda f: not f.all("BG-16")),
    Rule("BR-DE-2", "The group SELLER CONTACT (BG-6) must be given.", lambda f: not f.all("BG-6")),
    Rule("BR-DE-3", "The seller's town, Seller city (BT-37), must be given.", _lacks("BT-37")),
    Rule("BR-DE-4", "The seller's postal code, Seller post code (BT-38), must be given.", _lacks("BT-38")),
    Rule("BR-DE-5", "The Seller contact point (BT-41) must be given.", _lacks("BT-41", "BG-6")),
    Rule("BR-DE-6", "The Seller contact telephone number (BT-42) must be given.", _lacks("BT-42", "BG-6")),
    Rule("BR-DE-7", "The Seller contact email address (BT-43) must be given.", _lacks("BT-43", "BG-6")),
    Rule("BR-DE-8", "The Buyer city (BT-52) must be given.", _lacks("BT-52")),
    Rule("BR-DE-9", "The Buyer post code (BT-53) must be given.", _lacks("BT-53")),
    Rule(
        "BR-DE-10",
        "The Deliver to city (BT-77) must be given with DELIVER TO ADDRESS (BG-15).",
        _lacks("BT-77", "BG-15"),
    ),
    Rule("BR-DE-11", "The Deliver to post code (BT-78) must be given with BG-15.", _lacks("BT-78", "BG-15")),
    Rule(
        "BR-DE-14",
        "Each line of the VAT breakdown must state its VAT category rate (BT-119).",
        lambda f: len(f.all("BT-119")) < len(f.all("BG-23")),
    ),
    Rule("BR-DE-15", "The Buyer reference (BT-10), for authorities the Leitweg-ID, must be given.", _lacks("BT-10")),
    Rule(
        "BR-DE-16",
        "With these VAT categories the Seller VAT identifier (BT-31), the Seller tax registration identifier (BT-32)"
        " or the SELLER TAX REPRESENTATIVE PARTY (BG-11) must be given.",
        _no_vat_number,
    ),
    Rule(
        "BR-DE-17",
        f"The Invoice type code (BT-3) should be one of {', '.join(sorted(_TYPES))}.",
        lambda f: f.one("BT-3").strip() not in _TYPES,
        fatal=False,
    ),
    Rule(
        "BR-DE-18",
        "A line of the Payment terms (BT-20) that begins with # must read #SKONTO#TAGE=14#PROZENT=2.00#.",
        _bad_discount,
    ),
    Rule(
        "BR-DE-19",
        "With SEPA credit transfer (58) the Payment account identifier (BT-84) should be a valid IBAN.",
        lambda f: _means(f, "58") and not all(iban_holds(one) for one in f.all("BT-84")),
        fatal=False,
    ),
    Rule(
        "BR-DE-20",
        "With SEPA direct debit (59) the Debited account identifier (BT-91) should be a valid IBAN.",
        lambda f: _means(f, "59") and not all(iban_holds(one) for one in f.all("BT-91")),
        fatal=False,
    ),
    Rule(
        "BR-DE-21",
        "The Specification identifier (BT-24) should be that of XRechnung 3.0.",
        lambda f: "xrechnung_3.0" not in f.one("BT-24"),
        fatal=False,
    ),
    Rule("BR-DE-22", "The names of attached files (BT-125) must differ, whatever their case.", _same_names),
    Rule(
        "BR-DE-23-a",
        "With a credit transfer (30, 58) CREDIT TRANSFER (BG-17) must be given.",
        lambda f: _means(f, "30", "58") and not f.all("BG-17"),
    ),
    Rule(
        "BR-DE-23-b",
        "With a credit transfer (30, 58) neither BG-18 nor BG-19 may be given.",
        lambda f: _means(f, "30", "58") and bool(f.all("BG-18", "BG-19")),
    ),
    Rule(
        "BR-DE-24-a",
        "With a card (48, 54, 55) PAYMENT CARD INFORMATION (BG-18) must be given.",
        lambda f: _means(f, "48", "54", "55") and not f.all("BG-18"),
    ),
    Rule(
        "BR-DE-24-b",
        "With a card (48, 54, 55) neither BG-17 nor BG-19 may be given.",
        lambda f: _means(f, "48", "54", "55") and bool(f.all("BG-17", "BG-19")),
    ),
    Rule(
        "BR-DE-25-a",
        "With a direct debit (59) DIRECT DEBIT (BG-19) must be given.",
        lambda f: _means(f, "59") and not f.all("BG-19"),
    ),
    Rule(
        "BR-DE-25-b",
        "With a direct debit (59) neither BG-17 nor BG-18 may be given.",
        lambda f: _means(f, "59") and bool(f.all("BG-17", "BG-18")),
    ),
    Rule(
        "BR-DE-26",
        "A corrected invoice (384) should name the invoice it corrects, PRECEDING INVOICE REFERENCE (BG-3).",
        lambda f: f.one("BT-3").strip() == "384" and not f.all("BG-3"),
        fatal=False,
    ),
    Rule(
        "BR-DE-27",
        "The Seller contact telephone number (BT-42) should have three digits at least.",
        lambda f: f.has("BT-42") and sum(sign.isdigit() for sign in f.one("BT-42")) < 3,
        fatal=False,
    ),
    Rule(
        "BR-DE-28",
        "The Seller contact email address (BT-43) should have one @, and neither begin nor end with a point.",
        lambda f: f.has("BT-43") and not _EMAIL.fullmatch(f.one("BT-43").strip()),
        fatal=False,
    ),
    Rule(
        "BR-DE-30",
        "With DIRECT DEBIT (BG-19) the Bank assigned creditor identifier (BT-90) must be given.",
        _lacks("BT-90", "BG-19"),
    ),
    Rule(
        "BR-DE-31",
        "With DIRECT DEBIT (BG-19) the Debited account identifier (BT-91) must be given.",
        _lacks("BT-91", "BG-19"),
    ),
    Rule(
        "BR-DE-TMP-32",
        "The invoice should say when it was supplied: BT-72, BG-14 or in each line BG-26.",
        lambda f: not f.has("BT-72") and not f.all("BG-14") and not f.all("BG-26"),
        fatal=False,
    ),
)


def findings(facts: Facts, profile: Profile) -> list[dict[str, Any]]:
    """What our own rules find, in the form of ``bench``."""
    if not profile.german:
        return []
    return [{"rule": one.id, "fatal": one.fatal, "text": one.text, "where": ""} for one in RULES if one.broken(facts)]
