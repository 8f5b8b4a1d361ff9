"""A sentence that four letters say is changed once: one writes it and sees the pages, somebody else approves."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import Browser, expect

from journeys.conftest import Company, People, shut, signed_in, terminal
from journeys.reach import reaches
from journeys.twice import fresh

BLOCK = "/templates/house/block/office-hours/"
LETTERS = {
    "delivery-delay": "Delivery delay",
    "new-contact": "New contact",
    "order-confirmation": "Order confirmation",
    "price-change": "Price change",
}
SENTENCE = "If anything is unclear, ring us on **+46 40 555 01 90**. We answer from Monday to Thursday, 7 to 18."


def run_of_letters(company: Company, folder: Path, count: int = 200) -> str:
    """A run of that many letters that say the block, composed and kept from leaving; its reference."""
    letters = Path(__file__).parents[2] / "src" / "postroom" / "demo" / "letters" / "new-contact" / "samples"
    samples = [path.read_text("utf-8") for path in sorted(letters.glob("*.json"))]
    lines = []
    for number in range(count):
        record = json.loads(samples[number % len(samples)])
        record["number"] = fresh(f"NC{number}").upper()
        record["customer"]["contact"] = f"Desk {number + 1}"
        lines.append(json.dumps(record))
    data = folder / "letters.jsonl"
    data.write_text("\n".join(lines), "utf-8")
    told = json.loads(terminal(company, "run", "new-contact", str(data), "--hold", "--json"))
    assert told["documents"] == count, told
    return str(told["run"])


def test_a_sentence_of_four_letters_is_changed_once_and_approved_over_200_real_records(
    browser: Browser, company: Company, people: People, tmp_path: Path
) -> None:
    run = run_of_letters(company, tmp_path)
    author = signed_in(browser, company, people.email("author"))
    approver = signed_in(browser, company, people.email("approver"))
    # given the block, found by its list, and the four letters that say it
    author.goto("/templates/")
    author.get_by_role("link", name="Content blocks and brands").click()
    author.get_by_role("link", name="Office hours").click()
    expect(author.locator(".used-in")).to_have_count(4)
    # when the sentence is typed, then a page of a letter stands beside it with a box around what differs
    author.locator("#text-1").fill(SENTENCE)
    expect(author.locator("#seen rect").first).to_be_attached(timeout=30_000)
    expect(author.locator("#seen img")).to_have_count(1, timeout=30_000)
    # and the page of each of the four follows when it is chosen
    for key, name in LETTERS.items():
        author.get_by_label("Template that is shown").select_option(key)
        seen = f"{name}, page 1 as it would be"
        expect(author.locator("#seen img")).to_have_attribute("alt", seen, timeout=30_000)
        expect(author.locator("#seen rect").first).to_be_attached(timeout=30_000)
    reaches(author, "house-part-live")
    author.locator("#note").fill("New hours")
    author.get_by_role("button", name="Keep the change").click()
    author.get_by_role("button", name="Send to review").click()
    expect(author.get_by_role("status").filter(has_text="Sent to review")).to_be_visible()
    # then whoever wrote it has no way to approve it, not even by hand
    expect(author.get_by_role("button", name="Approve")).to_have_count(0)
    mark = author.locator("input[name=csrfmiddlewaretoken]").first.get_attribute("value")
    refused = author.request.post(
        f"{company.address}{BLOCK}approved/",
        form={"csrfmiddlewaretoken": str(mark), "revision": "1"},
        headers={"Referer": company.address + BLOCK},
    )
    assert refused.status == 403
    # when the approver opens it, then each of the four letters shows its page before and after
    approver.goto("/templates/house/")
    expect(approver.get_by_text("It waits for you.")).to_be_visible()
    approver.get_by_role("link", name="Office hours").click()
    for key in LETTERS:
        section = approver.locator(f"#pages-{key}")
        section.scroll_into_view_if_needed()
        expect(section.locator("img")).to_have_count(2, timeout=30_000)
        expect(section.locator("rect").first).to_be_attached()
    reaches(approver, "house-part-review")
    # when it is approved at once, then the difference over real records is asked for
    approver.get_by_role("button", name="Approve").click()
    expect(approver.get_by_role("status").filter(has_text="was not replayed over them")).to_be_visible()
    # when the 200 records of a run are made with the sentence, beside what is in force
    choice = approver.get_by_label("Over the records of").locator("option", has_text=run)
    approver.get_by_label("Over the records of").select_option(value=str(choice.get_attribute("value")))
    approver.get_by_role("button", name="Replay 200 records").click()
    expect(approver.get_by_text("Replayed", exact=True).first).to_be_visible(timeout=240_000)
    approver.get_by_role("link", name="See the pages side by side").click()
    # then each of them stands in a group by its cause, with its pages, masked for who may not see records
    expect(approver.get_by_role("heading", name="Replay of Office hours")).to_be_visible()
    figures = approver.locator("#proofs-live .groups-no").all_inner_texts()
    assert sum(int(figure) for figure in figures) == 200, figures
    expect(approver.get_by_text("A real letter, masked")).to_be_visible()
    expect(approver.get_by_alt_text("The page with the change")).to_be_visible()
    reaches(approver, "house-part-replay")
    # and what was seen is what is signed
    approver.goto(BLOCK)
    approver.get_by_role("button", name="Approve").click()
    expect(approver.get_by_text("Signed by")).to_be_visible()
    approver.get_by_role("button", name="Publish").click()
    # then all four have a new version with the sentence
    expect(approver.get_by_role("status").filter(has_text="new versions of 4 templates")).to_be_visible(timeout=60_000)
    approver.goto("/templates/new-contact/")
    expect(approver.get_by_text("Content block Office hours, version 2")).to_be_visible()
    terminal(company, "runs", "cancel", run, "--reason", "Only made to be looked at")
    for page in (author, approver):
        shut(page.context)


def test_two_authors_of_one_line_see_both_texts_and_choose(browser: Browser, company: Company, people: People) -> None:
    one = signed_in(browser, company, people.email("author"))
    other = signed_in(browser, company, people.email("administrator"))
    # given one draft that two people have open
    one.goto("/templates/price-change/")
    with one.expect_navigation():
        one.get_by_role("button", name="Begin a draft").click()
    address = f"{one.url.partition('?')[0]}?file=words/en.json"
    for page in (one, other):
        page.goto(address)
    # when both change the same line and save
    text = one.locator("#text").input_value()
    for page, said in ((one, "Prices go up"), (other, "Prices change")):
        page.locator("#text").fill(text.replace("Our prices change", said))
        page.get_by_role("button", name="Save", exact=True).click()
    # then the second sees both, makes one of them, and nothing was lost
    expect(other.get_by_role("heading", name="Two texts of one file")).to_be_visible()
    reaches(other, "draft-conflict")
    other.get_by_role("button", name="Save this").click()
    expect(other.get_by_role("status").filter(has_text="stays in the history")).to_be_visible()
    other.goto(address)
    assert "Prices change" in other.locator("#text").input_value()
    other.get_by_role("button", name="Put it away").click()
    expect(other.get_by_role("button", name="Bring it back")).to_be_visible()
    for page in (one, other):
        shut(page.context)


def test_a_wording_is_replayed_over_real_letters_before_it_is_approved(
    browser: Browser, company: Company, people: People
) -> None:
    author = signed_in(browser, company, people.email("author"))
    approver = signed_in(browser, company, people.email("administrator"))
    # given a draft of the invoice with another heading, sent to review
    author.goto("/templates/invoice/")
    with author.expect_navigation():
        author.get_by_role("button", name="Begin a draft").click()
    draft = author.url.partition("?")[0]
    author.goto(f"{draft}?file=words/en.json")
    text = author.locator("#text").input_value()
    author.locator("#text").fill(text.replace('"Invoice date"', '"Date of invoice"'))
    author.get_by_role("button", name="Save", exact=True).click()
    author.get_by_role("button", name="Send to review").click()
    expect(author.get_by_role("status").filter(has_text="Sent to review")).to_be_visible(timeout=60_000)
    # when the approver wants to approve it at once, then the replay is asked for
    approver.goto(f"{draft}review/")
    approver.get_by_role("button", name="Approve").click()
    expect(approver.get_by_role("status").filter(has_text="was not replayed")).to_be_visible()
    # when it is replayed over what was really sent
    approver.goto(f"{draft}review/")
    approver.get_by_role("button", name="Replay 200 records").click()
    expect(approver.get_by_text("Replayed", exact=True).first).to_be_visible(timeout=240_000)
    approver.goto(f"{draft}review/")
    # then the change is told with how many letters it meets, and pages stand side by side
    approver.get_by_role("link", name="See the pages side by side").click()
    reaches(approver, "draft-replay")
    # and each record of the run stands in one group
    figures = [int(text.replace(",", "")) for text in approver.locator(".groups-no").all_inner_texts()]
    assert sum(figures) >= 190 and len(figures) >= 1, figures
    approver.goto(f"{draft}review/")
    approver.get_by_role("button", name="Approve").click()
    expect(approver.get_by_role("status").filter(has_text="Approved")).to_be_visible()
    # and the draft is put away, nothing is published
    author.goto(draft)
    author.get_by_role("button", name="Take it back").click()
    author.get_by_role("button", name="Put it away").click()
    expect(author.get_by_role("button", name="Bring it back")).to_be_visible()
    for page in (author, approver):
        shut(page.context)
