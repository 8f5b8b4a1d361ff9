"""English and German on the desk: whose language counts, and that sentences of every layer are translated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from desk_kit import Desk, desk_of, said


@pytest.fixture
def desk(user_of: Callable[[str], Any]) -> Desk:
    return desk_of(user_of)


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    """The catalogues as `make assets` compiles them."""
    import subprocess
    import sys
    from pathlib import Path

    root = Path(__file__).resolve().parents[2]
    subprocess.run([sys.executable, str(root / "tools" / "translations.py"), "compile"], check=True, timeout=60)


@pytest.fixture
def german(db: object) -> Iterator[Callable[[str], str]]:
    from django.utils import translation

    from postroom.web.said import said as in_words

    with translation.override("de"):
        yield in_words


def test_before_signing_in_the_browser_decides(desk: Desk) -> None:
    from django.test import Client

    page = said(Client().get("/account/login/", headers={"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}))
    assert '<html lang="de">' in page and "Anmelden" in page
    page = said(Client().get("/account/login/", headers={"Accept-Language": "sv"}))
    assert '<html lang="en">' in page and "Sign in" in page


def test_a_choice_holds_for_the_person_on_every_browser(desk: Desk) -> None:
    """Given somebody who chose German, when they come from an English browser, the desk speaks German."""
    from postroom.identity.models import User

    browser = desk("operator")
    answer = browser.post("/language/", {"language": "de", "next": "/runs/?state=running"})
    assert answer.status_code == 303 and answer["Location"] == "/runs/?state=running"
    assert list(User.objects.values_list("language", flat=True)) == ["de"]
    page = said(desk("operator").get("/runs/", headers={"Accept-Language": "en"}))
    assert '<html lang="de">' in page and "Läufe" in page


def test_without_a_person_the_browser_remembers(desk: Desk) -> None:
    from django.test import Client

    browser = Client()
    answer = browser.post("/language/", {"language": "de", "next": "/account/login/"})
    assert answer["Location"] == "/account/login/" and answer.cookies["language"]["httponly"]
    assert '<html lang="de">' in said(browser.get("/account/login/", headers={"Accept-Language": "en"}))


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_the_switch_leads_nowhere_else(desk: Desk, elsewhere: str) -> None:
    assert desk("operator").post("/language/", {"language": "de", "next": elsewhere})["Location"] == "/"


def test_an_unknown_language_and_a_reload_change_nothing(desk: Desk) -> None:
    from postroom.identity.models import User

    browser = desk("operator")
    assert browser.post("/language/", {"language": "xx"}).status_code == 422
    assert browser.get("/language/").status_code == 405
    assert list(User.objects.values_list("language", flat=True)) == [""]


def test_errors_of_other_layers_are_told_in_german(desk: Desk) -> None:
    browser = desk("operator")
    browser.post("/language/", {"language": "de"})
    page = said(browser.get("/runs/R-1999-0001/"))
    assert "R-1999-0001" in page and "gibt es nicht" in page and "There is no" not in page


@pytest.mark.parametrize(
    ("english", "translated"),
    [
        ("The field 'due_on' is missing.", "Das Feld 'due_on' fehlt."),
        ("There is no role 'x'. Roles: clerk, author.", "Die Rolle 'x' gibt es nicht. Rollen: clerk, author."),
        ("The value is the number 1.5, but must be text.", "Der Wert ist die Zahl 1.5, muss aber Text sein."),
        (
            'The value is "v. Chr. 12", which is not an amount.',
            'Der Wert ist "v. Chr. 12"; erwartet wird ein Betrag.',
        ),
        ("550 5.1.1 No such user here.", "550 5.1.1 No such user here."),
    ],
)
def test_sentences_keep_their_values_and_strangers_words_stay(
    german: Callable[[str], str], english: str, translated: str
) -> None:
    assert german(english) == translated


def test_amounts_and_days_are_written_as_the_reader_writes_them(german: Callable[[str], str]) -> None:
    import datetime as dt
    from decimal import Decimal

    from django.utils import translation

    from postroom.web import words

    assert words.money(Decimal("1533.5"), "EUR") == "1.533,50 EUR"
    assert words.day(dt.date(2026, 11, 12)) == "12. Nov. 2026"
    with translation.override("en"):
        assert words.money(Decimal("1533.5"), "EUR") == "EUR 1,533.50"
        assert words.day(dt.date(2026, 11, 12)) == "12 Nov 2026"
