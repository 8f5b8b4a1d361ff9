"""How text is folded and asked for."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.documents.search import fold, rows_of, tsquery


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("Ångström", "angstrom"),
        ("KØBENHAVN", "kobenhavn"),
        ("Straße", "strasse"),
        ("Łódź", "lodz"),
        ("Æbelø", "aebelo"),
    ],
)
def test_people_find_names_without_their_accents(written: str, typed: str) -> None:
    assert fold(written) == fold(typed) == typed


@given(st.text(st.characters(codec="utf-8") | st.sampled_from("aÄÅßØ×漢한가\u0301\u034f\u0345\u3099")))
def test_folding_is_lower_case_without_marks(text: str) -> None:
    letters: dict[str, str | int | None] = dict(zip("øđðłþıħ", "oddltih", strict=True)) | {
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
    }
    plain = text.casefold().translate(str.maketrans(letters)) if not text.isascii() else text.lower()
    expected = "".join(sign for sign in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(sign))
    assert fold(text) == expected


def test_the_last_word_may_be_a_beginning() -> None:
    assert tsquery("Holm inv-2026") == "'holm' & 'inv-2026':*"
    assert tsquery("  ") == tsquery("!!!") == ""


@given(st.text())
def test_whatever_people_type_is_a_safe_query(text: str) -> None:
    query = tsquery(text)
    assert query.count("'") % 2 == 0
    assert "\x00" not in query


@given(st.text(alphabet="abc é ß", max_size=60_000))
def test_rows_are_short_and_lose_nothing(text: str) -> None:
    rows = list(rows_of(text))
    assert "".join(rows) == fold(text)
    assert all(len(row) <= 8000 for row in rows)
