"""The mail around a document: Jinja2 with so few abilities that it can run beside the database.

The sandbox alone does not bound time and memory (``'x' * 10**9``, nested loops), so templates are also read before
they are compiled: no calls, no macros, no arithmetic, two nested loops at most, a short list of filters (P10).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, UndefinedError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from postroom.composition.problems import Problem, suggestion
from postroom.kernel.errors import BadInput, LimitReached

SUBJECT, TEXT, HTML = "mail/subject.txt", "mail/body.txt", "mail/body.html"
CONTEXT = ("view", "words", "document", "link", "sender")
_LIMITS = {SUBJECT: 500, TEXT: 200_000, HTML: 1_000_000}
_FILTERS = ("upper", "lower", "capitalize", "title", "trim", "default", "d", "join", "length", "count", "first", "last",
            "escape", "e", "truncate", "striptags", "urlencode")  # fmt: skip
_ALLOWED = (nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Getitem, nodes.Const,
            nodes.If, nodes.For, nodes.Filter, nodes.Test, nodes.Compare, nodes.Operand, nodes.Not, nodes.And, nodes.Or,
            nodes.Concat, nodes.CondExpr, nodes.Keyword, nodes.Assign)  # fmt: skip
_NEWLINES = re.compile(r"[\x00-\x20\x7f\x85\u2028\u2029]+")


class MailFault(BadInput):
    """A mail template does not fit the document."""

    code = "mail-fault"
    title = "The mail cannot be written"


class MailTooLong(LimitReached):
    """A mail template made more than a mail may hold."""

    code = "mail-too-long"
    title = "The mail is too long"


@dataclass(frozen=True, slots=True)
class Mail:
    """A finished mail. The subject is one line; ``html`` is empty when the template has none."""

    subject: str
    text: str
    html: str


class MailTemplates:
    """The mail templates of a pack, compiled once."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        plain, markup = _environment(False), _environment(True)
        self._templates = {
            name: (markup if name == HTML else plain).from_string(source) for name, source in sources.items()
        }

    def write(self, context: Mapping[str, Any]) -> Mail:
        """The mail for one document. Raises MailFault or MailTooLong."""
        return Mail(
            subject=_NEWLINES.sub(" ", self._one(SUBJECT, context)).strip(),
            text=self._one(TEXT, context),
            html=self._one(HTML, context) if HTML in self._templates else "",
        )

    def _one(self, name: str, context: Mapping[str, Any]) -> str:
        template: Template = self._templates[name]
        parts: list[str] = []
        size, limit = 0, _LIMITS[name]
        try:
            for part in template.generate(context):
                size += len(part)
                if size > limit:
                    raise MailTooLong(
                        f"{name} makes more than {limit} characters.",
                        hint="Show less in the mail; attach the document.",
                    )
                parts.append(part)
        except UndefinedError as error:
            raise MailFault(
                f"{name} uses something this document does not have: {error.message}.",
                hint="Ask first with {% if .. is defined %}, or make the field required in the contract.",
                file=name,
            ) from error
        except (TemplateError, TypeError, ValueError, RecursionError) as error:
            raise MailFault(f"{name} cannot be written: {error}.", hint="Correct the template.", file=name) from error
        return "".join(parts)


def check_mail(sources: Mapping[str, str], words: frozenset[str]) -> list[Problem]:
    """What mail templates may not do, and names they use that do not exist."""
    problems: list[Problem] = []
    for name, source in sources.items():
        try:
            tree = _environment(name == HTML).parse(source)
        except TemplateSyntaxError as error:
            problems.append(Problem(name, error.lineno, f"{error.message}.", "See the syntax of Jinja2."))
            continue
        problems += _walk(name, tree, words, 0, frozenset())
    return problems


def _walk(file: str, node: nodes.Node, words: frozenset[str], loops: int, local: frozenset[str]) -> list[Problem]:
    line = node.lineno or 0
    if not isinstance(node, _ALLOWED):
        verb = type(node).__name__.lower()
        return [Problem(file, line, f"Mail templates may not use {verb!r}.", "Use values, conditions, loops, filters.")]
    problems: list[Problem] = []
    if isinstance(node, nodes.Filter) and node.name not in _FILTERS:
        problems.append(Problem(file, line, f"There is no filter {node.name!r}.", suggestion(node.name, _FILTERS)))
    if isinstance(node, nodes.For):
        loops += 1
        if loops > 2 or node.recursive:
            problems.append(Problem(file, line, "Loops are nested too deeply.", "Two nested loops are allowed."))
        local = local | {"loop"} | {name.name for name in [node.target, *node.target.find_all(nodes.Name)]
                                    if isinstance(name, nodes.Name)}  # fmt: skip
    if isinstance(node, nodes.Assign):
        problems.append(Problem(file, line, "Mail templates may not set variables.", "Use the values directly."))
    if isinstance(node, nodes.Name) and node.ctx == "load" and node.name not in (*CONTEXT, *local):
        problems.append(Problem(file, line, f"There is no {node.name!r}.", suggestion(node.name, (*CONTEXT, *local))))
    key = _word(node)
    if key is not None and key not in words:
        problems.append(Problem(file, line, f"There is no word {key!r}.", suggestion(key, words)))
    for child in node.iter_child_nodes():
        problems += _walk(file, child, words, loops, local)
    return problems


def _word(node: nodes.Node) -> str | None:
    """The key of ``words.key`` or ``words["key"]``."""
    if not isinstance(node, nodes.Getattr | nodes.Getitem):
        return None
    if not isinstance(node.node, nodes.Name) or node.node.name != "words":
        return None
    if isinstance(node, nodes.Getattr):
        return node.attr
    return str(node.arg.value) if isinstance(node.arg, nodes.Const) else None


class _Sandbox(ImmutableSandboxedEnvironment):
    """Fields only: ``words.title`` is the word, never the method of a text or mapping."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, Mapping | list | tuple):
            try:
                return obj[argument]
            except (KeyError, IndexError, TypeError):
                pass
        elif type(obj).__name__ == "LoopContext" and isinstance(argument, str) and not argument.startswith("_"):
            return getattr(obj, argument, self.undefined(obj=obj, name=argument))
        return self.undefined(obj=obj, name=argument)


def _environment(markup: bool) -> ImmutableSandboxedEnvironment:
    made = _Sandbox(
        autoescape=markup, undefined=StrictUndefined, keep_trailing_newline=True, trim_blocks=True, lstrip_blocks=True
    )
    made.globals.clear()
    made.filters = {name: made.filters[name] for name in _FILTERS}
    return made
