"""Payment codes as banks read them: EPC QR (EPC069-12, version 2) and the Swiss QR-bill (SIX IG QR-bill 2.3).

A bank's app takes what the symbol says without asking, so everything is checked before a symbol is drawn: check digits
of accounts and references, range of the amount, lengths, character set. A fault is a problem of the record.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache

_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
_COUNTRY = re.compile(r"[A-Z]{2}")
_GREATEST = Decimal("999999999.99")
#: ISO 13616, registry of IBAN formats: the length for countries of SEPA; others are checked by their digits alone.
_LENGTHS = {
    "AD": 24, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20, "ES": 24,
    "FI": 18, "FR": 27, "GB": 22, "GI": 23, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IS": 26, "IT": 27, "LI": 21,
    "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "SE": 24,
    "SI": 19, "SK": 24, "SM": 27, "VA": 22,
}  # fmt: skip
#: IG QR-bill 2.3, 4.1.1: Basic Latin, Latin-1 Supplement, Latin Extended-A, S and T with comma below, the euro.
_SWISS_SIGNS = re.compile(r"[\u0020-\u007e\u00a0-\u017f\u0218-\u021b\u20ac]*")
_CARRY = (0, 9, 4, 6, 8, 2, 7, 1, 3, 5)

#: What each kind takes from template.yaml; ``creditor_*`` and accounts come from the brand where they are left out.
EPC_FIELDS = frozenset({"name", "iban", "bic", "amount", "currency", "purpose", "reference", "text", "note"})
_PERSON = ("name", "street", "number", "postal_code", "city", "country")
SWISS_FIELDS = frozenset(
    {"iban", "amount", "currency", "reference", "message", "billing"}
    | {f"{who}_{part}" for who in ("creditor", "debtor") for part in _PERSON}
)


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why a payment cannot be written as a symbol; ``field`` is the name in template.yaml."""

    field: str
    code: str
    reason: str
    hint: str


class PaymentRefused(ValueError):
    """The values make no payment a bank would accept; ``flaws`` holds every reason."""

    def __init__(self, flaws: list[Flaw]) -> None:
        super().__init__(" ".join(flaw.reason for flaw in flaws))
        self.flaws = tuple(flaws)


@dataclass(frozen=True, slots=True)
class Payment:
    """A checked payment: what the symbol says, and the same for people (grouped as the guidelines ask)."""

    payload: str
    shown: dict[str, object]


def grouped(account: str) -> str:
    """An IBAN or creditor reference in groups of four."""
    bare = "".join(account.split())
    return " ".join(bare[at : at + 4] for at in range(0, len(bare), 4))


@lru_cache(maxsize=512)  # the payee's own stands on every bill
def iban_fault(account: str) -> str:
    """What is wrong with an IBAN written without spaces; empty when it is sound (ISO 13616, ISO 7064 mod 97-10)."""
    if not _IBAN.fullmatch(account):
        return "it is not of the form of an IBAN"
    wanted = _LENGTHS.get(account[:2])
    if wanted is not None and len(account) != wanted:
        return f"an account of {account[:2]} has {wanted} characters, this has {len(account)}"
    return "" if _mod97(account) == 1 else "its check digits do not fit"


def creditor_reference_fault(reference: str) -> str:
    """What is wrong with an RF reference (ISO 11649); empty when it is sound."""
    if not re.fullmatch(r"RF[0-9]{2}[A-Z0-9]{1,21}", reference):
        return "it is not of the form RF, two digits, up to 21 letters and digits"
    return "" if _mod97(reference) == 1 else "its check digits do not fit"


def qr_reference_fault(reference: str) -> str:
    """What is wrong with a Swiss QR reference: 27 digits, the last by modulo 10 recursive; empty when it is sound."""
    if not re.fullmatch(r"[0-9]{27}", reference):
        return "a QR reference has 27 digits"
    if not reference.strip("0"):
        return "it is all zeros"
    return "" if check_digit(reference[:26]) == int(reference[26]) else "its check digit does not fit"


def check_digit(digits: str) -> int:
    """The check digit by modulo 10 recursive (IG QR-bill 2.3, annex B)."""
    carry = 0
    for digit in digits:
        carry = _CARRY[(carry + int(digit)) % 10]
    return (10 - carry) % 10


def _mod97(text: str) -> int:
    return int("".join(str(int(sign, 36)) for sign in text[4:] + text[:4])) % 97


