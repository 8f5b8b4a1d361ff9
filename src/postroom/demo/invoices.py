"""The sample company's invoices: 193 good ones, of which three are credit notes, and seven that are bad on purpose,
each in its own way."""

from __future__ import annotations

import copy
import datetime as dt
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from random import Random
from typing import Any

from postroom.demo.catalogue import CURRENCIES, DISCOUNT, PAGES, PRODUCTS, UNITS, Product, column, price
from postroom.demo.people import Customer
from postroom.kernel.money import round_amount

TOTAL = 200
_FIRST = 1001
_HERO = 1187
#: Numbers that are credit notes, for what the customer was last invoiced.
_CREDITED = frozenset({1088, 1148, 1168})
_LONG = {1024: 34, 1093: 60, 1160: 48}
_EUROPEAN_UNION = frozenset({"DK", "DE", "FI", "NL", "FR", "AT", "PL"})


def records(customers: list[Customer]) -> Iterator[tuple[dict[str, Any] | str, bool]]:
    """Each record with whether it is bad; numbers and dates ascend."""
    random = Random(1931)  # noqa: S311  (sample data, no secret)
    days = _working_days(dt.date(2026, 10, 19), dt.date(2026, 11, 13))
    holm = next(customer for customer in customers if customer.key == "C-00214")
    last: dict[str, dict[str, Any]] = {}
    for index in range(TOTAL):
        number = _FIRST + index
        day = days[index * len(days) // TOTAL]
        customer = holm if number == _HERO else random.choice(customers)
        made = hero(holm) if number == _HERO else invoice(customer, number, day, random)
        if number in _CREDITED and customer.key in last:
            made = credit_note(last[customer.key], number, day, customer)
        last[customer.key] = made
        fault = FAULTS.get(number)
        if fault is None:
            yield made, False
        else:
            yield fault(copy.deepcopy(made)), True


def invoice(customer: Customer, number: int, day: dt.date, random: Random, lines: int = 0) -> dict[str, Any]:
    """One good invoice. ``lines`` 0 leaves the number of lines to chance."""
    currency = CURRENCIES.get(customer.country, "EUR")
    wanted = lines or _LONG.get(number, 0) or random.choice((1, 2, 2, 3, 3, 3, 4, 4, 5, 5, 6, 7, 8, 10, 12, 16))
    products = random.sample(PRODUCTS, wanted) if wanted <= len(PRODUCTS) else random.choices(PRODUCTS, k=wanted)
    rows = [_line(product, customer, currency, random) for product in products]
    if wanted > 3 and random.random() < 0.3:
        rows.append(_discount(customer, rows, random))
    record: dict[str, Any] = {
        "number": f"INV-2026-{number}",
        "issued_on": day.isoformat(),
        "due_on": (day + dt.timedelta(days=20 if customer.kind == "company" else 14)).isoformat(),
        "currency": currency,
        "order": f"2026-{number - 790:04d}",
        "sepa": currency == "EUR",
    }
    if random.random() < 0.55:
        record["reference"] = random.choice(("PO 4500", "Ref. ", "B-", "#")) + str(random.randint(1000, 9999))
    if random.random() < 0.4:
        record["delivered_on"] = (day - dt.timedelta(days=random.randint(1, 6))).isoformat()
    if customer.country == "US":
        record["us_letter"] = True
    record["customer"] = party(customer)
    if random.random() < 0.12 and customer.country == "SE":
        record["delivery"] = {"name": "Centrallagret", "place": "Jägersrovägen 160, 212 37 Malmö"}
    return finish(record, rows, customer)


def credit_note(invoiced: dict[str, Any], number: int, day: dt.date, customer: Customer) -> dict[str, Any]:
    """What gives the first line of an earlier invoice back. Its amounts are positive, as EN 16931 has them."""
    begun = {
        "number": f"CN-2026-{number}",
        "issued_on": day.isoformat(),
        "due_on": (day + dt.timedelta(days=14)).isoformat(),
        "currency": invoiced["currency"],
        "sepa": False,
        "credit_note": True,
        "preceding": [{"number": invoiced["number"], "date": invoiced["issued_on"]}],
        **({"us_letter": True} if customer.country == "US" else {}),
        "customer": party(customer),
    }
    return finish(begun, [copy.deepcopy(invoiced["lines"][0])], customer)


def finish(record: dict[str, Any], rows: list[dict[str, Any]], customer: Customer) -> dict[str, Any]:
    """Add lines, VAT by rate and totals to a begun invoice."""
    home = customer.country == "SE" or (customer.country in _EUROPEAN_UNION and not customer.vat_number)
    bases: dict[str, Decimal] = {}
    for row in rows:
        rate = row["rate"] if home else "0"
        row["rate"] = rate
        bases[rate] = bases.get(rate, Decimal(0)) + Decimal(row["amount"])
    taxes = [
        {"rate": rate, "base": f"{base:.2f}", "amount": f"{round_amount(base * Decimal(rate) / 100):.2f}"}
        for rate, base in sorted(bases.items(), key=lambda item: -Decimal(item[0]))
    ] or [{"rate": "0", "base": "0.00", "amount": "0.00"}]
    if not home:
        record["reverse_charge" if customer.country in _EUROPEAN_UNION else "export"] = True
    net = sum(bases.values(), Decimal(0))
    tax = sum((Decimal(entry["amount"]) for entry in taxes), Decimal(0))
    return {
        **record,
        "lines": rows,
        "taxes": taxes,
        "totals": {"net": f"{net:.2f}", "tax": f"{tax:.2f}", "gross": f"{net + tax:.2f}"},
    }


def party(customer: Customer) -> dict[str, Any]:
    """The customer as the contracts want it."""
    found: dict[str, Any] = {"key": customer.key, "name": customer.name}
    if customer.contact:
        found["contact"] = customer.contact
    found["email"] = customer.email
    found["language"] = customer.language
    if customer.vat_number:
        found["vat_number"] = customer.vat_number
    found["address"] = copy.deepcopy(customer.address)
    return found


def hero(holm: Customer) -> dict[str, Any]:
    """INV-2026-1187: the invoice that the tour follows through the house."""
    begun = {
        "number": f"INV-2026-{_HERO}",
        "issued_on": "2026-11-12",
        "due_on": "2026-12-02",
        "currency": "EUR",
        "order": "2026-0397",
        "sepa": True,
        "reference": "“Efterår 2026”",
        "customer": party(holm),
    }
    rows = [
        _row("Bogomslag, 4/1 på 300 g", "2500", "0.412", "stk.", "Mat laminat, ritset, 16,5 mm ryg"),
        _row("Forsatspapir, 1/0 på 120 g", "5000", "0.068", "stk."),
        _row("Prøvetryk", "1", "85.00", "stk."),
        _row("Fragt, København", "1", "78.50", "palle"),
    ]
    return finish(begun, rows, holm)


def _row(text: str, quantity: str, unit_price: str, unit: str, detail: str = "") -> dict[str, Any]:
    row: dict[str, Any] = {"text": text}
    if detail:
        row["detail"] = detail
    amount = round_amount(Decimal(quantity) * Decimal(unit_price))
    return {
        **row,
        "quantity": quantity,
        "unit": unit,
        "unit_price": unit_price,
        "rate": "25",
        "amount": f"{amount:.2f}",
    }


def _line(product: Product, customer: Customer, currency: str, random: Random) -> dict[str, Any]:
    place = column(customer.language)
    step = 1 if product.most < 100 else 50 if product.most < 1000 else 100
    quantity = random.randrange(product.least, product.most + 1, step)
    pages = f"{random.choice((8, 16, 24, 32, 48, 64, 96, 128))} {PAGES[place]}"
    row = _row(
        product.names[place],
        str(quantity),
        f"{price(product, currency)}",
        UNITS[product.unit][place],
        product.detail.format(pages=pages),
    )
    row["rate"] = product.rate
    return row


def _discount(customer: Customer, rows: list[dict[str, Any]], random: Random) -> dict[str, Any]:
    percent = random.choice((3, 5, 8))
    base = sum((Decimal(row["amount"]) for row in rows if row["rate"] == "25"), Decimal(0))
    text = f"{DISCOUNT[column(customer.language)]}, {percent}\u00a0%"
    return {"text": text, "discount": True, "rate": "25", "amount": f"{-round_amount(base * percent / 100):.2f}"}


def _working_days(first: dt.date, last: dt.date) -> list[dt.date]:
    days = (first + dt.timedelta(days=offset) for offset in range((last - first).days + 1))
    return [day for day in days if day.weekday() < 5]


def _amount_as_number(record: dict[str, Any]) -> dict[str, Any]:
    record["totals"]["gross"] = float(record["totals"]["gross"])
    return record


def _cent_too_much(record: dict[str, Any]) -> dict[str, Any]:
    record["totals"]["gross"] = f"{Decimal(record['totals']['gross']) + Decimal('0.01'):.2f}"
    return record


def _no_address(record: dict[str, Any]) -> dict[str, Any]:
    del record["customer"]["address"]
    return record


def _no_such_currency(record: dict[str, Any]) -> dict[str, Any]:
    record["currency"] = "ECU"
    record["sepa"] = False
    return record


def _cut_off(record: dict[str, Any]) -> str:
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    return text[: len(text) * 2 // 3]


def _no_such_glyph(record: dict[str, Any]) -> dict[str, Any]:
    record["customer"]["name"] = "სტამბა Tbilisi Print"
    return record


def _twelve_lines(record: dict[str, Any]) -> dict[str, Any]:
    record["customer"]["address"]["lines"] = [f"Building {letter}" for letter in "ABCDEFGHIJKL"]
    return record


#: Invoice number -> what is wrong with it.
FAULTS: dict[int, Callable[[dict[str, Any]], dict[str, Any] | str]] = {
    1017: _amount_as_number,
    1044: _cent_too_much,
    1071: _no_address,
    1098: _no_such_currency,
    1125: _cut_off,
    1152: _no_such_glyph,
    1179: _twelve_lines,
}
