"""The print fonts, named by their digests (P5): the house's own, those that stand in, those that a house added.

They are built once (``fonts_build``), and the build is deterministic: equal packages give equal files, so ``lock()``
names what a document was set with.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from postroom.kernel.errors import Unavailable
from postroom.kernel.home import home

FOLDER = Path(__file__).with_name("fonts")
#: What stands in for signs that the house's family does not have; made by ``fonts_build``, chosen by ``stand_ins``.
MORE = Path(__file__).with_name("standins")


@dataclass(frozen=True, slots=True)
class Added:
    """Who knows the fonts that a house added: what is ``listed`` of them, the ``content`` of one, and how to have the
    list read again (``forget``)."""

    listed: Callable[[], tuple[dict[str, Any], ...]]
    content: Callable[[dict[str, Any]], bytes]
    forget: Callable[[], None]


_COVERED: dict[tuple[str, ...], frozenset[str]] = {}
#: The last one to say so is asked. Without a database there is nobody.
_ASKED = [Added(lambda: (), lambda fact: b"", lambda: None)]


class FontsNotBuilt(Unavailable):
    """The print fonts are missing from this installation."""

    code = "fonts-not-built"
    title = "The print fonts are not built"


class FontsDamaged(Unavailable):
    """A font file is not the one that was built: nothing is composed with it (P5)."""

    code = "fonts-damaged"
    title = "A print font is not the one that was built"


class FamilyMissing(Unavailable):
    """A family that a version was published with is not there any more: nothing is composed without it (P5)."""

    code = "font-family-missing"
    title = "A font family is not installed"


def folder(families: Sequence[str] = (), *, under: Path | None = None) -> Path:
    """The folder of the built fonts, for the renderer; with ``families`` beyond them one that holds theirs too, put
    together ``under`` the home's work folder when it is first asked for. Raises FontsNotBuilt, FontsDamaged,
    FamilyMissing."""
    _built()
    further = beyond(families)
    return _together(further, under or home().prepare().work / "fonts") if further else FOLDER


def lock(families: Sequence[str] = ()) -> str:
    """SHA-256 (hex) of the list of built fonts: the asset lock of a document; with ``families`` beyond them over theirs
    too. Raises FontsNotBuilt, FontsDamaged, FamilyMissing."""
    base, further = _built()[1], beyond(families)
    if not further:
        return base
    total = hashlib.sha256(base.encode())
    for fact in _facts(further):
        total.update(f"\n{fact['family']} {fact['sha256']}".encode())
    return total.hexdigest()


def beyond(families: Sequence[str]) -> tuple[str, ...]:
    """Those of the families that are not the house's own text family, each once."""
    base = {font["family"] for font in _built()[0]["fonts"]}
    return tuple(dict.fromkeys(family for family in families if family not in base))


def families() -> tuple[str, ...]:
    """The families a template may name. Raises FontsNotBuilt."""
    return tuple(sorted({fact["family"] for fact in installed()}))


def installed() -> tuple[dict[str, Any], ...]:
    """What is listed of every font: the house's, those that stand in, those that were added. Raises FontsNotBuilt."""
    return (*_built()[0]["fonts"], *more(), *own())


@cache
def more() -> tuple[dict[str, Any], ...]:
    """What is listed of the stand-in fonts that come with this installation; none where they are not built."""
    try:
        listed: list[dict[str, Any]] = json.loads((MORE / "built.json").read_bytes())["fonts"]
    except FileNotFoundError:
        return ()
    return tuple(listed)


def built() -> tuple[dict[str, Any], ...]:
    """What is listed of the house's own text families. Raises FontsNotBuilt, FontsDamaged."""
    return tuple(_built()[0]["fonts"])


def own() -> tuple[dict[str, Any], ...]:
    """What is listed of the fonts that this house added; none where nobody can be asked."""
    return _ASKED[-1].listed()


def ask(added: Added) -> None:
    """Let ``added`` tell what the house added: this module knows no database."""
    _ASKED.append(added)


def read_anew() -> None:
    """What the house added is read again when it is asked for next."""
    _ASKED[-1].forget()


def languages() -> Mapping[str, tuple[str, ...]]:
    """Families that draw signs in the manner of a region, with the languages of each."""
    return {fact["family"]: tuple(fact["languages"]) for fact in more() if "languages" in fact}


def comes_with(family: str) -> bool:
    """Whether it is a stand-in that comes with Postroom."""
    return any(fact["family"] == family for fact in more())


