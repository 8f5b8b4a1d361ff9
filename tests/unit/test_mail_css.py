"""The style sheet of a mail stands in its tags, so that programs that drop ``<style>`` show it as meant."""

from __future__ import annotations

import re

import pytest

from postroom.composition.block_source import tree_of
from postroom.composition.mail import MailFault, MailTemplates
from postroom.composition.mail_css import inlined, read_rules

PAGE = """<!doctype html><html><head><style>
/* a sheet as one writes it */
p { margin: 0 0 12px; color: #111111 }
.sheet > table td, #foot { color: {{ brand.colours.accent }}; }
.sheet p.lead { color: red; font: italic 15px "House Sans", serif }
a:hover, td[align] { color: blue }
@media (max-width: 600px) { .sheet { width: 100% !important } p { color: green } }
.late { margin: 4px !important }
</style></head>
<body><div class="sheet"><p class="lead late" style="margin: 1px; color: navy">{{ words.hello }}</p>
{% if view.a < view.b %}<p>{{ view.name }}</p>{% endif %}
<table><tr><td align=right>x<td>{{ blocks.terms }}</table></div><p id='foot'>f<br></body></html>
"""


def tags(source: str, name: str) -> list[str]:
    return re.findall(rf"<{name}\b[^>]*>", source)


def test_rules_stand_in_the_tags_that_they_meet_and_the_rest_is_left_as_it_is() -> None:
    # when a page of a mail is read
    made = inlined(PAGE)
    # then the tag's own style wins over the sheet, what is important over both, and the last of a property is kept
    lead, plain, foot = tags(made.source, "p")
    assert "color:navy" in lead and "color:red" not in lead and "margin:4px" in lead
    assert "font:italic 15px 'House Sans', serif" in lead
    assert plain == '<p style="margin:0 0 12px;color:#111111">'
    # then an id is stronger than a tag, and a token of the brand stays one
    assert foot == """<p id='foot' style="margin:0 0 12px;color:{{ brand.colours.accent }}">"""
    # then a cell that was never closed is as good as one that was
    assert ["accent" in one for one in tags(made.source, "td")] == [True, True]
    # then without the styles nothing else is another
    bare = re.sub(r' style="[^"]*"', "", made.source)
    assert bare == re.sub(r' style="[^"]*"', "", PAGE)


def test_what_a_tag_cannot_carry_stays_in_the_sheet_and_nowhere_else() -> None:
    assert read_rules("@import 'x'; @media print { p { color: red } } a:hover { color: red } p > { color: red }") == []
    # `>` is directly below and nothing else
    assert "style=" not in inlined("<style>div > b { color: red }</style><div><i><b>x</b></i></div>").source
    assert "blue" not in "".join(tags(inlined(PAGE).source, "td"))
    assert "@media (max-width: 600px)" in inlined(PAGE).source


@pytest.mark.parametrize(
    "source",
    [
        "<p>no sheet at all</p>",
        "<style>{% if view.vip %}p { color: gold }{% endif %} p { margin: 0 }</style><p>x</p>",
        "<style media=print>p { color: red }</style><p>x</p>",
        "<style>p { color: red</style><!-- <p> --><b>{{ '<p>' }}</b>",
    ],
)
def test_a_sheet_that_does_not_hold_for_every_document_is_left_alone(source: str) -> None:
    assert inlined(source).source == source


def test_a_content_block_and_the_colours_of_the_brand_reach_the_mail() -> None:
    # given a mail with a sheet, a content block and tokens of the brand
    page = (
        "<style>.say p { color: {{ brand.colours.ink }} } .say a { color: {{ brand.colours.accent }} }</style>"
        '<div class="say">{{ blocks.terms }}</div><i>{{ brand.name }}, {{ brand.lines.address }}</i>'
    )
    mail = MailTemplates({"mail/subject.txt": "{{ brand.name }}", "mail/body.txt": "x", "mail/body.html": page})
    tree = tree_of("Pay at [the portal](https://a.example/x).")

    def written(accent: str) -> str:
        brand = {
            "name": "Holm & Söhne",
            "colours": {"ink": "#101010", "accent": accent},
            "lines": {"address": ["Holm AB", "Malmö"]},
        }
        return mail.write({"view": {"blocks": {"terms": tree}, "brand": brand}}).html

    # when it is written, then each tag of the block has its style, and a line of several is one
    first = written("#b8450f")
    assert '<p style="color:#101010">Pay at <a href="https://a.example/x" style="color:#b8450f">' in first
    assert "<i>Holm &amp; Söhne, Holm AB · Malmö</i>" in first
    # when the brand changes, then the mail does, and nothing else of it
    assert written("#0b6b6b") == first.replace("#b8450f", "#0b6b6b")


def test_planted_a_token_that_the_brand_lacks_is_told_with_its_file() -> None:
    page = "<style>p { color: {{ brand.colours.nowhere }} }</style>{{ blocks.terms }}"
    mail = MailTemplates({"mail/subject.txt": "x", "mail/body.txt": "x", "mail/body.html": page})
    with pytest.raises(MailFault, match="nowhere") as told:
        mail.write({"view": {"blocks": {"terms": tree_of("Text.")}, "brand": {"colours": {}}}})
    assert told.value.context["file"] == "mail/body.html"
