"""The guide cannot lie: every screen has its page, every label it quotes stands on the desk, both languages agree."""

from __future__ import annotations

import os
import re
from typing import Any

import guide_kit as kit
import pytest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "postroom.project.settings")
os.environ.setdefault("POSTROOM_SECRET_KEY", "only-for-tests")


@pytest.fixture(scope="module")
def guide() -> Any:
    import django

    django.setup()
    from postroom.web.fill import help_guide

    return help_guide


@pytest.fixture(scope="module")
def known() -> set[str]:
    return kit.labels_of_the_desk()


def screens() -> list[str]:
    """Names of every address that answers with a whole page."""
    from django.urls import get_resolver
    from django.urls.resolvers import URLPattern, URLResolver

    found: list[str] = []

    def walk(patterns: list[URLPattern | URLResolver], before: str) -> None:
        for one in patterns:
            address = before + str(one.pattern)
            if isinstance(one, URLResolver):
                walk(one.url_patterns, address)
            elif kit.is_screen(one.name or "", address, getattr(one.callback, "postroom_access", {"GET": None})):
                found.append(one.name or address)

    walk(get_resolver("postroom.web.urls").url_patterns, "")
    return found


def test_every_screen_has_its_page(guide: Any) -> None:
    assert kit.unexplained(screens(), guide.topic_of_routes()) == []


def test_no_page_explains_a_screen_that_is_gone(guide: Any) -> None:
    from django.urls import get_resolver

    names = {str(name) for name in get_resolver().reverse_dict if isinstance(name, str)}
    assert set(guide.topic_of_routes()) - names == set()


def test_every_label_in_bold_stands_on_the_desk(guide: Any, known: set[str]) -> None:
    wrong = [
        complaint
        for lang in guide.LANGUAGES
        for topic in guide.topics(lang).values()
        for complaint in kit.untrue_labels(f"{lang}/{topic.key}.md", guide.labels_of(topic.text), known)
    ]
    assert wrong == []


def test_every_link_leads_to_a_page_or_a_word(guide: Any) -> None:
    for lang in guide.LANGUAGES:
        pages, words = guide.topics(lang), guide.words(lang)
        for topic in pages.values():
            assert kit.broken_links(topic.key, guide.links_of(topic.text), pages, words) == []
            assert set(topic.words) <= set(words), topic.key
        assert {word.see for word in words.values()} - {""} <= set(pages)


def test_both_languages_have_the_same_pages_and_words(guide: Any) -> None:
    english, german = guide.topics("en"), guide.topics("de")
    assert kit.differences(english, german) == []
    assert kit.differences(guide.words("en"), guide.words("de")) == []
    for key, topic in english.items():
        other = german[key]
        # the same screens, words, order; the same number of tasks and steps; and the same labels
        assert (topic.group, topic.routes, topic.words, topic.role, topic.order) == (
            other.group,
            other.routes,
            other.words,
            other.role,
            other.order,
        ), key
        assert sorted(set(guide.labels_of(topic.text))) == sorted(set(guide.labels_of(other.text))), key
        for mark in (r"^## ", r"^\d+\. ", r"^- "):
            assert len(re.findall(mark, topic.text, re.M)) == len(re.findall(mark, other.text, re.M)), (key, mark)


def test_every_role_has_its_page(guide: Any) -> None:
    from postroom.identity.roles import ROLES

    assert {topic.role for topic in guide.topics("en").values()} - {""} == {*ROLES, "customer"}


def test_every_page_says_what_can_go_wrong_and_how(guide: Any) -> None:
    for topic in guide.topics("en").values():
        if topic.key == "help":
            continue
        assert "## What can go wrong" in topic.text, topic.key
        assert re.search(r"^1\. |^- ", topic.text, re.M), topic.key


def test_commands_of_the_guide_exist(guide: Any) -> None:
    import docs_kit

    for lang in guide.LANGUAGES:
        for topic in guide.topics(lang).values():
            assert docs_kit.unknown_commands(topic.key, topic.text) == []


def test_html_in_a_page_stays_text(guide: Any) -> None:
    made = guide.html_of("## Two words\n\n<script>alert(1)</script> and [a](javascript:alert(1)) [Runs](runs.md)")
    assert "<script" not in made and 'href="javascript' not in made
    assert '<h2 id="two-words">' in made and 'href="/help/runs/"' in made


def test_words_that_stand_on_screens_are_in_the_guide(guide: Any) -> None:
    used = {
        word
        for path in (kit.SOURCE / "web" / "templates").rglob("*.html")
        for word in re.findall(r'<c-term word="(\w+)"', path.read_text(encoding="utf-8"))
    }
    assert used and used <= set(guide.words("en"))


def test_planted_faults_of_each_kind_are_found(guide: Any, known: set[str]) -> None:
    page = "Press **Do the impossible**, then **Send**. See [this](nowhere.md), [that](words.yaml#run).\n"
    assert len(kit.untrue_labels("x", guide.labels_of(page), known)) == 1
    assert len(kit.broken_links("x", guide.links_of(page), guide.topics("en"), guide.words("en"))) == 1
    assert kit.unexplained(["home", "a-new-screen"], guide.topic_of_routes()) == [
        "no page of the guide explains the screen “a-new-screen”"
    ]
    assert kit.differences({"a": 1}, {"a": 1, "b": 2}) == ["“b” is in one language only"]
    assert kit.is_screen("runs", "runs/", {"GET"}) and not kit.is_screen("run-cancel", "runs/x/cancel/", {"POST"})
