"""A template's folder, read once, checked whole, and ready to serve many records."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonschema_rs

from postroom.composition import fonts
from postroom.composition import library as house
from postroom.composition.blocks import BlockFault, Tree, block_faults, read_block
from postroom.composition.brand import FILE as BRAND
from postroom.composition.brand import Brand, BrandFault, default_brand, read_brand
from postroom.composition.checks.assertions import test_faults
from postroom.composition.codes import PLACE
from postroom.composition.contract import Contract
from postroom.composition.dataout.layout import Layout, read_layouts
from postroom.composition.einvoice.make import told
from postroom.composition.finishing.check import finishing_faults
from postroom.composition.formats import Show, locale_of
from postroom.composition.images import inspect_image, inspect_images
from postroom.composition.inspect_pack import inspect
from postroom.composition.mail import HTML, SUBJECT, TEXT, MailTemplates, check_mail
from postroom.composition.manifest import FILE, Manifest, read_manifest
from postroom.composition.paths import Steps, split
from postroom.composition.problems import Problem, TemplateFaults, suggestion
from postroom.composition.shape import ShapeFault
from postroom.composition.shorttext import ShortTexts, read_texts, texts_of
from postroom.composition.spec import Pages, Renderer
from postroom.composition.view import Walk
from postroom.kernel import registry

_LIBRARY = house.CORE
_ENTRY = "postroom-entry.typ"
#: What a document carries with it, such as an e-invoice (ISO 19005-3, 6.8); the page knows nothing of it.
_ATTACH = (
    '#if "attachments" in sys.inputs { for one in json(bytes(sys.inputs.attachments)) { pdf.attach(one.name, '
    "bytes(one.text), relationship: one.relationship, mime-type: one.mime, description: one.description) } }\n"
)
_ALLOWED = re.compile(
    r"template\.yaml|contract\.json|README\.md|words/[A-Za-z-]+\.json"
    r"|mail/(?:subject\.txt|body\.txt|body\.html)|samples/[^/]+\.json|assets/(?:[^/\\]+/)*[^/\\]+\.(?:svg|png|jpe?g)"
    r"|brand\.json|brand/[A-Za-z0-9._-]+\.(?:svg|png|jpe?g)|blocks/[a-z][a-z0-9-]*\.[A-Za-z-]+\.json"
    r"|finish/[A-Za-z0-9._-]+\.(?:pdf|xml|csv|txt|json|xlsx|png|jpe?g)|layouts/[a-z][a-z0-9-]{0,59}\.yaml"
    r"|texts/(?:sms|push)\.txt|tests/[A-Za-z0-9][A-Za-z0-9_-]*\.ya?ml"
)
_MAX_FILES, _MAX_BYTES = 400, 24_000_000


@dataclass(eq=False)
class TemplatePack:
    """A checked template. Made by ``load``; safe to share between threads that only read."""

    files: Mapping[str, bytes]
    digest: str
    manifest: Manifest
    contract: Contract
    words: Mapping[str, Mapping[str, str]]
    samples: tuple[tuple[str, dict[str, Any]], ...]
    mail: MailTemplates | None
    covered: frozenset[str]
    at: Mapping[str, Steps]
    brand: Brand = field(default_factory=default_brand)
    blocks: Mapping[tuple[str, str], Tree] = field(default_factory=dict)
    layouts: Mapping[str, Layout] = field(default_factory=dict)
    texts: ShortTexts | None = None
    views: dict[tuple[str, str | None], tuple[Mapping[str, Show], Walk]] = field(default_factory=dict)
    _languages: dict[str, tuple[str, str, str]] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """How the template is called."""
        return self.manifest.key

    @property
    def name(self) -> str:
        """Its name for people."""
        return self.manifest.name

    @property
    def lane(self) -> str:
        """The renderer it is written for."""
        return self.manifest.lane

    @property
    def promises(self) -> tuple[str, ...]:
        """The standards its documents keep, such as ``pdf/a-2b``."""
        return self.manifest.promises

    @property
    def contract_schema(self) -> dict[str, Any]:
        """The data contract as it was written."""
        return self.contract.schema

    def language(self, wanted: object) -> tuple[str, str, str]:
        """For a recipient's language: the words file, Babel's locale, and the BCP 47 tag the page carries.

        ``de-CH`` with a ``de`` words file gives German words and Swiss figures; a language without words gives the
        first language for both, as a page in two languages serves nobody.
        """
        tag = wanted if isinstance(wanted, str) else ""
        known = self._languages.get(tag)
        if known is None:
            known = self._choose(tag)
            if len(self._languages) < 1000:
                self._languages[tag] = known
        return known

    def _choose(self, tag: str) -> tuple[str, str, str]:
        lower = {name.lower(): name for name in self.manifest.languages}
        parts = tag.replace("_", "-").lower().split("-")
        for length in range(len(parts), 0, -1):
            words = lower.get("-".join(parts[:length]))
            if words is not None:
                locale = locale_of(tag) or locale_of(words)
                break
        else:
            words = self.manifest.languages[0]
            locale = locale_of(words)
        if locale is None:
            raise ValueError(f"no locale for {words}")  # load() has checked every language
        return words, str(locale), str(locale).replace("_", "-")

    def block(self, key: str, words: str) -> Tree | None:
        """The template's own content block in the language of that words file, else in its first language."""
        return self.blocks.get((key, words)) or self.blocks.get((key, self.manifest.languages[0]))

    def unfold(self, folder: Path, brand: Brand | None = None) -> None:
        """Write what the renderer gets, the template's files and those that its lane adds, into a fresh folder without
        links. A folder that is already there is replaced. ``brand`` stands in for the template's own."""
        if folder.is_symlink() or folder.is_file():
            folder.unlink()
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        own = {name: content for name, content in self.files.items() if name != BRAND and name[:6] != "brand/"}
        added = renderer_of(self.manifest).added(self.manifest)
        for name, content in {**own, **added, **(brand or self.brand).written()}.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def renderer_of(manifest: Manifest, lines: Mapping[tuple[str | int, ...], int] | None = None) -> type[Renderer]:
    """The renderer of a template's lane. Raises TemplateFaults when there is none."""
    try:
        found: type[Renderer] = registry.provider("renderers", manifest.lane)
    except registry.UnknownProvider as error:
        line = (lines or {}).get(("lane",), 0)
        hint = suggestion(manifest.lane, registry.names("renderers"))
        raise TemplateFaults([Problem(FILE, line, f"There is no lane {manifest.lane!r}.", hint)]) from error
    return found


