"""Signs the house's own fonts do not have: families that stand in, in an order that a version keeps (P5, ADR 0044)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from api_kit import World, carry_through, sample
from kit.lanes import slip_files
from postroom.kernel.home import Home


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """What a process has learnt of its fonts holds for its life; these tests change them under a living one."""

    def forget() -> None:
        from postroom.composition import fonts, fonts_own, proofs
        from postroom.composition.compose import close_cells
        from postroom.composition.queries import live_pack

        fonts_own.forget()
        fonts.forget()
        proofs.forget()
        live_pack.cache_clear()
        close_cells()

    forget()
    yield
    forget()


def own_font(signs: str, family: str = "Acme Georgian", *, flags: int = 0, weight: int = 400) -> bytes:
    """A font with a box for each sign."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    pen = TTGlyphPen(None)
    for point, draw in (
        ((80, 0), pen.moveTo),
        ((80, 600), pen.lineTo),
        ((520, 600), pen.lineTo),
        ((520, 0), pen.lineTo),
    ):
        draw(point)
    pen.closePath()
    box = pen.glyph()
    names = [".notdef", *(f"u{ord(sign):04X}" for sign in signs)]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord(sign): name for sign, name in zip(signs, names[1:], strict=True)})
    builder.setupGlyf(dict.fromkeys(names, box))
    builder.setupHorizontalMetrics(dict.fromkeys(names, (600, 80)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable(
        {"familyName": family, "styleName": "Regular", "fullName": family, "psName": family.replace(" ", "")}
    )
    builder.setupOS2(fsType=flags, usWeightClass=weight, sTypoAscender=800, sTypoDescender=-200)
    builder.setupPost()
    out = io.BytesIO()
    builder.save(out)
    return out.getvalue()


def published(files: dict[str, bytes]) -> Any:
    from postroom.composition.publishing import publish
    from postroom.identity.actor import SYSTEM

    return publish(SYSTEM, files)


def record(name: str, **changes: Any) -> dict[str, Any]:
    import json

    found: dict[str, Any] = json.loads(slip_files("typst")["samples/01.json"])
    found["customer"] = {**found["customer"], "name": name}
    return found | changes


def made(version: Any, *names: str) -> list[Any]:
    """Documents, or why there is none, of records that differ in whom they go to."""
    from postroom.composition.queries import live_pack
    from postroom.composition.replay import make_again

    return list(make_again(live_pack(version.pk), [record(name) for name in names]))


def families(content: bytes) -> set[str]:
    with pikepdf.open(io.BytesIO(content)) as pdf:
        named = [one.BaseFont for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and "/BaseFont" in one]
    return {str(name).partition("+")[2].partition("-")[0] for name in named}


def test_a_run_of_names_from_everywhere_is_made_in_order(db: str, home: Home) -> None:
    # given a version published today, and names in many scripts between plain ones
    version = published(slip_files("typst"))
    names = ["Anna Holm", "山田やまだ", "Ola", "شركة النور", "Юлия", "臺灣銀行總行", "华东贸易", "Zoë 🙂", "Ben"]
    # when they are made, then each is there, in order, with the family that its signs ask for
    documents = made(version, *names)
    wanted = [None, "PostroomHanJapanese", None, "PostroomSansArabic", None, "PostroomHanTraditional"]
    wanted += ["PostroomHanSimplified", "PostroomEmoji", None]
    assert [next(iter(families(one.content) - {"PostroomSans"}), None) for one in documents] == wanted
    # and the same again has the same bytes
    assert [one.content for one in made(version, *names)] == [one.content for one in documents]


def test_p5_a_version_from_before_there_were_stand_ins_keeps_bytes_and_lock(
    db: str, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    from postroom.composition import fonts, stand_ins
    from postroom.composition.queries import live_pack

    # given a version that was published where nothing stood in
    with monkeypatch.context() as before:
        before.setattr(stand_ins, "usual", lambda: ())
        old = published(slip_files("typst"))
        (first,) = made(old, "Anna Holm")
    # when stand-ins come with an upgrade
    (again, missing) = made(old, "Anna Holm", "山田")
    # then its documents keep their bytes and their asset lock, and what it refused it refuses
    assert again.content == first.content
    assert old.asset_lock == fonts.lock() == live_pack(old.pk).asset_lock
    assert missing.code == "missing-glyph" and "U+5C71" in missing.reason
    # and published again it is another version, which has them; the bytes of what needs none are the same
    new = published(slip_files("typst"))
    assert (new.no, new.digest) == (old.no + 1, old.digest)
    assert new.asset_lock == live_pack(new.pk).asset_lock != old.asset_lock
    plain, other = made(new, "Anna Holm", "山田")
    assert plain.content == first.content and "PostroomHanSimplified" in families(other.content)
    # and once more is nothing new
    assert published(slip_files("typst")).pk == new.pk


def test_the_documents_language_decides_how_an_ideograph_is_drawn(db: str) -> None:
    from postroom.composition.stand_ins import chosen, usual

    signs = frozenset("山水")
    first = {language: chosen(usual(), language, signs) for language in ("ja", "zh-TW", "zh-Hant-HK", "zh", "de", "ko")}
    han = {
        language: [one for one in found if "Han" in one and one != "Postroom Hangul"]
        for language, found in first.items()
    }
    assert han == {
        "ja": ["Postroom Han Japanese"],
        "zh-TW": ["Postroom Han Traditional"],
        "zh-Hant-HK": ["Postroom Han Traditional"],
        "zh": ["Postroom Han Simplified"],
        "de": ["Postroom Han Simplified"],
        "ko": ["Postroom Han Simplified"],
    }
    # a family that is drawn in no region's manner stands beside it, as it shares no sign with it
    assert "Postroom Sans Arabic" in first["ja"]


def test_a_brand_says_the_order_and_may_allow_none(db: str) -> None:
    import json

    from postroom.composition.pack import load
    from postroom.composition.problems import TemplateFaults

    files = slip_files("typst")
    brand = {"key": "acme", "name": "Acme", "fonts": {"stand_ins": "Postroom Emoji, No Such Family"}}
    assert load({**files, "brand.json": json.dumps(brand).encode()}).stand_ins == ("Postroom Emoji",)
    # a sample in a script that the brand leaves out is told of, with the family that would have it
    files["samples/01.json"] = json.dumps(record("山田"), ensure_ascii=False).encode()
    with pytest.raises(TemplateFaults) as caught:
        load({**files, "brand.json": json.dumps(brand).encode()})
    (problem,) = caught.value.problems
    assert "U+5C71" in problem.what and "$.customer.name" in problem.what and "Postroom Han" in problem.hint


def test_a_family_that_the_house_adds_stands_in_and_is_kept_for_the_versions_that_have_it(db: str, home: Home) -> None:
    from postroom.composition.actions.add_fonts import add_fonts
    from postroom.composition.actions.withdraw_family import withdraw_family
    from postroom.identity.actor import SYSTEM
    from postroom.ledger.models import Entry

    # given a name in a script that no family here has
    before = published(slip_files("typst"))
    (missing,) = made(before, "ქსელი")
    assert missing.code == "missing-glyph" and "postroom fonts add" in missing.hint
    # when the house adds a family that has it, and publishes again
    font = own_font("ქსელი")
    (row,) = add_fonts(SYSTEM, {"acme.ttf": font})
    assert (row.family, row.cut, row.licence) == ("Acme Georgian", "400", "")
    version = published(slip_files("typst"))
    (document,) = made(version, "ქსელი")
    # then the document is set with it, and the version before still refuses
    assert "AcmeGeorgian" in families(document.content) and version.asset_lock != before.asset_lock
    assert made(before, "ქსელი")[0].code == "missing-glyph"
    # and withdrawn it is out of what is published from then on, and stays for what was
    withdraw_family(SYSTEM, "Acme Georgian")
    after = published(slip_files("typst"))
    assert made(after, "ქსელი")[0].code == "missing-glyph"
    assert made(version, "ქსელი")[0].content == document.content
    assert add_fonts(SYSTEM, {"acme.ttf": font})[0].withdrawn_at is None
    acts = Entry.objects.filter(act__startswith="font.").order_by("seq").values_list("act", flat=True)
    assert list(acts) == ["font.added", "font.withdrawn", "font.added"]


#: What a font file may be that no document can be set with, and what is said of it.
UNUSABLE = {
    "no TrueType or OpenType font": b"no font at all",
    "cannot be read": own_font("ა")[:200],
    "may not be embedded": own_font("ა", flags=2),
    "comes with Postroom": own_font("ა", family="Postroom Sans"),
    "at most 40 are taken": bytes(41_000_000),
}


def test_planted_a_font_that_cannot_be_used_is_refused_with_what_to_do(db: str) -> None:
    from postroom.composition.actions.add_fonts import add_fonts
    from postroom.composition.fonts_models import PrintFont
    from postroom.identity.actor import SYSTEM
    from postroom.kernel.errors import PostroomError

    good = own_font("ბ", family="Good")
    for says, content in UNUSABLE.items():
        with pytest.raises(PostroomError, match=says) as refused:
            add_fonts(SYSTEM, {"good.ttf": good, "bad.ttf": content})
        assert refused.value.hint
    # and of what came with them nothing was kept
    assert not PrintFont.objects.exists()


def test_planted_other_bytes_under_a_known_name_are_refused(db: str) -> None:
    from postroom.composition.actions.add_fonts import add_fonts
    from postroom.composition.fonts_read import FontTaken
    from postroom.identity.actor import SYSTEM

    add_fonts(SYSTEM, {"acme.ttf": own_font("ა")})
    with pytest.raises(FontTaken, match="is there already"):
        add_fonts(SYSTEM, {"acme-2.ttf": own_font("აბ")})
    with pytest.raises(FontTaken, match="700"):
        add_fonts(SYSTEM, {"acme-bold.ttf": own_font("ა", weight=700)})
    both = {"b.ttf": own_font("ა", family="Both"), "b-bold.ttf": own_font("ა", family="Both", weight=700)}
    assert [row.cut for row in add_fonts(SYSTEM, both)] == ["400", "700"]


def test_planted_a_stand_in_whose_bytes_changed_makes_nothing(
    db: str, home: Home, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    from postroom.composition import fonts
    from postroom.composition.queries import live_pack

    # given a process that starts where one byte of a family is another one
    version = published(slip_files("typst"))
    other = shutil.copytree(fonts.MORE, tmp_path_factory.mktemp("more") / "standins")
    font = other / "PostroomHanSimplified-Regular.ttf"
    content = bytearray(font.read_bytes())
    content[len(content) // 2] ^= 1
    font.write_bytes(content)
    monkeypatch.setattr(fonts, "MORE", other)
    # then documents that need it are not made, and others are
    (plain,) = made(version, "Anna Holm")
    assert plain.pages == 1
    with pytest.raises(fonts.FontsDamaged, match="PostroomHanSimplified"):
        made(version, "华东贸易")
    assert live_pack(version.pk).asset_lock == version.asset_lock


def test_p5_a_stored_document_with_stand_ins_comes_out_the_same(world: World, home: Home, tmp_path: Path) -> None:
    import json

    from postroom.documents.models import Version
    from postroom.identity.actor import SYSTEM
    from postroom.production.actions.start_run import start_run
    from postroom.production.reproduce.again import make_again

    # given a run whose second record goes to somebody in Tokyo
    items = [sample("invoice", number=f"S-{number}") for number in (1, 2)]
    items[1]["customer"] = {**items[1]["customer"], "name": "山田やまだ 商店"}
    path = tmp_path / "orders.jsonl"
    path.write_text("\n".join(json.dumps(one, ensure_ascii=False) for one in items), encoding="utf-8")
    carry_through(start_run(SYSTEM, template="invoice", path=path, name="orders.jsonl").run.pk)
    # when everything is made again
    report = make_again(SYSTEM, wanted=100, seed=3)
    # then it has the same bytes, and the lock of its version
    assert report.reproducible and report.total("same") == 5
    assert len(set(Version.objects.values_list("asset_lock", flat=True))) == 1


def test_the_command_adds_a_folder_lists_the_order_and_withdraws(
    db: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from typer.testing import CliRunner

    from postroom.cli.app import app
    from postroom.kernel.errors import NotFound
    from postroom.project import boot

    monkeypatch.setattr(boot, "boot", lambda: None)  # this test's own database is there already

    def said(*words: str) -> str:
        done = CliRunner().invoke(app, ["fonts", *words])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.output

    # given a folder with one family
    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts" / "Acme.TTF").write_bytes(own_font("აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭ"))
    assert "Acme Georgian 400: added" in said("add", str(tmp_path / "fonts"))
    # then it stands before those that come with Postroom, with the script it writes
    listed = said("list")
    assert "Georgian" in listed and "Hangul" in listed
    assert listed.index("Acme Georgian") < listed.index("Postroom Sans Arabic")
    said("withdraw", "Acme Georgian")
    assert "withdrawn" in said("list")
    # and what is not there is told of
    with pytest.raises(NotFound, match="added no family"):
        said("withdraw", "Acme Georgian")
    with pytest.raises(NotFound, match="no font at"):
        said("add", str(tmp_path / "nothing"))
