"""The mail around a document: Jinja2 with so few abilities (``sandbox``) that it can run beside the database (P10)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import Template, TemplateError, TemplateSyntaxError, UndefinedError
from markupsafe import Markup

from postroom.composition.blocks import Tree, to_html, to_text
from postroom.composition.mail_css import inlined
from postroom.composition.problems import Problem
from postroom.composition.sandbox import Guard, environment, faults
from postroom.kernel.errors import BadInput, LimitReached

SUBJECT, TEXT, HTML = "mail/subject.txt", "mail/body.txt", "mail/body.html"
CONTEXT = ("view", "words", "document", "link", "sender", "blocks", "brand")
_LIMITS = {SUBJECT: 500, TEXT: 200_000, HTML: 1_000_000}
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
        plain, markup = environment(False), environment(True)
        page = inlined(sources[HTML]) if HTML in sources else None
        self._templates = {
            name: markup.from_string(page.source) if name == HTML and page else plain.from_string(source)
            for name, source in sources.items()
        }
        blocks = page.blocks if page else {}
        self._styles = {key: {tag: plain.from_string(one) for tag, one in of.items()} for key, of in blocks.items()}
        self._branded = any("brand" in source for source in sources.values())

    def write(self, context: Mapping[str, Any]) -> Mail:
        """The mail for one document. ``blocks`` holds the document's content blocks, each as the part needs it: plain
        in subject and text, as HTML in the body of that kind. Raises MailFault or MailTooLong."""
        view = context.get("view") or {}
        if self._branded:
            context = {**context, "brand": brand_of(view)}
        trees: Mapping[str, Tree] = view.get("blocks") or {}
        plain = {**context, "blocks": {key: to_text(tree, view) for key, tree in trees.items()}}
        html = ""
        if HTML in self._templates:
            marked = {
                key: Markup(to_html(tree, view, self._styles_of(key, context)))  # noqa: S704  (escaped by it)
                for key, tree in trees.items()
            }
            html = self._one(HTML, {**context, "blocks": marked})
        return Mail(
            subject=_NEWLINES.sub(" ", self._one(SUBJECT, plain)).strip(),
            text=self._one(TEXT, plain),
            html=html,
        )

    def _styles_of(self, key: str, context: Mapping[str, Any]) -> dict[str, str]:
        """The style of each tag of a content block; a colour in it may be one of the brand's."""
        try:
            return {tag: style.render(context) for tag, style in self._styles.get(key, {}).items()}
        except UndefinedError as error:
            raise _missing(HTML, error) from error

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
            raise _missing(name, error) from error
        except (TemplateError, TypeError, ValueError, RecursionError) as error:
            raise MailFault(f"{name} cannot be written: {error}.", hint="Correct the template.", file=name) from error
        return "".join(parts)


def _missing(name: str, error: UndefinedError) -> MailFault:
    return MailFault(
        f"{name} uses something this document does not have: {error.message}.",
        hint="Ask first with {% if .. is defined %}, or make the field required in the contract.",
        file=name,
    )


def brand_of(view: Mapping[str, Any]) -> Mapping[str, Any]:
    """The brand as mails and short texts name it: ``brand.name``, ``brand.colours.accent``, ``brand.lines.address``.
    A line of several is one, as a mail's foot shows it."""
    brand = view.get("brand") or {}
    lines = brand.get("lines") or {}
    one = {name: line if isinstance(line, str) else " · ".join(line) for name, line in lines.items()}
    return {**brand, "lines": one}


def check_mail(sources: Mapping[str, str], words: frozenset[str]) -> list[Problem]:
    """What mail templates may not do, and names they use that do not exist."""
    problems: list[Problem] = []
    for name, source in sources.items():
        try:
            tree = environment(name == HTML).parse(source)
        except TemplateSyntaxError as error:
            problems.append(Problem(name, error.lineno, f"{error.message}.", "See the syntax of Jinja2."))
            continue
        problems += faults(name, tree, Guard("Mail templates", dict.fromkeys(CONTEXT), words))
    return problems
