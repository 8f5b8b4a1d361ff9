"""The rules of the desk's templates: no script or style inline, htmx only in components, DaisyUI only there too."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from postroom.web import assets, pages, samples
from servers import missing

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "postroom.project.settings")
os.environ.setdefault("POSTROOM_SECRET_KEY", "only-for-tests")

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "src" / "postroom" / "web" / "templates"
EVERY = sorted(TEMPLATES.rglob("*.html"))
COMPONENTS = [path for path in EVERY if path.is_relative_to(TEMPLATES / "cotton") or "elements" in path.parts]
PAGES = [path for path in EVERY if path not in COMPONENTS]

# The component classes of DaisyUI 5. Ours are named so that none of them begins like one of these.
DAISY = frozenset(
    re.findall(
        r"[a-z-]+",
        """
        alert avatar badge breadcrumbs btn calendar card carousel chat checkbox collapse countdown
        diff divider dock drawer dropdown fab fieldset file-input filter footer hero hover-gallery
        indicator input join kbd label link list loading mask menu mockup modal navbar progress
        radial-progress radio range rating select skeleton stack stat stats status steps swap tab
        table tabs text-rotate textarea timeline toast toggle tooltip validator
        """,
    )
)
LITERAL_CLASS = re.compile(r'class="([^"]*)"')
TEMPLATE_TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}")
FORBIDDEN = {
    "an inline style": re.compile(r"<[^>]+\sstyle\s*=", re.I),
    "an inline event handler": re.compile(r"<[^>]+\son[a-z]+\s*=", re.I),
    "an inline script": re.compile(r"<script(?![^>]*\ssrc=)", re.I),
    "a style element": re.compile(r"<style", re.I),
    "htmx that evaluates text": re.compile(r"hx-on|hx-live|js:|javascript:", re.I),
    "an event filter of htmx": re.compile(r'hx-trigger="[^"]*\['),
}


def broken_rules(text: str) -> list[str]:
    return [name for name, pattern in FORBIDDEN.items() if pattern.search(text)]


def daisy_classes(text: str) -> list[str]:
    words = " ".join(LITERAL_CLASS.findall(TEMPLATE_TAG.sub(" ", text))).split()
    return [word for word in words if word in DAISY or word.split("-")[0] in {"btn", "badge", "alert", "modal"}]


@pytest.mark.parametrize("path", EVERY, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_a_template_runs_no_text_as_code_and_carries_no_style(path: Path) -> None:
    assert broken_rules(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "planted",
    [
        '<p style="color: red">',
        '<a href="/" onclick="go()">',
        "<script>alert(1)</script>",
        "<style>p{}</style>",
        '<button hx-on:click="x()">',
        "<div hx-vals='js:{a: b}'>",
        '<div hx-trigger="click[ctrlKey]">',
    ],
)
def test_planted_faults_are_seen(planted: str) -> None:
    assert broken_rules(planted)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_a_page_template_holds_no_daisyui_class_and_no_htmx(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert daisy_classes(text) == []
    assert not re.search(r"\s(data-)?hx-[a-z]", text)


def test_a_planted_daisyui_class_is_seen() -> None:
    assert daisy_classes('<a class="lnk btn btn-primary">') == ["btn", "btn-primary"]


def test_every_icon_named_in_a_template_is_built_and_every_built_one_is_named() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in EVERY)
    named = set(re.findall(r'\{% icon "([a-z-]+)"', text)) | set(re.findall(r'glyph="([a-z-]+)"', text))
    wanted = json.loads((ROOT / "frontend" / "src" / "icons.json").read_text(encoding="utf-8"))
    assert named - set(wanted["regular"]) == set()
    assert set(wanted["regular"]) - named == set()


def test_the_samples_add_up() -> None:
    assert samples.RUN.difference == 0
    assert samples.UNBALANCED.difference == 187
    assert all(row.balances for row in samples.RUN.channels)
    assert samples.RUN.channel_total is not None and samples.RUN.channel_total.balances
    for row in samples.RUN_ROWS:
        assert row.received == row.done + row.set_aside + row.in_progress + row.stopped


def test_a_brand_colour_must_be_a_colour_and_its_mark_stays_readable() -> None:
    with pytest.raises(pages.NotAColour):
        pages.Brand(name="x", colour='red" onload="x')
    assert pages.Brand(name="x", colour="#ffee00").ink == "#000000"
    assert pages.Brand(name="x", colour="#1f4e79").ink == "#ffffff"


def test_missing_assets_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(assets.AssetsNotBuilt) as caught:
        assets.entry("src/desk.ts", dist=tmp_path)
    assert "make assets" in caught.value.hint


def test_an_entry_of_the_manifest_names_its_files(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(
        json.dumps({"src/desk.ts": {"file": "a.js", "css": ["a.css"], "imports": ["_x"]}, "_x": {"file": "x.js"}})
    )
    found = assets.entry("src/desk.ts", dist=tmp_path)
    assert (found.file, found.css, found.imports) == ("dist/a.js", ("dist/a.css",), ("dist/x.js",))
    with pytest.raises(assets.UnknownAsset):
        assets.entry("src/none.ts", dist=tmp_path)


# --- each sample, rendered -----------------------------------------------------------------------------------------

VOID = frozenset(
    re.findall(r"[a-z]+", "area base br col embed hr img input link meta source track wbr path rect circle")
)


class Checker(HTMLParser):
    """Collects what must hold on every page: unique ids, named images and frames, balanced tags, one h1."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.open: list[str] = []
        self.faults: list[str] = []
        self.headings = 0
        self.refers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if identifier := named.get("id"):
            self.ids.append(identifier)
        if tag == "img" and "alt" not in named:
            self.faults.append("an image without alt")
        if tag == "iframe" and named.get("sandbox") != "":
            self.faults.append("a frame without a closed sandbox")
        if "style" in named:
            self.faults.append("an inline style")
        self.headings += tag == "h1"
        self.refers += (named.get("aria-labelledby") or "").split()

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes something else")


