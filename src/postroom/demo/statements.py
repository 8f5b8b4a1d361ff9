"""The sample company's account statements: sixty of five pages, one of them bad on purpose."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any

from postroom.demo.catalogue import CURRENCIES, RATES, column
from postroom.demo.invoices import party
from postroom.demo.people import Customer

TOTAL = 60
_MONTHS = {
    9: ("September", "September", "september", "september", "septembre", "september"),
    10: ("October", "Oktober", "oktober", "oktober", "octobre", "oktober"),
}
# Kind, text with {} for a number, text of the summary; whether it is a credit; the bounds of its amount in EUR.
_KINDS = (
    (("Invoice {}", "Rechnung {}", "Faktura {}", "Faktura {}", "Facture {}", "Factuur {}"),
     ("Invoices", "Rechnungen", "Fakturor", "Fakturaer", "Factures", "Facturen"), False, 40, 900, "INV-2026-"),
    (("Payment, bank transfer {}", "Zahlung, Überweisung {}", "Betalning, överföring {}", "Betaling, overførsel {}",
      "Paiement, virement {}", "Betaling, overschrijving {}"),
     ("Payments", "Zahlungen", "Betalningar", "Betalinger", "Paiements", "Betalingen"), True, 60, 980, "BT "),
    (("Credit note {}", "Gutschrift {}", "Kreditfaktura {}", "Kreditnota {}", "Avoir {}", "Creditnota {}"),
     ("Credit notes", "Gutschriften", "Kreditfakturor", "Kreditnotaer", "Avoirs", "Creditnota’s"), True, 5, 120,
     "CN-2026-"),
    (("Carriage, order {}", "Fracht, Auftrag {}", "Frakt, order {}", "Fragt, ordre {}", "Transport, commande {}",
      "Vracht, order {}"),
     ("Carriage", "Fracht", "Frakt", "Fragt", "Transport", "Vracht"), False, 20, 95, "2026-0"),
    (("Paper from stock, slip {}", "Papier ab Lager, Schein {}", "Papper från lager, sedel {}",
      "Papir fra lager, seddel {}", "Papier du stock, bon {}", "Papier uit voorraad, bon {}"),
     ("Paper", "Papier", "Papper", "Papir", "Papier", "Papier"), False, 15, 400, "P "),
)  # fmt: skip
_MIX = (0, 0, 0, 0, 1, 1, 1, 3, 4, 2)


def records(customers: list[Customer]) -> Iterator[tuple[dict[str, Any], bool]]:
    """October for all customers, and September for the first twenty; the 38th does not balance."""
    random = Random(1932)  # noqa: S311  (sample data, no secret)
    for index in range(TOTAL):
        month = 10 if index < len(customers) else 9
        made = statement(customers[index % len(customers)], index + 1, month, random)
        bad = index == 37
        if bad:
            made["closing"] = f"{Decimal(made['closing']) - Decimal('0.01'):.2f}"
        yield made, bad


def statement(customer: Customer, number: int, month: int, random: Random, rows: int = 0) -> dict[str, Any]:
    """One month of one account. ``rows`` 0 gives as many movements as five pages hold."""
    place = column(customer.language)
    currency = CURRENCIES.get(customer.country, "EUR")
    last = calendar.monthrange(2026, month)[1]
    count = rows or random.randint(152, 168)
    opening = balance = _amount(random, 200, 4000, currency)
    movements: list[dict[str, Any]] = []
    sums = {kind: (0, Decimal(0)) for kind in range(len(_KINDS))}
    for index in range(count):
        kind = random.choice(_MIX)
        texts, _, credited, least, most, prefix = _KINDS[kind]
        amount = _amount(random, least, most, currency)
        balance += -amount if credited else amount
        sums[kind] = (sums[kind][0] + 1, sums[kind][1] + amount)
        movements.append(
            {
                "date": dt.date(2026, month, 1 + index * last // count).isoformat(),
                "text": texts[place].format(f"{prefix}{random.randint(100, 9999):04d}"),
                "debit": "0.00" if credited else f"{amount:.2f}",
                "credit": f"{amount:.2f}" if credited else "0.00",
                **({"credited": True} if credited else {}),
                "balance": f"{balance:.2f}",
            }
        )
    debit = sum((total for kind, (_, total) in sums.items() if not _KINDS[kind][2]), Decimal(0))
    credit = sum((total for kind, (_, total) in sums.items() if _KINDS[kind][2]), Decimal(0))
    record: dict[str, Any] = {
        "number": f"ST-2026-{number:04d}",
        "issued_on": dt.date(2026, month + 1, 2).isoformat(),
        "from_on": dt.date(2026, month, 1).isoformat(),
        "to_on": dt.date(2026, month, last).isoformat(),
        "period": f"{_MONTHS[month][place]} 2026",
        "currency": currency,
    }
    if customer.country == "US":
        record["us_letter"] = True
    return {
        **record,
        "customer": party(customer),
        "opening": f"{opening:.2f}",
        "closing": f"{balance:.2f}",
        "movements": movements,
        "totals": {"debit": f"{debit:.2f}", "credit": f"{credit:.2f}", "side": f"{opening + debit:.2f}"},
        "summary": [
            {
                "text": _KINDS[kind][1][place],
                "pieces": str(pieces),
                "credit" if _KINDS[kind][2] else "debit": f"{total:.2f}",
            }
            for kind, (pieces, total) in sums.items()
            if pieces
        ],
    }


def _amount(random: Random, least: int, most: int, currency: str) -> Decimal:
    cents = random.randint(least * 100, most * 100)
    return (Decimal(cents) / 100 * RATES[currency]).quantize(Decimal("0.01"))