class _Values:
    """The values of one payment, and what was found wrong with them."""

    def __init__(self, data: Mapping[str, str]) -> None:
        self.data = {name: value.strip() for name, value in data.items()}
        self.flaws: list[Flaw] = []

    def get(self, name: str) -> str:
        return self.data.get(name, "")

    def bare(self, name: str) -> str:
        """A number without the spaces people put into it."""
        return "".join(self.get(name).split()).upper()

    def flaw(self, field: str, code: str, reason: str, hint: str) -> None:
        self.flaws.append(Flaw(field, code, reason, hint))

    def text(self, name: str, most: int, *, needed: bool = False) -> str:
        value = self.get(name)
        if needed and not value:
            self.flaw(name, "payment-incomplete", f"The payment has no {name}.", "Fill it in at the source.")
        if len(value) > most:
            what = f"The {name} has {len(value)} characters; a bank takes {most}."
            self.flaw(name, "payment-too-long", what, "Shorten it at the source; it is never cut off silently.")
        return value

    def iban(self, name: str = "iban") -> str:
        account = self.bare(name)
        fault = iban_fault(account)
        if fault:
            self.flaw(name, "not-iban", f"{account or 'Nothing'!r} is no IBAN: {fault}.", "Check it at the source.")
        return account

    def amount(self, *, needed: bool) -> str:
        """The amount with two decimals; empty when there is none."""
        given = self.get("amount")
        if not given and not needed:
            return ""
        try:
            amount = Decimal(given)
        except InvalidOperation:
            self.flaw("amount", "not-amount", f"{given!r} is no amount.", "Write it like 1204.50.")
            return ""
        if not amount.is_finite() or not Decimal("0.01") <= amount <= _GREATEST:
            what = f"The amount {given} cannot be paid by a code: it goes from 0.01 to {_GREATEST}."
            self.flaw("amount", "payment-amount", what, "Leave the code out where there is nothing to pay (when:).")
            return ""
        if amount != round(amount, 2):
            what = f"The amount {given} has more than two decimals."
            self.flaw("amount", "payment-amount", what, "Round it at the source.")
            return ""
        return f"{amount:.2f}"


def epc(data: Mapping[str, str]) -> Payment:
    """A SEPA credit transfer: eleven lines of EPC069-12 version 2. Raises PaymentRefused with every flaw."""
    values = _Values(data)
    name, iban, bic = values.text("name", 70, needed=True), values.iban(), values.bare("bic")
    if bic and not _BIC.fullmatch(bic):
        values.flaw("bic", "not-bic", f"{bic!r} is no BIC.", "Write 8 or 11 characters, or leave it out.")
    if values.get("currency") not in ("", "EUR"):
        what = f"A SEPA credit transfer is in EUR, the record says {values.get('currency')}."
        values.flaw("currency", "payment-currency", what, "Make the code only where the currency is EUR (when:).")
    amount = values.amount(needed=True)
    purpose, note = values.text("purpose", 4), values.text("note", 70)
    reference, text = values.bare("reference"), values.text("text", 140)
    if reference and text:
        what = "The payment has a structured reference and a text; a bank takes one of them."
        values.flaw("text", "payment-reference", what, "Give reference or text.")
    if reference.startswith("RF") and (fault := creditor_reference_fault(reference)):
        values.flaw("reference", "not-reference", f"{reference!r} is no reference: {fault}.", "Check it.")
    lines = ["BCD", "002", "1", "SCT", bic, name, iban, f"EUR{amount}", purpose, reference, text, note]
    while not lines[-1]:
        lines.pop()
    payload = "\n".join(lines)
    if len(payload.encode()) > 331:  # EPC069-12, section 2: what version 13 of the symbol holds at level M
        what = f"The payment code holds {len(payload.encode())} bytes; banks read 331."
        values.flaw("text", "payment-too-long", what, "Shorten the text or the name.")
    if values.flaws:
        raise PaymentRefused(values.flaws)
    return Payment(
        payload,
        {"name": name, "iban": grouped(iban), "bic": bic, "amount": amount, "currency": "EUR",
         "reference": grouped(reference) or text},
    )  # fmt: skip


