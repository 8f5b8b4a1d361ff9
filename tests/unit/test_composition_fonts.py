"""The print fonts are put where they are used without disturbing anybody, and a sign they lack has a way out."""

from __future__ import annotations

from pathlib import Path

from postroom.composition import fonts


def test_fonts_that_are_there_already_are_left_alone(tmp_path: Path) -> None:
    # given a finished folder that somebody sets pages from
    made = {"One.ttf": b"1", "Two.ttf": b"2"}
    fonts._put(tmp_path, made, b"[]")
    before = {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in tmp_path.glob("*.ttf")}
    # when the same fonts are built again
    fonts._put(tmp_path, made, b"[]")
    # then none of them was written
    assert {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in tmp_path.glob("*.ttf")} == before


def test_planted_a_font_that_is_another_one_is_replaced_and_one_too_many_goes(tmp_path: Path) -> None:
    fonts._put(tmp_path, {"One.ttf": b"1", "Old.ttf": b"0"}, b"[1]")
    (tmp_path / "One.ttf").write_bytes(b"spoilt")
    fonts._put(tmp_path, {"One.ttf": b"1"}, b"[2]")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"One.ttf": b"1", "built.json": b"[2]"}


def test_what_to_do_about_a_sign_names_a_family_that_has_it() -> None:
    assert "'Postroom Sans'" in fonts.sign_advice("Ά")
    assert "Latin, Greek or Cyrillic" in fonts.sign_advice("漢")
    # planted: each family that is named for a sign can show it
    for sign in "ΆЖß€":
        named = next(family for family in fonts.families() if family in fonts.sign_advice(sign))
        assert sign in fonts.coverage((named,))
