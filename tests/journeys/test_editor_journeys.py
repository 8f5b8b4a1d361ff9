"""Somebody who writes no source: a text with fields by keyboard alone, a condition by rows, two authors at once."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from journeys.conftest import Company, People, shut, signed_in
from journeys.reach import reaches

BLOCK = "/templates/house/block/office-hours/"
_PASTE = """area => {
    const brought = new DataTransfer();
    brought.setData("text/html", "<p>From <b>elsewhere</b> <a href='javascript:x'>bad</a></p><ul><li>one</ul>");
    brought.setData("text/plain", "From elsewhere");
    area.dispatchEvent(new ClipboardEvent("paste", {clipboardData: brought, bubbles: true, cancelable: true}));
}"""


def test_a_text_is_written_with_fields_marks_and_lists_by_keyboard(
    browser: Browser, company: Company, people: People
) -> None:
    author = signed_in(browser, company, people.email("author"))
    author.goto(BLOCK)
    area, source = author.locator("#text-1-rich"), author.locator("#text-1")
    before = source.input_value()
    # given the caret at the end of the text; what is only shown is not written anew
    area.focus()
    author.keyboard.press("Control+End")
    expect(source).to_have_value(before)
    # when a field is chosen from the list that { opens, and words are made bold
    author.keyboard.press("Enter")
    author.keyboard.type("Dear {customer na")
    expect(author.get_by_role("option", name="customer name")).to_be_visible()
    author.keyboard.press("Enter")
    author.keyboard.type(", ")
    author.keyboard.press("Control+b")
    author.keyboard.type("at once")
    expect(source).to_have_value(f"{before}\n\nDear {{{{ customer.name }}}}, **at once**")
    # then it is one thing, that says what it is and goes with one key; and comes back
    expect(area.locator("[data-field='customer.name']").last).to_have_text("merge field customer name")
    for _ in range(len("at once") + 2):
        author.keyboard.press("Backspace")
    author.keyboard.press("Backspace")
    expect(source).to_have_value(f"{before}\n\nDear")
    author.keyboard.press("Control+z")
    expect(source).not_to_have_value(f"{before}\n\nDear")
    # the toolbar is reached by Alt+F10 and left by Escape, the text by Tab
    author.keyboard.press("Alt+F10")
    expect(author.get_by_role("button", name="Bold", exact=True).first).to_be_focused()
    author.keyboard.press("Escape")
    expect(area).to_be_focused()
    author.keyboard.press("Tab")
    expect(area).not_to_be_focused()
    # what is pasted keeps what the text has words for, and the page follows
    area.focus()
    author.keyboard.press("Control+a")
    author.keyboard.press("Delete")
    area.evaluate(_PASTE)
    expect(source).to_have_value("From **elsewhere** bad\n\n- one")
    expect(author.locator("#seen rect").first).to_be_attached(timeout=30_000)
    reaches(author, "rich-text")
    shut(author.context)


def test_two_authors_of_one_condition_lose_nothing(browser: Browser, company: Company, people: People) -> None:
    one = signed_in(browser, company, people.email("author"))
    other = signed_in(browser, company, people.email("administrator"))
    one.goto("/templates/reminder/")
    with one.expect_navigation():
        one.get_by_role("button", name="Begin a draft").click()
    draft = one.url.partition("?")[0]
    # given two people with the same condition before them
    for page in (one, other):
        page.goto(f"{draft}studio/conditions/")
        expect(page.get_by_text("Only when sepa is yes.").first).to_be_visible()
    # when each asks something else of it, then the sentence and the page follow, and both save
    for page, value in ((one, "no"), (other, None)):
        if value is None:
            page.locator("#field-1").select_option("currency")
            expect(page.locator("#value-1")).to_have_value("")
            page.locator("#value-1").select_option("EUR")
            expect(page.locator("#cond-look .say")).to_have_text("Only when currency is “EUR”.")
        else:
            page.locator("#value-1").select_option(label=value)
            expect(page.locator("#cond-look .say")).to_have_text("Only when sepa is no.")
        page.get_by_role("button", name="Save the condition").click()
    # then the first is saved, and the second sees both texts and chooses
    expect(one.get_by_role("status").filter(has_text="The condition is saved.")).to_be_visible()
    expect(other.get_by_role("heading", name="Two texts of one file")).to_be_visible()
    other.get_by_role("button", name="Save this").click()
    expect(other.get_by_role("status").filter(has_text="stays in the history")).to_be_visible()
    other.goto(f"{draft}studio/conditions/")
    expect(other.get_by_text("Only when currency is “EUR”.").first).to_be_visible()
    # and whoever writes source at the same moment is led there too
    one.goto(f"{draft}studio/texts/")
    other.goto(f"{draft}studio/texts/")
    for page, said in ((one, "One"), (other, "Other")):
        page.locator("#sms").fill(f"{said}: {{{{ document.title }}}}")
        expect(page.locator(".phone-said")).to_contain_text(f"{said}: ")
    one.get_by_role("button", name="Save the short texts").click()
    expect(one.get_by_role("status").filter(has_text="The short texts are saved.")).to_be_visible()
    other.get_by_role("button", name="Save the short texts").click()
    expect(other.get_by_role("heading", name="Two texts of one file")).to_be_visible()
    other.goto(draft)
    other.get_by_role("button", name="Put it away").click()
    expect(other.get_by_role("button", name="Bring it back")).to_be_visible()
    for page in (one, other):
        shut(page.context)
