"""The stand-in fonts, for scripts that the house's own family does not have: built from locked packages (ADR 0044).

Arabic, Hebrew, Devanagari and Thai keep what their shaping needs. Of the ideographs and Hangul, whose fonts are large,
the signs of the national sets are kept (JIS X 0208 with the vendors' names, GB 2312, Big5 level 1, KS X 1001) in one
weight. Symbols and emoji are drawn in one colour. Families other than the ideographs share no sign with each other, so
that which one stands in is never a matter of luck. Equal packages give equal files.
Run ``python -m postroom.composition.fonts_build --from frontend/node_modules``; it builds the text families as well.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from postroom.composition import fonts, fonts_text
from postroom.kernel.errors import PostroomError

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont

#: Han characters and what is set with them begin here; symbols below are those of the symbol fonts.
_EAST = 0x2E80
_PRIVATE = range(0xE000, 0xF900)
_HAN = (range(0x3400, 0xA000), range(0xF900, 0xFB00), range(0x20000, 0x32000))
_EVERYWHERE = (*range(0x3001, 0x3040), *range(0xFF01, 0xFF66), *range(0xFFE0, 0xFFEF))
#: What a symbol font leaves to others: ideographs, their punctuation, what nobody else knows.
_ELSEWHERE = frozenset((*range(_EAST, 0xA000), *_PRIVATE))
_KANA = frozenset((*range(0x3041, 0x3100), *range(0x31F0, 0x3200), *range(0xFF66, 0xFFA0)))
#: Zero width: said between letters to part or to join their shapes.
_JOINERS = (0x200C, 0x200D)
_CUTTER = Path("scripts", "stand-ins.mjs")
#: What an outline needs to be placed and found; the rest of a cut font is layout that no line of text asks for.
_KEPT = {"GlyphOrder", "head", "hhea", "maxp", "OS/2", "hmtx", "cmap", "loca", "glyf", "name", "post"}


@dataclass(frozen=True, slots=True)
class _Whole:
    """A family that is shaped by its own rules: kept whole, in two weights. By IBM, see ``fonts``."""

    script: str
    stem: str
    blocks: tuple[range, ...]

    @property
    def package(self) -> str:
        """As npm calls it."""
        return f"@ibm/plex-sans-{self.script}"


@dataclass(frozen=True, slots=True)
class _Cut:
    """Signs of a family that is published in pieces by Unicode range, one weight."""

    package: str
    family: str
    codec: str
    rows: tuple[int, int]
    languages: tuple[str, ...]
    han: bool = True

    def signs(self) -> set[int]:
        """The code points of the national set, and what every East Asian text has beside them. Kana are Japanese,
        though the other sets have them too: so a text that holds some is drawn as one from there."""
        found = {ord(sign) for sign in _in_rows(self.codec, *self.rows)} | set(_EVERYWHERE)
        found = found | _KANA if "ja" in self.languages else found - _KANA
        east = {code for code in found if code >= _EAST and code not in _PRIVATE}
        return east if self.han else {code for code in east if not any(code in part for part in _HAN)}


WHOLE = (
    _Whole("arabic", "IBMPlexSansArabic", (range(0x600, 0x780), range(0x8A0, 0x900), range(0xFB50, 0xFEFF))),
    _Whole("hebrew", "IBMPlexSansHebrew", (range(0x590, 0x600), range(0xFB1D, 0xFB50))),
    _Whole("devanagari", "IBMPlexSansDevanagari", (range(0x900, 0x980), range(0x1CD0, 0x1D00), range(0xA8E0, 0xA900))),
    _Whole("thai", "IBMPlexSansThai", (range(0xE00, 0xE80),)),
)
#: Each with the languages that are written with it; for others the one that has most of a document's signs is taken.
CUT = (
    _Cut("@fontsource-variable/noto-sans-sc", "Postroom Han Simplified", "gb2312", (0xA1, 0xF7), ("zh", "zh-Hans")),
    _Cut(
        "@fontsource-variable/noto-sans-tc",
        "Postroom Han Traditional",
        "big5",
        (0xA1, 0xC6),
        ("zh-Hant", "zh-TW", "zh-HK", "zh-MO"),
    ),
    _Cut("@fontsource-variable/noto-sans-jp", "Postroom Han Japanese", "cp932", (0x81, 0xFC), ("ja",)),
    _Cut("@fontsource-variable/noto-sans-kr", "Postroom Hangul", "euc_kr", (0xA1, 0xFE), ("ko",), han=False),
)
SYMBOLS = ("@fontsource/noto-sans-symbols-2", "noto-sans-symbols-2-symbols-400-normal.woff", "Postroom Symbols")
EMOJI = ("@expo-google-fonts/noto-emoji", "NotoEmoji_400Regular.ttf", "Postroom Emoji")


def build(packages: Path, target: Path = fonts.MORE, node: str = "node") -> list[Path]:
    """Build every family from the packages below ``packages`` into ``target``. Raises FontSourceUnusable."""
    made: list[tuple[dict[str, Any], bytes]] = []
    for family in WHOLE:
        made += _whole(packages, family)
    emoji = _one_file(packages, *EMOJI, frozenset())
    signs = frozenset(fonts.signs_of(emoji[0]["covers"]))
    made += [*_cuts(packages, node), _one_file(packages, *SYMBOLS, signs), emoji]
    listing = json.dumps({"fonts": [about for about, _ in made]}, separators=(",", ":"), sort_keys=True) + "\n"
    fonts_text.put(target, {about["name"]: content for about, content in made}, listing.encode())
    fonts.forget()
    return [target / about["name"] for about, _ in made]


def _whole(packages: Path, family: _Whole) -> Iterator[tuple[dict[str, Any], bytes]]:
    root = packages / family.package
    about = _about(packages, family.package)
    kept = frozenset(code for block in family.blocks for code in block) | set(_JOINERS)
    for cut in ("Regular", "Bold"):
        content, called, covers = fonts_text.without_hinting(fonts_text.outlines(root, f"{family.stem}-{cut}"), kept)
        name = f"{family.stem.replace('IBMPlex', 'Postroom')}-{cut}.ttf"
        yield _fact(name, called, content, covers, family.package, about), content


def _one_file(
    packages: Path, package: str, file: str, family: str, others: frozenset[str]
) -> tuple[dict[str, Any], bytes]:
    """A family that one file holds, less the signs ``others`` has and those of every text font."""
    from fontTools.ttLib import TTFont

    about = _about(packages, package)
    found = next(iter(sorted((packages / package).rglob(file))), None)
    if found is None:
        raise fonts_text.FontSourceUnusable(
            f"{packages / package} holds no {file}.", hint="Use the release that package-lock.json names."
        )
    font = TTFont(found, recalcTimestamp=False, recalcBBoxes=False)
    font.flavor = None
    for tag in ("GPOS", "STAT", "prep", "fpgm", "cvt ", "gasp", "DSIG", "vhea", "vmtx", "meta"):
        if tag in font:
            del font[tag]
    for table in font["cmap"].tables:
        if table.format != 14:
            kept = {code: glyph for code, glyph in table.cmap.items() if code >= 0x2000 and chr(code) not in others}
            table.cmap = {code: glyph for code, glyph in kept.items() if code not in _ELSEWHERE and code < 0xE0000}
    fonts_text.call(font["name"], family)
    content = _saved(font)
    covers = fonts_text.ranges(font.getBestCmap())
    return _fact(f"{family.replace(' ', '')}-Regular.ttf", family, content, covers, package, about), content


def _cuts(packages: Path, node: str) -> list[tuple[dict[str, Any], bytes]]:
    """The families that are published in pieces: cut all at once by one process, then put together."""
    with tempfile.TemporaryDirectory(prefix="stand-ins-") as folder:
        jobs: list[dict[str, Any]] = []
        parts: list[list[Path]] = []
        for number, family in enumerate(CUT):
            missing, mine = family.signs(), list[Path]()
            for piece, here in _pieces(packages, family.package):
                if not (signs := here & missing):
                    continue
                missing -= signs
                mine.append(Path(folder, f"{number}-{len(mine)}.ttf"))
                axes = {"wght": 400}
                jobs.append({"from": str(piece), "to": str(mine[-1]), "signs": sorted(signs), "axes": axes})
            parts.append(mine)
        lines = "\n".join(json.dumps(job) for job in jobs)
        command = [node, str(packages.parent / _CUTTER)]
        done = subprocess.run(command, check=False, input=lines, capture_output=True, text=True)
        if done.returncode:
            raise fonts_text.FontSourceUnusable(
                f"The fonts could not be cut: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}",
                hint="Install the frontend's packages again (`npm ci` in frontend/), with Node 20.19 or newer.",
            )
        return [_joined(packages, family, mine) for family, mine in zip(CUT, parts, strict=True)]


def _pieces(packages: Path, package: str) -> Iterator[tuple[Path, set[int]]]:
    """The pieces of a family with the code points of each, as the package lists them."""
    _about(packages, package)
    listed = json.loads((packages / package / "unicode.json").read_text(encoding="utf-8"))
    stem = package.rpartition("/")[2]
    for label, said in listed.items():
        codes: set[int] = set()
        for part in said.split(","):
            first, _, last = part.removeprefix("U+").partition("-")
            codes.update(range(int(first, 16), int(last or first, 16) + 1))
        yield packages / package / "files" / f"{stem}-{label.strip('[]')}-wght-normal.woff2", codes


def _joined(packages: Path, family: _Cut, pieces: list[Path]) -> tuple[dict[str, Any], bytes]:
    """One font of many cut ones: they share nothing but their head, and no outline of them refers to another."""
    from fontTools.ttLib import TTFont
    from fontTools.ttLib.tables._c_m_a_p import CmapSubtable

    first = TTFont(pieces[0], recalcTimestamp=False, recalcBBoxes=False)
    order, glyphs, widths, cmap = [".notdef"], {}, {}, dict[int, str]()
    glyphs[".notdef"], widths[".notdef"] = first["glyf"][".notdef"], first["hmtx"][".notdef"]
    for piece in pieces:
        part = TTFont(piece, recalcTimestamp=False, recalcBBoxes=False)
        for code, old in sorted(part.getBestCmap().items()):
            if code in cmap:
                continue
            name = f"u{code:05X}"
            glyph = part["glyf"][old]
            if glyph.isComposite():
                raise fonts_text.FontSourceUnusable(
                    f"An outline of {family.package} is made of others.",
                    hint="Use the release that package-lock.json names.",
                )
            order.append(name)
            glyphs[name], widths[name], cmap[code] = glyph, part["hmtx"][old], name
    for tag in set(first.keys()) - _KEPT:
        del first[tag]
    first.setGlyphOrder(order)
    first["glyf"].glyphs, first["glyf"].glyphOrder = glyphs, order
    first["hmtx"].metrics = widths
    first["post"].formatType, first["post"].extraNames, first["post"].mapping = 3.0, [], {}
    table = CmapSubtable.newSubtable(12)
    table.platformID, table.platEncID, table.language, table.cmap = 3, 10, 0, cmap
    first["cmap"].tables = [table]
    first["OS/2"].usWeightClass = 400
    first["OS/2"].recalcUnicodeRanges(first)
    fonts_text.call(first["name"], family.family)
    content = _saved(first)
    name = f"{family.family.replace(' ', '')}-Regular.ttf"
    about = _about(packages, family.package)
    fact = _fact(name, family.family, content, fonts_text.ranges(cmap), family.package, about)
    return {**fact, "languages": list(family.languages)}, content


def _in_rows(codec: str, first: int, last: int) -> Iterator[str]:
    """Every character of two bytes that a national set has in those rows."""
    for lead in range(first, last + 1):
        for trail in range(0x40, 0xFF):
            try:
                sign = bytes((lead, trail)).decode(codec)
            except UnicodeDecodeError:
                continue
            if len(sign) == 1:
                yield sign


def _about(packages: Path, package: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((packages / package / "package.json").read_text(encoding="utf-8"))
    except OSError as error:
        raise fonts_text.FontSourceUnusable(
            f"There is no package {package} below {packages}.",
            hint="Install the frontend's packages first (`npm ci` in frontend/).",
        ) from error
    return found


def _fact(
    name: str, family: str, content: bytes, covers: Iterable[list[int]], package: str, about: dict[str, Any]
) -> dict[str, Any]:
    return {
        "name": name,
        "family": family,
        "sha256": hashlib.sha256(content).hexdigest(),
        "package": package,
        "version": about["version"],
        "licence": "OFL-1.1",
        "covers": list(covers),
    }


def _saved(font: TTFont) -> bytes:
    out = BytesIO()
    font.save(out, reorderTables=True)
    return out.getvalue()


def main(arguments: list[str] | None = None) -> int:
    """The command line of the build. Gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m postroom.composition.fonts_build", description=__doc__)
    parser.add_argument("--from", dest="source", type=Path, required=True, metavar="NODE_MODULES")
    parser.add_argument("--node", default="node", help="the Node program (default: the one on PATH)")
    chosen = parser.parse_args(arguments)
    try:
        source = chosen.source.resolve()
        written = [*fonts_text.build(source), *build(source, node=chosen.node)]
    except PostroomError as error:
        sys.stderr.write(f"{error.message}\n{error.hint}\n")
        return int(error.exit_code)
    sys.stdout.write(f"{len(written)} fonts, {sum(path.stat().st_size for path in written) // 1024} KB\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
