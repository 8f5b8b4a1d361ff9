"""Jinja2 with so few abilities that whoever writes a mail or a page can do no harm with it.

Jinja's own sandbox does not bound time and memory (``'x' * 10**9``, nested loops), so templates are also read before
they are compiled: no calls, no macros, no arithmetic, two nested loops at most, a short list of filters (P10).
Mails, HTML pages and Word pages have the same guard; pages are also held against the data contract.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import ChainableUndefined, StrictUndefined, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from postroom.composition.problems import Problem, suggestion
from postroom.composition.shape import Field

FILTERS = ("upper", "lower", "capitalize", "title", "trim", "default", "d", "join", "length", "count", "first", "last",
           "escape", "e", "truncate", "striptags", "urlencode")  # fmt: skip
_ALLOWED = (nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Getitem, nodes.Const,
            nodes.If, nodes.For, nodes.Filter, nodes.Test, nodes.Compare, nodes.Operand, nodes.Not, nodes.And, nodes.Or,
            nodes.Concat, nodes.CondExpr, nodes.Keyword, nodes.Assign)  # fmt: skip
_DOCUMENT = Field("object", fields={name: Field("text") for name in ("number", "title", "date", "language")})

Scope = Mapping[str, Field | None]

#: The names a page is given beside its fields.
PAGE_NAMES: Scope = {"document": _DOCUMENT, "words": None, "brand": None}


@dataclass(frozen=True, slots=True)
class Guard:
    """What a template may use. ``called`` is its kind in complaints; ``names`` maps the names it is given to their
    shape, None where the shape is not known; ``words`` are the keys of the words files; ``shows`` holds what is
    written out against the contract too."""

    called: str
    names: Scope
    words: frozenset[str]
    filters: frozenset[str] = frozenset(FILTERS)
    shows: bool = False


def environment(
    markup: bool, filters: Mapping[str, Callable[..., Any]] | None = None, *, lenient: bool = False
) -> ImmutableSandboxedEnvironment:
    """The sandbox. ``lenient``: an optional field that a record lacks shows nothing, as on a Typst page."""
    made = _Sandbox(
        autoescape=markup,
        undefined=ChainableUndefined if lenient else StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.clear()
    made.filters = {name: made.filters[name] for name in FILTERS} | dict(filters or {})
    return made


def faults(file: str, tree: nodes.Template, guard: Guard) -> list[Problem]:
    """What a parsed template may not do, and names it uses that do not exist. Lines are those of the tree."""
    return list(_walk(file, tree, guard, 0, guard.names))


def _walk(file: str, node: nodes.Node, guard: Guard, loops: int, scope: Scope) -> Iterator[Problem]:
    line = node.lineno or 0
    if not isinstance(node, _ALLOWED):
        verb = type(node).__name__.lower()
        hint = "Use values, conditions, loops, filters."
        yield Problem(file, line, f"{guard.called} may not use {verb!r}.", hint)
        return
    if isinstance(node, nodes.Filter) and node.name not in guard.filters:
        yield Problem(file, line, f"There is no filter {node.name!r}.", suggestion(node.name, guard.filters))
    if isinstance(node, nodes.Assign):
        yield Problem(file, line, f"{guard.called} may not set variables.", "Use the values directly.")
    if isinstance(node, nodes.Name) and node.ctx == "load" and node.name not in scope:
        yield Problem(file, line, f"There is no {node.name!r}.", suggestion(node.name, scope))
    if isinstance(node, nodes.Getattr | nodes.Getitem):
        yield from _looked_up(file, line, node, guard, scope)
    if guard.shows and isinstance(node, nodes.Output):
        for shown in node.nodes:
            yield from _shown(file, shown, scope)
    if isinstance(node, nodes.For):
        yield from _loop(file, node, guard, loops + 1, scope)
        return
    for child in node.iter_child_nodes():
        yield from _walk(file, child, guard, loops, scope)


def _loop(file: str, node: nodes.For, guard: Guard, loops: int, scope: Scope) -> Iterator[Problem]:
    if loops > 2 or node.recursive:
        yield Problem(file, node.lineno, "Loops are nested too deeply.", "Two nested loops are allowed.")
    over = _shape(node.iter, scope)
    if over is not None and over.kind != "list":
        name = _path(node.iter)
        yield Problem(file, node.lineno, f"{name!r} is no list.", "Loop over a list of the contract.")
    inside: dict[str, Field | None] = dict(scope) | {"loop": None}
    for target in [node.target, *node.target.find_all(nodes.Name)]:
        if isinstance(target, nodes.Name):
            inside[target.name] = over.items if over is not None and target is node.target else None
    yield from _walk(file, node.iter, guard, loops, scope)
    if node.test is not None:
        yield from _walk(file, node.test, guard, loops, inside)
    for part in node.body:
        yield from _walk(file, part, guard, loops, inside)
    for part in node.else_:
        yield from _walk(file, part, guard, loops, scope)


def _looked_up(
    file: str, line: int, node: nodes.Getattr | nodes.Getitem, guard: Guard, scope: Scope
) -> Iterator[Problem]:
    key = _key(node)
    if key is None:
        return
    if isinstance(node.node, nodes.Name) and node.node.name == "words" and "words" in scope:
        if isinstance(key, str) and key not in guard.words:
            yield Problem(file, line, f"There is no word {key!r}.", suggestion(key, guard.words))
        return
    above = _shape(node.node, scope)
    if above is None or (isinstance(key, int) and above.kind == "list"):
        return
    if above.kind == "object" and isinstance(key, str):
        if key not in above.fields:
            said = _path(node)
            yield Problem(file, line, f"The contract has no field {said!r}.", suggestion(key, above.fields))
    else:
        kind = "a number or flag" if above.kind == "structure" else f"a {above.kind}"
        hint = "Loop over a list with {% for .. in .. %}; a text or number has nothing inside."
        yield Problem(file, line, f"{_path(node.node)!r} is {kind}; there is no {key!r} in it.", hint)


def _shown(file: str, node: nodes.Node, scope: Scope) -> Iterator[Problem]:
    """A list, an object or a bare number cannot be written out: it would show Python's own spelling of it."""
    here = _shape(node, scope)
    if here is not None and here.kind != "text":
        kind = "a number or flag" if here.kind == "structure" else f"a {here.kind}"
        hint = "Give the field an x-format (quantity, percent) to show it, or loop over the list."
        yield Problem(file, node.lineno, f"{_path(node)!r} is {kind} and cannot be shown.", hint)


