"""A real letter becomes a masked sample of its template, and the draft that has it is replayed over real letters."""

from __future__ import annotations

import json

from playwright.sync_api import Browser, expect

from journeys.conftest import Company, People, shut, signed_in
from journeys.reach import reaches


def test_a_draft_from_a_captured_sample_is_replayed(browser: Browser, company: Company, people: People) -> None:
    author = signed_in(browser, company, people.email("administrator"))
    # given a letter that was really sent, and whom it went to
    author.goto("/documents/?kind=reminder")
    author.locator("main table a").first.click()
    author.get_by_role("link", name="Make a masked sample of it…").click()
    # when a sample is made of it, then nothing on it is of the record, and its page is seen before it is kept
    expect(author.get_by_alt_text("First page of the sample")).to_be_visible(timeout=60_000)
    name = author.locator("tr", has=author.get_by_text("customer.name", exact=True)).locator("td")
    masked, real = name.nth(1).inner_text(), name.nth(3).inner_text()
    assert masked and real and masked != real
    author.get_by_label("Name of the sample").fill("from-a-real-letter")
    author.get_by_role("button", name="Keep the sample").click()
    # then it stands in a draft, and the first person's name nowhere in it
    expect(author.get_by_role("status").filter(has_text="samples/from-a-real-letter.json")).to_be_visible()
    text = author.get_by_label("Text of the file")
    expect(author.get_by_role("heading", name="samples/from-a-real-letter.json")).to_be_visible()
    assert json.loads(text.input_value())["customer"]["name"] == masked
    assert json.dumps(real)[1:-1] not in text.input_value() and real not in text.input_value()
    draft = author.url.partition("?")[0]
    author.goto(f"{draft}?file=words/en.json")
    words = text.input_value()
    text.fill(words.replace('"Days late"', '"Days too late"'))
    author.get_by_role("button", name="Save", exact=True).click()
    author.get_by_role("button", name="Send to review").click()
    expect(author.get_by_role("status").filter(has_text="Sent to review")).to_be_visible(timeout=60_000)
    # when somebody else looks, then the pages of that sample stand side by side
    other = signed_in(browser, company, people.email("approver"))
    other.goto(f"{draft}review/")
    other.get_by_label("Sample", exact=True).select_option("from-a-real-letter")
    expect(other.locator("#seen img").first).to_be_visible(timeout=60_000)
    # and over what was really sent, each letter stands in one group
    other.get_by_role("button", name="Replay 200 records").click()
    expect(other.get_by_text("Replayed", exact=True).first).to_be_visible(timeout=240_000)
    other.get_by_role("link", name="See the pages side by side").click()
    reaches(other, "draft-replay")
    expect(other.get_by_text("A real letter, masked")).to_be_visible()
    # and the draft is put away, nothing is published
    author.goto(draft)
    author.get_by_role("button", name="Take it back").click()
    author.get_by_role("button", name="Put it away").click()
    expect(author.get_by_role("button", name="Bring it back")).to_be_visible()
    for page in (author, other):
        shut(page.context)
