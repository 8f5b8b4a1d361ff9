"""Which families stand in for signs that a template's own fonts do not have, in which order, and for which document.

The order is the house's (``usual``) or its brand's (the token ``font.stand_ins``), and is kept with a version when it
is published (ADR 0044). A document whose signs its template's fonts have never sees them: it is made by the same cell,
from the same folder, with the same bytes as if there were none. Others are made by a cell that has, beside the
template's fonts, the few families they need.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

import yaml

from postroom.composition import fonts
from postroom.composition.manifest import FILE

if TYPE_CHECKING:
    from postroom.composition.brand import Brand
    from postroom.composition.pack import TemplatePack

#: The token of a brand that says the order: names of families, parted by commas.
ORDER = "stand_ins"
#: Under this name a version's ``uses`` hold the families.
USED = "stand-ins"
_TAG = re.compile(r"<[^>]*>")
_READ = (".typ", ".html", ".css", ".svg")


def usual() -> tuple[str, ...]:
    """The house's order: families it added itself, in the order of adding, then those that come with Postroom."""
    added = (fact for fact in fonts.own() if not fact["withdrawn"])
    return tuple(dict.fromkeys(fact["family"] for fact in (*added, *fonts.more())))


def of_brand(brand: Brand) -> tuple[str, ...]:
    """The order of a brand, and the house's where it says none. A family nobody installed is passed over: the signs it
    would have had are told of as missing."""
    said = brand.view["fonts"].get(ORDER)
    if not said:
        return usual()
    known = fonts.families()
    return tuple(dict.fromkeys(name for part in said.split(",") if (name := part.strip()) in known))


def kept_with(pack: TemplatePack) -> dict[str, dict[str, Any]]:
    """What a version keeps of it beside its files; nothing where the base fonts are all it has."""
    families = fonts.beyond((*pack.manifest.fonts, *pack.stand_ins))
    if not families:
        return {}
    return {USED: {"kind": "fonts", "families": list(families), "stand_ins": list(pack.stand_ins)}}


def of_version(uses: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    """The order that a version was published with; none for those from before there were stand-ins."""
    return tuple(uses.get(USED, {}).get("stand_ins", ()))


def locked(uses: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    """All families of a version beyond the base fonts, for its asset lock."""
    return tuple(uses.get(USED, {}).get("families", ()))


def needed(pack: TemplatePack, words: str, language: str, brand: Brand, shown: Iterable[str]) -> tuple[str, ...]:
    """The families for one document, in order: none for nearly all of them. ``words``: its words file, ``language``:
    its BCP 47 tag, ``shown``: the texts of its record."""
    beyond = still(pack, words, brand)
    for text in shown:
        if not pack.own_signs.issuperset(text):
            beyond = beyond | (frozenset(text) - pack.own_signs)
    return chosen(pack.stand_ins, language, beyond) if beyond else ()


def still(pack: TemplatePack, words: str, brand: Brand) -> frozenset[str]:
    """Signs beyond the template's own fonts that stand in every document of a language: in the page itself, its words,
    its content blocks, the brand's lines."""
    known = pack.still.get((words, brand.digest))
    if known is None:
        texts = [*pack.words[words].values(), *_in(brand.view["lines"]), *_in(brand.view["bank"]), brand.view["name"]]
        texts += [text for (_, tag), tree in pack.blocks.items() if tag == words for text in _in(tree)]
        texts += _pages(pack.files)
        known = frozenset().union(*map(frozenset, texts)) & (pack.covered - pack.own_signs)
        pack.still[words, brand.digest] = known
    return known


def chosen(families: tuple[str, ...], language: str, signs: frozenset[str]) -> tuple[str, ...]:
    """The families that a document with these ``signs`` is set with, in order; each has a sign none before it has.

    Of families that draw the same ideographs in the manner of a region, the document's language decides; where it is
    another language, the one that has most of the signs.
    """
    ordered = _by_region(families, language, signs)
    left, kept = set(signs), list[str]()
    for family in ordered:
        if found := left & fonts.coverage((family,)):
            kept.append(family)
            left -= found
    return _with_small(ordered, tuple(kept))


def _by_region(families: tuple[str, ...], language: str, signs: frozenset[str]) -> tuple[str, ...]:
    regions = fonts.languages()
    said = {family: _fits(language, regions[family]) for family in families if family in regions}
    if any(said.values()):
        first = sorted(said, key=lambda family: -said[family])
    else:
        first = sorted(said, key=lambda family: -len(signs & fonts.coverage((family,))))
    turn = iter(first)
    return tuple(next(turn) if family in said else family for family in families)


def _fits(language: str, tags: Sequence[str]) -> int:
    """How exactly one of the tags names the language: 0 for not at all."""
    parts = language.replace("_", "-").lower().split("-")
    return max((len(tag) for tag in tags if set(tag.lower().split("-")) <= set(parts)), default=0)


@lru_cache(maxsize=256)
def _with_small(families: tuple[str, ...], kept: tuple[str, ...]) -> tuple[str, ...]:
    """With the small families that share no sign with those: so documents of many scripts share few kinds of cells."""
    have = list(kept)
    regions = fonts.languages()
    for family in families:
        mine = fonts.coverage((family,))
        steady = family not in have and family not in regions and fonts.comes_with(family)
        if steady and all(mine.isdisjoint(fonts.coverage((other,))) for other in have):
            have.append(family)
    return tuple(family for family in families if family in have)


def widened(pack: TemplatePack, families: tuple[str, ...]) -> TemplatePack:
    """The template as a cell gets it that sets a document with these ``families`` beside its own: they stand behind its
    own in ``fonts:``, for every lane alike."""
    if not families:
        return pack
    named = tuple(dict.fromkeys((*pack.manifest.fonts, *families)))
    values = yaml.load(pack.files[FILE], Loader=yaml.BaseLoader)  # noqa: S506  (makes text, lists and mappings only)
    values["fonts"] = list(named)
    written = yaml.safe_dump(values, allow_unicode=True, sort_keys=False).encode()
    manifest = pack.manifest.model_copy(update={"fonts": named})
    return replace(pack, manifest=manifest, files={**pack.files, FILE: written})


def _in(node: Any) -> list[str]:
    """Every text of a tree."""
    if isinstance(node, str):
        return [node]
    inner = node.values() if isinstance(node, Mapping) else node if isinstance(node, list | tuple) else ()
    return [text for one in inner for text in _in(one)]


def _pages(files: Mapping[str, bytes]) -> list[str]:
    """The texts of the page files; of a Word file what stands between its tags, which name fonts of all the world."""
    found = [content.decode("utf-8", "ignore") for name, content in files.items() if name.endswith(_READ)]
    for name, content in files.items():
        if name.endswith(".docx"):
            with zipfile.ZipFile(BytesIO(content)) as archive:
                parts = [one for one in archive.namelist() if one.startswith("word/") and one.endswith(".xml")]
                found += [_TAG.sub("", archive.read(one).decode("utf-8", "ignore")) for one in parts]
    return found
