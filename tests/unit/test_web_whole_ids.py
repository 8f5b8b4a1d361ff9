"""Numbers of documents and parties stand on one line; what a text says is not changed by that."""

from __future__ import annotations

import re

import pytest
from django.utils.safestring import mark_safe

from postroom.web.templatetags.whole import whole_ids


@pytest.mark.parametrize("number", ["INV-2026-1187", "C-00214", "R-2026-0001", "22-11-2026"])
def test_a_number_is_held_together(number: str) -> None:
    # given a title with a number, when it is shown, then no line can break within the number
    assert whole_ids(f"Invoice {number}, again") == f'Invoice <span class="nowrap">{number}</span>, again'


@pytest.mark.parametrize("text", ["On-time delivery", "e-mail", "bounce@brauerei-hoelzl.example", "7 - 12", "–"])
def test_what_is_no_number_is_left_alone(text: str) -> None:
    assert whole_ids(text) == text


def test_a_number_wider_than_a_telephone_may_break() -> None:
    assert "<span" not in whole_ids("A-" + "1" * 40)


def test_planted_markup_comes_out_as_text() -> None:
    # given a title that somebody wrote as markup, when it is shown, then it is still text, letter for letter
    shown = whole_ids("<script>INV-1</script> & Söhne")
    assert "<script>" not in shown
    assert re.sub(r"</?span[^>]*>", "", shown) == "&lt;script&gt;INV-1&lt;/script&gt; &amp; Söhne"


def test_what_is_escaped_already_is_not_escaped_again() -> None:
    assert whole_ids(mark_safe("Tom &amp; C-00214")) == 'Tom &amp; <span class="nowrap">C-00214</span>'
