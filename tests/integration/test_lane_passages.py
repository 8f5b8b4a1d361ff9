"""Passages on pages of the lanes HTML and Word: what a clerk writes is shown as text, and is never lost unseen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from kit.lanes import opened, opened_files
from postroom.composition import fonts as print_fonts
from postroom.composition.pack import load
from postroom.composition.problems import TemplateFaults

HOSTILE = 'Signs stay: {{ view }} <script>alert(1)</script> & "quoted" {% if %}'
SAID: list[dict[str, Any]] = [
    {
        "kind": "paragraph",
        "children": [
            {"kind": "text", "text": "Dear "},
            {"kind": "strong", "children": [{"kind": "field", "field": "customer.name"}]},
            {"kind": "break"},
            {"kind": "text", "text": HOSTILE},
            {"kind": "link", "href": "https://holm.example/a", "children": [{"kind": "text", "text": "Look here"}]},
        ],
    },
    {
        "kind": "list",
        "numbered": True,
        "children": [
            {"kind": "item", "children": [{"kind": "text", "text": "First thing"}]},
            {"kind": "item", "children": [{"kind": "em", "children": [{"kind": "text", "text": "Second thing"}]}]},
        ],
    },
]


def text_of(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    pages = (document[number].get_textpage().get_text_range() for number in range(len(document)))
    return " ".join("".join(pages).split())


def faults_of(files: dict[str, bytes]) -> str:
    try:
        load(files)
    except TemplateFaults as faults:
        return " ".join(f"{problem.what} {problem.hint}" for problem in faults.problems)
    return ""


def test_an_html_page_shows_a_passage_as_it_was_written(tmp_path: Path) -> None:
    from postroom.plugins.renderers.html import HtmlRenderer

    pack, job = opened("html", SAID)
    pack.unfold(tmp_path / "pack")
    made = HtmlRenderer(str(tmp_path / "pack"), str(print_fonts.folder())).render(job)
    text = text_of(made.content)
    assert HOSTILE in text and "Look here" in text and "1. First thing 2. Second thing" in text
    assert f"Dear {job.view['customer']['name']}" in text and "As agreed" not in text


def test_a_word_page_shows_a_passage_in_the_looks_of_its_paragraph(tmp_path: Path) -> None:
    from postroom.plugins.renderers._docx import parts_of, tree_of
    from postroom.plugins.renderers._docx_fill import WordTemplate

    # given a letter that says it twice, in a paragraph and in a cell
    pack, job = opened("word", SAID)
    filled = WordTemplate(pack.files["main.docx"], "main.docx").filled(job)
    source = parts_of(filled)["word/document.xml"]
    tree_of("word/document.xml", source)  # it is XML still
    text = source.decode()
    # then its signs are text, its emphasis and its list are Word's own, and nothing of the marks is left
    assert text.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 2 and "blocks" not in text and "block__" not in text
    assert text.count("HYPERLINK &quot;https://holm.example/a&quot;") == 2 and "<w:b/>" in text and "<w:i/>" in text
    assert text.count("<w:t>2.</w:t>") == 2 and 'w:hanging="284"' in text
    # an empty one leaves no paragraph, but the one that its cell needs
    pack, job = opened("word", None)
    job.view["blocks"]["opening"] = []
    empty = parts_of(WordTemplate(pack.files["main.docx"], "main.docx").filled(job))["word/document.xml"].decode()
    assert empty.count("<w:p>") + empty.count("<w:p ") == source.decode().count("<w:p>") + text.count("<w:p ") - 6 + 1


@pytest.mark.parametrize(
    ("lane", "page", "told"),
    [
        ("html", "nothing", "does not show the passage 'opening'"),
        ("html", "{{ blocks.opning }} {{ blocks.opening }}", "There is no content block 'opning'. Did you mean"),
        ("word", "nothing", "does not show the passage 'opening'"),
        ("word", "Dear {{ blocks.opening }}", "holds a content block and something else"),
        ("word", "{{ blocks.opning }}", "There is no content block 'opning'"),
    ],
)
def test_planted_a_page_that_would_lose_a_passage_is_refused(lane: str, page: str, told: str) -> None:
    assert told in faults_of(opened_files(lane, page))
    assert faults_of(opened_files(lane)) == ""
