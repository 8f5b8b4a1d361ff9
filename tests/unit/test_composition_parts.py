"""Symbols, canonical form, mail, page linter and fonts, each by itself."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from postroom.composition import fonts, fonts_text
from postroom.composition.canonical import NotCanonical, canonical
from postroom.composition.codes import symbol
from postroom.composition.formats import NotShowable
from postroom.composition.lint import lint
from postroom.composition.mail import HTML, SUBJECT, TEXT, MailFault, MailTemplates, MailTooLong, check_mail
from postroom.composition.shape import shape

# symbols ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("qr", "BCD\n002\n1\nSCT\n\nHolm Druck i Malmö\nDE89370400440532013000\nEUR1597.50\n\n\nLS-1"),
        ("code128", "LS-2026-0042"),
        ("datamatrix", "LS-2026-0042/1"),
        ("ean13", "4006381333931"),
        ("pdf417", "Malmö 0042"),
        ("aztec", "LS-2026-0042"),
    ],
)
def test_a_symbol_reads_back(kind: str, text: str) -> None:
    svg = symbol(kind, text)
    size = re.search(r'viewBox="0 0 (\d+) (\d+)"', svg)
    assert size is not None
    image = Image.new("L", (int(size[1]) + 8, int(size[2]) + 8), 255)
    for x, y, wide, tall in re.findall(r"M(\d+) (\d+)h(\d+)v(\d+)H\d+z", svg):
        image.paste(0, (int(x) + 4, int(y) + 4, int(x) + int(wide) + 4, int(y) + int(tall) + 4))
    (found,) = zxingcpp.read_barcodes(image.resize((image.width * 4, image.height * 4), Image.Resampling.NEAREST))
    assert found.text == text


def test_p5_a_symbol_is_always_drawn_alike() -> None:
    assert symbol("qr", "LS-1") == symbol("qr", "LS-1") != symbol("qr", "LS-2")


@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        ("ean13", "4006381333932", "not-ean13"),
        ("ean13", "40063", "not-ean13"),
        ("qr", "x" * 4000, "code-impossible"),
        ("code128", "漢", "code-impossible"),
    ],
)
def test_what_no_symbol_can_hold_is_refused(kind: str, text: str, code: str) -> None:
    with pytest.raises(NotShowable) as caught:
        symbol(kind, text)
    assert caught.value.code == code


# canonical form -----------------------------------------------------------------------------------------------------

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


def shuffled(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: shuffled(inner) for key, inner in reversed(value.items())}
    return [shuffled(inner) for inner in value] if isinstance(value, list) else value


@given(json_values)
def test_p5_equal_records_have_equal_bytes(value: Any) -> None:
    try:
        data = canonical(value)
    except NotCanonical:  # keys may hold lone surrogates
        return
    assert data == canonical(shuffled(value)) == canonical(json.loads(data))


def test_canonical_form_is_the_one_of_rfc_8785() -> None:
    value = {"b": [1.0, 2.5, Decimal("10.20"), None, True], "a": "€\n\u2028", "A": {}}
    assert canonical(value).decode() == '{"A":{},"a":"€\\n\u2028","b":[1,2.5,"10.20",null,true]}'


@pytest.mark.parametrize("value", [float("nan"), {"a": {1, 2}}, "\ud800", Decimal("Infinity"), b"x"])
def test_what_has_no_json_form_is_refused(value: Any) -> None:
    with pytest.raises(NotCanonical):
        canonical(value)


# mail ---------------------------------------------------------------------------------------------------------------

CONTEXT = {
    "view": {"name": "<b>Eve</b>\r\nBcc: all@example.com", "lines": [{"text": "x" * 1000}] * 1000, "items": "sold"},
    "words": {"title": "Invoice", "look": "Look"},
    "document": {"title": "Invoice 7"},
    "link": "https://portal.example/?a=1&b=2",
    "sender": "Holm",
}


def mail(subject: str = "s", text: str = "t", html: str = "") -> MailTemplates:
    return MailTemplates({SUBJECT: subject, TEXT: text, **({HTML: html} if html else {})})


def test_a_subject_is_one_line_whatever_the_data() -> None:
    subject = mail(subject="{{ view.name }}\n").write(CONTEXT).subject
    assert subject == "<b>Eve</b> Bcc: all@example.com"


def test_html_is_escaped_and_text_is_not() -> None:
    made = mail(text="{{ view.name }}", html='<a href="{{ link }}">{{ view.name }}</a>').write(CONTEXT)
    assert "<b>Eve</b>" in made.text
    assert made.html.startswith('<a href="https://portal.example/?a=1&amp;b=2">&lt;b&gt;Eve')


def test_a_field_is_never_a_method() -> None:
    # given fields called like methods of a mapping
    assert mail(text="{{ words.title }} {{ view.items }}").write(CONTEXT).text == "Invoice sold"


def test_a_missing_field_is_an_error_and_not_an_empty_place() -> None:
    with pytest.raises(MailFault, match="nope"):
        mail(text="{{ view.nope }}").write(CONTEXT)


def test_a_mail_has_a_greatest_size() -> None:
    with pytest.raises(MailTooLong):
        mail(text="{% for line in view.lines %}{{ line.text }}{% endfor %}").write(CONTEXT)


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("{{ 'x' * 1000000000 }}", "mul"),
        ("{{ 10 ** 10 }}", "pow"),
        ("{{ view.get('x') }}", "call"),
        ("{{ ''.__class__.__mro__[1].__subclasses__() }}", "call"),
        ("{% macro a() %}{{ a() }}{% endmacro %}", "macro"),
        ("{% include 'x' %}", "include"),
        ("{% import 'x' as y %}", "import"),
        (
            "{% for a in view.l %}{% for b in view.l %}{% for c in view.l %}x{% endfor %}{% endfor %}{% endfor %}",
            "nested",
        ),
        ("{{ view.a|format(1) }}", "format"),
        ("{{ view.a|attr('__class__') }}", "attr"),
        ("{% set x = 1 %}", "variables"),
        ("{{ cycler }}", "cycler"),
        ("{{ words.nope }}", "no word 'nope'"),
        ("{{ words['nope'] }}", "no word 'nope'"),
        ("{% if %}", "Expected"),
    ],
)
def test_what_a_mail_template_may_not_do_is_found_before_it_runs(source: str, says: str) -> None:
    problems = check_mail({TEXT: "fine\n" + source}, frozenset({"title"}))
    assert any(says in problem.what and problem.line == 2 for problem in problems), problems


def test_what_a_mail_template_may_do_is_let_through() -> None:
    source = "{% for line in view.lines if line.amount %}{{ loop.index }} {{ line.text|upper }}{% else %}-{% endfor %}"
    source += "{% if view.note is defined and words.title == 'x' %}{{ link ~ sender }}{% endif %}"
    assert check_mail({TEXT: source}, frozenset({"title"})) == []


# the page linter ----------------------------------------------------------------------------------------------------

ROOT = shape(
    {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "copies": {"type": "integer"},
            "lines": {"type": "array", "items": {"type": "object", "properties": {"text": {"type": "string"}}}},
        },
    }
)


def page_faults(page: str) -> list[str]:
    found = lint({"main.typ": page.encode(), "part.typ": b"", "assets/a.svg": b""}, ROOT, ["due"], ["pay"])
    return [f"{problem.line} {problem.what}" for problem in found]


@pytest.mark.parametrize(
    "fault",
    [
        "#sys.inputs.at(\"view\")",
        "#let s = sys",
        "#repr(slot(\"name\"))",
        "#let m = measure",
        "#context measure([x])",
        "#lines.map(measure)",
        "#eval(\"1\")",
        "#plugin(\"x.wasm\")",
        "#read(\"/etc/passwd\")",
        "#json(\"x.json\")",
        "#image(\"x.svg\")",
        "#datetime.today()",
        "#slot(\"name\").text",
        "#slot(\"name\").fields()",
        "#import \"@preview/cetz:0.3.0\": *",
        "#include \"missing.typ\"",
        "#import \"../other/main.typ\"",
        "#slot(\"nme\")",
        "#slot(\"copies\")",
        "#slot(row, \"txt\")",
        "#band(\"name\", x => x)",
        "#count(\"name\")",
        "#word(\"duee\")",
        "#code(\"pray\")",
        "#asset(\"b.svg\")",
        "#slot(\"document.nmber\")",
    ],
)  # fmt: skip
def test_a_fault_of_a_page_is_found_with_its_line(fault: str) -> None:
    found = page_faults(f'#import "postroom.typ": *\n// fine\n{fault}\n')
    assert found and all(line.startswith("3 ") for line in found), found


@pytest.mark.parametrize(
    "fine",
    [
        '#import "part.typ": *',
        "Please read the measure of our image, and include it: see json.",
        "// #eval(1) and sys.inputs",
        "/* #read(\"x\") /* nested */ #eval(1) */ still fine",
        '#text("sys.inputs and eval(1)")',
        "`#eval(1)`",
        "https://example.com/read(this)",
        '#slot("name") #slot(row, "text") #flag("copies") #count("lines") #band("lines", row => slot(row, "text"))',
        '#word("due") #code("pay", width: 2cm) #asset("a.svg") #slot("document.title")',
        "#set text(size: 9pt)\n#text(size: 2pt)[x]",
    ],
)  # fmt: skip
def test_a_page_without_fault_is_let_through(fine: str) -> None:
    assert page_faults(f'#import "postroom.typ": *\n{fine}\n') == []


# fonts --------------------------------------------------------------------------------------------------------------


def test_the_built_fonts_are_those_of_the_lock() -> None:
    import hashlib

    listed = json.loads((fonts.folder() / "built.json").read_text())["fonts"]
    assert {hashlib.sha256((fonts.folder() / font["name"]).read_bytes()).hexdigest() for font in listed} == {
        font["sha256"] for font in listed
    }
    assert fonts.lock() == hashlib.sha256((fonts.folder() / "built.json").read_bytes()).hexdigest()
    assert all(font["licence"] == "OFL-1.1" for font in listed)


def test_the_fonts_cover_what_formats_write() -> None:
    covered = fonts.coverage(("Postroom Sans",))
    assert set("\u00a0\u202f\u2212€£złKčåäöÅßñçøæœğş") <= covered
    assert "漢" not in covered


def test_missing_fonts_say_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # given an installation where nothing was built
    monkeypatch.setattr(fonts, "FOLDER", tmp_path)
    fonts._built.cache_clear()
    try:
        with pytest.raises(fonts.FontsNotBuilt) as caught:
            fonts.folder()
        assert "make assets" in caught.value.hint
    finally:
        fonts._built.cache_clear()


def test_a_wrong_source_of_fonts_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(fonts_text.FontSourceUnusable, match="plex-sans"):
        fonts_text.build(tmp_path / "node_modules", tmp_path / "out")
    assert not (tmp_path / "out" / "built.json").exists()
