"""The sample company's reminders: twelve of all levels, one of them bad on purpose."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any

from postroom.demo.catalogue import CURRENCIES, RATES
from postroom.demo.invoices import party
from postroom.demo.people import Customer

TOTAL = 12
_DAY = dt.date(2026, 11, 16)


def records(customers: list[Customer]) -> Iterator[tuple[dict[str, Any], bool]]:
    """Every third customer; the ninth reminder adds a fee to a first, friendly letter, which the contract refuses."""
    random = Random(1933)  # noqa: S311  (sample data, no secret)
    for index in range(TOTAL):
        made = reminder(customers[index * 3 + 1], index + 31, 1 + index % 3, random, 28 if index == 4 else 0)
        bad = index == 8
        if bad:
            made["level"] = 1
        yield made, bad


def reminder(customer: Customer, number: int, level: int, random: Random, items: int = 0) -> dict[str, Any]:
    """One reminder. ``items`` 0 leaves the number of open invoices to chance."""
    currency = CURRENCIES.get(customer.country, "EUR")
    rows = []
    total = Decimal(0)
    for index in range(items or random.randint(1, 6)):
        late = 20 + level * 14 + random.randint(0, 20) - index // 2
        due = _DAY - dt.timedelta(days=late)
        amount = (Decimal(random.randint(8000, 240000)) / 100 * RATES[currency]).quantize(Decimal("0.01"))
        paid = (amount / 3).quantize(Decimal(1)) if random.random() < 0.2 else Decimal(0)
        total += amount - paid
        rows.append(
            {
                "number": f"INV-2026-{random.randint(400, 990):04d}",
                "issued_on": (due - dt.timedelta(days=20)).isoformat(),
                "due_on": due.isoformat(),
                "days_late": str(late),
                "amount": f"{amount:.2f}",
                "open": f"{amount - paid:.2f}",
            }
        )
    rows.sort(key=lambda row: row["due_on"])
    fee = (Decimal((0, 5, 12)[level - 1]) * RATES[currency]).quantize(Decimal("0.01"))
    record: dict[str, Any] = {
        "number": f"REM-2026-{number:04d}",
        "issued_on": _DAY.isoformat(),
        "due_on": (_DAY + dt.timedelta(days=14 if level < 3 else 8)).isoformat(),
        "level": level,
        "currency": currency,
        "sepa": currency == "EUR",
    }
    if customer.country == "US":
        record["us_letter"] = True
    return {
        **record,
        "customer": party(customer),
        "items": rows,
        "fee": f"{fee:.2f}",
        "totals": {"open": f"{total:.2f}", "due": f"{total + fee:.2f}"},
    }
