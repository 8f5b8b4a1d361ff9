"""An author makes a letter of their own from a starter, in the browser alone, until a document is made with it."""

from __future__ import annotations

import io
import json
import re
import secrets
from collections.abc import Callable
from typing import Any

import pypdfium2
import zxingcpp
from playwright.sync_api import Browser, Page, expect

from journeys.conftest import Company, People, keep, shut
from journeys.reach import reaches
from journeys.test_house_journeys import signed_in

Change = Callable[[str], str]

_MORE = """#keep-together(above: 6mm, width: 100%, data-table(
  (column(word("fee")), column([#word("amount") #slot("currency")], kind: "amount")),
  band("fees", row => (slot(row, "text"), slot(row, "amount"))),
  totals: (total(word("sum"), slot("fee_sum"), strong: true),), repeat: false))
#if flag("waived") { block(above: 3mm, strong(word("waived"))) }
#block(above: 3mm, code("answer", width: 16mm, alt: "QR"))
"""
_WORDS = {
    "en": {"fee": "Fee", "amount": "Amount", "sum": "Sum", "waived": "We waive it this year."},
    "de": {"fee": "Gebühr", "amount": "Betrag", "sum": "Summe", "waived": "In diesem Jahr erlassen."},
    "sv": {
        "fee": "Avgift",
        "amount": "Belopp",
        "sum": "Summa",
        "waived": "Den efterskänks i år.",
        "your_rights": "Dina rättigheter",
    },
}
_EXPECTED = """  - total: [fee_sum, "fees[].amount"]
  - barcode: answer
  - {text: "{words.waived}", samples: 02-edge}
  - {absent: "{words.waived}", samples: 01-plain}
"""
_WRONG = '  - barcode: {reads: "https://elsewhere.example"}\n'
_FEES = [{"text": "Keeping the account", "amount": "36.00"}, {"text": "Cards", "amount": "12.50"}]


def with_fees(text: str) -> str:
    """A sample with what the contract now asks for; the second one is let off."""
    record: dict[str, Any] = json.loads(text)
    record |= {"fees": _FEES, "fee_sum": "48.50", "currency": "EUR", "waived": "object_by" not in record}
    return json.dumps(record, ensure_ascii=False, indent=2)


def contract(text: str) -> str:
    schema: dict[str, Any] = json.loads(text)
    money = {"type": "string", "x-format": "money"}
    row = {"text": {"type": "string", "minLength": 1, "maxLength": 60}, "amount": money}
    rows = {"type": "object", "additionalProperties": False, "required": ["text", "amount"], "properties": row}
    schema["properties"] |= {
        "currency": {"type": "string", "enum": ["EUR"]},
        "fees": {"type": "array", "minItems": 1, "maxItems": 6, "items": rows},
        "fee_sum": money,
        "waived": {"type": "boolean"},
    }
    schema["required"] += ["currency", "fees"]
    return json.dumps(schema, ensure_ascii=False, indent=2)


def named(text: str) -> str:
    """template.yaml with a sum, a check of it, a symbol and a third language."""
    added = (
        "derive:\n  - sum: {each: fees, of: amount, into: fee_sum}\n"
        "checks:\n  - sum: {each: fees, of: amount, equals: fee_sum}\n"
        'codes:\n  answer: {kind: qr, text: "https://bank.example/answer/{number}"}\n'
    )
    text = text.replace("languages: [en, de]", "languages: [en, de, sv]")
    return text.replace("  title: title\n", "  amount: fee_sum\n  currency: currency\n  title: title\n") + added


def page_with_fees(source: str) -> str:
    return source + _MORE


def translated(tag: str) -> Change:
    return lambda text: json.dumps(json.loads(text) | _WORDS[tag], ensure_ascii=False, indent=2)


def change(page: Page, draft: str, name: str, how: Change) -> None:
    """A file of the draft, by the form that works without scripts."""
    page.goto(f"{draft}?file={name}")
    field = page.get_by_label("Text of the file")
    field.fill(how(field.input_value()))
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status").filter(has_text=f"Saved: {name}")).to_be_visible()