@pytest.fixture(scope="module")
def _django() -> None:
    import django

    if not (assets.DIST / "manifest.json").is_file():
        missing("the desk's assets are not built: make assets")
    django.setup()


@pytest.mark.usefixtures("_django")
@pytest.mark.parametrize("name", samples.SAMPLES)
def test_each_sample_renders_to_a_sound_page(name: str) -> None:
    from dataclasses import replace

    from django.template.loader import render_to_string

    sample = samples.SAMPLES[name]
    # given the sample, when its page is rendered
    html = render_to_string(
        sample.template, {"page": sample.page, "shell": replace(samples.SHELL, section=sample.section)}
    )
    # then it is well-formed, says its title once and leaks no template or Python text
    checker = Checker()
    checker.feed(html)
    assert checker.faults == [] and checker.open == []
    assert checker.headings == 1
    assert len(checker.ids) == len(set(checker.ids))
    assert set(checker.refers) <= set(checker.ids)
    assert not re.search(r"\{%|\{\{|<c-|&amp;amp;|>None<|pages\.\w+\.", html)


@pytest.mark.usefixtures("_django")
def test_what_a_stranger_typed_never_becomes_markup() -> None:
    from dataclasses import replace

    from django.template.loader import render_to_string

    evil = '<img src=x onerror="alert(1)">'
    # given a document and a record whose every text is an attack
    row = replace(samples.DOCUMENTS[0], number=evil, party=evil, snippet=((evil, True), (evil, False)))
    aside = replace(samples.SET_ASIDE[0], raw=evil, reason=evil, line=evil)
    form = replace(samples.CORRECTING, form=pages.CorrectForm(url="/x", text="</textarea>" + evil, cancel_url="/y"))
    run = replace(samples.RUN, name=evil, documents=(row,), set_aside=(aside, form), headline=evil, announce=evil)
    document = replace(
        samples.DOCUMENT,
        number=evil,
        kind=evil,
        data_json="</pre>" + evil,
        viewer=replace(samples.DOCUMENT.viewer, name=evil, about=evil),
    )
    delivery = replace(samples.DELIVERY, title=evil, tell=evil)
    # when the pages are rendered, then the attack stays text
    for template, page in (
        ("desk/run.html", run),
        ("desk/document.html", document),
        ("desk/delivery.html", delivery),
        ("portal/documents.html", replace(samples.PORTAL, greeting=evil)),
    ):
        html = render_to_string(template, {"page": page, "shell": replace(samples.SHELL, user_name=evil)})
        assert "<img src=x" not in html, template
        assert "&lt;img src=x" in html, template


def _what_is_left_of_the_settings(before: str) -> str:
    """In a fresh process: collect the texts of a template as the tests of translations do, then set Django up."""
    code = (
        f"import sys; sys.path.insert(0, 'tools'); {before}\n"
        "import translations_found; list(translations_found.template_texts('{% translate \"Send\" %}'))\n"
        "import django; django.setup()\n"
        "from django.template.loader import get_template; get_template('desk/home.html'); print('found')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    return done.stdout.strip() or done.stderr.strip().rpartition("\n")[2]


def test_pages_are_found_also_when_the_texts_were_collected_before() -> None:
    assert _what_is_left_of_the_settings("") == "found"


def test_planted_settings_that_a_tool_made_for_itself_hide_every_page() -> None:
    planted = "from django.conf import settings; settings.configure()"
    assert "desk/home.html" in _what_is_left_of_the_settings(planted)
