"""The invoice as UBL 2.1 Invoice or CreditNote (EN 16931-3-2): XRechnung UBL and Peppol BIS Billing 3.

The order of the elements is that of the schema. A credit note is a document of its own there, with other names for
the kind, the lines and their quantities, and its due date below the payment means.
"""

from __future__ import annotations

import base64
from decimal import Decimal
from typing import Any

from postroom.composition.einvoice.model import (
    ZERO,
    Address,
    AllowanceCharge,
    Identifier,
    Invoice,
    Line,
    Party,
    Period,
    Tax,
)
from postroom.composition.einvoice.profiles import Profile
from postroom.composition.einvoice.xmlkit import Tree, amount, number

_OASIS = "urn:oasis:names:specification:ubl:schema:xsd"
CAC, CBC = f"{_OASIS}:CommonAggregateComponents-2", f"{_OASIS}:CommonBasicComponents-2"
#: Kinds of UNTDID 1001 that UBL writes as CreditNote (EN 16931-3-2, and Peppol's list).
CREDIT = frozenset({"81", "83", "296", "308", "381", "396", "420", "458", "532"})


def write(invoice: Invoice, profile: Profile) -> bytes:
    """The XML of ``invoice``."""
    return _Writer(invoice, profile).bytes()


class _Writer(Tree):
    def __init__(self, invoice: Invoice, profile: Profile) -> None:
        self.credit = invoice.kind in CREDIT
        self.kind = "CreditNote" if self.credit else "Invoice"
        self.currency = invoice.currency
        self.german = profile.german
        super().__init__(self.kind, {"cac": CAC, "cbc": CBC}, f"{_OASIS}:{self.kind}-2")
        self.head(invoice, profile)
        self.references(invoice)
        for role, party in (("Supplier", invoice.seller), ("Customer", invoice.buyer)):
            node = self.under(self.root, f"cac:Accounting{role}Party/cac:Party")
            self.party(node, party, _creditor(invoice) if role == "Supplier" else "")
        self.put(self.root, "cac:PayeeParty/cac:PartyName/cbc:Name", invoice.payee)
        if invoice.representative:
            agent = self.under(self.root, "cac:TaxRepresentativeParty")
            self.put(agent, "cac:PartyName/cbc:Name", invoice.representative.name)
            self.address(agent, "cac:PostalAddress", invoice.representative.address)
            self.scheme(agent, invoice.representative.vat, "VAT")
        self.delivery(invoice)
        self.means(invoice)
        self.put(self.root, "cac:PaymentTerms/cbc:Note", invoice.terms)
        for change in invoice.changes:
            self.change(self.root, change)
        self.taxes(invoice)
        self.sums(invoice)
        for line in invoice.lines:
            self.line(self.under(self.root, f"cac:{self.kind}Line"), line)

    def money(self, parent: Any, path: str, value: Decimal | None) -> None:
        if value is not None:
            self.put(parent, path, amount(value), currencyID=self.currency)

    def head(self, invoice: Invoice, profile: Profile) -> None:
        self.put(self.root, "cbc:CustomizationID", profile.guideline)
        self.put(self.root, "cbc:ProfileID", profile.process)
        self.put(self.root, "cbc:ID", invoice.number)
        self.put(self.root, "cbc:IssueDate", invoice.issued.isoformat())
        if invoice.due and not self.credit:
            self.put(self.root, "cbc:DueDate", invoice.due.isoformat())
        self.put(self.root, f"cbc:{self.kind}TypeCode", invoice.kind)
        if invoice.notes:  # once at most in Peppol (R002) and in UBL-SR-; several become one
            self.put(self.root, "cbc:Note", "\n".join(invoice.notes))
        self.put(self.root, "cbc:DocumentCurrencyCode", invoice.currency)
        self.put(self.root, "cbc:AccountingCost", invoice.cost_account)
        self.put(self.root, "cbc:BuyerReference", invoice.buyer_reference)
        self.period(self.root, invoice.period)

    def references(self, invoice: Invoice) -> None:
        if invoice.order or invoice.sales_order:
            order = self.under(self.root, "cac:OrderReference")
            self.put(order, "cbc:ID", invoice.order or "NA")  # UBL asks for one; Peppol's word for none
            self.put(order, "cbc:SalesOrderID", invoice.sales_order)
        for earlier in invoice.preceding:
            reference = self.under(self.root, "cac:BillingReference/cac:InvoiceDocumentReference")
            self.put(reference, "cbc:ID", earlier.number)
            self.put(reference, "cbc:IssueDate", earlier.date.isoformat() if earlier.date else "")
        for name, value in (("Despatch", invoice.despatch), ("Receipt", invoice.receipt)):
            self.put(self.root, f"cac:{name}DocumentReference/cbc:ID", value)
        if not self.credit:
            self.put(self.root, "cac:OriginatorDocumentReference/cbc:ID", invoice.tender)
        self.put(self.root, "cac:ContractDocumentReference/cbc:ID", invoice.contract)
        for one in invoice.attachments:
            paper = self.under(self.root, "cac:AdditionalDocumentReference")
            self.put(paper, "cbc:ID", one.id)
            self.put(paper, "cbc:DocumentDescription", one.description)
            held = self.under(paper, "cac:Attachment")
            if one.content:
                text = base64.b64encode(one.content).decode("ascii")
                self.put(held, "cbc:EmbeddedDocumentBinaryObject", text, mimeCode=one.mime, filename=one.file)
            self.put(held, "cac:ExternalReference/cbc:URI", one.link)
        if invoice.object_id:
            paper = self.under(self.root, "cac:AdditionalDocumentReference")
            self.put(paper, "cbc:ID", invoice.object_id.value, schemeID=invoice.object_id.scheme)
            self.put(paper, "cbc:DocumentTypeCode", "130")
        if self.credit:
            self.put(self.root, "cac:OriginatorDocumentReference/cbc:ID", invoice.tender)
        else:
            self.put(self.root, "cac:ProjectReference/cbc:ID", invoice.project)

    def party(self, node: Any, party: Party, creditor: str) -> None:
        if party.electronic:
            self.put(node, "cbc:EndpointID", party.electronic.value, schemeID=party.electronic.scheme)
        for one in (*party.identifiers, *((Identifier(creditor, "SEPA"),) if creditor else ())):
            self.put(node, "cac:PartyIdentification/cbc:ID", one.value, schemeID=one.scheme)
        self.put(node, "cac:PartyName/cbc:Name", party.trading_name)
        self.address(node, "cac:PostalAddress", party.address)
        self.scheme(node, party.vat, "VAT")
        self.scheme(node, party.tax_number, "FC")
        legal = self.under(node, "cac:PartyLegalEntity")
        self.put(legal, "cbc:RegistrationName", party.name)
        if party.legal_id:
            self.put(legal, "cbc:CompanyID", party.legal_id.value, schemeID=party.legal_id.scheme)
        self.put(legal, "cbc:CompanyLegalForm", party.legal_form)
        if party.contact:
            contact = self.under(node, "cac:Contact")
            self.put(contact, "cbc:Name", party.contact.name)
            self.put(contact, "cbc:Telephone", party.contact.phone)
            self.put(contact, "cbc:ElectronicMail", party.contact.email)

    def scheme(self, parent: Any, number_: str, kind: str) -> None:
        if number_:
            node = self.under(parent, "cac:PartyTaxScheme")
            self.put(node, "cbc:CompanyID", number_)
            self.put(node, "cac:TaxScheme/cbc:ID", kind)

    def address(self, parent: Any, path: str, address: Address) -> None:
        node = self.under(parent, path)
        lines = (*address.lines, "", "", "")
        self.put(node, "cbc:StreetName", lines[0])
        self.put(node, "cbc:AdditionalStreetName", lines[1])
        self.put(node, "cbc:CityName", address.city)
        self.put(node, "cbc:PostalZone", address.postal_code)
        self.put(node, "cbc:CountrySubentity", address.region)
        self.put(node, "cac:AddressLine/cbc:Line", lines[2])
        self.put(node, "cac:Country/cbc:IdentificationCode", address.country)

    def delivery(self, invoice: Invoice) -> None:
        where = invoice.delivery
        if not where:
            return
        node = self.under(self.root, "cac:Delivery")
        self.put(node, "cbc:ActualDeliveryDate", where.date.isoformat() if where.date else "")
        place = self.under(node, "cac:DeliveryLocation")
        if where.location:
            self.put(place, "cbc:ID", where.location.value, schemeID=where.location.scheme)
        if where.address:
            self.address(place, "cac:Address", where.address)
        self.put(node, "cac:DeliveryParty/cac:PartyName/cbc:Name", where.name)

    def means(self, invoice: Invoice) -> None:
        payment = invoice.payment
        if not payment:
            return
        for account in payment.accounts or (None,):
            node = self.under(self.root, "cac:PaymentMeans")
            self.put(node, "cbc:PaymentMeansCode", payment.means, name=payment.text)
            if self.credit and invoice.due:
                self.put(node, "cbc:PaymentDueDate", invoice.due.isoformat())
            self.put(node, "cbc:PaymentID", payment.remittance)
            if payment.card:
                card = self.under(node, "cac:CardAccount")
                self.put(card, "cbc:PrimaryAccountNumberID", payment.card.number)
                self.put(card, "cbc:NetworkID", "NA")  # UBL asks for it; EN 16931 has no term for it
                self.put(card, "cbc:HolderName", payment.card.holder)
            if account:
                payee = self.under(node, "cac:PayeeFinancialAccount")
                self.put(payee, "cbc:ID", account.iban)
                self.put(payee, "cbc:Name", account.name)
                self.put(payee, "cac:FinancialInstitutionBranch/cbc:ID", account.bic)
            if payment.debit:
                mandate = self.under(node, "cac:PaymentMandate")
                self.put(mandate, "cbc:ID", payment.debit.mandate)
                self.put(mandate, "cac:PayerFinancialAccount/cbc:ID", payment.debit.debited_iban)

    def change(self, parent: Any, change: AllowanceCharge) -> None:
        node = self.under(parent, "cac:AllowanceCharge")
        self.put(node, "cbc:ChargeIndicator", "true" if change.charge else "false")
        self.put(node, "cbc:AllowanceChargeReasonCode", change.reason_code)
        self.put(node, "cbc:AllowanceChargeReason", change.reason)
        self.put(node, "cbc:MultiplierFactorNumeric", change.percent)
        self.money(node, "cbc:Amount", change.amount)
        self.money(node, "cbc:BaseAmount", change.base)
        if change.tax:
            self.tax(node, "cac:TaxCategory", change.tax)

    def tax(self, parent: Any, path: str, tax: Tax, code: str = "", reason: str = "") -> None:
        node = self.under(parent, path)
        self.put(node, "cbc:ID", tax.category)
        self.put(node, "cbc:Percent", None if tax.rate is None else number(tax.rate))
        self.put(node, "cbc:TaxExemptionReasonCode", code)
        self.put(node, "cbc:TaxExemptionReason", reason)
        self.put(node, "cac:TaxScheme/cbc:ID", "VAT")

    def taxes(self, invoice: Invoice) -> None:
        node = self.under(self.root, "cac:TaxTotal")
        self.money(node, "cbc:TaxAmount", invoice.totals.tax)
        for one in invoice.taxes:
            part = self.under(node, "cac:TaxSubtotal")
            self.money(part, "cbc:TaxableAmount", one.base)
            self.money(part, "cbc:TaxAmount", one.amount)
            rated = Tax(one.tax.category, ZERO) if one.tax.rate is None and self.german else one.tax  # BR-DE-14
            self.tax(part, "cac:TaxCategory", rated, one.reason_code, one.reason)

    def sums(self, invoice: Invoice) -> None:
        totals = invoice.totals
        node = self.under(self.root, "cac:LegalMonetaryTotal")
        self.money(node, "cbc:LineExtensionAmount", totals.lines)
        self.money(node, "cbc:TaxExclusiveAmount", totals.net)
        self.money(node, "cbc:TaxInclusiveAmount", totals.gross)
        self.money(node, "cbc:AllowanceTotalAmount", totals.allowances or None)
        self.money(node, "cbc:ChargeTotalAmount", totals.charges or None)
        self.money(node, "cbc:PrepaidAmount", totals.prepaid or None)
        self.money(node, "cbc:PayableRoundingAmount", totals.rounding or None)
        self.money(node, "cbc:PayableAmount", totals.due)

    def period(self, parent: Any, period: Period | None) -> None:
        if period:
            node = self.under(parent, "cac:InvoicePeriod")
            self.put(node, "cbc:StartDate", period.start.isoformat() if period.start else "")
            self.put(node, "cbc:EndDate", period.end.isoformat() if period.end else "")

    def line(self, node: Any, line: Line) -> None:
        self.put(node, "cbc:ID", line.id)
        self.put(node, "cbc:Note", line.note)
        name = "CreditedQuantity" if self.credit else "InvoicedQuantity"
        self.put(node, f"cbc:{name}", line.quantity, unitCode=line.unit)
        self.money(node, "cbc:LineExtensionAmount", line.amount)
        self.put(node, "cbc:AccountingCost", line.cost_account)
        self.period(node, line.period)
        self.put(node, "cac:OrderLineReference/cbc:LineID", line.order_line)
        for change in line.changes:
            self.change(node, change)
        item = self.under(node, "cac:Item")
        self.put(item, "cbc:Description", line.description)
        self.put(item, "cbc:Name", line.name)
        self.put(item, "cac:BuyersItemIdentification/cbc:ID", line.buyer_id)
        self.put(item, "cac:SellersItemIdentification/cbc:ID", line.seller_id)
        if line.standard_id:
            path = "cac:StandardItemIdentification/cbc:ID"
            self.put(item, path, line.standard_id.value, schemeID=line.standard_id.scheme)
        self.put(item, "cac:OriginCountry/cbc:IdentificationCode", line.origin)
        self.tax(item, "cac:ClassifiedTaxCategory", line.tax)
        for trait, value in line.attributes:
            property_ = self.under(item, "cac:AdditionalItemProperty")
            self.put(property_, "cbc:Name", trait)
            self.put(property_, "cbc:Value", value)
        price = self.under(node, "cac:Price")
        self.put(price, "cbc:PriceAmount", line.price, currencyID=self.currency)
        self.put(price, "cbc:BaseQuantity", line.price_base, unitCode=line.unit)
        if line.gross_price is not None and line.price_discount is not None:
            less = self.under(price, "cac:AllowanceCharge")
            self.put(less, "cbc:ChargeIndicator", "false")
            self.put(less, "cbc:Amount", number(line.price_discount), currencyID=self.currency)
            self.put(less, "cbc:BaseAmount", number(line.gross_price), currencyID=self.currency)


def _creditor(invoice: Invoice) -> str:
    """BT-90, which UBL keeps as an identifier of the seller."""
    return invoice.payment.debit.creditor if invoice.payment and invoice.payment.debit else ""
