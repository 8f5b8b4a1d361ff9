"""The mail around a document: Jinja2 with so few abilities (``sandbox``) that it can run beside the database (P10)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import Template, TemplateError, TemplateSyntaxError, UndefinedError
from markupsafe import Markup

from postroom.composition.blocks import Tree, to_html, to_text
from postroom.composition.problems import Problem
from postroom.composition.sandbox import Guard, environment, faults
from postroom.kernel.errors import BadInput, LimitReached

SUBJECT, TEXT, HTML = "mail/subject.txt", "mail/body.txt", "mail/body.html"
CONTEXT = ("view", "words", "document", "link", "sender", "blocks")
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
        self._templates = {
            name: (markup if name == HTML else plain).from_string(source) for name, source in sources.items()
        }

    def write(self, context: Mapping[str, Any]) -> Mail:
        """The mail for one document. ``blocks`` holds the document's content blocks, each as the part needs it: plain
        in subject and text, as HTML in the body of that kind. Raises MailFault or MailTooLong."""
        view = context.get("view") or {}
        trees: Mapping[str, Tree] = view.get("blocks") or {}
        plain = {**context, "blocks": {key: to_text(tree, view) for key, tree in trees.items()}}
        html = ""
        if HTML in self._templates:
            marked = {key: Markup(to_html(tree, view)) for key, tree in trees.items()}  # noqa: S704  (escaped by it)
            html = self._one(HTML, {**context, "blocks": marked})
        return Mail(
            subject=_NEWLINES.sub(" ", self._one(SUBJECT, plain)).strip(),
            text=self._one(TEXT, plain),
            html=html,
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
            tree = environment(name == HTML).parse(source)
        except TemplateSyntaxError as error:
            problems.append(Problem(name, error.lineno, f"{error.message}.", "See the syntax of Jinja2."))
            continue
        problems += faults(name, tree, Guard("Mail templates", dict.fromkeys(CONTEXT), words))
    return problems
