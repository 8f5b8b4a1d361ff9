"""The print fonts: built once from locked packages, without hinting, and named by their digests (P5).

Hinting serves screens of low resolution; in a PDF it is half the weight of an embedded font and changes no outline.
The build is deterministic: equal packages give equal files, so ``lock()`` names what a document was set with.
Run ``python -m postroom.composition.fonts build --from frontend/node_modules``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from postroom.kernel.errors import BadInput, PostroomError, Unavailable

FOLDER = Path(__file__).with_name("fonts")
_CUTS = {
    "plex-sans": ("IBMPlexSans", ("Regular", "Italic", "Medium", "SemiBold", "Bold")),
    "plex-serif": ("IBMPlexSerif", ("Regular", "Italic", "Medium", "SemiBold")),
    "plex-mono": ("IBMPlexMono", ("Regular", "Medium")),
}
_RENAMED = ("IBM Plex", "Postroom")
_SCREEN_TABLES = ("fpgm", "prep", "cvt ", "hdmx", "LTSH", "VDMX", "gasp", "DSIG")


class FontsNotBuilt(Unavailable):
    """The print fonts are missing from this installation."""

    code = "fonts-not-built"
    title = "The print fonts are not built"


class FontsDamaged(Unavailable):
    """A font file is not the one that was built: nothing is composed with it (P5)."""

    code = "fonts-damaged"
    title = "A print font is not the one that was built"


class FontSourceUnusable(BadInput):
    """The packages named as source do not hold the fonts."""

    code = "font-source-unusable"
    title = "The fonts cannot be built from there"


def folder() -> Path:
    """The folder of the built fonts, for the renderer. Raises FontsNotBuilt, FontsDamaged."""
    _built()
    return FOLDER


def lock() -> str:
    """SHA-256 (hex) of the list of built fonts: the asset lock of a document. Raises FontsNotBuilt, FontsDamaged."""
    return _built()[1]


def families() -> tuple[str, ...]:
    """The families a template may name. Raises FontsNotBuilt."""
    return tuple(sorted({font["family"] for font in _built()[0]["fonts"]}))


@cache
def coverage(wanted: tuple[str, ...]) -> frozenset[str]:
    """The characters that at least one cut of every weight of the ``wanted`` families can show."""
    covered: set[str] = set()
    for font in _built()[0]["fonts"]:
        if font["family"] in wanted:
            covered.update(chr(code) for first, last in font["covers"] for code in range(first, last + 1))
    return frozenset(covered)


def sign_advice(sign: str) -> str:
    """What to do about a sign that no font of a template has: the family of the house that could stand in for them,
    when there is one. What ``fonts:`` names is tried in its order, sign by sign."""
    having = [family for family in families() if sign in coverage((family,))]
    if having:
        return f"Add {having[0]!r} to fonts: in template.yaml; it has the sign and stands in for the others."
    return "Write it in Latin, Greek or Cyrillic letters; the print fonts have no others."


def ready() -> bool:
    """Whether the fonts are built."""
    return (FOLDER / "built.json").is_file()


@cache
def _built() -> tuple[dict[str, Any], str]:
    try:
        raw = (FOLDER / "built.json").read_bytes()
    except FileNotFoundError as error:
        raise FontsNotBuilt(
            "The print fonts (IBM Plex) are not built in this installation.",
            hint="Run `make assets`, or `python -m postroom.composition.fonts build --from frontend/node_modules`.",
        ) from error
    listing = json.loads(raw)
    changed = unlike(listing["fonts"])
    if changed:
        raise FontsDamaged(
            f"{', '.join(changed)} in {FOLDER} is not the font that was built: its SHA-256 is another one.",
            hint="Install Postroom again, or build its fonts again (`make assets`).",
        )
    return listing, hashlib.sha256(raw).hexdigest()


def changed() -> list[str]:
    """Fonts that are not those of the list, looked at now: the list itself is read once by each process."""
    try:
        return unlike(json.loads((FOLDER / "built.json").read_bytes())["fonts"])
    except OSError:
        return ["built.json"]


def unlike(listed: Iterable[dict[str, Any]]) -> list[str]:
    """Names of the fonts whose bytes are not those of the list: changed, or gone. Read anew each time."""
    return [font["name"] for font in listed if _digest(FOLDER / font["name"]) != font["sha256"]]


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


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
            content, family, covers = _without_hinting(_outlines(root, f"{stem}-{cut}"))
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
    _put(target, made, listing.encode())
    _built.cache_clear()
    coverage.cache_clear()
    return [target / name for name in made]


def _put(target: Path, made: dict[str, bytes], listing: bytes) -> None:
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


def _outlines(root: Path, name: str) -> Path:
    """The package's file of that cut; releases differ in whether they carry plain TrueType or only WOFF."""
    for kind in ("ttf", "woff"):
        path = root / "fonts" / "complete" / kind / f"{name}.{kind}"
        if path.is_file():
            return path
    raise FontSourceUnusable(
        f"{root} holds neither {name}.ttf nor {name}.woff below fonts/complete.",
        hint="Use a release of the package that carries the complete fonts.",
    )


def _without_hinting(path: Path) -> tuple[bytes, str, list[list[int]]]:
    """The font without instructions, its family, and the ranges of characters it covers."""
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
    covers = _ranges(font.getBestCmap())
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


def _ranges(codes: Iterable[int]) -> list[list[int]]:
    ranges: list[list[int]] = []
    for code in sorted(codes):
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return ranges


def main(arguments: list[str] | None = None) -> int:
    """The command line of the build. Gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m postroom.composition.fonts", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verb = verbs.add_parser("build", help="build the print fonts from installed packages")
    verb.add_argument("--from", dest="source", type=Path, required=True, metavar="NODE_MODULES")
    chosen = parser.parse_args(arguments)
    try:
        written = build(chosen.source)
    except PostroomError as error:
        sys.stderr.write(f"{error.message}\n{error.hint}\n")
        return int(error.exit_code)
    sys.stdout.write(f"{len(written)} fonts, {sum(path.stat().st_size for path in written) // 1024} KB\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
