"""Brands and content blocks: read strictly, shown opaquely, never somebody else's account."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from library_kit import changed, printed, sample, specimen, texts

from postroom.composition.blocks import BlockFault, block_faults, fields, read_block, to_html, to_text
from postroom.composition.brand import BrandFault, default_brand, read_brand
from postroom.composition.prepare import prepare
from postroom.composition.problems import RecordRefused, TemplateFaults

TEXT = {"kind": "text", "text": "Thank you, "}
NAME = {"kind": "field", "field": "customer.name"}
OTHER = {"key": "other", "name": "Holm & Co", "colours": {"ink": "#202020"}, "lines": {"sender": "Holm, Lund"}}


def paragraph(*children: Any) -> list[Any]:
    return [{"kind": "paragraph", "children": list(children)}]


# content blocks -------------------------------------------------------------------------------------------------------


def test_a_block_becomes_text_and_html_of_the_same_words() -> None:
    # given
    tree = read_block(
        json.dumps(
            [
                *paragraph(
                    TEXT, {"kind": "strong", "children": [NAME]}, {"kind": "break"}, {"kind": "text", "text": "<3"}
                ),
                {"kind": "list", "numbered": True, "children": [{"kind": "item", "children": [TEXT]}]},
                *paragraph({"kind": "link", "href": "https://x.example/a?b=1", "children": [TEXT]}),
            ]
        ).encode()
    )
    view = {"customer": {"name": "A & B"}}
    # when, then
    assert to_text(tree, view) == "Thank you, A & B\n<3\n\n1. Thank you, \n\nThank you,  (https://x.example/a?b=1)"
    assert to_html(tree, view) == (
        "<p>Thank you, <strong>A &amp; B</strong><br>&lt;3</p><ol><li>Thank you, </li></ol>"
        '<p><a href="https://x.example/a?b=1">Thank you, </a></p>'
    )
    assert fields(tree) == ["customer.name"]


@pytest.mark.parametrize(
    "bad",
    [
        "no json",
        "[]",
        [{"kind": "table", "children": []}],
        [{"kind": "paragraph", "children": [], "style": "x"}],
        paragraph({"kind": "script", "text": "x"}),
        paragraph({"kind": "text", "text": "x", "class": "y"}),
        paragraph({"kind": "link", "href": "javascript:alert(1)", "children": [TEXT]}),
        paragraph({"kind": "link", "href": "http://x.example", "children": [TEXT]}),
        paragraph({"kind": "field", "field": "a..b"}),
        paragraph({"kind": "text", "text": "left\u202eright"}),
        [TEXT],
    ],
)
def test_planted_faults_of_a_block_are_refused(bad: Any) -> None:
    with pytest.raises(BlockFault) as caught:
        read_block(bad)
    assert caught.value.hint


def test_a_block_that_is_nested_too_deeply_is_refused() -> None:
    inner: Any = TEXT
    for _ in range(12):
        inner = {"kind": "em", "children": [inner]}
    with pytest.raises(BlockFault, match="deep"):
        read_block(paragraph(inner))


def test_a_block_may_only_show_texts_of_the_contract() -> None:
    pack = specimen()
    for field, wrong in (
        ("customer.nme", True),
        ("lines", True),
        ("form", True),
        ("number", False),
        ("document.title", False),
    ):
        assert (
            bool(block_faults(paragraph({"kind": "field", "field": field}), pack.contract.shape, pack.covered)) is wrong
        )
    assert block_faults(paragraph({"kind": "text", "text": "ქ"}), pack.contract.shape, pack.covered)


def test_a_block_that_somebody_keeps_stands_in_for_the_templates_own(tmp_path: Path) -> None:
    # given a block of the house, which shows what a record says as it is, and never reads it as markup
    record = sample("02")
    record["number"] = "#eval(1) *x*"
    tree = paragraph({"kind": "text", "text": "Kept elsewhere: "}, {"kind": "field", "field": "number"})
    # when
    made, ready = printed(specimen(), record, tmp_path, blocks=lambda key, words: tree)
    # then
    assert "Kept elsewhere: #eval(1) *x*" in " ".join(" ".join(texts(made.content)).split())
    assert "Kept elsewhere: #eval(1) *x*" in ready.index_text


def test_a_block_that_nobody_has_refuses_the_record() -> None:
    bare = {name: data for name, data in specimen().files.items() if not name.startswith("blocks/")}
    from postroom.composition.pack import load

    pack = load(bare)  # may be published: the block is kept apart
    with pytest.raises(RecordRefused, match="no content block 'terms'"):
        prepare(pack, sample("02"))


# brands ---------------------------------------------------------------------------------------------------------------


def test_another_brand_changes_the_page_and_nothing_else(tmp_path: Path) -> None:
    # given
    brand = read_brand({**OTHER, "bank": {"holder": "Holm & Co", "iban": "DE89370400440532013000"}}, {})
    # when
    made, ready = printed(specimen(), sample("05"), tmp_path, brand=brand)
    # then
    said = " ".join(texts(made.content))
    assert "Holm & Co" in said and "DE89 3704 0044 0532 0130 00" in said and "Lindqvist" not in said
    assert ready.record == prepare(specimen(), sample("05")).record


def test_a_brand_never_asks_to_pay_to_the_default_account() -> None:
    brand = read_brand(OTHER, {})
    assert brand.look("bank.iban") == "" and brand.view["assets"] == {}
    assert brand.view["colours"]["hair"] == default_brand().view["colours"]["hair"]
    with pytest.raises(RecordRefused) as caught:
        prepare(specimen(), sample("01"), brand=brand)  # its SEPA code has no payee
    assert {problem.code for problem in caught.value.problems} == {"payment-incomplete", "not-iban"}


@pytest.mark.parametrize(
    "change",
    [
        {"colours": {"ink": "black"}},
        {"colors": {}},
        {"bank": {"iban": "SE3599900000019315560121"}},
        {"assets": {"logo": "../logo.svg"}},
        {"assets": {"logo": "missing.svg"}},
        {"name": ""},
        {"lines": {"sender": 3}},
    ],
)
def test_planted_faults_of_a_brand_are_named(change: dict[str, Any]) -> None:
    with pytest.raises(BrandFault) as caught:
        read_brand({**OTHER, **change}, {})
    assert next(iter(change)) in str(caught.value) and caught.value.hint


def test_a_template_may_bring_its_own_brand(tmp_path: Path) -> None:
    own = json.dumps({**OTHER, "bank": {"holder": "Holm", "iban": "DE89370400440532013000"}}).encode()
    pack = changed({"brand.json": own})
    pack.unfold(tmp_path / "a")
    assert json.loads((tmp_path / "a" / "brand.json").read_text())["key"] == "other"
    assert pack.brand.look("name") == "Holm & Co"
    with pytest.raises(TemplateFaults, match="no font of the template has"):
        changed({"brand.json": json.dumps({**OTHER, "name": "ქ"}).encode()})


def test_p5_the_digest_of_a_brand_covers_tokens_and_files() -> None:
    first = read_brand(OTHER, {"a.svg": b"<svg/>"})
    assert first.digest == read_brand(json.dumps(OTHER).encode(), {"a.svg": b"<svg/>"}).digest
    assert first.digest != read_brand(OTHER, {"a.svg": b"<svg />"}).digest
    assert first.digest != read_brand({**OTHER, "name": "Holm"}, {"a.svg": b"<svg/>"}).digest


@pytest.mark.parametrize(
    ("page", "says"),
    [
        ('#brand("color.ink")', "no token 'color.ink'"),
        ('#content-block("trems")', "no content block 'trems'"),
        ('#pay-symbol("pray")', "no code 'pray'"),
        ('#decimals("numbr", 2)', "no field 'numbr'"),
        ('#import "postroom-leter.typ": *', "not in the template"),
        ('#content-block("terms").children', "looks into content"),
        ('#import "postroom-brand.typ": *\n#context measure([x])', "uses 'measure'"),
    ],
)
def test_planted_faults_of_a_page_that_uses_the_modules_are_found(page: str, says: str) -> None:
    with pytest.raises(TemplateFaults, match=says):
        changed({"part.typ": f'#import "postroom.typ": *\n{page}\n'.encode()})


def test_a_language_whose_script_no_font_has_is_named_before_publishing() -> None:
    """No built-in font has Georgian: the fault names the letter and its script."""
    words = json.loads(specimen().files["words/en.json"])
    template = specimen().files["template.yaml"].replace(b"[en, de, fr]", b"[en, de, fr, ka]")
    block = specimen().files["blocks/terms.en.json"]
    georgian = json.dumps({**words, "date": "თარიღი"}).encode()
    with pytest.raises(TemplateFaults) as caught:
        changed({"template.yaml": template, "words/ka.json": georgian, "blocks/terms.ka.json": block})
    assert any("GEORGIAN LETTER" in problem.what for problem in caught.value.problems)
