"""Every text a person can meet has a German one, and nothing on a page is written past the catalogues.

`python tools/translations.py update` finds new texts; what it lists is to be translated in the .po files.
"""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.catalog import Catalog

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "src" / "postroom" / "web" / "templates"
#: Words that are the same in every language, or names.
NEUTRAL = {
    "Postroom",
    "Postroom · Postroom",
    "sha256",
    "delimiter=;",
    "Ctrl K",
    "API",
    "PDF",
    "SHA-256",
    "JSON",
    "CSV",
    "XML",
    "URL",
    "ctrl",
    "esc",
    "enter",
    "space",
}
#: Attributes whose values people read or hear.
READ_ALOUD = ("aria-label", "title", "placeholder", "alt", "label", "ask", "send", "hint", "data-confirm")


def _tool(name: str) -> ModuleType:
    """A module of tools/, which is no package."""
    if name in sys.modules:
        return sys.modules[name]
    sys.path.insert(0, str(ROOT / "tools"))
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


translations = _tool("translations")
found_in = _tool("translations_found")


@pytest.fixture(scope="module")
def found() -> dict[str, list[object]]:
    return dict(translations.found_in_sources())


@pytest.mark.parametrize("domain", ["django", "said"])
@pytest.mark.parametrize("language", translations.languages())
def test_every_text_is_translated_with_its_places_and_plurals(
    language: str, domain: str, found: dict[str, list[object]]
) -> None:
    told = [str(one) for one in translations.complaints(language, domain, found[domain])]
    assert told == [], "run `python tools/translations.py update` and translate:\n" + "\n".join(told)


def test_both_domains_find_what_people_see(found: dict[str, list[object]]) -> None:
    """An extractor that finds nothing would be content with everything."""
    texts = {domain: {one.singular for one in ones} for domain, ones in found.items()}  # type: ignore[attr-defined]
    assert {"Sign in", "Output operator", "See runs and their balances"} <= texts["django"]
    assert {"There is no run {text}.", "Not found", "Sender address", "more than"} <= texts["said"]
    assert all(len(one) > 500 for one in texts.values())


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ("", "not translated"),
        ("{count} Läufe in {hours}", "other placeholders"),
        ("Läufe", "other placeholders"),
        ("{count} Läufe …", "ellipsis"),
    ],
)
def test_planted_faults_of_a_translation_are_found(given: str, complaint: str) -> None:
    text = found_in.Found("{count} runs")
    kept = Catalog(locale="de")
    kept.add(text.msgid, given)
    (told,) = translations.complaints("de", "django", [text], kept)
    assert complaint in str(told)


def test_planted_missing_unused_and_fuzzy_texts_are_found() -> None:
    text, plural = found_in.Found("One run"), found_in.Found(("{n} run", "{n} runs"))
    kept = Catalog(locale="de")
    kept.add("Gone", "Weg")
    kept.add(plural.msgid, ("{n} Lauf", "Läufe"), flags=["fuzzy"])
    told = [one.what for one in translations.complaints("de", "django", [text, plural], kept)]
    assert told == ["not in the catalogue", "fuzzy", "no longer used"]


def test_planted_texts_are_found_in_templates_and_modules() -> None:
    counted = "{% blocktranslate count n=1 %}{{ n }} a{% plural %}{{ n }} b{% endblocktranslate %}"
    template = '{% load i18n %}<c-x a="{% translate "Do it" %}" />' + counted
    assert [one for one, _ in found_in.template_texts(template)] == ["Do it", ("%(n)s a", "%(n)s b")]
    module = """raise Wrong(f"There is no {kind!r} named {self.name}.", hint="Look again, there")
log.info("Not this one.")"""
    assert found_in.said_in(module) == ["There is no {kind} named {name}.", "Look again, there"]


# --- nothing is written past the catalogues ---------------------------------------------------------------------------

_TAGS = re.compile(
    r"\{#.*?#\}|\{%\s*comment.*?endcomment\s*%\}|\{%\s*blocktranslate.*?endblocktranslate\s*%\}|<!--.*?-->"
    r"|<(script|style)\b.*?</\1>|<!doctype[^>]*>|\{%\s*block width\s*%\}.*?\{%\s*endblock\s*%\}",
    re.DOTALL | re.IGNORECASE,
)
_LOGIC = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_ELEMENT = re.compile(r"<[^>]*>", re.DOTALL)
_WORD = re.compile(r"[A-Za-z]{3,}")


def hard_coded(source: str) -> list[str]:
    """Words between tags, and in attributes that are read aloud, that go through no translate tag."""
    plain = _LOGIC.sub("\x00", _TAGS.sub(" ", source))
    found = []
    for element in _ELEMENT.findall(plain):
        for name in READ_ALOUD:
            found += [value for value in re.findall(rf'\s{name}="([^"]*)"', element) if _WORD.search(value)]
    outside = re.sub(r"<(kbd|code|text)\b[^>]*>.*?</\1>", " ", plain, flags=re.DOTALL)
    for piece in _ELEMENT.sub("\x01", outside).split("\x01"):
        text = " ".join(piece.replace("\x00", " ").split())
        found += [text] if _WORD.search(re.sub(r"&\w+;", " ", text)) else []
    return [text for text in found if text not in NEUTRAL]


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_no_template_speaks_past_the_catalogues(path: Path) -> None:
    assert hard_coded(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "planted",
    [
        "<p>Nothing here</p>",
        '<button aria-label="Close it">x</button>',
        "{% if page.x %}{{ page.x }}{% else %}none of them{% endif %}",
        '<c-empty title="No runs" />',
    ],
)
def test_planted_english_in_a_template_is_found(planted: str) -> None:
    assert hard_coded(planted) != []
    assert hard_coded('<p class="x">{% translate "Nothing here" %}</p><c-head title="{% translate "Runs" %}" />') == []