def coverage(wanted: tuple[str, ...]) -> frozenset[str]:
    """The characters that at least one cut of every weight of the ``wanted`` families can show."""
    known = _COVERED.get(wanted)
    if known is None:
        listed = [_listed(family) for family in wanted]
        known = frozenset(sign for facts in listed for fact in facts for sign in signs_of(fact["covers"]))
        if all(listed):  # one that is not there now may be added later
            _COVERED[wanted] = known
    return known


def _listed(family: str) -> list[dict[str, Any]]:
    """What is listed of a family: of those that came with Postroom without asking, of others anew if need be."""
    found = [fact for fact in (*_built()[0]["fonts"], *more()) if fact["family"] == family]
    if not found:
        found = [fact for fact in own() if fact["family"] == family]
    if not found:
        read_anew()
        found = [fact for fact in own() if fact["family"] == family]
    return found


def sign_advice(sign: str) -> str:
    """What to do about a sign that no font of a template has: the family of the house that could stand in for them,
    when there is one. What ``fonts:`` names is tried in its order, sign by sign."""
    having = [family for family in families() if sign in coverage((family,))]
    if having:
        return f"Add {having[0]!r} to fonts: in template.yaml; it has the sign and stands in for the others."
    return "No font here has it: write it otherwise, or add a family that has it with `postroom fonts add FILE`."


def ready() -> bool:
    """Whether the fonts are built."""
    return (FOLDER / "built.json").is_file()


@lru_cache(maxsize=64)
def _together(further: tuple[str, ...], under: Path) -> Path:
    """A folder with the base fonts and those of ``further``, named by their lock, and looked at once in a process."""
    wanted = {font["name"]: (font["sha256"], (FOLDER / font["name"])) for font in _built()[0]["fonts"]}
    contents = {name: path.read_bytes() for name, (_, path) in wanted.items()}
    digests = {name: digest for name, (digest, _) in wanted.items()}
    for fact in _facts(further):
        name = f"{fact['sha256'][:12]}-{fact['name']}"
        digests[name], contents[name] = fact["sha256"], _content(fact)
    place = under / lock(further)[:24]
    if not place.is_dir():
        under.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix="gathering-", dir=under))
        for name, content in contents.items():
            (aside / name).write_bytes(content)
        aside.chmod(0o755)
        with suppress(OSError):  # another process was first
            aside.rename(place)
        shutil.rmtree(aside, ignore_errors=True)
    for name, digest in digests.items():
        if _digest(place / name) != digest:
            raise FontsDamaged(
                f"{place / name} is not the font that was put there: its SHA-256 is another one.",
                hint=f"Remove the folder {place}; it is put together again.",
            )
    return place


def _facts(further: Iterable[str]) -> list[dict[str, Any]]:
    """What is listed of those families, in a fixed order. Raises FamilyMissing."""
    facts = []
    for family in set(further):
        found = _listed(family)
        if not found:
            raise FamilyMissing(
                f"The font family {family!r} is not in this installation.",
                hint="Add it again (`postroom fonts add FILE`), or publish the template again without it.",
            )
        facts += found
    return sorted(facts, key=lambda one: str(one["sha256"]))


def _content(fact: dict[str, Any]) -> bytes:
    if fact in more():
        content = (MORE / fact["name"]).read_bytes() if (MORE / fact["name"]).is_file() else b""
    else:
        content = _ASKED[-1].content(fact)
    if hashlib.sha256(content).hexdigest() != fact["sha256"]:
        raise FontsDamaged(
            f"{fact['name']} is not the font that was built: its SHA-256 is another one.",
            hint="Install Postroom again, or build its fonts again (`make assets`).",
        )
    return content


@cache
def _built() -> tuple[dict[str, Any], str]:
    try:
        raw = (FOLDER / "built.json").read_bytes()
    except FileNotFoundError as error:
        raise FontsNotBuilt(
            "The print fonts (IBM Plex) are not built in this installation.",
            hint="Run `make assets`, or `python -m postroom.composition.fonts_build --from frontend/node_modules`.",
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


def forget() -> None:
    """What is installed is read anew when it is asked for next: after a build, and for tests."""
    _built.cache_clear()
    more.cache_clear()
    _COVERED.clear()
    _together.cache_clear()


def signs_of(listed: Iterable[Iterable[int]]) -> Iterator[str]:
    """The characters of ranges of code points, ends included."""
    for first, last in listed:
        yield from map(chr, range(first, last + 1))
