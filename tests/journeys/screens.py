"""Every screen there is, by the name of its picture. Whoever adds a page adds its line; ``test_reach`` says so if not.

An address may hold ``{places}``: what stands there is found by walking (``places_of``), as a person would.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page


@dataclass(frozen=True, slots=True)
class Screen:
    """``route`` is the name of its URL pattern; empty for what stands in for a page (not found, wrong method)."""

    route: str
    address: str
    guest: bool = False  # seen by somebody who is not signed in


SCREENS = {
    "login": Screen("account_login", "/account/login/", guest=True),
    "login-ended": Screen("account_login", "/account/login/?next=/send/&ended=1", guest=True),
    "password-reset": Screen("account_reset_password", "/account/password/reset/", guest=True),
    "password-reset-sent": Screen("account_reset_password_done", "/account/password/reset/done/", guest=True),
    "password-reset-key": Screen("account_reset_password_from_key", "/account/password/reset/key/1-abc/", guest=True),
    "password-reset-over": Screen(
        "account_reset_password_from_key_done", "/account/password/reset/key/done/", guest=True
    ),
    "inactive": Screen("account_inactive", "/account/inactive/", guest=True),
    "enter": Screen("enter", "/enter/nonsense/", guest=True),
    "portal": Screen("portal-documents", "{portal}documents/", guest=True),
    "portal-german": Screen("portal-documents", "{portal_german}documents/", guest=True),
    "portal-document": Screen("portal-document", "{portal_document}", guest=True),
    "portal-preferences": Screen("portal-preferences", "{portal}preferences/", guest=True),
    "portal-preferences-german": Screen("portal-preferences", "{portal_german}preferences/", guest=True),
    "portal-help": Screen("portal-help", "{portal}help/", guest=True),
    "portal-again": Screen("portal-again", "/portal/nonsense/again/", guest=True),
    "portal-link": Screen("portal", "/portal/nonsense/", guest=True),
    "logout": Screen("account_logout", "/account/logout/"),
    "password-change": Screen("account_change_password", "/account/password/change/"),
    "reauthenticate": Screen("account_reauthenticate", "/account/reauthenticate/"),
    "how-you-sign-in": Screen("mfa_index", "/account/2fa/"),
    "no-passkeys": Screen("mfa_list_webauthn", "/account/2fa/webauthn/"),
    "where-you-are": Screen("sessions", "/sessions/"),
    "home": Screen("home", "/"),
    "tour": Screen("home", "/?tour=on"),
    "runs": Screen("runs", "/runs/"),
    "runs-peek": Screen("run-peek", "/runs/?peek={run_id}"),
    "run": Screen("run", "/runs/R-2026-0001/"),
    "correct": Screen("set-aside", "{correct}"),
    "run-part": Screen("run-part", "/runs/R-2026-0001/part/"),
    "run-new": Screen("run-new", "/runs/new/"),
    "schedules": Screen("schedules", "/runs/schedules/"),
    "schedule": Screen("schedule", "{schedule}"),
    "schedule-new": Screen("schedule-new", "/runs/schedules/new/"),
    "schedule-edit": Screen("schedule-edit", "{schedule}edit/"),
    "send": Screen("send", "/send/?template=invoice&q=a"),
    "send-form": Screen("send", "{send}"),
    "set-aside": Screen("set-aside-all", "/set-aside/"),
    "set-aside-peek": Screen("set-aside-peek", "/set-aside/?peek={record}"),
    "hand-in": Screen("set-aside-hand-in", "/set-aside/hand-in/?id={record}"),
    "documents": Screen("documents", "/documents/"),
    "found": Screen("documents", "/documents/?q=press"),
    "nothing": Screen("documents", "/documents/?q=unicorn"),
    "documents-peek": Screen("document-peek", "/documents/?peek={document_id}"),
    "documents-facets": Screen("document-facets", "/documents/?state=delivered&q=press"),
    "reprint": Screen("documents-reprint", "/documents/reprint/?id={document_id}"),
    "document": Screen("document", "{document}"),
    "every-event": Screen("document", "{document}?events=all"),
    "deliveries": Screen("deliveries", "/deliveries/"),
    "deliveries-peek": Screen("delivery-peek", "/deliveries/?peek={delivery_id}"),
    "resend": Screen("deliveries-resend", "/deliveries/resend/?id={delivery_id}"),
    "decide": Screen("deliveries-decide", "/deliveries/decide/?id={delivery_id}"),
    "deliveries-hold": Screen("deliveries-hold", "/deliveries/hold/?id={delivery_id}"),
    "deliveries-release": Screen("deliveries-release", "/deliveries/release/?id={delivery_id}"),
    "deliveries-cancel": Screen("deliveries-cancel", "/deliveries/cancel/?id={delivery_id}"),
    "delivery": Screen("delivery", "{delivery}"),
    "returned": Screen("delivery", "{returned}"),
    "work": Screen("bulk-work", "/lists/jobs/"),
    "parties": Screen("parties", "/parties/"),
    "parties-peek": Screen("party-peek", "/parties/?peek={party_id}"),
    "party": Screen("party", "{party}"),
    "templates": Screen("templates", "/templates/"),
    "template": Screen("template", "/templates/delivery-delay/"),
    "starters": Screen("starters", "/templates/starters/"),
    "starter": Screen("starter", "/templates/starters/utility-bill/"),
    "draft": Screen("draft", "{draft}"),
    "draft-review": Screen("draft-review", "{draft}review/"),
    "studio": Screen("studio", "{draft}studio/"),
    "studio-words": Screen("studio-words", "{draft}studio/words/"),
    "studio-conditions": Screen("studio-conditions", "{draft}studio/conditions/"),
    "studio-texts": Screen("studio-texts", "{draft}studio/texts/"),
    "house-parts": Screen("house-parts", "/templates/house/"),
    "house-part": Screen("house-part", "/templates/house/block/office-hours/"),
    "house-brand": Screen("house-part", "/templates/house/brand/lindqvist/"),
    "house-part-new": Screen("house-part-new", "/templates/house/new/block/"),
    "uses": Screen("uses", "/templates/uses/"),
    "template-uses": Screen("template-uses", "/templates/invoice/uses/"),
    "sample": Screen("document-sample", "/documents/{document_id}/sample/"),
    "record-sample": Screen("record-sample", "/runs/R-2026-0001/set-aside/{record}/sample/"),
    "letters": Screen("letters", "/letters/"),
    "letter-new": Screen("letter-new", "/letters/new/?template=price-change&q=a"),
    "letter-limits": Screen("settings-letters", "/settings/letters/"),
    "outbox": Screen("outbox", "/outbox/"),
    "mail": Screen("mail", "{mail}"),
    "people": Screen("settings-people", "/settings/people/"),
    "person": Screen("settings-person", "{person}"),
    "tokens": Screen("settings-tokens", "/settings/tokens/"),
    "channels": Screen("settings-channels", "/settings/channels/"),
    "destination-new": Screen("settings-destination-new", "/settings/channels/new/?kind=email"),
    "destination": Screen("settings-destination", "{destination}"),
    "folders": Screen("settings-folders", "/settings/folders/"),
    "health": Screen("settings-health", "/settings/health/"),
    "about": Screen("settings-about", "/settings/about/"),
    "help": Screen("help", "/help/"),
    "help-words": Screen("help-words", "/help/words/"),
    "help-topic": Screen("help-topic", "/help/run/?from=/runs/"),
    "missing": Screen("", "/nowhere/"),
    "wrong-way": Screen("", "/documents/{document_id}/resend/"),
}
#: Pages that stand at the end of a way; its journey holds them (``reaches``) under this picture's name.
ELSEWHERE = {
    "draft-conflict": "draft-conflict",
    "draft-replay": "draft-replay",
    "house-part-replay": "house-part-replay",
    "letter": "letter",
    "letter-parties": "letter-parties",
    "mfa_authenticate": "second-step",
    "mfa_activate_totp": "totp-on",
    "mfa_deactivate_totp": "totp-off",
    "mfa_view_recovery_codes": "recovery-codes",
    "mfa_generate_recovery_codes": "recovery-codes-new",
    "mfa_list_webauthn": "passkeys",
    "mfa_add_webauthn": "passkey-add",
    "mfa_edit_webauthn": "passkey-name",
    "mfa_remove_webauthn": "passkey-remove",
    "mfa_reauthenticate_webauthn": "passkey-again",
}
#: Addresses that answer GET and are no screen, and why.
NO_SCREEN = {
    "account_set_password": "leads to changing it: everybody has one",
    "account_confirm_login_code": "signing in by a mailed code is switched off",
    "mfa_reauthenticate": "leads to the password or the passkey, whichever they have",
    "mfa_download_recovery_codes": "a file",
    "mfa_login_webauthn": "what the script of the door asks for: JSON",
    "documents-export": "a file",
    "documents-zip": "a file",
    "deliveries-export": "a file",
    "runs-export": "a file",
    "parties-export": "a file",
    "set-aside-export": "a file",
    "bulk-work-live": "a part of its page",
    "home-live": "a part of its page",
    "home-step": "leads to the page of its step",
    "runs-live": "a part of its page",
    "run-live": "a part of its page",
    "run-balance": "a file",
    "run-data": "a file",
    "events-pass": "what the script asks for: JSON",
    "palette": "a part of every page; the palette's journey holds it",
    "document-page": "a picture",
    "document-download": "a file",
    "document-pdf": "a file",
    "document-content": "a file",
    "template-picture": "a picture",
    "starter-picture": "a picture",
    "draft-page": "a part of its page",
    "draft-replay-live": "a part of its page",
    "draft-replay-picture": "a picture",
    "house-part-replay-live": "a part of its page",
    "house-part-replay-picture": "a picture",
    "house-part-replay-masked-picture": "a picture",
    "draft-replay-masked-picture": "a picture",
    "draft-replay-sample": "the page of document-sample, come to from a replay",
    "used-picture": "a picture",
    "studio-word": "a file",
    "draft-conflict-download": "a file",
    "template-back-live": "a part of its page; test_draft_tests holds it",
    "draft-test-picture": "a picture",
    "house-part-page": "a part of its page",
    "house-part-picture": "a picture",
    "letter-mail": "the mail a letter would be, in a frame of its page",
    "mail-html": "somebody's mail, in a frame of its page",
    "mail-source": "a file",
    "mail-attachment": "a file",
    "sso": "leads to the company's own sign-in; its journey stands in the tests of single sign-on",
    "sso-back": "leads into the desk",
    "sso-out": "leads out of it",
    "here": "what the script of a form asks for: JSON",
    "settings": "leads to the first of its pages",
    "portal": "leads to the documents; as a page of its own it says that a link is dead (portal-link)",
    "portal-page": "a picture",
    "portal-download": "a file",
    "healthz": "for programs",
    "metrics": "for programs",
}


def named_routes(patterns: Any = None, before: str = "") -> Iterator[tuple[str, str, Any]]:
    """Name, address and view of every page's URL pattern (not the API's: it has no pages)."""
    import django
    from django.urls import URLResolver, get_resolver

    if patterns is None:
        django.setup()
        patterns = get_resolver().url_patterns
    for pattern in patterns:
        text = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from named_routes(pattern.url_patterns, text)
        elif not text.startswith("api/"):
            yield str(pattern.name), text, pattern.callback


def without_picture(patterns: Any = None) -> list[str]:
    """Addresses that somebody can open and that nobody looks at."""
    from postroom.identity.access import access_of

    walked = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*_journeys.py"))
    held = {route for route, picture in ELSEWHERE.items() if re.search(rf'reaches\(\w+, "{picture}"', walked)}
    known = {screen.route for screen in SCREENS.values()} | held | set(NO_SCREEN)
    return [
        f"{text} ({name})"
        for name, text, view in named_routes(patterns)
        if set(access_of(view)) != {"POST"} and name not in known and name != "language"
    ]


def left_over(patterns: Any = None) -> list[str]:
    """Names that no address has any more."""
    there = {name for name, _, _ in named_routes(patterns)} | {""}
    said = {screen.route for screen in SCREENS.values()} | set(ELSEWHERE) | set(NO_SCREEN)
    return sorted(said - there)


def places_of(page: Page) -> dict[str, str]:
    """Where the things stand that addresses name, found from the lists."""

    def first(at: str, selector: str = "a[data-open]") -> str:
        page.goto(at)
        return str(page.locator(selector).first.get_attribute("href"))

    def last(address: str) -> str:
        return address.partition("?")[0].rstrip("/").rpartition("/")[2]

    party, german = first("/parties/?q=Cascade"), first("/parties/?q=GmbH")
    document, delivery = first("/documents/?q=statement"), first("/deliveries/?state=delivered&channel=email")
    correct = first("/runs/R-2026-0001/", "a[id^=correct-]")
    portal, portal_german = (first(one, "a[href*='/portal/']") for one in (party, german))
    within = "main a[href^='/settings/{0}/']:not([href$='{0}/'], [href*='new'])"
    schedule = schedule_of(page)
    return {
        "draft": first("/templates/delivery-delay/", "main a[href*='/drafts/']"),
        "schedule": schedule,
        "run_id": first("/runs/", "[data-peek]").rpartition("=")[2],
        "correct": correct,
        "record": last(correct),
        "send": first("/send/?template=invoice&q=a", "ul.rows a:has-text('Choose')"),
        "document": document,
        "document_id": last(document),
        "delivery": delivery,
        "delivery_id": last(delivery),
        "returned": first("/deliveries/?state=failed"),
        "party": party,
        "party_id": last(party),
        "mail": first("/outbox/"),
        "person": first("/settings/people/", within.format("people")),
        "destination": first(
            "/settings/channels/", "main a[href^='/settings/channels/']:not([href*='new'], [href$='channels/'])"
        ),
        "portal": portal,
        "portal_german": portal_german,
        "portal_document": first(portal, "a.p-row"),
    }


def schedule_of(page: Page) -> str:
    """A schedule, set up by the form when there is none."""
    page.goto("/runs/schedules/")
    if not page.locator("main a[data-open]").count():
        page.goto("/runs/schedules/new/")
        page.fill("#set-name", "Morning invoices")
        page.select_option("#set-template_key", "invoice")
        page.click("main button:has-text('Set it up')")
        page.wait_for_url("**/runs/schedules/morning-invoices/")
        page.goto("/runs/schedules/")
    return str(page.locator("main a[data-open]").first.get_attribute("href"))
