"""The customer's way: from the mail to the paper, without an account and without a script."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, expect

from journeys.conftest import Company, follow, keep, shut


def test_a_customer_opens_the_mail_and_the_desk_learns_that_it_was_read(
    page: Page, browser: Browser, company: Company
) -> None:
    # given a mail in the Outbox, with its HTML shown in a frame that can do nothing
    page.goto("/outbox/?q=Invoice+INV-2026-10")
    keep(page, "outbox")
    follow(page, page.locator("a[data-open]").first)
    frame = page.frame_locator("iframe.mail-frame")
    expect(frame.locator("body")).to_contain_text("Lindqvist")
    keep(page, "mail")
    text = page.get_by_text(re.compile("/portal/")).first.inner_text()
    found = re.search(r"http://\S+/portal/\S+/", text)
    assert found
    delivery = page.get_by_role("link", name="The delivery").get_attribute("href")
    # when the customer follows it in a browser without scripts
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    guest = context.new_page()
    guest.goto(found.group())
    # then the paper is there, and can be taken
    expect(guest.locator("img.page-img").first).to_be_visible()
    keep(guest, "portal-document", whole=True)
    with guest.expect_download() as download:
        guest.locator(".p-acts a").click()  # the portal speaks the customer's language, so places and not words
    assert download.value.path().read_bytes().startswith(b"%PDF")
    guest.locator("main a.lnk").first.click()
    expect(guest.locator("a.p-row").nth(1)).to_be_visible()
    keep(guest, "portal", whole=True)
    # and the desk knows, and says no more than it knows
    page.goto(str(delivery))
    expect(page.locator("#tell")).to_contain_text("It was opened on the portal")
    expect(page.locator(".stamp")).to_contain_text("Opened")
    keep(page, "delivery-opened", whole=True)
    shut(context)


def test_a_cut_link_opens_nothing(browser: Browser, company: Company) -> None:
    page = browser.new_page()
    page.goto(f"{company.address}/portal/WyJjdXQi/")
    expect(page.get_by_role("heading", name="This link does not open anything")).to_be_visible()
    shut(page)
