"""Where things are used: content blocks, brands, images, data fields; and what a change would break.

Modules above this one know uses of their own (schedules and their mappings): they register (ARCHITECTURE.md, rule 3).
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from postroom.composition import blocks_store, contract_changes, freezing
from postroom.composition.life_models import BLOCK, BRAND, OPEN, Draft, HouseVersion
from postroom.composition.manifest import FILE, read_manifest
from postroom.composition.models import Template, TemplateVersion
from postroom.composition.problems import TemplateFaults
from postroom.composition.queries import files_of, newest_number, sources_of


@dataclass(frozen=True, slots=True)
class Use:
    """One place. ``kind``: template, draft, block, or what a module registered (schedule); ``key`` names it; ``file``
    and ``line`` where in a template; ``told`` what would break, empty when nothing would; ``how`` a data field is used
    there (of HOW)."""

    kind: str
    key: str
    name: str
    file: str = ""
    line: int = 0
    told: str = ""
    how: str = ""


#: How a field is used: shown, asked for, in a sentence, in the mail, in a file for others, and so on.
HOW = (
    "part",
    "slot",
    "condition",
    "words",
    "mail",
    "texts",
    "output",
    "test",
    "fact",
    "sum",
    "code",
    "einvoice",
    "block",
    "page",
)

_FOLDERS = {"words": "words", "mail": "mail", "texts": "texts", "layouts": "output", "tests": "test", "blocks": "block"}
_SECTIONS = {
    "derive": "sum",
    "checks": "sum",
    "codes": "code",
    "flags": "condition",
    "einvoice": "einvoice",
    "finish": "page",
}
_ASKS = re.compile(r"\b(?:flag|count|has|given)\(|\{%-?\s*(?:if|elif|for)\b|#(?:if|for)\b|\bwhen\b")
_SHOWS = re.compile(r"\bslot\(|\bdecimals\(|\{\{|\{[\w.]+\}")
#: Bytes of the text of a Word document that are looked through.
_MOST_WORD = 20_000_000

Asker = Callable[[str, Mapping[str, Any]], Iterable[Use]]
_ASKERS: dict[str, Asker] = {}


def register(name: str, asker: Asker) -> None:
    """Let ``asker`` tell what it uses of a template: it is given the template's key and a data contract, and says in
    ``told`` what would not work with that contract. Registering again replaces."""
    _ASKERS[name] = asker


def impact(template_key: str, contract: Mapping[str, Any]) -> list[Use]:
    """Everything outside of composition that uses the template, with what ``contract`` would break of it."""
    return [use for asker in _ASKERS.values() for use in asker(template_key, contract)]


def of_part(kind: str, key: str) -> list[Use]:
    """Templates in their newest version, drafts, and blocks that use a content block or a brand."""
    found: list[Use] = []
    for version, own in _newest():
        named = freezing.named_in(own)
        if _names(named, kind, key):
            line = named.line("brand" if kind == BRAND else "blocks")
            found.append(Use("template", version.template_id, version.template.name, "template.yaml", line))
    for draft, own in _drafts():
        named = freezing.named_in(own)
        if _names(named, kind, key):
            line = named.line("brand" if kind == BRAND else "blocks")
            found.append(Use("draft", draft.template_key, draft.name, "template.yaml", line))
    if kind == BLOCK:
        found += [Use("block", *who) for who in _blocks_where(lambda content: key in blocks_store.holds(content))]
    return found


def templates_of(kind: str, key: str) -> list[str]:
    """Keys of the templates whose newest version gets a part's content, through other blocks, too."""
    hold = {key} | ({outer for outer in blocks_store.known() if key in blocks_store.with_held([outer])})
    found = []
    for version, own in _newest():
        named = freezing.named_in(own)
        if (kind == BRAND and named.brand == key) or (kind == BLOCK and hold & set(named.blocks)):
            found.append(version.template_id)
    return found


