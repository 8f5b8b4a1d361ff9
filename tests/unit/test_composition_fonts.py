"""The print fonts are put where they are used without disturbing anybody, and a sign they lack has a way out."""

from __future__ import annotations

import hashlib
import itertools
from pathlib import Path

import pytest

from postroom.composition import fonts, stand_ins
from postroom.composition.fonts_text import put
from postroom.composition.scripts import scripts_of


def test_fonts_that_are_there_already_are_left_alone(tmp_path: Path) -> None:
    # given a finished folder that somebody sets pages from
    made = {"One.ttf": b"1", "Two.ttf": b"2"}
    put(tmp_path, made, b"[]")
    before = {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in tmp_path.glob("*.ttf")}
    # when the same fonts are built again
    put(tmp_path, made, b"[]")
    # then none of them was written
    assert {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in tmp_path.glob("*.ttf")} == before


def test_planted_a_font_that_is_another_one_is_replaced_and_one_too_many_goes(tmp_path: Path) -> None:
    put(tmp_path, {"One.ttf": b"1", "Old.ttf": b"0"}, b"[1]")
    (tmp_path / "One.ttf").write_bytes(b"spoilt")
    put(tmp_path, {"One.ttf": b"1"}, b"[2]")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"One.ttf": b"1", "built.json": b"[2]"}


def test_what_to_do_about_a_sign_names_a_family_that_has_it() -> None:
    assert "'Postroom Sans'" in fonts.sign_advice("Ά")
    assert "'Postroom Han" in fonts.sign_advice("漢")
    assert "postroom fonts add" in fonts.sign_advice("ქ")
    # planted: each family that is named for a sign can show it
    for sign in "ΆЖß€漢ع한":
        named = next(family for family in fonts.families() if repr(family) in fonts.sign_advice(sign))
        assert sign in fonts.coverage((named,))


def test_what_stands_in_is_listed_with_origin_and_licence_and_is_what_was_built() -> None:
    listed = fonts.more()
    assert {fact["licence"] for fact in listed} == {"OFL-1.1"}
    assert all(
        hashlib.sha256((fonts.MORE / fact["name"]).read_bytes()).hexdigest() == fact["sha256"] for fact in listed
    )
    # and together they stay within what a wheel may weigh
    assert sum((fonts.MORE / fact["name"]).stat().st_size for fact in listed) < 12_000_000


def test_families_of_no_region_share_no_sign_so_that_which_one_is_taken_is_no_luck() -> None:
    steady = [family for family in stand_ins.usual() if family not in fonts.languages()]
    joiners = frozenset("\u200c\u200d")
    shared = {
        (one, other): fonts.coverage((one,)) & fonts.coverage((other,)) - joiners
        for one, other in itertools.combinations(steady, 2)
    }
    assert len(steady) == 6 and {pair: signs for pair, signs in shared.items() if signs} == {}
    # nor does one of them have a sign of a region's
    east = fonts.coverage(tuple(fonts.languages()))
    assert {family: signs for family in steady if (signs := fonts.coverage((family,)) & east - joiners)} == {}


@pytest.mark.parametrize(
    ("family", "text"),
    [
        ("Postroom Sans Arabic", "شركة النور پچگ ٠١٢٣٤٥٦٧٨٩،؟"),
        ("Postroom Sans Hebrew", "שלום עולם"),
        ("Postroom Sans Devanagari", "हिन्दी ०१२३"),
        ("Postroom Sans Thai", "สวัสดีครับ ๑๒๓"),
        ("Postroom Han Japanese", "株式会社髙島屋﨑やまだヤマダ、。「」"),
        ("Postroom Han Simplified", "华东贸易有限公司，。《》"),
        ("Postroom Han Traditional", "臺灣銀行總行，。「」"),
        ("Postroom Hangul", "한국무역주식회사"),
        ("Postroom Emoji", "🙂🎉❤🚲📦"),
        ("Postroom Symbols", "✓☐✗"),
    ],
)
def test_a_family_has_the_signs_of_common_texts(family: str, text: str) -> None:
    base = fonts.coverage(("Postroom Sans",))
    assert {sign for sign in text if sign not in base and sign not in fonts.coverage((family,))} == set()


def test_an_emoji_made_of_several_signs_needs_one_family() -> None:
    families = stand_ins.chosen(stand_ins.usual(), "de", frozenset("👩\u200d🏭❤\ufe0f🏽"))
    assert "Postroom Emoji" in families and not any("Han" in family for family in families)


def test_scripts_are_named_by_what_a_family_can_write() -> None:
    named = {family: scripts_of(fonts.coverage((family,))) for family in fonts.families()}
    assert named["Postroom Sans"][:1] == ["Latin"] and {"Greek", "Cyrillic"} <= set(named["Postroom Sans"])
    assert named["Postroom Sans Arabic"] == ["Arabic"] and named["Postroom Hangul"] == ["Hangul"]
    assert named["Postroom Han Simplified"] == ["Han"] and named["Postroom Emoji"] == ["Symbols"]


def test_planted_a_family_that_is_not_there_is_named_when_documents_ask_for_it(tmp_path: Path) -> None:
    with pytest.raises(fonts.FamilyMissing, match="No Such Family") as missing:
        fonts.folder(("Postroom Sans", "No Such Family"), under=tmp_path)
    assert "postroom fonts add" in missing.value.hint and list(tmp_path.iterdir()) == []
    # while base families alone are the folder and the lock of before
    assert fonts.folder(("Postroom Sans",)) == fonts.FOLDER and fonts.lock(("Postroom Sans",)) == fonts.lock()


def test_planted_a_gathered_font_that_was_changed_is_found_by_the_next_process(tmp_path: Path) -> None:
    place = fonts.folder(("Postroom Hangul",), under=tmp_path)
    path = next(place.glob("*Hangul*"))
    path.write_bytes(path.read_bytes()[:-1])
    fonts.forget()
    with pytest.raises(fonts.FontsDamaged, match="Hangul"):
        fonts.folder(("Postroom Hangul",), under=tmp_path)