def typst_files(manifest: Manifest) -> dict[str, bytes]:
    """What stands beside the pages of the Typst lane: the house library and the file the compiler starts with."""
    entry = _entry(manifest.entry, manifest.fonts).encode()
    return {**house.library(), _LIBRARY: library(), _ENTRY: entry}


def library() -> bytes:
    """The core of the house library, ``postroom.typ``; its modules are in ``library``."""
    return house.library()[_LIBRARY]


def library_digest() -> str:
    """SHA-256 (hex) of what the renderer adds to a template's own files; part of reproducibility (P5)."""
    rest = f"{house.digest()} {default_brand().digest} {_entry('main.typ', ())}"
    return hashlib.sha256(library() + rest.encode()).hexdigest()


def _entry(page: str, families: tuple[str, ...]) -> str:
    """The file the compiler starts with: the house library's setup around the author's page."""
    named = "".join(f'"{family}", ' for family in families)
    return f'#import "{_LIBRARY}": _setup\n#show: _setup.with(fonts: ({named}))\n{_ATTACH}#include "{page}"\n'


def load_folder(path: Path | str) -> TemplatePack:
    """Read and check a template's folder. Raises TemplateFaults."""
    return load(read_folder(path))


def read_folder(path: Path | str) -> dict[str, bytes]:
    """The files of a template's folder; hidden ones are passed over, links are refused. Raises TemplateFaults."""
    root = Path(path)
    files: dict[str, bytes] = {}
    if not root.is_dir():
        raise TemplateFaults([Problem(str(root), 0, "There is no such folder.", "Name the folder of a template.")])
    for entry in sorted(root.rglob("*")):
        name = entry.relative_to(root).as_posix()
        if any(part.startswith(".") for part in name.split("/")):
            continue
        if entry.is_symlink():
            raise TemplateFaults([Problem(name, 0, "This is a link.", "Put the file itself into the folder.")])
        if entry.is_file():
            files[name] = entry.read_bytes()
            if len(files) > _MAX_FILES or sum(map(len, files.values())) > _MAX_BYTES:
                raise TemplateFaults([_too_much()])
    return files


