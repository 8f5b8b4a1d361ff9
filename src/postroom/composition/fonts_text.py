"""The house's own text families: built from locked packages, without hinting, under one name for each family.

Hinting serves screens of low resolution; in a PDF it is half the weight of an embedded font and changes no outline.
What other builders of fonts need stands here too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from postroom.composition.fonts import FOLDER, forget
from postroom.kernel.errors import BadInput

_CUTS = {
    "plex-sans": ("IBMPlexSans", ("Regular", "Italic", "Medium", "SemiBold", "Bold")),
    "plex-serif": ("IBMPlexSerif", ("Regular", "Italic", "Medium", "SemiBold")),
    "plex-mono": ("IBMPlexMono", ("Regular", "Medium")),
}
_RENAMED = ("IBM Plex", "Postroom")
_SCREEN_TABLES = ("fpgm", "prep", "cvt ", "hdmx", "LTSH", "VDMX", "gasp", "DSIG")


class FontSourceUnusable(BadInput):
    """The packages named as source do not hold the fonts."""

    code = "font-source-unusable"
    title = "The fonts cannot be built from there"


def build(source: Path, target: Path = FOLDER) -> list[Path]:
    """Build every cut from the packages below ``source`` (a ``node_modules`` folder) into ``target``. The list comes
    last, so that an interrupted build does not look finished; fonts that are there already, byte for byte, are left
    alone, so that a build does not disturb whoever sets pages meanwhile. Raises FontSourceUnusable."""
    made: dict[str, bytes] = {}
    facts: list[dict[str, Any]] = []
    for package, (stem, cuts) in _CUTS.items():
        root = source / "@ibm" / package
        try:
            about = json.loads((root / "package.json").read_text(encoding="utf-8"))
        except OSError as error:
            raise FontSourceUnusable(
                f"There is no package @ibm/{package} below {source}.",
                hint="Install the frontend's packages first (`npm ci` in frontend/).",
            ) from error
        for cut in cuts:
            content, family, covers = without_hinting(outlines(root, f"{stem}-{cut}"))
            name = f"{stem.replace('IBMPlex', 'Postroom')}-{cut}.ttf"
            made[name] = content
            facts.append(
                {
                    "name": name,
                    "family": family,
                    "sha256": hashlib.sha256(content).hexdigest(),
                    "package": f"@ibm/{package}",
                    "version": about["version"],
                    "licence": about["license"],
                    "covers": covers,
                }
            )
    listing = json.dumps({"fonts": facts}, indent=1, sort_keys=True) + "\n"
    put(target, made, listing.encode())
    forget()
    return [target / name for name in made]


def put(target: Path, made: dict[str, bytes], listing: bytes) -> None:
    """The fonts and their list into the folder, unless that is what it holds."""
    target.mkdir(parents=True, exist_ok=True)
    there = {path.name: path.read_bytes() for path in target.glob("*.ttf")}
    whole = target / "built.json"
    if there == made and whole.is_file() and whole.read_bytes() == listing:
        whole.touch()  # whoever builds by age sees that it is new
        return
    whole.unlink(missing_ok=True)
    for name in there.keys() - made.keys():
        (target / name).unlink()
    for name, content in made.items():
        (target / name).write_bytes(content)
    whole.write_bytes(listing)


def outlines(root: Path, name: str) -> Path:
    """The package's file of that cut; releases differ in whether they carry plain TrueType or only WOFF."""
    for kind in ("ttf", "woff"):
        path = root / "fonts" / "complete" / kind / f"{name}.{kind}"
        if path.is_file():
            return path
    raise FontSourceUnusable(
        f"{root} holds neither {name}.ttf nor {name}.woff below fonts/complete.",
        hint="Use a release of the package that carries the complete fonts.",
    )


def without_hinting(path: Path, keep: frozenset[int] | None = None) -> tuple[bytes, str, list[list[int]]]:
    """The font without instructions, its family, and the ranges of characters it covers; with ``keep`` only those of
    these code points can be asked of it."""
    from io import BytesIO

    from fontTools.ttLib import TTFont

    font = TTFont(path, recalcTimestamp=False, recalcBBoxes=False)
    font.flavor = None
    for glyph in font["glyf"].glyphs.values():
        glyph.expand(font["glyf"])
        glyph.removeHinting()
    for tag in _SCREEN_TABLES:
        if tag in font:
            del font[tag]
    limits = font["maxp"]
    limits.maxZones, limits.maxTwilightPoints, limits.maxStorage = 1, 0, 0
    limits.maxFunctionDefs = limits.maxInstructionDefs = limits.maxStackElements = limits.maxSizeOfInstructions = 0
    family = _one_family(font["name"])
    if keep is not None:
        for table in font["cmap"].tables:
            table.cmap = {code: glyph for code, glyph in table.cmap.items() if code in keep}
    covers = ranges(font.getBestCmap())
    out = BytesIO()
    font.save(out, reorderTables=True)
    return out.getvalue(), family, covers


def _one_family(names: Any) -> str:
    """Give every weight the family's own name (name ID 1), as Typst looks a family up there and knows weights by
    number; as published, Medium and SemiBold call themselves families of their own ("... SmBld").

    The fonts are changed (no hinting), so they may not carry the reserved name "Plex" (SIL OFL 1.1, condition 3): IBM
    Plex Sans becomes Postroom Sans. Copyright and licence (name IDs 0, 13, 14) stay as they are.
    """
    family = str(names.getDebugName(16) or names.getDebugName(1)).replace(*_RENAMED)
    for record in names.names:
        if record.nameID == 1:
            record.string = family
        elif record.nameID in (3, 4, 6):
            record.string = str(record).replace(*_RENAMED).replace("IBMPlex", "Postroom")
    names.names = [record for record in names.names if record.nameID not in (16, 17)]
    return family


def call(names: Any, family: str) -> None:
    """Give a font one name in one cut, as ``_one_family`` does; it was changed, so it is not called as it was."""
    said = {1: family, 2: "Regular", 3: f"{family} Regular", 4: family, 6: family.replace(" ", "")}
    for record in names.names:
        if record.nameID in said:
            record.string = said[record.nameID]
    names.names = [record for record in names.names if record.nameID not in (16, 17, 21, 22, 25)]
    for number, text in said.items():
        names.setName(text, number, 3, 1, 0x409)


def ranges(codes: Iterable[int]) -> list[list[int]]:
    ranges: list[list[int]] = []
    for code in sorted(codes):
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return ranges
