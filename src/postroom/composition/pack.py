"""A template's folder, read once, checked whole, and ready to serve many records."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from postroom.composition import fonts, stand_ins
from postroom.composition.blocks import Tree
from postroom.composition.brand import FILE as BRAND
from postroom.composition.brand import Brand, default_brand
from postroom.composition.checks.assertions import test_faults
from postroom.composition.contract import Contract
from postroom.composition.dataout.layout import Layout, read_layouts
from postroom.composition.einvoice.make import told
from postroom.composition.finishing.check import finishing_faults
from postroom.composition.flags import with_flags
from postroom.composition.formats import Show, locale_of
from postroom.composition.images import inspect_images
from postroom.composition.inspect_pack import inspect
from postroom.composition.mail import MailTemplates
from postroom.composition.manifest import FILE, Manifest, read_manifest
from postroom.composition.pack_files import digest as digest
from postroom.composition.pack_files import misnamed, too_many, too_much
from postroom.composition.pack_files import read_folder as read_folder
from postroom.composition.pack_parts import (
    read_blocks,
    read_brand,
    read_contract,
    read_mail,
    read_samples,
    read_words,
)
from postroom.composition.passages import of_word, passage_faults
from postroom.composition.paths import Steps, split
from postroom.composition.problems import Problem, TemplateFaults, suggestion
from postroom.composition.shorttext import ShortTexts, read_texts, texts_of
from postroom.composition.spec import Pages, Renderer
from postroom.composition.typst_entry import library as library
from postroom.composition.typst_entry import library_digest as library_digest
from postroom.composition.typst_entry import typst_files as typst_files
from postroom.composition.view import Walk
from postroom.kernel import registry


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
    own_signs: frozenset[str] = frozenset()
    """What its own ``fonts:`` can show; ``covered`` has the stand-ins' signs too."""
    stand_ins: tuple[str, ...] = ()
    views: dict[tuple[str, str | None], tuple[Mapping[str, Show], Walk]] = field(default_factory=dict)
    still: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
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
        """The template's own content block in the language of that words file, else in its first language; the usual
        wording of a passage."""
        opened = self.manifest.passages.get(key)
        if opened is not None and opened.word:
            return of_word(self.words[words][opened.word])
        return self.blocks.get((key, words)) or self.blocks.get((key, self.manifest.languages[0]))

    @property
    def shown_blocks(self) -> tuple[str, ...]:
        """Keys of all content blocks its page may show, passages included."""
        return tuple(dict.fromkeys((*self.manifest.blocks, *self.manifest.passages)))

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


def load_folder(path: Path | str) -> TemplatePack:
    """Read and check a template's folder. Raises TemplateFaults."""
    return load(read_folder(path))


def load(
    files: Mapping[str, bytes], *, published: bool = False, families: tuple[str, ...] | None = None
) -> TemplatePack:
    """Parse and check a template. Raises TemplateFaults with every fault that could be found.

    ``published``: the files were checked when they were published. Page linter and samples are then passed over, so
    that a rule added later never takes a version out of use; what protects this process (mail) is checked always.
    ``families``: the stand-ins it was published with; without, those of its brand, or the house's.
    """
    if too_many(files):
        raise TemplateFaults([too_much()])
    if FILE not in files:
        missing = Problem(FILE, 0, "The file is missing.", "Every template has one; see docs/templates.md.")
        raise TemplateFaults([missing])
    manifest, lines = read_manifest(files[FILE])
    lane = renderer_of(manifest, lines)
    problems = [problem for name in sorted(files) for problem in misnamed(name, lane)]
    contract = read_contract(files, problems)
    words = read_words(files, manifest, problems)
    samples = read_samples(files, problems)
    if contract is None:
        raise TemplateFaults(problems)
    known_words = frozenset(words.get(manifest.languages[0], {}))
    own_signs = fonts.coverage(manifest.fonts)
    usual = stand_ins.usual() if families is None else families
    covered = fonts.coverage((*manifest.fonts, *usual))
    brand = read_brand(files, covered, problems)
    if families is None:
        families = stand_ins.of_brand(brand)
    if families != usual:
        covered = fonts.coverage((*manifest.fonts, *families))
    blocks = read_blocks(files, manifest, contract, covered, problems)
    layouts = read_layouts(files, contract.shape, problems)
    problems += inspect(manifest, lines, contract, words, covered, files)
    if not published:
        problems += inspect_images(files)
        problems += told(manifest, contract.shape, brand, lines, FILE)
        problems += finishing_faults(manifest, lines, contract.shape, known_words, files)
        problems += lane.check(Pages(files, manifest, with_flags(contract.shape, manifest), known_words, covered))
        problems += test_faults(files, manifest)
        problems += passage_faults(
            manifest, lines, contract.shape, words, covered, blocks, shows_blocks=lane.opens_passages
        )
    mail = read_mail(files, known_words, problems)
    texts = read_texts(files, with_flags(contract.shape, manifest), known_words, problems)
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
        own_signs=own_signs,
        stand_ins=families,
    )
    if not published:
        _try_samples(pack)
    return pack


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
