"""A letter in Arabic, in Japanese, and with emoji: set by every lane, clean PDF/A, and read back in the order it was
written."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest

from conformance import verapdf
from kit.lanes import job_of, prepared, slip
from postroom.cage import Cell
from postroom.composition import fonts
from postroom.composition.prepare import Prepared
from postroom.composition.spec import RenderFault
from postroom.composition.stand_ins import widened
from postroom.kernel.registry import provider
from servers import missing

LANES = ("typst", "html", "word")
LETTERS = {
    "arabic": ("مؤسسة النور للتجارة", "طريق الملك فهد ٢٣", "Postroom Sans Arabic"),
    "japanese": ("株式会社 髙島商店", "東京都港区芝公園", "Postroom Han Japanese"),
    "traditional": ("臺灣銀行總行", "重慶南路一段", "Postroom Han Traditional"),
    "simplified": ("华东贸易有限公司", "南京东路步行街", "Postroom Han Simplified"),
    "korean": ("한국무역 주식회사", "서울특별시 종로구", "Postroom Hangul"),
    "hebrew": ("חברת האור", "רחוב הרצל", "Postroom Sans Hebrew"),
    "thai": ("บริษัท สยาม จำกัด", "ถนนสุขุมวิท", "Postroom Sans Thai"),
    "devanagari": ("हिन्दी व्यापार", "महात्मा गांधी मार्ग", "Postroom Sans Devanagari"),
    "emoji": ("Café 🙂 ❤️ ☎", "Gleis ✈ 🚲", "Postroom Emoji"),
}
#: LibreOffice needs seconds to start, once for each kind of cell.
OF_WORD = ("arabic", "japanese", "emoji")
#: The HTML engine writes no text for a shape that no code point asks for by itself: joined letters, conjuncts.
NOT_COPIED = {("html", "arabic"), ("html", "devanagari")}


@dataclass(frozen=True)
class Letter:
    """One letter of one lane."""

    lane: str
    script: str
    ready: Prepared
    path: Path

    @property
    def text(self) -> str:
        """What a reader copies from it."""
        document = pypdfium2.PdfDocument(self.path)
        try:
            return "\n".join(page.get_textpage().get_text_range() for page in document)
        finally:
            document.close()


def letter(lane: str, script: str) -> Prepared:
    name, street, _ = LETTERS[script]
    record: dict[str, Any] = dict(slip(lane).samples[0][1])
    customer = {**record["customer"], "name": name}
    customer["address"] = {**customer["address"], "lines": [street]}
    return prepared(lane, 2, "de-AT", customer=customer)


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Letter]]:
    verapdf.needed()
    folder = tmp_path_factory.mktemp("letters")
    made = []
    for lane in LANES:
        renderer = provider("renderers", lane)
        if renderer.missing():
            missing(renderer.missing())
        needs = renderer.needs()
        for script in OF_WORD if lane == "word" else LETTERS:
            ready = letter(lane, script)
            wide = widened(slip(lane), ready.fonts)
            place = folder / f"{lane}-{script}"
            wide.unfold(place)
            beside = fonts.folder(wide.manifest.fonts, under=folder / "fonts")
            setup = {"renderer": lane, "pack": str(place), "fonts": str(beside)}
            job = job_of(ready)
            with Cell(
                "render", setup, memory=max(2 << 30, needs.memory), read=needs.read, scratch=needs.scratch
            ) as cell:
                answer = cell.call({"view": job.view, "codes": job.codes, "fixed_clock": job.fixed_clock})
            path = folder / f"{lane}-{script}.pdf"
            path.write_bytes(answer.blobs[0])
            made.append(Letter(lane, script, ready, path))
    yield made


def test_every_letter_is_pdfa_2b(letters: list[Letter]) -> None:
    verdicts = verapdf.validate([one.path for one in letters], "2b")
    assert [(one.path.name, one.failed, one.error) for one in verdicts if not one.compliant] == []


def test_each_is_set_with_the_family_that_has_its_signs_and_no_sign_is_an_empty_box(letters: list[Letter]) -> None:
    told = []
    for one in letters:
        embedded = _families(one.path)
        wanted = LETTERS[one.script][2].replace(" ", "")
        if not any(wanted in name for name in embedded):
            told.append((one.path.name, wanted, embedded))
        others = {family.replace(" ", "") for family in fonts.languages() if family.replace(" ", "") != wanted}
        told += [(one.path.name, other) for other in others if any(other in name for name in embedded)]
    assert told == []


def test_what_is_copied_from_the_page_is_what_was_written_in_its_order(letters: list[Letter]) -> None:
    told = []
    for one in letters:
        if (one.lane, one.script) not in NOT_COPIED:
            name, street, _ = LETTERS[one.script]
            lines = [_plain(line) for line in one.text.splitlines()]
            told += [(one.path.name, line, lines[:3]) for line in (name, street) if _plain(line) not in lines]
    assert told == []


def test_a_document_that_needs_none_is_set_without_any_and_keeps_its_bytes(tmp_path: Path) -> None:
    # given a letter in signs the template's own fonts have
    pack, ready = slip("typst"), prepared("typst")
    assert ready.fonts == ()
    # when it is made from its plain folder, and once more from one that has families beside it
    made = {}
    for name, families in (("plain", ()), ("wide", pack.stand_ins)):
        wide = widened(pack, families)
        wide.unfold(tmp_path / name)
        beside = fonts.folder(wide.manifest.fonts, under=tmp_path / "fonts")
        renderer = provider("renderers", "typst")(str(tmp_path / name), str(beside))
        made[name] = renderer.render(job_of(ready)).content
    # then the bytes are the same: a family that is not used leaves no trace
    assert made["plain"] == made["wide"]


def test_planted_a_sign_without_its_family_is_refused_by_the_engine_too(tmp_path: Path) -> None:
    # given a letter that needs a family, and a cell that was not given it
    slip("typst").unfold(tmp_path / "pack")
    renderer = provider("renderers", "typst")(str(tmp_path / "pack"), str(fonts.folder()))
    with pytest.raises(RenderFault) as refused:
        renderer.render(job_of(letter("typst", "japanese")))
    assert refused.value.code == "missing-glyph"


def _plain(text: str) -> str:
    """Without joiners and selectors, which no page shows, and without spaces, which a reader guesses from distances."""
    shown = (sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) != "Cf")
    return "".join(sign for sign in shown if sign not in "\ufe0f ").strip()


def _families(path: Path) -> set[str]:
    with pikepdf.open(io.BytesIO(path.read_bytes())) as pdf:
        return {
            str(thing.BaseFont)
            for thing in pdf.objects
            if isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == "/Font" and "/BaseFont" in thing
        }