def _shape(node: nodes.Node, scope: Scope) -> Field | None:
    """The contract's field an expression names; None when that is not known, or was complained of already."""
    if isinstance(node, nodes.Name):
        return scope.get(node.name)
    if isinstance(node, nodes.Getattr | nodes.Getitem):
        above, key = _shape(node.node, scope), _key(node)
        if above is not None and above.kind == "list" and isinstance(key, int):
            return above.items
        return above.fields.get(key) if above is not None and isinstance(key, str) else None
    return None


def _key(node: nodes.Getattr | nodes.Getitem) -> str | int | None:
    if isinstance(node, nodes.Getattr):
        return node.attr
    value = node.arg.value if isinstance(node.arg, nodes.Const) else None
    return value if isinstance(value, str | int) else None


def _path(node: nodes.Node) -> str:
    """``customer.name`` as it was written."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr | nodes.Getitem):
        return f"{_path(node.node)}.{_key(node)}"
    return type(node).__name__.lower()


class _Sandbox(ImmutableSandboxedEnvironment):
    """Fields only: ``words.title`` is the word, never the method of a text or mapping."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if type(obj) is dict and attribute in obj:  # nearly always, and some forty times in a mail
            return obj[attribute]
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, (Mapping, list, tuple)):
            try:
                return obj[argument]
            except (KeyError, IndexError, TypeError):
                pass
        elif type(obj).__name__ == "LoopContext" and isinstance(argument, str) and not argument.startswith("_"):
            return getattr(obj, argument, self.undefined(obj=obj, name=argument))
        return self.undefined(obj=obj, name=argument)