def test_an_author_makes_a_letter_from_a_starter_to_a_document(
    browser: Browser, company: Company, people: People, page: Page
) -> None:
    author = signed_in(browser, company, people.email("author"))
    approver = signed_in(browser, company, people.email("approver"))
    mark = secrets.token_hex(3)  # walked twice, it is another letter
    draft = _begun(author, mark)
    # when it gets a table with its total, a sentence on a condition, a symbol, and tests that hold them
    change(author, draft, "contract.json", contract)
    change(author, draft, "template.yaml", named)
    for name in ("samples/01-plain.json", "samples/02-edge.json"):
        change(author, draft, name, with_fees)
    change(author, draft, "main.typ", page_with_fees)
    change(author, draft, "tests/page.yaml", lambda text: text + _EXPECTED)
    # then everything that is still missing is named with its place
    told = author.locator("#h-problems").locator("xpath=ancestor::section")
    expect(told).to_contain_text("words/sv.json")
    expect(told).to_contain_text(re.compile(r"main\.typ:\d+"))
    reaches(author, "draft-problems")
    # when the new language comes in as a file that begins with the words to be translated
    author.get_by_label("Another file").fill("words/sv.json")
    author.get_by_role("button", name="Open it").click()
    expect(author.get_by_text("This file is new")).to_be_visible()
    assert json.loads(author.get_by_label("Text of the file").input_value())["your_rights"] == "Your rights"
    reaches(author, "draft-new-file")
    for tag in ("sv", "en", "de"):
        change(author, draft, f"words/{tag}.json", translated(tag))
    expect(author.locator("#h-problems")).to_have_count(0)
    # then the studio shows the page, in the new language too
    _seen_in_the_studio(author, draft)
    _breaks_and_mends(author, draft)
    _red_and_refused(approver, author, draft)
    _approved_by_somebody_else(approver, draft, mark)
    _sent(page, mark)
    for window in (author, approver):
        shut(window.context)


def _begun(author: Page, mark: str) -> str:
    """A starter, chosen by its picture and begun under a name of one's own."""
    author.goto("/templates/")
    author.get_by_role("link", name="Start from a starter").click()
    author.get_by_role("link", name="Regulatory notice").click()
    author.get_by_label("Key", exact=True).fill(f"fee-notice-{mark}")
    author.get_by_label("Name", exact=True).fill(f"Fee notice {mark}")
    author.get_by_role("button", name="Begin the draft").click()
    expect(author.get_by_role("heading", name=f"Draft of Fee notice {mark}")).to_be_visible()
    return author.url.partition("?")[0]


def _seen_in_the_studio(author: Page, draft: str) -> None:
    author.goto(f"{draft}studio/")
    author.wait_for_selector("template-studio[mapped]", timeout=60_000)
    picture = author.locator(".st-sheet img").first
    before = picture.get_attribute("src")
    author.locator("template-studio [name=language]").select_option("sv")
    expect(picture).not_to_have_attribute("src", before or "", timeout=60_000)
    expect(author.locator("[data-faults] li")).to_have_count(0)
    keep(author, "author-studio")


def _breaks_and_mends(author: Page, draft: str) -> None:
    """Sending it on is refused with file, line and field; mended, it goes, with a test that is red."""
    change(author, draft, "main.typ", lambda text: text.replace('slot("fee_sum")', 'slot("fee_sun")'))
    typed = author.get_by_label("Text of the file").input_value().splitlines()
    at = next(number for number, line in enumerate(typed, 1) if "fee_sun" in line)
    author.get_by_role("button", name="Send to review").click()
    refused = author.get_by_role("status").filter(has_text="main.typ")
    expect(refused).to_contain_text(f"main.typ:{at}", timeout=60_000)
    expect(refused).to_contain_text("Did you mean 'fee_sum'?")
    reaches(author, "draft-refused")
    change(author, draft, "main.typ", lambda text: text.replace("fee_sun", "fee_sum"))
    # and a symbol that reads something else than its test expects is there still
    change(author, draft, "tests/page.yaml", lambda text: text + _WRONG)
    author.get_by_label("What changed").fill("A notice of our own")
    author.get_by_role("button", name="Send to review").click()
    expect(author.get_by_role("status").filter(has_text="Sent to review")).to_be_visible(timeout=120_000)