def load(files: Mapping[str, bytes], *, published: bool = False) -> TemplatePack:
    """Parse and check a template. Raises TemplateFaults with every fault that could be found.

    ``published``: the files were checked when they were published. Page linter and samples are then passed over, so
    that a rule added later never takes a version out of use; what protects this process (mail) is checked always.
    """
    if len(files) > _MAX_FILES or sum(map(len, files.values())) > _MAX_BYTES:
        raise TemplateFaults([_too_much()])
    if FILE not in files:
        missing = Problem(FILE, 0, "The file is missing.", "Every template has one; see docs/templates.md.")
        raise TemplateFaults([missing])
    manifest, lines = read_manifest(files[FILE])
    lane = renderer_of(manifest, lines)
    problems = [problem for name in sorted(files) for problem in _named(name, lane)]
    contract = _contract(files, problems)
    words = _words(files, manifest, problems)
    samples = _samples(files, problems)
    if contract is None:
        raise TemplateFaults(problems)
    known_words = frozenset(words.get(manifest.languages[0], {}))
    covered = fonts.coverage(manifest.fonts)
    brand = _brand(files, covered, problems)
    blocks = _blocks(files, manifest, contract, covered, problems)
    layouts = read_layouts(files, contract.shape, problems)
    problems += inspect(manifest, lines, contract, words, covered, files)
    if not published:
        problems += inspect_images(files)
        problems += told(manifest, contract.shape, brand, lines, FILE)
        problems += finishing_faults(manifest, lines, contract.shape, known_words, files)
        problems += lane.check(Pages(files, manifest, contract.shape, known_words, covered))
        problems += test_faults(files, manifest)
    mail = _mail(files, known_words, problems)
    texts = read_texts(files, contract.shape, known_words, problems)
    if problems:
        raise TemplateFaults(problems)
    pack = TemplatePack(
        files=dict(sorted(files.items())),
        digest=digest(files),
        manifest=manifest,
        contract=contract,
        words=words,
        samples=tuple(samples),
        mail=mail,
        covered=covered,
        at=_places(manifest),
        brand=brand,
        blocks=blocks,
        layouts=layouts,
        texts=texts,
    )
    if not published:
        _try_samples(pack)
    return pack


def digest(files: Mapping[str, bytes]) -> str:
    """SHA-256 (hex) over the names and contents, in the order of the names."""
    total = hashlib.sha256()
    for name in sorted(files):
        total.update(f"{name}\0{len(files[name])}\0".encode())
        total.update(files[name])
    return total.hexdigest()


def _places(manifest: Manifest) -> dict[str, Steps]:
    named = {
        "number": manifest.document.number,
        "date": manifest.document.date,
        "amount": manifest.document.amount,
        "currency": manifest.document.currency,
        "language": manifest.language,
        "key": manifest.recipient.key,
        "name": manifest.recipient.name,
        "email": manifest.recipient.email,
        "address": manifest.recipient.address,
    }
    return {name: split(path) for name, path in named.items() if path}


def _named(name: str, lane: type[Renderer]) -> list[Problem]:
    if name in lane.reserved:
        return [Problem(name, 0, "The name is taken by the house library.", "Leave it out; the renderer adds it.")]
    own = re.fullmatch(lane.pages, name)
    if not (own or _ALLOWED.fullmatch(name)) or ".." in name.split("/"):
        what = f"A template of the lane {lane.name} holds no such file."
        return [Problem(name, 0, what, "See the list in docs/templates.md.")]
    return []


