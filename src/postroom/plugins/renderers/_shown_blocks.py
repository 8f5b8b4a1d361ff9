"""Content blocks in pages that are written in Jinja: which there are, which are shown, and what is said of faults.

A passage that its page does not show would lose the words of a clerk without a word; so that is a fault of the page.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import replace

from jinja2 import nodes

from postroom.composition.spec import Field, Manifest, Problem, suggestion

#: What the guard of the contract says of a name below ``blocks`` that is none.
_UNKNOWN = "no field 'blocks."


def blocks_of(manifest: Manifest) -> Field:
    """The blocks that a page may show, as the guard sees them: texts by their keys."""
    keys = dict.fromkeys((*manifest.blocks, *manifest.passages))
    return Field("object", fields={key: Field("text") for key in keys})


def blocks_in(tree: nodes.Template) -> Iterator[tuple[str, int]]:
    """Each block that a page names, with its line."""
    for found in tree.find_all(nodes.Getattr):
        if isinstance(found.node, nodes.Name) and found.node.name == "blocks":
            yield found.attr, found.lineno
    for item in tree.find_all(nodes.Getitem):
        of_blocks = isinstance(item.node, nodes.Name) and item.node.name == "blocks"
        if of_blocks and isinstance(item.arg, nodes.Const) and isinstance(item.arg.value, str):
            yield item.arg.value, item.lineno


def told_of_block(problem: Problem, manifest: Manifest) -> Problem:
    """A name that is no block, said as such."""
    _, found, rest = problem.what.partition(_UNKNOWN)
    if not found:
        return problem
    key = rest.rstrip("'.")
    known = (*manifest.blocks, *manifest.passages)
    hint = suggestion(key, known) if known else "Name it in template.yaml under blocks: or passages:."
    return replace(problem, what=f"There is no content block {key!r}.", hint=hint)


def unseen_passages(manifest: Manifest, name: str, shown: Set[str]) -> Iterator[Problem]:
    """Passages that the page of the lane does not show."""
    for key in manifest.passages:
        if name == manifest.entry and key not in shown:
            what = f"The page does not show the passage {key!r}: what a clerk writes there would be lost."
            yield Problem(name, 0, what, _how(key))


def _how(key: str) -> str:
    return f"Show it with {{{{ blocks.{key} }}}}." if key.isidentifier() else f'Show it with {{{{ blocks["{key}"] }}}}.'