def _red_and_refused(approver: Page, author: Page, draft: str) -> None:
    """Its tests began when it was sent: the author reads the line, nobody can approve it, and it is mended."""
    told = author.locator("#h-tests").locator("xpath=ancestor::section")
    expect(told).to_contain_text(re.compile(r"tests/page\.yaml:\d+"), timeout=240_000)
    approver.goto(f"{draft}review/")
    expect(approver.get_by_role("status").filter(has_text="Its tests do not hold")).to_be_visible()
    refused = approver.locator("#h-tests").locator("xpath=ancestor::section")
    expect(refused).to_contain_text("elsewhere.example")
    expect(approver.get_by_role("button", name="Approve")).to_have_count(0)
    reaches(approver, "draft-red")
    author.goto(draft)
    author.get_by_role("button", name="Take it back").click()
    expect(author.get_by_role("status").filter(has_text="Taken back")).to_be_visible()
    change(author, draft, "tests/page.yaml", lambda text: text.replace(_WRONG, ""))
    author.get_by_role("button", name="Send to review").click()
    expect(author.get_by_role("status").filter(has_text="Sent to review")).to_be_visible(timeout=120_000)


def _approved_by_somebody_else(approver: Page, draft: str, mark: str) -> None:
    approver.goto("/templates/")
    waiting = approver.locator("li, tr").filter(has_text=f"Fee notice {mark}").first
    expect(waiting).to_contain_text("It waits for you.")
    waiting.get_by_role("link").first.click()
    approver.goto(f"{draft}review/")
    expect(approver.locator("#h-pages").locator("xpath=ancestor::section").get_by_role("img").first).to_be_visible(
        timeout=60_000
    )
    tests = approver.locator("#h-tests").locator("xpath=ancestor::section")
    expect(tests).to_contain_text("all hold", timeout=240_000)
    approver.get_by_role("button", name="Approve").click()
    expect(approver.get_by_role("status").filter(has_text="Approved. It is in force")).to_be_visible(timeout=60_000)
    approver.get_by_role("button", name="Publish").click()
    expect(approver.get_by_role("status").filter(has_text="Published. Runs take it")).to_be_visible(timeout=240_000)


def _sent(page: Page, mark: str) -> None:
    """A document is made with it in the language that was added: it says what it should, and its symbol reads."""
    number = f"RN-{mark.upper()}"
    page.goto(f"/send/?template=fee-notice-{mark}&q=a")
    page.locator("ul.rows a", has_text="Choose").first.click()
    page.wait_for_url("**party=**")
    field = page.locator("#data")
    record: dict[str, Any] = json.loads(field.input_value())
    record |= {"number": number, "waived": True, "customer": record["customer"] | {"language": "sv-SE"}}
    field.fill(json.dumps(record, ensure_ascii=False, indent=1))
    expect(page.locator("#h-preview")).to_contain_text(number, timeout=60_000)
    page.get_by_role("button", name="Send", exact=True).click()
    page.wait_for_url(re.compile("/(deliveries|documents|runs)/"), timeout=60_000)
    page.goto(f"/documents/?q={number}")
    page.locator("a[data-open]").first.click()
    page.wait_for_selector("pdf-viewer[data-ready]")
    with page.expect_download() as coming:
        page.get_by_role("link", name="Download").first.click()
    sheet = pypdfium2.PdfDocument(io.BytesIO(coming.value.path().read_bytes()))[0]
    text = " ".join(sheet.get_textpage().get_text_range().split())
    for said in ("Dina rättigheter", "Avgift", "Summa", "48,50", "Den efterskänks i år."):
        assert said in text, (said, text)
    read = [one.text for one in zxingcpp.read_barcodes(sheet.render(scale=4).to_pil())]
    assert read == [f"https://bank.example/answer/{number}"]