def _too_much() -> Problem:
    what = f"A template has at most {_MAX_FILES} files and {_MAX_BYTES // 1_000_000} MB."
    return Problem(".", 0, what, "Make images smaller, and keep other files elsewhere.")


def _json(files: Mapping[str, bytes], name: str, problems: list[Problem]) -> Any:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        out = dict(pairs)
        if len(out) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            problems.append(Problem(name, 0, f"The key {twice!r} stands twice.", "Keep one of them."))
        return out

    try:
        return json.loads(files[name].decode("utf-8"), object_pairs_hook=once)
    except UnicodeDecodeError:
        problems.append(Problem(name, 0, "The file is not UTF-8.", "Save it as UTF-8."))
    except json.JSONDecodeError as error:
        problems.append(Problem(name, error.lineno, f"This is not JSON: {error.msg} (column {error.colno}).", ""))
    except RecursionError:
        problems.append(Problem(name, 0, "The data is nested too deeply.", ""))
    return None


def _contract(files: Mapping[str, bytes], problems: list[Problem]) -> Contract | None:
    name = "contract.json"
    if name not in files:
        problems.append(Problem(name, 0, "The file is missing.", "It says what a record must look like."))
        return None
    schema = _json(files, name, problems)
    if not isinstance(schema, dict):
        if schema is not None:
            problems.append(Problem(name, 0, "A contract is a JSON object.", "See docs/templates.md."))
        return None
    try:
        return Contract(schema)
    except ShapeFault as fault:
        problems.append(Problem(name, 0, f"{fault.where}: {fault.what}", fault.hint))
    except jsonschema_rs.ValidationError as error:
        place = "/".join(str(step) for step in error.instance_path) or "the contract"
        problems.append(Problem(name, 0, f"{place}: {error.message}.", "See JSON Schema 2020-12."))
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        problems.append(Problem(name, 0, f"This is no JSON Schema: {error}.", "See JSON Schema 2020-12."))
    return None


def _words(files: Mapping[str, bytes], manifest: Manifest, problems: list[Problem]) -> dict[str, dict[str, str]]:
    words: dict[str, dict[str, str]] = {}
    for tag in manifest.languages:
        name = f"words/{tag}.json"
        if name not in files:
            problems.append(Problem(name, 0, "The file is missing.", f"template.yaml names the language {tag}."))
            continue
        found = _json(files, name, problems)
        if found is None:
            continue
        if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
            problems.append(Problem(name, 0, "A words file is one flat object of texts.", '{"due": "Payable by"}'))
            continue
        words[tag] = found
    for name in files:
        if name.startswith("words/") and name[6:-5] not in manifest.languages:
            problems.append(Problem(name, 0, "template.yaml does not name this language.", "Add it to languages."))
    first = words.get(manifest.languages[0], {})
    for tag, texts in words.items():
        for key in sorted(first.keys() ^ texts.keys()):
            lacking, other = (tag, manifest.languages[0]) if key in first else (manifest.languages[0], tag)
            what = f"The word {key!r} is missing; {other} has it."
            problems.append(Problem(f"words/{lacking}.json", 0, what, "Every language has the same words."))
        for key in sorted(first.keys() & texts.keys()):
            if set(PLACE.findall(first[key])) != set(PLACE.findall(texts[key])):
                what = f"The word {key!r} has other {{places}} than in {manifest.languages[0]}."
                problems.append(Problem(f"words/{tag}.json", 0, what, f"There it is {first[key]!r}."))
    return words


def _brand(files: Mapping[str, bytes], covered: frozenset[str], problems: list[Problem]) -> Brand:
    """The template's own brand; the sample company's where it has none."""
    if BRAND not in files:
        problems += [
            Problem(name, 0, "A brand's file without brand.json.", "Add brand.json, or put the image into assets/.")
            for name in files
            if name.startswith("brand/")
        ]
        return default_brand()
    try:
        brand = read_brand(files[BRAND], {name[6:]: data for name, data in files.items() if name[:6] == "brand/"})
    except BrandFault as fault:
        problems.append(Problem(BRAND, 0, str(fault).removeprefix(f"{BRAND}: "), fault.hint))
        return default_brand()
    problems += [fault for name, data in brand.files.items() for fault in inspect_image(f"brand/{name}", data)]
    problems += [Problem(BRAND, 0, what, "Use another sign or another font.") for what in brand.uncovered(covered)]
    return brand