def of_image(content: bytes) -> list[Use]:
    """Templates that hold the same picture, wherever it stands in them."""
    digest = hashlib.sha256(content).digest()
    return [
        Use("template", version.template_id, version.template.name, name)
        for version in _versions()
        for name, data in files_of(version).items()
        if name.startswith(("assets/", "brand/")) and hashlib.sha256(data).digest() == digest
    ]


def images_of(template_key: str) -> dict[str, list[Use]]:
    """The pictures of a template's newest version, each with the other templates that hold the same one."""
    newest = newest_number(template_key)
    files = files_of(newest) if newest is not None else {}
    return {
        name: [use for use in of_image(content) if use.key != template_key]
        for name, content in files.items()
        if name.startswith(("assets/", "brand/"))
    }


def of_field(template_key: str, path: str) -> list[Use]:
    """Lines of a template's newest version, and content blocks it gets, that name a data field; what others use."""
    newest = newest_number(template_key)
    if newest is None:
        return []
    name = newest.template.name
    found = [
        Use("template", template_key, name, file, number, how=how_used(file, line, section))
        for file, content in files_of(newest).items()
        if not file.startswith(("samples/", "assets/", "brand/")) and file != "contract.json"
        for number, line, section in lines_naming(file, content, path)
    ]
    found += [
        Use("template", template_key, name, file, number, how="part")
        for whole in _wholes(path)
        for file, content in files_of(newest).items()
        if file == FILE or file.endswith((".typ", ".html", ".docx"))
        for number, _, _ in lines_naming(file, content, whole, exactly=True)
    ]
    named = freezing.named_in(sources_of(newest)).blocks
    held = set(blocks_store.with_held(named))
    found += [
        Use("block", *who, how="block")
        for who in _blocks_where(lambda content: path in blocks_store.fields_of(content))
        if who[0] in held
    ]
    return found


def everywhere(path: str) -> dict[str, list[Use]]:
    """The templates whose contract has a field of that path, with its uses in each; an empty list where it has none."""
    return {
        version.template_id: of_field(version.template_id, path)
        for version in _versions()
        if path in contract_changes.paths(version.contract)
    }


def known_fields() -> dict[str, list[str]]:
    """Every data field of the house with the keys of the templates whose contract has it."""
    found: dict[str, list[str]] = {}
    for version in _versions():
        for path in contract_changes.paths(version.contract):
            found.setdefault(path, []).append(version.template_id)
    return dict(sorted(found.items()))


def known_fonts() -> dict[str, list[Use]]:
    """Every font family that a template names, or gets with its brand, with the templates."""
    found: dict[str, list[Use]] = {}
    for version in _versions():
        for family, file, line in _fonts_in(files_of(version)):
            uses = found.setdefault(family, [])
            use = Use("template", version.template_id, version.template.name, file, line)
            if use not in uses:
                uses.append(use)
    return dict(sorted(found.items()))


def known_images() -> dict[str, tuple[str, int, list[Use]]]:
    """Every picture by its SHA-256 (hex): a name it has, its size in bytes, and where it stands."""
    found: dict[str, tuple[str, int, list[Use]]] = {}
    for version in _versions():
        for name, content in files_of(version).items():
            if name.startswith(("assets/", "brand/")):
                digest = hashlib.sha256(content).hexdigest()
                entry = found.setdefault(digest, (name.rpartition("/")[2], len(content), []))
                entry[2].append(Use("template", version.template_id, version.template.name, name))
    return dict(sorted(found.items(), key=lambda one: one[1][0]))


def image(digest: str) -> tuple[str, bytes] | None:
    """A picture of some template by its SHA-256 (hex): its name and bytes; None where no template has it now."""
    for version in _versions():
        for name, content in files_of(version).items():
            if name.startswith(("assets/", "brand/")) and hashlib.sha256(content).hexdigest() == digest:
                return name, content
    return None


