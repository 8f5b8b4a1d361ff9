"""What the sample company sells, in the words of its customers' languages, and how its prices come about."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

LANGUAGES = ("en", "de", "sv", "da", "fr", "nl")
#: Rough, fixed rates: one euro in each currency.
RATES = {
    "EUR": Decimal(1),
    "SEK": Decimal("11.20"),
    "DKK": Decimal("7.46"),
    "NOK": Decimal("11.60"),
    "GBP": Decimal("0.86"),
    "USD": Decimal("1.09"),
    "PLN": Decimal("4.30"),
}
CURRENCIES = {"SE": "SEK", "DK": "DKK", "NO": "NOK", "GB": "GBP", "US": "USD", "PL": "PLN"}


@dataclass(frozen=True, slots=True)
class Product:
    """Something on the price list. ``price`` is in EUR a unit, ``least`` and ``most`` bound a usual quantity;
    ``rate`` is the Swedish VAT rate; ``{pages}`` in ``detail`` takes a number of pages."""

    names: tuple[str, ...]
    detail: str
    unit: str
    price: str
    least: int
    most: int
    rate: str


UNITS = {
    "piece": ("pcs", "Stk.", "st", "stk.", "ex.", "st."),
    "hour": ("h", "Std.", "tim", "timer", "h", "uur"),
    "kilo": ("kg", "kg", "kg", "kg", "kg", "kg"),
    "pallet": ("pallet", "Pal.", "pall", "palle", "pal.", "pallet"),
}
PAGES = ("pp", "S.", "s.", "s.", "p.", "blz.")
DISCOUNT = ("Quantity discount", "Mengenrabatt", "Mängdrabatt", "Mængderabat", "Remise de quantité", "Kwantumkorting")


def column(language: str) -> int:
    """The place of a customer's language in the tuples above; English for a language we have no words in."""
    base = language.split("-")[0]
    return LANGUAGES.index(base) if base in LANGUAGES else 0


def price(product: Product, currency: str) -> Decimal:
    """The price of one unit: to the cent, below one unit of money to a hundredth of a cent."""
    value = Decimal(product.price) * RATES[currency]
    return value.quantize(Decimal("0.01") if value >= 1 else Decimal("0.0001"))


def _read() -> tuple[Product, ...]:
    table = Path(__file__).with_name("data") / "products.txt"
    found = []
    for row in table.read_text(encoding="utf-8").splitlines()[1:]:
        names, detail, unit, cost, least, most, rate = (cell.strip() for cell in row.split("|"))
        found.append(Product(tuple(names.split("; ")), detail, unit, cost, int(least), int(most), rate))
    return tuple(found)


PRODUCTS = _read()
