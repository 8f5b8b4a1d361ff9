"""The guide, the words, the tour put away, and errors that say what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from api_kit import World
from desk_kit import Desk, desk_of, said

ROLES = ("operator", "author", "clerk", "records_manager", "auditor", "administrator")


@pytest.fixture
def desk(user_of: Callable[[str], Any]) -> Desk:
    return desk_of(user_of)


def test_each_role_finds_the_page_written_for_it(desk: Desk) -> None:
    for role, title in zip(
        ROLES,
        ("output operator", "template author", "clerk", "records manager", "auditor", "administrator"),
        strict=True,
    ):
        page = said(desk(role).get("/help/"))
        assert "Written for your role" in page and f"For the {title}</a></p>" in page, role


def test_every_page_of_the_guide_answers_in_both_languages(desk: Desk) -> None:
    from postroom.web.fill import help_guide

    browser = desk("author")
    for lang, back in (("en", "Back to where you were"), ("de", "")):
        for key, topic in help_guide.topics(lang).items():
            answer = browser.get(f"/help/{key}/?from=/", headers={"Accept-Language": lang})
            assert answer.status_code == 200, key
            page = said(answer)
            assert topic.title in page and back in page
            assert "words.yaml" not in page and '.md"' not in page


def test_the_guide_is_searched_and_says_so_when_nothing_is_found(desk: Desk) -> None:
    browser = desk("clerk")
    found = said(browser.get("/help/?q=recovery+codes"))
    assert "/help/sign-in/" in found and 'href="/help/outbox/"' not in found
    part = browser.get("/help/?q=xyzzy", headers={"HX-Request": "true"})
    assert "The guide has no such word" in said(part) and "<html" not in said(part)


def test_a_screen_leads_to_its_page_and_the_page_leads_back(world: World, desk: Desk) -> None:
    browser = desk("operator")
    # given a run
    run = said(browser.get(f"/runs/{world.run}/"))
    # when its help is followed, then it is the page about a run, with the way back
    assert f'href="/help/run/?from=%2Fruns%2F{world.run}%2F"' in run
    assert f'href="/runs/{world.run}/"' in said(browser.get(f"/help/run/?from=/runs/{world.run}/"))
    # and the part that renews itself still leads back to the whole page
    live = browser.get(
        f"/runs/{world.run}/live/",
        headers={"HX-Request": "true", "HX-Current-URL": f"http://testserver/runs/{world.run}/"},
    )
    assert f'href="/help/run/?from=%2Fruns%2F{world.run}%2F"' in said(live)


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example/", "/nowhere/at/all/", "javascript:alert(1)"]
)
def test_the_way_back_leads_nowhere_else(desk: Desk, back: str) -> None:
    page = said(desk("clerk").get("/help/home/", {"from": back}))
    assert "Back to where you were" not in page and f'href="{back}' not in page


def test_a_word_is_explained_where_it_stands_and_on_the_page_of_words(world: World, desk: Desk) -> None:
    browser = desk("auditor")
    page = said(browser.get(f"/runs/{world.run}/"))
    assert 'popovertarget="w-balance"' in page and 'id="w-balance"' in page
    words = said(browser.get("/help/words/"))
    assert 'id="balance"' in words and 'id="in_doubt"' in words


def test_the_tour_is_offered_once_put_away_for_good_and_there_when_asked_for(desk: Desk) -> None:
    browser = desk("operator")
    assert "Two minutes around the desk" in said(browser.get("/"))
    # when it is put away
    answer = browser.post("/help/tour/put-away/")
    assert (answer.status_code, answer["Location"]) == (303, "/")
    # then it is not offered again, not even to a new browser of the same person
    assert "Two minutes around the desk" not in said(browser.get("/"))
    # and it begins by itself when it is asked for
    assert "<desk-tour begun" in said(browser.get("/?tour=on"))


def test_a_page_the_guide_does_not_have_says_where_to_look(desk: Desk) -> None:
    answer = desk("clerk").get("/help/unknown-thing/")
    assert answer.status_code == 404 and "Look at the list of its pages." in said(answer)


def test_a_form_without_its_mark_says_what_to_do(user_of: Callable[[str], Any]) -> None:
    from django.test import Client

    from desk_kit import BACKEND

    browser = Client(enforce_csrf_checks=True)
    browser.force_login(user_of("operator"), backend=BACKEND)
    answer = browser.post("/help/tour/put-away/")
    assert answer.status_code == 403
    assert "reload the page, and hand it in once more" in said(answer)


def test_too_much_at_once_is_refused_with_the_limit(desk: Desk) -> None:
    from django.core.exceptions import RequestDataTooBig
    from django.test import RequestFactory

    from postroom.web.errors import bad_request

    refused = bad_request(RequestFactory().post("/"), RequestDataTooBig("too big"))
    assert refused.status_code == 413 and "33.6 MB" in said(refused) and "Hand large data in as a file" in said(refused)


def test_what_fails_outside_the_views_still_has_a_reference(desk: Desk) -> None:
    from django.test import RequestFactory

    from postroom.web.errors import server_error

    answer = server_error(RequestFactory().get("/"))
    assert answer.status_code == 500 and "Reference" in said(answer)
    # and even this page names no path, no line and no exception
    assert "Traceback" not in said(answer)


def test_a_customer_reads_how_the_portal_works_with_a_link_and_nobody_without(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.conf import settings
    from django.test import Client

    from postroom.parties.models import Party
    from postroom.parties.portal import portal_link

    customer, link = Client(), "/portal/" + portal_link(world.party_id, 0).partition("/portal/")[2]
    # given a customer with a link, when they look at their documents, then the page is offered and opens
    assert f'href="{link}help/"' in said(customer.get(f"{link}documents/"))
    answer = customer.get(f"{link}help/")
    assert answer.status_code == 200 and "How these pages work" in said(answer)
    assert "A link works for 90 days." in said(answer) and "/help/operator" not in said(answer)
    # and it leads back, and nowhere into the house
    assert f'href="{link}documents/"' in said(answer) and 'href="/help/' not in said(answer)
    # and in the customer's language
    Party.objects.filter(pk=world.party_id).update(language="de")
    assert '<html lang="de">' in said(customer.get(f"{link}help/"))
    # when the link is forged, cut or too old, then it opens nothing
    assert customer.get(f"{link[:-6]}/help/").status_code == 404
    monkeypatch.setattr(settings, "CONFIG", settings.CONFIG.model_copy(update={"portal_link_days": -1}))
    assert customer.get(f"{link}help/").status_code == 410
