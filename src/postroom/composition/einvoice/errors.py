"""What can go wrong with e-invoices."""

from __future__ import annotations

from postroom.kernel.errors import BadInput, Unavailable


class EInvoiceToolsMissing(Unavailable):
    """The packages that carry the official schemas and rules are not installed."""

    code = "einvoice-tools-missing"
    title = "E-invoices cannot be checked here"

    def __init__(self, what: str, extra: str = "einvoice") -> None:
        super().__init__(
            f"E-invoices are checked with {what}, which is not installed; none is made unchecked.",
            hint=f"Install it: pip install 'postroom[{extra}]', and start the workers again.",
        )


class NotAnEInvoice(BadInput):
    """A file holds no invoice that can be judged."""

    code = "not-an-einvoice"
    title = "This is no e-invoice"