def swiss(data: Mapping[str, str]) -> Payment:
    """A Swiss QR-bill with structured addresses (type S, the only one since November 2025). Raises PaymentRefused."""
    values = _Values(data)
    for name in sorted(SWISS_FIELDS):
        if not _SWISS_SIGNS.fullmatch(values.get(name)):
            wrong = next(sign for sign in values.get(name) if not _SWISS_SIGNS.fullmatch(sign))
            what = f"The {name} holds {wrong!r}, which a Swiss QR-bill may not hold."
            values.flaw(name, "payment-sign", what, "Write it in Latin letters (IG QR-bill 2.3, 4.1.1).")
    account = values.iban()
    if account and account[:2] not in ("CH", "LI"):
        what = f"{account!r} is no account in Switzerland or Liechtenstein."
        values.flaw("iban", "not-iban", what, "A QR-bill is paid to an account of CH or LI.")
    currency = values.get("currency")
    if currency not in ("CHF", "EUR"):
        what = f"A QR-bill is in CHF or EUR, the record says {currency or 'nothing'}."
        values.flaw("currency", "payment-currency", what, "Make the code only for these currencies (when:).")
    amount = values.amount(needed=False)
    creditor = _person(values, "creditor", needed=True)
    debtor = _person(values, "debtor", needed=any(values.get(f"debtor_{part}") for part in _PERSON))
    kind, reference = _swiss_reference(values, account)
    message, billing = values.text("message", 140), values.text("billing", 140)
    if len(message) + len(billing) > 140:
        what = "Message and billing information have more than 140 characters together."
        values.flaw("message", "payment-too-long", what, "Shorten the message.")
    if values.flaws:
        raise PaymentRefused(values.flaws)
    lines = ["SPC", "0200", "1", account, *creditor, *[""] * 7, amount, currency, *debtor, kind, reference, message]
    payload = "\n".join([*lines, "EPD", *([billing] if billing else [])])
    shown: dict[str, object] = {
        "iban": grouped(account),
        "creditor": _lines(creditor),
        "debtor": _lines(debtor),
        "currency": currency,
        "amount": _spaced(amount),
        "reference": _grouped_reference(kind, reference),
        "message": [line for line in (message, billing) if line],
    }
    return Payment(payload, shown)


def _person(values: _Values, who: str, *, needed: bool) -> list[str]:
    """Seven lines of an address: type S, name, street, number, postal code, town, country; empty lines for nobody."""
    if not needed:
        return [""] * 7
    limits = {"name": 70, "street": 70, "number": 16, "postal_code": 16, "city": 35, "country": 2}
    must = ("name", "postal_code", "city", "country")
    parts = [values.text(f"{who}_{part}", limits[part], needed=part in must) for part in _PERSON]
    if parts[5] and not _COUNTRY.fullmatch(parts[5]):
        what = f"{parts[5]!r} is no country code."
        values.flaw(f"{who}_country", "not-country", what, "Write the two capital letters of ISO 3166-1.")
    return ["S", *parts]


def _swiss_reference(values: _Values, account: str) -> tuple[str, str]:
    """Kind and reference: a QR-IBAN asks for a QR reference, any other account forbids it (IG QR-bill 2.3, 4.2.2)."""
    reference = values.bare("reference")
    special = account[4:9].isdigit() and 30000 <= int(account[4:9]) <= 31999
    if special:
        if fault := qr_reference_fault(reference):
            what = f"A QR-IBAN needs a QR reference, and {reference or 'nothing'!r} is none: {fault}."
            values.flaw("reference", "not-reference", what, "Give 27 digits with the check digit at the end.")
        return "QRR", reference
    if not reference:
        return "NON", ""
    if fault := creditor_reference_fault(reference):
        what = f"{reference!r} is no creditor reference: {fault}."
        values.flaw("reference", "not-reference", what, "Give an RF reference, or a QR-IBAN for a QR reference.")
    return "SCOR", reference


def _grouped_reference(kind: str, reference: str) -> str:
    """As it is printed: two digits and groups of five from the right, or groups of four (style guide, 3.5.4)."""
    if kind == "QRR":
        return " ".join([reference[:2], *(reference[at : at + 5] for at in range(2, 27, 5))])
    return grouped(reference)


def _spaced(amount: str) -> str:
    """``1234.50`` as ``1 234.50`` (style guide, 3.5.3: a blank for thousands, a point, whatever the language)."""
    return f"{Decimal(amount):,.2f}".replace(",", " ") if amount else ""


def _lines(person: list[str]) -> list[str]:
    """An address as it is printed. The country stands before the postal code, as in the symbol, when it is foreign."""
    _, name, street, number, code, city, country = person
    if not name:
        return []
    town = f"{code} {city}" if country in ("CH", "LI") else f"{country}-{code} {city}"
    return [line for line in (name, f"{street} {number}".strip(), town.strip()) if line]


#: The builder of each kind of payment code in template.yaml.
KINDS: dict[str, Callable[[Mapping[str, str]], Payment]] = {"epc": epc, "swiss": swiss}
FIELDS = {"epc": EPC_FIELDS, "swiss": SWISS_FIELDS}