def _blocks(
    files: Mapping[str, bytes],
    manifest: Manifest,
    contract: Contract,
    covered: frozenset[str],
    problems: list[Problem],
) -> dict[tuple[str, str], Tree]:
    """The template's own content blocks by key and language."""
    found: dict[tuple[str, str], Tree] = {}
    for name in sorted(files):
        if not name.startswith("blocks/"):
            continue
        key, tag = name[7:-5].split(".", 1)
        if key not in manifest.blocks:
            hint = suggestion(key, manifest.blocks) or f"Add blocks: [{key}]."
            problems.append(Problem(name, 0, f"template.yaml names no block {key!r}.", hint))
        if tag not in manifest.languages:
            problems.append(Problem(name, 0, "template.yaml does not name this language.", "Add it to languages."))
        try:
            found[key, tag] = tree = read_block(files[name], key)
        except BlockFault as fault:
            problems.append(Problem(name, 0, str(fault), fault.hint))
            continue
        problems += [Problem(name, 0, what, hint) for what, hint in block_faults(tree, contract.shape, covered)]
    for key in manifest.blocks:
        have = {tag for known, tag in found if known == key}
        for tag in manifest.languages:
            if have and tag not in have:
                what = f"The content block {key!r} is missing in {tag}; other languages have it."
                problems.append(Problem(f"blocks/{key}.{tag}.json", 0, what, "Add it in every language."))
    return found


def _samples(files: Mapping[str, bytes], problems: list[Problem]) -> list[tuple[str, dict[str, Any]]]:
    samples = []
    for name in sorted(files):
        if name.startswith("samples/"):
            record = _json(files, name, problems)
            if isinstance(record, dict):
                samples.append((name, record))
            elif record is not None:
                problems.append(Problem(name, 0, "A sample is one record, an object.", ""))
    if not any(name.startswith("samples/") for name in files):
        problems.append(Problem("samples/", 0, "There is no sample.", "Add at least one record, as samples/01.json."))
    return samples


def _mail(files: Mapping[str, bytes], words: frozenset[str], problems: list[Problem]) -> MailTemplates | None:
    sources = {}
    for name in (SUBJECT, TEXT, HTML):
        if name in files:
            try:
                sources[name] = files[name].decode("utf-8")
            except UnicodeDecodeError:
                problems.append(Problem(name, 0, "The file is not UTF-8.", "Save it as UTF-8."))
    if not sources:
        return None
    for name in (SUBJECT, TEXT):
        if name not in files:
            problems.append(Problem(name, 0, "The file is missing.", "A mail has a subject and a text."))
    faults = check_mail(sources, words)
    problems += faults
    return None if faults or problems else MailTemplates(sources)


def _named_only(key: str, words: str) -> Tree:
    """Stands for a block that is kept apart from the template: which text it has is known when documents are made."""
    return [{"kind": "paragraph", "children": [{"kind": "text", "text": key}]}]


def _try_samples(pack: TemplatePack) -> None:
    """Every sample must go all the way to a view and a mail."""
    from postroom.composition.prepare import prepare, render_mail
    from postroom.composition.problems import RecordRefused
    from postroom.kernel.errors import PostroomError

    problems = []
    for name, record in pack.samples:
        try:
            prepared = prepare(pack, record, blocks=_named_only)
            if pack.mail is not None:
                render_mail(pack, prepared, {"link": "https://portal.example/d/1", "sender": "Sample"})
            texts_of(pack, prepared)
        except RecordRefused as refused:
            problems += [Problem(name, 0, f"{one.path}: {one.reason}", one.hint) for one in refused.problems]
        except PostroomError as error:
            file = str(error.context.get("file", name))
            problems.append(Problem(file, 0, f"With {name}: {error.message}", error.hint))
    if problems:
        raise TemplateFaults(problems)
