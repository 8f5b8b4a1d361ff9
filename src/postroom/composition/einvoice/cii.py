"""The invoice as UN/CEFACT Cross Industry Invoice (D16B as profiled by EN 16931-3-3 and Factur-X 1.09).

The order of the elements is that of the schema. What BASIC does not carry is left out there and nowhere else.
"""

from __future__ import annotations

import base64
import datetime as dt
from typing import Any

from postroom.composition.einvoice.model import (
    ZERO,
    Address,
    AllowanceCharge,
    Invoice,
    Line,
    Party,
    Period,
    Tax,
)
from postroom.composition.einvoice.profiles import Profile
from postroom.composition.einvoice.xmlkit import Tree, amount, number

SPACES: dict[str, str] = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
}


def write(invoice: Invoice, profile: Profile) -> bytes:
    """The XML of ``invoice``."""
    return _Writer(invoice, profile).bytes()


class _Writer(Tree):
    def __init__(self, invoice: Invoice, profile: Profile) -> None:
        super().__init__("rsm:CrossIndustryInvoice", SPACES)
        self.full = profile.key != "basic"
        self.german = profile.german
        context = self.under(self.root, "rsm:ExchangedDocumentContext")
        self.put(context, "ram:BusinessProcessSpecifiedDocumentContextParameter/ram:ID", profile.process)
        self.put(context, "ram:GuidelineSpecifiedDocumentContextParameter/ram:ID", profile.guideline)
        head = self.under(self.root, "rsm:ExchangedDocument")
        self.put(head, "ram:ID", invoice.number)
        self.put(head, "ram:TypeCode", invoice.kind)
        self.day(head, "ram:IssueDateTime", invoice.issued)
        for note in invoice.notes:
            self.put(head, "ram:IncludedNote/ram:Content", note)
        deal = self.under(self.root, "rsm:SupplyChainTradeTransaction")
        for line in invoice.lines:
            self.line(self.under(deal, "ram:IncludedSupplyChainTradeLineItem"), line)
        self.agreement(self.under(deal, "ram:ApplicableHeaderTradeAgreement"), invoice)
        self.delivery(self.under(deal, "ram:ApplicableHeaderTradeDelivery"), invoice)
        self.settlement(self.under(deal, "ram:ApplicableHeaderTradeSettlement"), invoice)

    def day(self, parent: Any, path: str, day: dt.date | None, kind: str = "udt") -> None:
        if day:
            self.put(parent, f"{path}/{kind}:DateTimeString", f"{day:%Y%m%d}", format="102")

    def line(self, node: Any, line: Line) -> None:
        document = self.under(node, "ram:AssociatedDocumentLineDocument")
        self.put(document, "ram:LineID", line.id)
        self.put(document, "ram:IncludedNote/ram:Content", line.note)
        product = self.under(node, "ram:SpecifiedTradeProduct")
        if line.standard_id:
            self.put(product, "ram:GlobalID", line.standard_id.value, schemeID=line.standard_id.scheme)
        if self.full:
            self.put(product, "ram:SellerAssignedID", line.seller_id)
            self.put(product, "ram:BuyerAssignedID", line.buyer_id)
        self.put(product, "ram:Name", line.name)
        if self.full:
            self.put(product, "ram:Description", line.description)
            for name, value in line.attributes:
                trait = self.under(product, "ram:ApplicableProductCharacteristic")
                self.put(trait, "ram:Description", name)
                self.put(trait, "ram:Value", value)
            self.put(product, "ram:OriginTradeCountry/ram:ID", line.origin)
        agreement = self.under(node, "ram:SpecifiedLineTradeAgreement")
        if self.full:
            self.put(agreement, "ram:BuyerOrderReferencedDocument/ram:LineID", line.order_line)
        if line.gross_price is not None:
            gross = self.under(agreement, "ram:GrossPriceProductTradePrice")
            self.put(gross, "ram:ChargeAmount", line.gross_price)
            self.put(gross, "ram:BasisQuantity", line.price_base, unitCode=line.unit)
            if line.price_discount is not None:
                less = self.under(gross, "ram:AppliedTradeAllowanceCharge")
                self.put(less, "ram:ChargeIndicator/udt:Indicator", "false")
                self.put(less, "ram:ActualAmount", line.price_discount)
        net = self.under(agreement, "ram:NetPriceProductTradePrice")
        self.put(net, "ram:ChargeAmount", line.price)
        self.put(net, "ram:BasisQuantity", line.price_base, unitCode=line.unit)
        self.put(node, "ram:SpecifiedLineTradeDelivery/ram:BilledQuantity", line.quantity, unitCode=line.unit)
        settlement = self.under(node, "ram:SpecifiedLineTradeSettlement")
        self.tax(settlement, "ram:ApplicableTradeTax", line.tax)
        self.period(settlement, line.period)
        for change in line.changes:
            self.change(settlement, change)
        total = "ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount"
        self.put(settlement, total, amount(line.amount))
        if self.full:
            self.put(settlement, "ram:ReceivableSpecifiedTradeAccountingAccount/ram:ID", line.cost_account)

    def tax(self, parent: Any, path: str, tax: Tax) -> None:
        node = self.under(parent, path)
        self.put(node, "ram:TypeCode", "VAT")
        self.put(node, "ram:CategoryCode", tax.category)
        self.put(node, "ram:RateApplicablePercent", None if tax.rate is None else number(tax.rate))

    def period(self, parent: Any, period: Period | None) -> None:
        if period:
            node = self.under(parent, "ram:BillingSpecifiedPeriod")
            self.day(node, "ram:StartDateTime", period.start)
            self.day(node, "ram:EndDateTime", period.end)

    def change(self, parent: Any, change: AllowanceCharge) -> None:
        node = self.under(parent, "ram:SpecifiedTradeAllowanceCharge")
        self.put(node, "ram:ChargeIndicator/udt:Indicator", "true" if change.charge else "false")
        self.put(node, "ram:CalculationPercent", change.percent)
        self.put(node, "ram:BasisAmount", None if change.base is None else amount(change.base))
        self.put(node, "ram:ActualAmount", amount(change.amount))
        self.put(node, "ram:ReasonCode", change.reason_code)
        self.put(node, "ram:Reason", change.reason)
        if change.tax:
            self.tax(node, "ram:CategoryTradeTax", change.tax)

    def agreement(self, node: Any, invoice: Invoice) -> None:
        self.put(node, "ram:BuyerReference", invoice.buyer_reference)
        self.party(self.under(node, "ram:SellerTradeParty"), invoice.seller)
        self.party(self.under(node, "ram:BuyerTradeParty"), invoice.buyer)
        if invoice.representative:
            agent = self.under(node, "ram:SellerTaxRepresentativeTradeParty")
            self.put(agent, "ram:Name", invoice.representative.name)
            self.address(agent, invoice.representative.address)
            self.put(agent, "ram:SpecifiedTaxRegistration/ram:ID", invoice.representative.vat, schemeID="VA")
        if self.full:
            self.put(node, "ram:SellerOrderReferencedDocument/ram:IssuerAssignedID", invoice.sales_order)
        self.put(node, "ram:BuyerOrderReferencedDocument/ram:IssuerAssignedID", invoice.order)
        self.put(node, "ram:ContractReferencedDocument/ram:IssuerAssignedID", invoice.contract)
        if self.full:
            self.references(node, invoice)

    def references(self, node: Any, invoice: Invoice) -> None:
        for one in invoice.attachments:
            paper = self.under(node, "ram:AdditionalReferencedDocument")
            self.put(paper, "ram:IssuerAssignedID", one.id)
            self.put(paper, "ram:URIID", one.link)
            self.put(paper, "ram:TypeCode", "916")
            self.put(paper, "ram:Name", one.description)
            if one.content:
                text = base64.b64encode(one.content).decode("ascii")
                self.put(paper, "ram:AttachmentBinaryObject", text, mimeCode=one.mime, filename=one.file)
        for kind, value, scheme in (
            ("50", invoice.tender, ""),
            ("130", invoice.object_id.value if invoice.object_id else "", _scheme(invoice)),
        ):
            if value:
                paper = self.under(node, "ram:AdditionalReferencedDocument")
                self.put(paper, "ram:IssuerAssignedID", value)
                self.put(paper, "ram:TypeCode", kind)
                self.put(paper, "ram:ReferenceTypeCode", scheme)
        if invoice.project:
            project = self.under(node, "ram:SpecifiedProcuringProject")
            self.put(project, "ram:ID", invoice.project)
            self.put(project, "ram:Name", "Project reference")

    def party(self, node: Any, party: Party) -> None:
        for one in party.identifiers:
            if not one.scheme:
                self.put(node, "ram:ID", one.value)
        for one in party.identifiers:
            if one.scheme:
                self.put(node, "ram:GlobalID", one.value, schemeID=one.scheme)
        self.put(node, "ram:Name", party.name)
        if self.full:
            self.put(node, "ram:Description", party.legal_form)
        legal = self.under(node, "ram:SpecifiedLegalOrganization")
        if party.legal_id:
            self.put(legal, "ram:ID", party.legal_id.value, schemeID=party.legal_id.scheme)
        self.put(legal, "ram:TradingBusinessName", party.trading_name)
        if party.contact and self.full:
            contact = self.under(node, "ram:DefinedTradeContact")
            self.put(contact, "ram:PersonName", party.contact.name)
            self.put(contact, "ram:TelephoneUniversalCommunication/ram:CompleteNumber", party.contact.phone)
            self.put(contact, "ram:EmailURIUniversalCommunication/ram:URIID", party.contact.email)
        self.address(node, party.address)
        if party.electronic:
            path = "ram:URIUniversalCommunication/ram:URIID"
            self.put(node, path, party.electronic.value, schemeID=party.electronic.scheme)
        self.put(node, "ram:SpecifiedTaxRegistration/ram:ID", party.vat, schemeID="VA")
        self.put(node, "ram:SpecifiedTaxRegistration/ram:ID", party.tax_number, schemeID="FC")

    def address(self, parent: Any, address: Address) -> None:
        node = self.under(parent, "ram:PostalTradeAddress")
        self.put(node, "ram:PostcodeCode", address.postal_code)
        for name, text in zip(("LineOne", "LineTwo", "LineThree"), address.lines, strict=False):
            self.put(node, f"ram:{name}", text)
        self.put(node, "ram:CityName", address.city)
        self.put(node, "ram:CountryID", address.country)
        self.put(node, "ram:CountrySubDivisionName", address.region)

    def delivery(self, node: Any, invoice: Invoice) -> None:
        where = invoice.delivery
        if where and (where.name or where.address):
            place = self.under(node, "ram:ShipToTradeParty")
            if where.location:
                kind = "ram:GlobalID" if where.location.scheme else "ram:ID"
                self.put(place, kind, where.location.value, schemeID=where.location.scheme)
            self.put(place, "ram:Name", where.name)
            if where.address:
                self.address(place, where.address)
        if where:
            self.day(node, "ram:ActualDeliverySupplyChainEvent/ram:OccurrenceDateTime", where.date)
        self.put(node, "ram:DespatchAdviceReferencedDocument/ram:IssuerAssignedID", invoice.despatch)
        if self.full:
            self.put(node, "ram:ReceivingAdviceReferencedDocument/ram:IssuerAssignedID", invoice.receipt)

    def settlement(self, node: Any, invoice: Invoice) -> None:
        payment, debit = invoice.payment, invoice.payment.debit if invoice.payment else None
        self.put(node, "ram:CreditorReferenceID", debit.creditor if debit else "")
        self.put(node, "ram:PaymentReference", payment.remittance if payment else "")
        self.put(node, "ram:InvoiceCurrencyCode", invoice.currency)
        self.put(node, "ram:PayeeTradeParty/ram:Name", invoice.payee)
        self.means(node, invoice)
        for one in invoice.taxes:
            tax = self.under(node, "ram:ApplicableTradeTax")
            self.put(tax, "ram:CalculatedAmount", amount(one.amount))
            self.put(tax, "ram:TypeCode", "VAT")
            self.put(tax, "ram:ExemptionReason", one.reason)
            self.put(tax, "ram:BasisAmount", amount(one.base))
            self.put(tax, "ram:CategoryCode", one.tax.category)
            self.put(tax, "ram:ExemptionReasonCode", one.reason_code)
            rate = ZERO if one.tax.rate is None and self.german else one.tax.rate  # BR-DE-14 wants one under O too
            self.put(tax, "ram:RateApplicablePercent", None if rate is None else number(rate))
        self.period(node, invoice.period)
        for change in invoice.changes:
            self.change(node, change)
        terms = self.under(node, "ram:SpecifiedTradePaymentTerms")
        self.put(terms, "ram:Description", invoice.terms)
        self.day(terms, "ram:DueDateDateTime", invoice.due)
        self.put(terms, "ram:DirectDebitMandateID", debit.mandate if debit else "")
        self.sums(self.under(node, "ram:SpecifiedTradeSettlementHeaderMonetarySummation"), invoice)
        for earlier in invoice.preceding:
            reference = self.under(node, "ram:InvoiceReferencedDocument")
            self.put(reference, "ram:IssuerAssignedID", earlier.number)
            self.day(reference, "ram:FormattedIssueDateTime", earlier.date, "qdt")
        self.put(node, "ram:ReceivableSpecifiedTradeAccountingAccount/ram:ID", invoice.cost_account)

    def means(self, node: Any, invoice: Invoice) -> None:
        payment = invoice.payment
        if not payment:
            return
        for account in payment.accounts or (None,):
            means = self.under(node, "ram:SpecifiedTradeSettlementPaymentMeans")
            self.put(means, "ram:TypeCode", payment.means)
            if self.full:
                self.put(means, "ram:Information", payment.text)
            if payment.card and self.full:
                card = self.under(means, "ram:ApplicableTradeSettlementFinancialCard")
                self.put(card, "ram:ID", payment.card.number)
                self.put(card, "ram:CardholderName", payment.card.holder)
            if payment.debit:
                iban = payment.debit.debited_iban
                self.put(means, "ram:PayerPartyDebtorFinancialAccount/ram:IBANID", iban)
            if account:
                creditor = self.under(means, "ram:PayeePartyCreditorFinancialAccount")
                self.put(creditor, "ram:IBANID", account.iban)
                if self.full:
                    self.put(creditor, "ram:AccountName", account.name)
                    self.put(means, "ram:PayeeSpecifiedCreditorFinancialInstitution/ram:BICID", account.bic)

    def sums(self, node: Any, invoice: Invoice) -> None:
        totals = invoice.totals
        self.put(node, "ram:LineTotalAmount", amount(totals.lines))
        self.put(node, "ram:ChargeTotalAmount", amount(totals.charges) if totals.charges else None)
        self.put(node, "ram:AllowanceTotalAmount", amount(totals.allowances) if totals.allowances else None)
        self.put(node, "ram:TaxBasisTotalAmount", amount(totals.net))
        self.put(node, "ram:TaxTotalAmount", amount(totals.tax), currencyID=invoice.currency)
        self.put(node, "ram:RoundingAmount", amount(totals.rounding) if totals.rounding and self.full else None)
        self.put(node, "ram:GrandTotalAmount", amount(totals.gross))
        self.put(node, "ram:TotalPrepaidAmount", amount(totals.prepaid) if totals.prepaid else None)
        self.put(node, "ram:DuePayableAmount", amount(totals.due))


def _scheme(invoice: Invoice) -> str:
    return invoice.object_id.scheme if invoice.object_id else ""
