"""The XML as a file of its own, in the mail and in the folder; and the desk and the brand beside it."""

from __future__ import annotations

import json
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("saxonche", reason="the extra einvoice is not installed")
pytest.importorskip("facturx", reason="the extra einvoice is not installed")

from kit.einvoices import SECTION, demo_files, record
from kit.runs import balance_of, problems_of, through, write
from servers.rude_smtp import RudeServer

GERMAN = SECTION.replace("profile: en16931", "profile: xrechnung-ubl")


def publish(section: str, promises: str = "pdf/a-3a, pdf/ua-1") -> None:
    from postroom.composition.actions.publish_template import publish_template
    from postroom.identity.actor import SYSTEM

    publish_template(SYSTEM, demo_files(section, promises, samples=("01", "06")))


def sample(**changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(demo_files()["samples/01-usual.json"])
    return made | changes


def run_of(tmp_path: Path, *records: dict[str, Any], **options: Any) -> Any:
    from postroom.composition.compose import close_cells

    try:
        return through(write(tmp_path, list(records)), **options)
    finally:
        close_cells()


def test_a_mail_carries_the_page_and_the_xml_beside_it(starters: list[str], tmp_path: Path) -> None:
    from postroom.composition.einvoice.pdf import attached_invoice
    from postroom.delivery.actions.set_destination import set_destination
    from postroom.documents.models import Document
    from postroom.identity.actor import SYSTEM
    from postroom.vault.read import read_blob

    # given a template that sends the XML inside the PDF and as a file of its own
    publish(GERMAN + "  carry: both\n")
    with RudeServer({}) as server:
        config = {"host": "127.0.0.1", "port": server.port, "security": "none", "sender_address": "us@house.example"}
        set_destination(SYSTEM, "email", "email", config)
        # when a record is sent by mail
        run = run_of(tmp_path, sample(), destination="email")
        (raw,) = server.kept
    # then one message arrives with both, the page first
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    parts = list(message.iter_attachments())
    assert [(part.get_filename(), part.get_content_type()) for part in parts] == [
        ("INV-2026-1187.pdf", "application/pdf"),
        ("INV-2026-1187.xml", "application/xml"),
    ]
    page, xml = (part.get_content() for part in parts)
    # and both are what is kept, and say the same
    kept = Document.objects.filter(run_id=run.pk).order_by("-versions__pages")
    assert [read_blob(one.versions.get().blob) for one in kept] == [page, xml]
    assert attached_invoice(page) == ("xrechnung-ubl.xml", xml)
    assert [one.title for one in kept] == ["Invoice INV-2026-1187", "Invoice INV-2026-1187 · XRechnung 3.0 (UBL)"]
    assert [one.amount is None for one in kept] == [False, True]
    # and one record was completed, by one delivery
    assert balance_of(run).records["completed"] == 1


def test_a_folder_gets_both_under_names_that_open(starters: list[str], tmp_path: Path) -> None:
    from postroom.composition.einvoice.errors import NotAnEInvoice
    from postroom.composition.einvoice.pdf import attached_invoice
    from postroom.delivery.actions.set_destination import set_destination
    from postroom.identity.actor import SYSTEM
    from postroom.production.export import export_documents
    from postroom.production.reproduce.again import make_again

    # given a template that sends the XML beside a page of another level than PDF/A-3
    publish(GERMAN + "  carry: beside\n", promises="pdf/a-2a, pdf/ua-1")
    drop = tmp_path / "drop"
    drop.mkdir()
    set_destination(SYSTEM, "letters", "folder", {"folder": str(drop), "pattern": "{number}.pdf"})
    # when a record goes into a folder
    run = run_of(tmp_path, sample(), destination="letters")
    # then both lie there, each with its own ending, and the page carries nothing
    placed = {path.name: path.read_bytes() for path in drop.glob("C-*/*")}
    names = sorted(placed)
    assert names == ["INV-2026-1187.pdf", "INV-2026-1187.xml"]
    assert b"xrechnung_3.0" in placed["INV-2026-1187.xml"]
    with pytest.raises(NotAnEInvoice):
        attached_invoice(placed["INV-2026-1187.pdf"])
    # and so they are given out
    assert export_documents(SYSTEM, run, tmp_path / "out") == 2
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == names
    # and what is made again of the record is the page; the XML is kept
    run.refresh_from_db()
    report = make_again(SYSTEM, wanted=10, seed=1, run=run)
    assert not report.differences and report.seen == 2


def test_what_is_beside_the_page_is_held_against_it_too(starters: list[str], tmp_path: Path) -> None:
    # given an account that the page does not print
    other = GERMAN.replace("SE35 9990 0000 0193 1556 0120", "SE35 5000 0000 0549 1000 0003")
    other = other.replace("when: sepa", "when: {customer.key: C-99999}")  # which no sample has
    publish(other + "  carry: beside\n", promises="pdf/a-2a, pdf/ua-1")
    one = sample()
    one["customer"] = one["customer"] | {"key": "C-99999"}
    run = run_of(tmp_path, one)
    ((_, stage, problem),) = problems_of(run)
    assert (stage, problem["code"]) == ("compose", "einvoice-page")


def test_planted_the_packages_are_gone_when_records_come(
    starters: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from postroom.composition.einvoice import tools

    # given a template that was published when the packages were there
    publish(SECTION)
    tools.require_tools.cache_clear()
    monkeypatch.setattr(tools, "find_spec", lambda name: None)
    try:
        # when records come
        run = run_of(tmp_path, sample(), sample(number="INV-2026-2", sepa=False, currency="SEK"))
    finally:
        tools.require_tools.cache_clear()
    # then the invoice waits with the words that help, and what is no e-invoice goes on
    ((line, stage, problem),) = problems_of(run)
    assert (line, stage, problem["code"]) == (1, "validate", "einvoice-tools-missing")
    assert "postroom[einvoice]" in problem["hint"]
    assert balance_of(run).records["completed"] == 1


def test_the_desk_names_rule_field_and_what_to_do(starters: list[str], tmp_path: Path, user_of: Any) -> None:
    from desk_kit import desk_of, said

    # given records that a rule and the arithmetic refuse
    publish(SECTION)
    bad = sample(number="INV-2026-2")
    bad["customer"] = bad["customer"] | {"vat_number": "31884012"}
    wrong = sample(number="INV-2026-3")
    wrong["lines"] = [wrong["lines"][0] | {"amount": "1030.01"}, *wrong["lines"][1:]]
    wrong["taxes"] = [{"rate": "0", "base": "1533.51", "amount": "0.00"}]
    wrong["totals"] = {"net": "1533.51", "tax": "0.00", "gross": "1533.51"}
    run_of(tmp_path, bad, wrong)
    # when a person opens what is set aside
    page = said(desk_of(user_of)("operator").get("/set-aside/"))
    # then rule, term, place and the next step stand there
    assert (
        "E-invoices that the rule BR-CO-09 refuses" in page
        and "customer.vat_number" in page
        and "Correct customer.vat_number in the record" in page
    )
    assert "E-invoices whose BT-131 cannot be made" in page and "lines[0].amount" in page


def test_people_tell_the_xml_from_its_page(starters: list[str], tmp_path: Path, user_of: Any) -> None:
    from django.test import Client

    from desk_kit import desk_of, said
    from postroom.documents.models import Communication, Document
    from postroom.parties.portal import portal_link

    # given an invoice that was sent with its XML beside it
    publish(GERMAN + "  carry: both\n")
    run = run_of(tmp_path, sample())
    page, xml = Document.objects.filter(run_id=run.pk).order_by("-versions__pages")
    desk = desk_of(user_of)("operator")
    # when a clerk looks for its number
    listed = said(desk.get("/documents/", {"q": page.number}))
    # then both are there, each with its own name, and only the page has a picture
    assert f"{page.number}.xml" in listed
    assert f"/documents/{page.pk}/pages/1" in listed and f"/documents/{xml.pk}/pages/1" not in listed
    # and the XML opens as text, with what kind of file it is
    opened = said(desk.get(f"/documents/{xml.pk}/"))
    assert f"{page.number}.xml" in opened and "xrechnung_3.0" in opened and "application/xml" in opened
    assert "PDF/A-3a" in said(desk.get(f"/documents/{page.pk}/"))
    assert 'filename="INV-2026-1187.xml"' in desk.get(f"/documents/{xml.pk}/download/")["Content-Disposition"]
    # and the customer's link opens the page, beside which the XML can be fetched
    sent = Communication.objects.select_related("party").get(run_id=run.pk)
    client = Client()
    link = portal_link(sent.party_id, sent.party.portal_epoch, sent.pk)
    door = client.get("/portal/" + link.partition("/portal/")[2])["Location"]
    assert str(page.pk) in door and "Download PDF" in said(client.get(door))
    shown = said(client.get(door.replace(str(page.pk), str(xml.pk))))
    assert "Download the file" in shown and "XRechnung 3.0 (UBL)" in shown


def test_the_seller_is_that_of_the_brand_when_the_template_says_so(starters: list[str], tmp_path: Path) -> None:
    from postroom.composition.brand import default_brand
    from postroom.composition.pack import load
    from postroom.composition.prepare import prepare

    # given a template without a seller of its own, dressed in another brand
    head, _, _ = SECTION.partition("  seller:")
    tokens = default_brand().tokens | {"key": "nord", "name": "Nordtryck"}
    tokens["lines"] = tokens["lines"] | {"legal_name": "Nordtryck AB", "vat": "SE556000000001"}
    files = demo_files(head + "  seller: brand\n")
    files["brand.json"] = json.dumps(tokens).encode()
    files |= {f"brand/{name}": content for name, content in default_brand().files.items()}
    pack = load(files)
    # then the XML states the brand's entity, address and account
    ready = prepare(pack, sample())
    assert ready.einvoice is not None
    xml = ready.einvoice.xml.decode()
    for said in ("Nordtryck AB", "SE556000000001", "Kvarngatan 8", "211 34", "SE3599900000019315560120", "ORHKSEMM"):
        assert said in xml, said
    assert record()["customer"]["name"] not in xml
