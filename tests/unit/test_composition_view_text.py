"""The text of a view is the one the whole would have, whatever was kept of its parts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.cage.errors import NotPlain
from postroom.cage.keeper import as_text
from postroom.composition import view_text as made
from postroom.composition.view_text import view_text

values: Any = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
names = st.sampled_from(["number", "lines", "words", "document", "brand", "blocks"])


@given(st.dictionaries(names, values, max_size=6))
def test_it_is_the_text_of_the_whole(view: dict[str, Any]) -> None:
    # given any view, with its parts in any order; when it is written, the second time from what was kept
    first, again = view_text(view), view_text(view)
    # then
    assert first == again == as_text(view)


def test_each_brand_has_its_own_text() -> None:
    # given many brands that come and go, so that one may be given the place of another
    texts = [view_text({"number": "1", "brand": {"name": f"Brand {n}"}}) for n in range(3 * made._MOST)]
    # then each document names its own, and little is kept
    assert texts == [b'{"number":"1","brand":{"name":"Brand %d"}}' % n for n in range(3 * made._MOST)]
    assert len(made._kept) <= made._MOST


def test_what_is_no_plain_value_is_refused_as_before() -> None:
    for view in ({"words": {1.5j}}, {"number": {1.5j}}):
        with pytest.raises(NotPlain):
            view_text(view)


def test_planted_a_text_kept_without_its_object_would_be_another_brands(monkeypatch: pytest.MonkeyPatch) -> None:
    # given a memory that knows only where an object lay, as if the object were not kept beside its text
    brand = {"name": "mine"}
    monkeypatch.setitem(made._kept, id(brand), (brand, b'{"name":"of somebody else"}'))
    # when and then: the comparison with the whole notices
    assert view_text({"brand": brand}) != as_text({"brand": brand})
    # and an object that only lies in the same place is not taken for it
    monkeypatch.setitem(made._kept, id(brand), ({"name": "mine"}, b'{"name":"of somebody else"}'))
    assert view_text({"brand": brand}) == as_text({"brand": brand})
