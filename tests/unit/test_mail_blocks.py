"""Content blocks in a mail: plain where text is plain, HTML where it is HTML, and never markup from a record."""

from __future__ import annotations

import pytest

from postroom.composition.block_source import source_of, tree_of
from postroom.composition.errors import BadPart
from postroom.composition.mail import MailFault, MailTemplates, check_mail

SOURCES = {
    "mail/subject.txt": "Hello",
    "mail/body.txt": "{{ blocks.terms }}",
    "mail/body.html": "<div>{{ blocks.terms }}</div>",
}


def test_a_block_is_plain_in_the_text_and_html_in_the_page_of_a_mail() -> None:
    tree = tree_of("Pay **at once**, {{ name }}.\n\n- cash\n- card")
    mail = MailTemplates(SOURCES).write({"view": {"blocks": {"terms": tree}, "name": "<b>Ann</b>"}})
    assert mail.text == "Pay at once, <b>Ann</b>.\n\n- cash\n- card"
    assert "<p>Pay <strong>at once</strong>, &lt;b&gt;Ann&lt;/b&gt;.</p><ul><li>cash</li>" in mail.html
    assert check_mail(SOURCES, frozenset()) == []


def test_a_block_that_the_document_has_not_is_named() -> None:
    with pytest.raises(MailFault, match="terms"):
        MailTemplates(SOURCES).write({"view": {}})


TEXTS = (
    "One.\nTwo.\n\nThree with **strong *and more*** and [a link](https://a.example/x).",
    "- one\n- two\n  1. inner\n  2. more\n- three",
    "{{ block: inner }}\n\nFor {{ customer.name }}",
    "\\- no item, \\* no star, \\{ no field",
)


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_typed_comes_back_as_it_is_meant(text: str) -> None:
    tree = tree_of(text)
    assert tree_of(source_of(tree)) == tree


@pytest.mark.parametrize(("text", "told"), [("a **b", "Line 1"), ("a\n{{ }}", "Line 2"), ("- a\n- *b", "Line 2")])
def test_a_sign_that_is_not_closed_is_told_with_its_line(text: str, told: str) -> None:
    with pytest.raises(BadPart, match=told):
        tree_of(text)
