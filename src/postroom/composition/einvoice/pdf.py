"""The invoice out of a PDF: one of ours or a stranger's."""

from __future__ import annotations

import pypdfium2

from postroom.composition.einvoice.errors import NotAnEInvoice

#: Names under which invoices are embedded (Factur-X 1.0, ZUGFeRD 2.0 and XRechnung, UBL variants), best first.
NAMES = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml", "xrechnung-ubl.xml", "peppol-bis-3.xml")
_GREATEST = 20_000_000


def attached_invoice(pdf: bytes) -> tuple[str, bytes]:
    """Name and bytes of the invoice embedded in ``pdf``. Raises NotAnEInvoice."""
    try:
        document = pypdfium2.PdfDocument(pdf)
    except pypdfium2.PdfiumError as error:
        raise NotAnEInvoice(f"The PDF cannot be read: {error}.", hint="Send the file as it was received.") from error
    try:
        found = {}
        for index in range(document.count_attachments()):
            attachment = document.get_attachment(index)
            found[attachment.get_name()] = attachment
        for name in (*NAMES, *(name for name in found if name.lower().endswith(".xml"))):
            if name in found:
                content = bytes(found[name].get_data())
                if len(content) > _GREATEST:
                    raise NotAnEInvoice(f"{name} has {len(content)} bytes.", hint="An invoice has at most 20 MB.")
                return name, content
    finally:
        document.close()
    held = ", ".join(sorted(found)) or "nothing"
    raise NotAnEInvoice(f"The PDF carries {held}, and no invoice.", hint="It is a picture of an invoice only.")
