"""Who sends: written out in template.yaml, taken from the brand, or some of each; and who is told to mend it."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytest.importorskip("lxml", reason="the extra einvoice is not installed")

from kit.einvoices import ROOT, SECTION, SELLER, demo_files, invoice_of, layout, record
from postroom.composition.brand import Brand, default_brand, read_brand
from postroom.composition.einvoice.check import Finding, Verdict, problems
from postroom.composition.einvoice.entity import lacking, resolved, what_to_do
from postroom.composition.pack import load
from postroom.composition.problems import TemplateFaults


def brand(**lines: Any) -> Brand:
    """The sample company's, with other lines; None takes one away."""
    tokens = json.loads(json.dumps(default_brand().tokens)) | {"key": "other"}
    merged = {**tokens["lines"], **lines}
    tokens["lines"] = {name: text for name, text in merged.items() if text is not None}
    return read_brand(tokens, default_brand().files)


def test_everything_of_the_seller_may_come_from_the_brand() -> None:
    # when the section says brand
    seller = resolved("brand", default_brand().look)
    # then it is what the page shows
    assert (seller.name, seller.vat, seller.legal_id) == ("Lindqvist & Daughters AB", "SE556012338801", "556012-3388")
    assert (seller.address.lines, seller.address.city, seller.address.country) == (("Kvarngatan 8",), "Malmö", "SE")
    assert [one.iban for one in seller.accounts] == ["SE3599900000019315560120"]
    assert seller.contact is not None and seller.contact.email == seller.electronic


def test_a_brand_changed_once_changes_every_invoice() -> None:
    made = invoice_of(layout(seller="brand"), record(), brand(legal_name="Nordtryck AB", vat="SE556000000001"))
    assert made is not None and made.of_brand
    assert b"Nordtryck AB" in made.xml and b"SE556000000001" in made.xml


def test_some_texts_may_come_from_the_brand() -> None:
    # given a seller whose VAT number and country are tokens
    given = {**SELLER, "vat": "{brand.line.vat}", "address": {**SELLER["address"], "country": "{brand.bank.country}"}}
    made = invoice_of(layout(seller=given), record(), brand(vat="SE556000000001"))
    # then these are the brand's, and the rest is what stands there
    assert made is not None and not made.of_brand
    assert b"SE556000000001" in made.xml and b"5560123388" in made.xml and b">SE<" in made.xml


def test_planted_a_brand_without_a_vat_number_is_told_at_publishing() -> None:
    # given a template that counts on the brand, and a brand that does not say it
    head, _, _ = SECTION.partition("  seller:")
    for section, missing in (
        (head + "  seller: brand\n", "VAT or tax number"),
        (SECTION.replace("SE556012338801", '"{brand.line.vat}"'), "line.vat"),
    ):
        files = demo_files(section, samples=("01",)) | brand(vat=None).written()
        # then publishing is refused with the line, and what to add
        with pytest.raises(TemplateFaults) as caught:
            load(files)
        (told,) = [one for one in caught.value.problems if missing in one.what]
        assert told.line > 0 and "brand" in told.hint


def test_a_brand_with_a_tax_number_only_is_enough() -> None:
    assert not list(lacking("brand", brand(vat=None, tax_number="123/456").look, "other"))


def test_planted_a_token_that_no_brand_can_have_is_refused() -> None:
    section = SECTION.replace("country: SE}", 'country: "{brand.flag}"}')
    with pytest.raises(TemplateFaults, match=r"address\.country"):
        load(demo_files(section, samples=("01",)))


@pytest.mark.parametrize(
    ("terms", "of_brand", "said"),
    [
        (("BT-42",), False, "contact.phone under einvoice: seller:"),
        (("BT-42",), True, "line.phone in the brand"),
        (("BG-16",), True, "bank.iban in the brand"),
        (("BT-35",), True, "bank.street in the brand"),
        (("BG-6",), True, "line.contact_name in the brand"),
        (("BT-999",), True, ""),
    ],
)
def test_what_is_wrong_with_the_seller_is_mended_where_he_is_kept(
    terms: tuple[str, ...], of_brand: bool, said: str
) -> None:
    hint = what_to_do(terms, of_brand=of_brand)
    assert (said in hint) if said else not hint


def test_each_problem_names_rule_term_place_and_the_next_step() -> None:
    # given what three rules find: of a field, of the seller, and of nothing that anybody knows
    found = (
        Finding("BR-16", True, "An Invoice shall have at least one Invoice line (BG-25)", ""),
        Finding("BR-DE-6", True, "The Seller contact telephone number (BT-42) must be given.", ""),
        Finding("XSD", True, "Element ID: this element is not expected.", "line 7"),
    )
    first, second, third = problems(Verdict("xrechnung-ubl", "XRechnung", found), {"BG-25": "$.lines"}, of_brand=True)
    # then each says what to do, and where
    assert (first.path, first.code) == ("$.lines", "einvoice-br-16")
    assert "BR-16" in first.reason and first.hint == "Correct lines in the record, and send it again."
    assert second.hint == "Correct line.phone in the brand, and publish it."
    assert third.path == "$" and "template.yaml" in third.hint


def test_the_section_that_the_guide_begins_with_is_right() -> None:
    # given what docs/einvoice.md says to write into template.yaml
    guide = (ROOT / "docs/einvoice.md").read_text("utf-8")
    _, _, rest = guide.partition("   ```yaml\n")
    block, _, _ = rest.partition("   ```\n")
    _, _, section = "\n".join(line[3:] for line in block.splitlines()).partition("\n")
    # then the demo's invoice becomes an e-invoice by it, with all its samples
    pack = load(demo_files(f"\n{section}\n"))
    assert pack.manifest.einvoice is not None and pack.manifest.einvoice.seller == "brand"
