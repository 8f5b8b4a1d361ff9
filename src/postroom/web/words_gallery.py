"""The gallery's industries, names and summaries in the reader's language; a test holds them against the gallery."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

INDUSTRIES = {
    "trade": _("Trade and crafts"),
    "bank": _("Banks"),
    "health": _("Hospitals and practices"),
    "insurance": _("Insurers"),
    "utility": _("Utilities"),
    "public": _("Public offices and schools"),
    "logistics": _("Logistics"),
    "industry": _("Industry"),
}
NAMES = {
    "invoice": _("Invoice"),
    "reminder": _("Payment reminder"),
    "contract-letter": _("Contract letter"),
    "delivery-note": _("Delivery note"),
    "bank-statement": _("Bank statement"),
    "interest-summary": _("Interest summary"),
    "account-alert": _("Account alert"),
    "regulatory-notice": _("Regulatory notice"),
    "discharge-report": _("Discharge report"),
    "lab-results": _("Laboratory results"),
    "prescription": _("Prescription"),
    "appointment-reminder": _("Appointment reminder"),
    "policy-renewal": _("Policy renewal"),
    "utility-bill": _("Utility bill"),
    "certificate": _("Certificate of completion"),
    "licence": _("Trade licence"),
    "application-form": _("Application form"),
    "tax-notice": _("Tax notice"),
    "official-letter": _("Official letter"),
    "shipping-label": _("Shipping label"),
    "production-report": _("Production report"),
}
SUMMARIES = {
    "invoice": _("Lines, VAT by rate, sums carried over pages and a SEPA code to pay by."),
    "reminder": _("Three tones by level, the open invoices and what they add up to."),
    "contract-letter": _("Services, numbered clauses and two places to sign."),
    "delivery-note": _("What is in it, boxes to tick while unpacking, a bar code for the shelf."),
    "bank-statement": _("Four figures first, then movements with the balance carried over every page."),
    "interest-summary": _("Interest and tax of all accounts for the tax return, with a chart of the quarters."),
    "account-alert": _("One question, two answers and the number to call."),
    "regulatory-notice": _("In short, then old and new wording side by side, then the right to object."),
    "discharge-report": _("Allergies first, diagnoses, course, and the medicines as a grid of the day."),
    "lab-results": _("Values with their place on the reference range; what lies outside is said in a word."),
    "prescription": _("A5 landscape with three fields, empty ones crossed out, and two codes."),
    "appointment-reminder": _("Day and time so large that it can hang on a refrigerator."),
    "policy-renewal": _("The new premium, the covers and a card for the wallet."),
    "utility-bill": _("One figure to pay, the months as bars, then how it is reckoned."),
    "certificate": _("A4 landscape with a guilloche frame, signatures and a code to the register."),
    "licence": _("To hang on a wall: large, with conditions, seal and a code to check it."),
    "application-form": _("To be filled in by hand and scanned: combs of boxes and marks for the scanner."),
    "tax-notice": _("The amount, how it is found, when it is due and how to object."),
    "official-letter": _("Signs and dates in the block, the decision set apart, enclosures and copies."),
    "shipping-label": _("100 × 150 mm for a thermal printer, with Code 128 and DataMatrix."),
    "production-report": _("The shift in four figures, pieces by hour, stops and orders."),
}
