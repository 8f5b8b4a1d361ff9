"""What an invoice in XML states, read back by business term: one view of CII and UBL, ours or a stranger's.

Rules and the comparison with the page look at this and not at the model, so that a mistake of a writer is found too.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from postroom.composition.einvoice.cii import SPACES
from postroom.composition.einvoice.profiles import Syntax
from postroom.composition.einvoice.ubl import CAC, CBC

_DEAL, _AGREE = "rsm:SupplyChainTradeTransaction", "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeAgreement"
_SHIP = f"{_DEAL}/ram:ApplicableHeaderTradeDelivery"
_PAY = f"{_DEAL}/ram:ApplicableHeaderTradeSettlement"
_SUM = f"{_PAY}/ram:SpecifiedTradeSettlementHeaderMonetarySummation"
_MEANS = f"{_PAY}/ram:SpecifiedTradeSettlementPaymentMeans"
_LINE = f"{_DEAL}/ram:IncludedSupplyChainTradeLineItem"
_SELLER, _BUYER = f"{_AGREE}/ram:SellerTradeParty", f"{_AGREE}/ram:BuyerTradeParty"
_CONTACT = f"{_SELLER}/ram:DefinedTradeContact"
_TO = f"{_SHIP}/ram:ShipToTradeParty"

_CII = {
    "BT-1": "rsm:ExchangedDocument/ram:ID",
    "BT-2": "rsm:ExchangedDocument/ram:IssueDateTime/udt:DateTimeString",
    "BT-3": "rsm:ExchangedDocument/ram:TypeCode",
    "BT-5": f"{_PAY}/ram:InvoiceCurrencyCode",
    "BT-9": f"{_PAY}/ram:SpecifiedTradePaymentTerms/ram:DueDateDateTime/udt:DateTimeString",
    "BT-10": f"{_AGREE}/ram:BuyerReference",
    "BT-20": f"{_PAY}/ram:SpecifiedTradePaymentTerms/ram:Description",
    "BT-24": "rsm:ExchangedDocumentContext/ram:GuidelineSpecifiedDocumentContextParameter/ram:ID",
    "BG-3": f"{_PAY}/ram:InvoiceReferencedDocument",
    "BT-27": f"{_SELLER}/ram:Name",
    "BT-31": f"{_SELLER}/ram:SpecifiedTaxRegistration/ram:ID[@schemeID='VA']",
    "BT-32": f"{_SELLER}/ram:SpecifiedTaxRegistration/ram:ID[@schemeID='FC']",
    "BT-37": f"{_SELLER}/ram:PostalTradeAddress/ram:CityName",
    "BT-38": f"{_SELLER}/ram:PostalTradeAddress/ram:PostcodeCode",
    "BG-6": _CONTACT,
    "BT-41": f"{_CONTACT}/ram:PersonName | {_CONTACT}/ram:DepartmentName",
    "BT-42": f"{_CONTACT}/ram:TelephoneUniversalCommunication/ram:CompleteNumber",
    "BT-43": f"{_CONTACT}/ram:EmailURIUniversalCommunication/ram:URIID",
    "BT-44": f"{_BUYER}/ram:Name",
    "BT-48": f"{_BUYER}/ram:SpecifiedTaxRegistration/ram:ID[@schemeID='VA']",
    "BT-52": f"{_BUYER}/ram:PostalTradeAddress/ram:CityName",
    "BT-53": f"{_BUYER}/ram:PostalTradeAddress/ram:PostcodeCode",
    "BG-11": f"{_AGREE}/ram:SellerTaxRepresentativeTradeParty",
    "BT-63": f"{_AGREE}/ram:SellerTaxRepresentativeTradeParty/ram:SpecifiedTaxRegistration/ram:ID",
    "BT-72": f"{_SHIP}/ram:ActualDeliverySupplyChainEvent/ram:OccurrenceDateTime/udt:DateTimeString",
    "BG-15": f"{_TO}/ram:PostalTradeAddress",
    "BT-77": f"{_TO}/ram:PostalTradeAddress/ram:CityName",
    "BT-78": f"{_TO}/ram:PostalTradeAddress/ram:PostcodeCode",
    "BG-14": f"{_PAY}/ram:BillingSpecifiedPeriod",
    "BG-26": f"{_LINE}/ram:SpecifiedLineTradeSettlement/ram:BillingSpecifiedPeriod",
    "BG-16": _MEANS,
    "BT-81": f"{_MEANS}/ram:TypeCode",
    "BG-17": f"{_MEANS}/ram:PayeePartyCreditorFinancialAccount",
    "BT-84": f"{_MEANS}/ram:PayeePartyCreditorFinancialAccount/ram:IBANID",
    "BG-18": f"{_MEANS}/ram:ApplicableTradeSettlementFinancialCard",
    "BG-19": f"{_PAY}/ram:SpecifiedTradePaymentTerms/ram:DirectDebitMandateID"
    f" | {_MEANS}/ram:PayerPartyDebtorFinancialAccount | {_PAY}/ram:CreditorReferenceID",
    "BT-90": f"{_PAY}/ram:CreditorReferenceID",
    "BT-91": f"{_MEANS}/ram:PayerPartyDebtorFinancialAccount/ram:IBANID",
    "BT-106": f"{_SUM}/ram:LineTotalAmount",
    "BT-109": f"{_SUM}/ram:TaxBasisTotalAmount",
    "BT-110": f"{_SUM}/ram:TaxTotalAmount",
    "BT-112": f"{_SUM}/ram:GrandTotalAmount",
    "BT-113": f"{_SUM}/ram:TotalPrepaidAmount",
    "BT-115": f"{_SUM}/ram:DuePayableAmount",
    "BG-23": f"{_PAY}/ram:ApplicableTradeTax",
    "BT-117": f"{_PAY}/ram:ApplicableTradeTax/ram:CalculatedAmount",
    "BT-118": f"{_PAY}/ram:ApplicableTradeTax/ram:CategoryCode",
    "BT-119": f"{_PAY}/ram:ApplicableTradeTax/ram:RateApplicablePercent",
    "BT-125-file": f"{_AGREE}/ram:AdditionalReferencedDocument/ram:AttachmentBinaryObject/@filename",
    "BT-131": f"{_LINE}/ram:SpecifiedLineTradeSettlement/"
    "ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount",
    "BT-151": f"{_LINE}/ram:SpecifiedLineTradeSettlement/ram:ApplicableTradeTax/ram:CategoryCode",
    "BT-34": f"{_SELLER}/ram:URIUniversalCommunication/ram:URIID",
    "BT-40": f"{_SELLER}/ram:PostalTradeAddress/ram:CountryID",
    "BT-49": f"{_BUYER}/ram:URIUniversalCommunication/ram:URIID",
    "BT-55": f"{_BUYER}/ram:PostalTradeAddress/ram:CountryID",
    "BT-129": f"{_LINE}/ram:SpecifiedLineTradeDelivery/ram:BilledQuantity",
    "BT-146": f"{_LINE}/ram:SpecifiedLineTradeAgreement/ram:NetPriceProductTradePrice/ram:ChargeAmount",
    "BT-152": f"{_LINE}/ram:SpecifiedLineTradeSettlement/ram:ApplicableTradeTax/ram:RateApplicablePercent",
    "BT-153": f"{_LINE}/ram:SpecifiedTradeProduct/ram:Name",
    "BT-95": f"{_PAY}/ram:SpecifiedTradeAllowanceCharge/ram:CategoryTradeTax/ram:CategoryCode",
}
_SUPPLIER, _CUSTOMER = "cac:AccountingSupplierParty/cac:Party", "cac:AccountingCustomerParty/cac:Party"
_VAT = "cac:TaxScheme/cbc:ID[normalize-space(.)='VAT']"
_MONEY, _PLACE = "cac:LegalMonetaryTotal", "cac:Delivery/cac:DeliveryLocation/cac:Address"
_ROW = "*[self::cac:InvoiceLine or self::cac:CreditNoteLine]"

_UBL = {
    "BT-1": "cbc:ID",
    "BT-2": "cbc:IssueDate",
    "BT-3": "cbc:InvoiceTypeCode | cbc:CreditNoteTypeCode",
    "BT-5": "cbc:DocumentCurrencyCode",
    "BT-9": "cbc:DueDate | cac:PaymentMeans/cbc:PaymentDueDate",
    "BT-10": "cbc:BuyerReference",
    "BT-20": "cac:PaymentTerms/cbc:Note",
    "BT-24": "cbc:CustomizationID",
    "BG-3": "cac:BillingReference/cac:InvoiceDocumentReference",
    "BT-27": f"{_SUPPLIER}/cac:PartyLegalEntity/cbc:RegistrationName",
    "BT-31": f"{_SUPPLIER}/cac:PartyTaxScheme[{_VAT}]/cbc:CompanyID",
    "BT-32": f"{_SUPPLIER}/cac:PartyTaxScheme[not({_VAT})]/cbc:CompanyID",
    "BT-37": f"{_SUPPLIER}/cac:PostalAddress/cbc:CityName",
    "BT-38": f"{_SUPPLIER}/cac:PostalAddress/cbc:PostalZone",
    "BG-6": f"{_SUPPLIER}/cac:Contact",
    "BT-41": f"{_SUPPLIER}/cac:Contact/cbc:Name",
    "BT-42": f"{_SUPPLIER}/cac:Contact/cbc:Telephone",
    "BT-43": f"{_SUPPLIER}/cac:Contact/cbc:ElectronicMail",
    "BT-44": f"{_CUSTOMER}/cac:PartyLegalEntity/cbc:RegistrationName",
    "BT-48": f"{_CUSTOMER}/cac:PartyTaxScheme[{_VAT}]/cbc:CompanyID",
    "BT-52": f"{_CUSTOMER}/cac:PostalAddress/cbc:CityName",
    "BT-53": f"{_CUSTOMER}/cac:PostalAddress/cbc:PostalZone",
    "BG-11": "cac:TaxRepresentativeParty",
    "BT-63": "cac:TaxRepresentativeParty/cac:PartyTaxScheme/cbc:CompanyID",
    "BT-72": "cac:Delivery/cbc:ActualDeliveryDate",
    "BG-15": _PLACE,
    "BT-77": f"{_PLACE}/cbc:CityName",
    "BT-78": f"{_PLACE}/cbc:PostalZone",
    "BG-14": "cac:InvoicePeriod",
    "BG-26": f"{_ROW}/cac:InvoicePeriod",
    "BG-16": "cac:PaymentMeans",
    "BT-81": "cac:PaymentMeans/cbc:PaymentMeansCode",
    "BG-17": "cac:PaymentMeans/cac:PayeeFinancialAccount",
    "BT-84": "cac:PaymentMeans/cac:PayeeFinancialAccount/cbc:ID",
    "BG-18": "cac:PaymentMeans/cac:CardAccount",
    "BG-19": "cac:PaymentMeans/cac:PaymentMandate",
    "BT-90": f"{_SUPPLIER}/cac:PartyIdentification/cbc:ID[@schemeID='SEPA']"
    " | cac:PayeeParty/cac:PartyIdentification/cbc:ID[@schemeID='SEPA']",
    "BT-91": "cac:PaymentMeans/cac:PaymentMandate/cac:PayerFinancialAccount/cbc:ID",
    "BT-106": f"{_MONEY}/cbc:LineExtensionAmount",
    "BT-109": f"{_MONEY}/cbc:TaxExclusiveAmount",
    "BT-110": "cac:TaxTotal/cbc:TaxAmount",
    "BT-112": f"{_MONEY}/cbc:TaxInclusiveAmount",
    "BT-113": f"{_MONEY}/cbc:PrepaidAmount",
    "BT-115": f"{_MONEY}/cbc:PayableAmount",
    "BG-23": "cac:TaxTotal/cac:TaxSubtotal",
    "BT-117": "cac:TaxTotal/cac:TaxSubtotal/cbc:TaxAmount",
    "BT-118": "cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory/cbc:ID",
    "BT-119": "cac:TaxTotal/cac:TaxSubtotal/cac:TaxCategory/cbc:Percent",
    "BT-125-file": "cac:AdditionalDocumentReference/cac:Attachment/cbc:EmbeddedDocumentBinaryObject/@filename",
    "BT-131": f"{_ROW}/cbc:LineExtensionAmount",
    "BT-151": f"{_ROW}/cac:Item/cac:ClassifiedTaxCategory/cbc:ID",
    "BT-34": f"{_SUPPLIER}/cbc:EndpointID",
    "BT-40": f"{_SUPPLIER}/cac:PostalAddress/cac:Country/cbc:IdentificationCode",
    "BT-49": f"{_CUSTOMER}/cbc:EndpointID",
    "BT-55": f"{_CUSTOMER}/cac:PostalAddress/cac:Country/cbc:IdentificationCode",
    "BT-129": f"{_ROW}/cbc:InvoicedQuantity | {_ROW}/cbc:CreditedQuantity",
    "BT-146": f"{_ROW}/cac:Price/cbc:PriceAmount",
    "BT-152": f"{_ROW}/cac:Item/cac:ClassifiedTaxCategory/cbc:Percent",
    "BT-153": f"{_ROW}/cac:Item/cbc:Name",
    "BT-95": "cac:AllowanceCharge/cac:TaxCategory/cbc:ID",
}


def _compiled(paths: dict[str, str], spaces: dict[str, str]) -> dict[str, Any]:
    return {term: etree.XPath(path, namespaces=spaces) for term, path in paths.items()}


def _places(paths: dict[str, str]) -> dict[str, str]:
    """Plain path -> term, for the location that a rule names."""
    found: dict[str, str] = {}
    for term, path in paths.items():
        for way in path.replace(_ROW, "InvoiceLine").split(" | "):
            found.setdefault(re.sub(r"\[[^]]*\]|\b[a-z]+:", "", way), term)
    return found


_PLACES = {**_places(_CII), **_places(_UBL)}


def term_at(where: str) -> str:
    """The term that stands at a location such as ``/Invoice[1]/ID[1]``; empty for an unknown one."""
    plain = re.sub(r"\[[^]]*\]", "", where).replace("CreditNoteLine", "InvoiceLine")
    return _PLACES.get(plain.lstrip("/").partition("/")[2], "")


_READERS: dict[Syntax, dict[str, Any]] = {
    "cii": _compiled(_CII, SPACES),
    "ubl": _compiled(_UBL, {"cac": CAC, "cbc": CBC}),
}
_ROOTS: dict[str, Syntax] = {"CrossIndustryInvoice": "cii", "Invoice": "ubl", "CreditNote": "ubl"}


@dataclass(frozen=True, slots=True)
class Facts:
    """Business term to what is stated for it, in the order of the document. A group counts by its presence."""

    syntax: Syntax
    values: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def all(self, *terms: str) -> tuple[str, ...]:
        """Everything stated for these terms."""
        return tuple(text for term in terms for text in self.values.get(term, ()))

    def one(self, term: str) -> str:
        """The first text stated, empty where there is none."""
        return next(iter(self.all(term)), "")

    def has(self, *terms: str) -> bool:
        """Whether one of these terms or groups is there and not blank."""
        return any(text.strip() for text in self.all(*terms))

    def day(self, term: str) -> dt.date | None:
        """A date in either form: 20261112 (CII, format 102) or 2026-11-12."""
        try:
            return dt.date.fromisoformat(self.one(term).strip())
        except ValueError:
            return None


def read(root: Any) -> Facts | None:
    """What the document below ``root`` states; None where it is no invoice."""
    name = etree.QName(root)
    syntax = _ROOTS.get(name.localname)
    if syntax is None or not (name.namespace or "").startswith("urn:"):
        return None
    readers = _READERS[syntax]
    return Facts(syntax, {term: tuple(_texts(find(root))) for term, find in readers.items()})


def _texts(found: Iterable[Any]) -> Iterable[str]:
    for one in found:
        yield str(one) if isinstance(one, str) else " ".join("".join(one.itertext()).split())