def how_used(file: str, line: str, section: str = "") -> str:
    """What a line of a file does with a field it names."""
    folder = file.partition("/")[0]
    if folder in _FOLDERS:
        return _FOLDERS[folder]
    if file == "template.yaml":
        return _SECTIONS.get(section, "fact")
    if _ASKS.search(line):
        return "condition"
    return "slot" if _SHOWS.search(line) else "page"


def fields_of(template_key: str) -> list[str]:
    """The data fields of a template's newest version."""
    newest = newest_number(template_key)
    return contract_changes.paths(newest.contract) if newest is not None else []


def _names(named: freezing.Named, kind: str, key: str) -> bool:
    return named.brand == key if kind == BRAND else key in named.blocks


def _versions() -> Iterator[TemplateVersion]:
    for key in Template.objects.order_by("key").values_list("key", flat=True):
        newest = newest_number(key)
        if newest is not None:
            yield newest


def _newest() -> Iterator[tuple[TemplateVersion, dict[str, bytes]]]:
    for version in _versions():
        yield version, sources_of(version)


def _drafts() -> Iterator[tuple[Draft, dict[str, bytes]]]:
    from postroom.composition import drafts  # which asks where things are used before it publishes

    for draft in Draft.objects.select_related("base").filter(state__in=OPEN).order_by("template_key"):
        yield draft, drafts.files(draft)


def _blocks_where(fits: Callable[[Mapping[str, Any]], bool]) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for key in blocks_store.known():
        version = blocks_store.in_force(key)
        if version is not None and fits(version.content):
            found[key] = version.part.name
    for change in HouseVersion.objects.select_related("part").filter(part__kind=BLOCK, state__in=OPEN):
        if fits(change.content):
            found[change.part.key] = change.part.name
    return sorted(found.items())


def _wholes(path: str) -> list[str]:
    """Objects of the record that a field is a part of, without its list: what takes them takes it."""
    steps = path.split(".")
    return [".".join(steps[:end]) for end in range(2, len(steps)) if not steps[end - 1].endswith("[]")]


def lines_naming(file: str, content: bytes, path: str, *, exactly: bool = False) -> list[tuple[int, str, str]]:
    """Lines where the field stands as a whole word, by its dotted path or, of a row, by the last of its names: number,
    text, and the section of a YAML file it stands in. Of a Word document the numbers are those of its paragraphs.
    ``exactly``: without what stands inside it."""
    names = {path.replace("[]", ""), path.rpartition("[].")[2]}
    wanted = re.compile(
        r"(?<![\w.-])(?:" + "|".join(map(re.escape, sorted(names))) + (r")(?![\w.-])" if exactly else r")(?![\w-])")
    )
    found, section = [], ""
    for number, line in enumerate(_lines_of(file, content), 1):
        if line[:1].isalpha():
            section = line.partition(":")[0]
        if wanted.search(line):
            found.append((number, line, section))
    return found


def _lines_of(file: str, content: bytes) -> list[str]:
    if file.endswith(".docx"):
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open("word/document.xml") as body:
                text = body.read(_MOST_WORD).decode("utf-8", "replace")
        except (zipfile.BadZipFile, KeyError):
            return []
        return [re.sub(r"<[^>]+>", "", one) for one in text.split("</w:p>")]
    try:
        return content.decode("utf-8").splitlines()
    except UnicodeDecodeError:
        return []


def _fonts_in(files: Mapping[str, bytes]) -> Iterator[tuple[str, str, int]]:
    """Font families that template.yaml names, and those of its brand."""
    try:
        manifest, lines = read_manifest(files.get(FILE, b""))
    except TemplateFaults:
        return
    for number, family in enumerate(manifest.fonts):
        yield family, FILE, lines.get(("fonts", number), lines.get(("fonts",), 0))
    try:
        brand = json.loads(files.get("brand.json", b"{}"))
    except ValueError:
        return
    named = brand.get("fonts", {}) if isinstance(brand, dict) else {}
    for said in named.values() if isinstance(named, dict) else ():
        for family in said.split(",") if isinstance(said, str) else ():  # what stands in is a list of names
            yield family.strip(), "brand.json", 0
