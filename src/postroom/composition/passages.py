"""Passages: what a template lets a clerk say in other words, for one letter.

A passage is a content block that is open (``passages:`` in template.yaml). A record may bring its own words for it
under ``passages``, as the tree of ``composition/blocks.py``; what it does not bring is said as the template says it.
They are no part of the data contract: business systems need not know them. They stay with the record, so that a
document is made again with the words it was made with (P5), and the digest of its data speaks for them, too (P6).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from postroom.composition.block_source import source_of, tree_of
from postroom.composition.blocks import BlockFault, Tree, block_faults, fields, read_block, walk
from postroom.composition.codes import PLACE
from postroom.composition.errors import BadPart
from postroom.composition.manifest import FILE, Manifest, PassageSpec
from postroom.composition.problems import Problem, RecordProblem, suggestion
from postroom.composition.shape import Field
from postroom.kernel import registry

#: Where a record brings its passages; no field of the contract may be called so where a template opens any.
KEY = "passages"
_PLAIN = frozenset({"paragraph", "text", "break"})
_PARAGRAPHS = re.compile(r"\n[ \t]*\n+")


class PassageRefused(BlockFault):
    """The words of a passage are not what the template opens it for. ``context["passage"]`` names it."""

    code = "passage-refused"
    title = "The passage cannot be said like this"


def taken_out(manifest: Manifest, record: Any) -> tuple[Any, Any]:
    """The record as the contract knows it, and the passages it brings; None when it brings none."""
    if not manifest.passages or not isinstance(record, dict) or KEY not in record:
        return record, None
    return {name: value for name, value in record.items() if name != KEY}, record[KEY]


def brought(manifest: Manifest, given: Any, root: Field, covered: frozenset[str]) -> dict[str, Tree]:
    """The checked passages of a record. Raises ``Refused`` with every reason."""
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise Refused([RecordProblem("passage-fault", f"$.{KEY}", "Passages are an object.", "One tree for each.")])
    found: dict[str, Tree] = {}
    problems: list[RecordProblem] = []
    for key, tree in given.items():
        path = f"$.{KEY}.{key}"
        spec = manifest.passages.get(key)
        if spec is None:
            hint = suggestion(str(key), manifest.passages)
            problems.append(RecordProblem("unknown-passage", path, f"The template opens no passage {key!r}.", hint))
            continue
        try:
            found[key] = checked(key, spec, tree, root, covered)
        except BlockFault as fault:
            problems.append(RecordProblem(fault.code, path, fault.message, fault.hint))
    if problems:
        raise Refused(problems)
    return found


class Refused(Exception):
    """Passages of a record that cannot be shown; whoever prepares the record tells all its problems at once."""

    def __init__(self, problems: list[RecordProblem]) -> None:
        super().__init__(problems[0].reason)
        self.problems = problems


def checked(key: str, spec: PassageSpec, tree: Any, root: Field, covered: frozenset[str]) -> Tree:
    """The tree, tidy, within what the template opens. Raises PassageRefused, BlockFault."""
    if tree == [] and not spec.needed:
        return []
    if tree == []:
        raise PassageRefused(f"The passage {key!r} is empty.", hint="It has to say something.", passage=key)
    tidy = read_block(tree, f"the passage {key!r}")
    used = {node["kind"] for node in walk(tidy)}
    if not spec.rich and used - _PLAIN:
        what = f"The passage {key!r} is plain: it holds no {sorted(used - _PLAIN)[0]}."
        raise PassageRefused(what, hint="Write it as plain sentences.", passage=key)
    long = length(tidy)
    if long > spec.longest:
        what = f"The passage {key!r} has {long} characters; the template allows {spec.longest}."
        raise PassageRefused(what, hint=f"Shorten it by {long - spec.longest}.", passage=key)
    for name in fields(tidy):
        if spec.fields is not None and name not in spec.fields:
            what = f"The passage {key!r} may not show the field {name!r}."
            raise PassageRefused(what, hint=suggestion(name, spec.fields), passage=key)
    for what, hint in block_faults(tidy, root, covered):
        raise PassageRefused(f"The passage {key!r}: {what}", hint=hint, passage=key)
    return tidy


def length(tree: Tree) -> int:
    """How many characters a person typed: those of its texts; a merge field counts as what it is, not as it reads."""
    return sum(len(node["text"]) for node in walk(tree) if node["kind"] == "text")


def read(key: str, spec: PassageSpec, source: str) -> Tree:
    """What was typed, as a tree. In a plain passage every sign means itself. Raises PassageRefused."""
    if spec.rich:
        try:
            return tree_of(source)
        except BadPart as fault:
            raise PassageRefused(f"{key}: {fault.message}", hint=fault.hint, passage=key) from fault
    tree: Tree = []
    for part in _PARAGRAPHS.split(source.replace("\r\n", "\n").replace("\r", "\n").strip("\n")):
        nodes: Tree = []
        for number, line in enumerate(part.split("\n")):
            nodes += [{"kind": "break"}] if number else []
            nodes += [{"kind": "text", "text": line.strip()}] if line.strip() else []
        if any(node["kind"] == "text" for node in nodes):
            tree.append({"kind": "paragraph", "children": nodes})
    return tree


def written(spec: PassageSpec, tree: Tree) -> str:
    """The text that ``read`` makes the same tree of."""
    if spec.rich:
        return source_of(tree)
    return "\n\n".join("".join(node.get("text", "\n") for node in one["children"]) for one in tree)


def of_word(text: str) -> Tree:
    """A word of the words file as a passage; its ``{places}`` become merge fields."""
    nodes: Tree = []
    at = 0
    for place in PLACE.finditer(text):
        if text[at : place.start()]:
            nodes.append({"kind": "text", "text": text[at : place.start()]})
        nodes.append({"kind": "field", "field": place[1]})
        at = place.end()
    if text[at:]:
        nodes.append({"kind": "text", "text": text[at:]})
    return [{"kind": "paragraph", "children": nodes}]


def _lanes() -> list[str]:
    """Lanes of this installation that show what a letter says in other words."""
    return [name for name in registry.names("renderers") if registry.provider("renderers", name).opens_passages]


def passage_faults(
    manifest: Manifest,
    lines: Mapping[tuple[str | int, ...], int],
    root: Field,
    words: Mapping[str, Mapping[str, str]],
    covered: frozenset[str],
    blocks: Mapping[tuple[str, str], Tree],
    *,
    shows_blocks: bool,
) -> list[Problem]:
    """What is wrong with the passages a template declares."""
    found: list[Problem] = []

    def fault(at: tuple[str | int, ...], what: str, hint: str) -> None:
        known = at
        while known and known not in lines:
            known = known[:-1]
        found.append(Problem(FILE, lines.get(known, 0), what, hint))

    if manifest.passages and KEY in root.fields:
        fault((KEY,), f"The contract has a field {KEY!r}, where letters bring their own words.", "Rename the field.")
    if manifest.passages and not shows_blocks:
        fault((KEY,), f"The lane {manifest.lane} shows no passages.", f"Use one that does: {', '.join(_lanes())}.")
    for key, spec in manifest.passages.items():
        at = (KEY, key)
        if not set(spec.names) & set(manifest.languages):
            hint = f"Name it in one of: {', '.join(manifest.languages)}."
            fault((*at, "names"), f"The passage {key!r} has no name in a language of the template.", hint)
        if spec.word and key in manifest.blocks:
            fault((*at, "word"), f"The passage {key!r} is a content block and a word.", "Keep one of them.")
        elif spec.word and spec.word not in words.get(manifest.languages[0], {}):
            hint = suggestion(spec.word, words.get(manifest.languages[0], {}))
            fault((*at, "word"), f"There is no word {spec.word!r}.", hint)
            continue
        elif not spec.word and key not in manifest.blocks:
            hint = f"Name {key} under blocks:, or give it word: with a key of words/."
            fault(at, f"The passage {key!r} has no usual wording.", hint)
        for path in spec.fields or ():
            here = root.find(path)
            if here is None or here.kind != "text":
                fault((*at, "fields"), f"The contract has no text {path!r}.", "Name texts of the record.")
        for tag in manifest.languages:
            usual = of_word(words.get(tag, {}).get(spec.word, "")) if spec.word else blocks.get((key, tag))
            if not usual:
                continue
            try:
                checked(key, spec, usual, root, covered)
            except BlockFault as wrong:
                fault(at, f"As the template says it in {tag}: {wrong.message}", wrong.hint)
    return found
