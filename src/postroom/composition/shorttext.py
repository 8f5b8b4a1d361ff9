"""SMS and push texts of a document, from the same data and words as its page and its mail.

``texts/sms.txt`` and ``texts/push.txt`` are written like mails (``sandbox``) and caged like them: values, conditions
and loops, no calls, bounded in size. A template says how many parts a message may have; a sample that needs more is a
warning, as it costs money and is nobody's fault. Nothing is sent here: channels for them are another matter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jinja2 import Template, TemplateError, TemplateSyntaxError, UndefinedError

from postroom.composition.gsm import Counted, counted
from postroom.composition.mail import MailFault, MailTooLong, brand_of
from postroom.composition.problems import Problem
from postroom.composition.sandbox import Guard, environment, faults
from postroom.composition.shape import Field

if TYPE_CHECKING:
    from postroom.composition.pack import TemplatePack
    from postroom.composition.prepare import Prepared

SMS, PUSH = "texts/sms.txt", "texts/push.txt"
FILES = (SMS, PUSH)
_LONGEST = 2000
#: The narrow and unbreakable spaces of figures too: one of them would put a whole SMS into UCS-2, at twice the price.
_BLANKS = re.compile("[ \t\r\f\v\u00a0\u2007\u2009\u202f]+")
_LINES = re.compile(r" ?\n[ \n]*")


class ShortTextFault(MailFault):
    """A short text does not fit the document."""

    code = "short-text-fault"
    title = "The short text cannot be written"


@dataclass(frozen=True, slots=True)
class ShortText:
    """A finished text. ``counted`` says what it needs as an SMS; ``most`` what the template allows: parts of an SMS,
    signs of a push text."""

    kind: str
    text: str
    language: str
    counted: Counted
    most: int

    @property
    def too_long(self) -> bool:
        """Whether it needs more than the template allows."""
        return (self.counted.parts if self.kind == "sms" else len(self.text)) > self.most


class ShortTexts:
    """The short texts of a pack, compiled once."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        plain = environment(False)
        self._templates: dict[str, Template] = {name: plain.from_string(source) for name, source in sources.items()}

    @property
    def kinds(self) -> tuple[str, ...]:
        """``sms``, ``push``: those that the template has."""
        return tuple(kind_of(name) for name in FILES if name in self._templates)

    def write(self, kind: str, context: Mapping[str, Any]) -> str:
        """One text, with blanks and blank lines run together. Raises ShortTextFault, MailTooLong."""
        name = f"texts/{kind}.txt"
        parts: list[str] = []
        size = 0
        try:
            for part in self._templates[name].generate(context):
                size += len(part)
                if size > _LONGEST:
                    raise MailTooLong(f"{name} makes more than {_LONGEST} signs.", hint="Say less; link to the rest.")
                parts.append(part)
        except UndefinedError as error:
            raise ShortTextFault(
                f"{name} uses something this document does not have: {error.message}.",
                hint="Ask first with {% if .. is defined %}, or make the field required in the contract.",
                file=name,
            ) from error
        except (TemplateError, TypeError, ValueError, RecursionError) as error:
            raise ShortTextFault(f"{name} cannot be written: {error}.", hint="Correct it.", file=name) from error
        return _LINES.sub("\n", _BLANKS.sub(" ", "".join(parts))).strip()


def kind_of(name: str) -> str:
    """``sms`` for ``texts/sms.txt``."""
    return name.removeprefix("texts/").removesuffix(".txt")


def read_texts(
    files: Mapping[str, bytes], root: Field, words: frozenset[str], problems: list[Problem]
) -> ShortTexts | None:
    """The short texts of a template's folder; unknown placeholders and whatever a text may not do are ``problems``."""
    sources: dict[str, str] = {}
    found: list[Problem] = []
    for name in FILES:
        if name not in files:
            continue
        try:
            sources[name] = files[name].decode("utf-8")
        except UnicodeDecodeError:
            found.append(Problem(name, 0, "The file is not UTF-8.", "Save it as UTF-8."))
            continue
        try:
            tree = environment(False).parse(sources[name])
        except TemplateSyntaxError as error:
            found.append(Problem(name, error.lineno, f"{error.message}.", "See the syntax of Jinja2."))
            continue
        names = {"view": root, "words": None, "document": _DOCUMENT, "link": None, "sender": None, "brand": None}
        found += faults(name, tree, Guard("Short texts", names, words, shows=True))
    problems += found
    return ShortTexts(sources) if sources and not found else None


_DOCUMENT = Field("object", fields={name: Field("text") for name in ("number", "title", "date", "language")})
_SAMPLE = {"link": "https://portal.example/d/1", "sender": "Sample"}


def texts_of(pack: TemplatePack, prepared: Prepared, extra: Mapping[str, str] | None = None) -> tuple[ShortText, ...]:
    """The short texts of a document. ``extra`` gives ``link`` and ``sender``. Raises ShortTextFault, MailTooLong."""
    if pack.texts is None:
        return ()
    view = prepared.view
    context = {**_SAMPLE, **(extra or {}), "view": view, "words": view["words"], "document": view["document"]}
    context["brand"] = brand_of(view)
    allowed = pack.manifest.texts
    made = []
    for kind in pack.texts.kinds:
        text = pack.texts.write(kind, context)
        most = allowed.sms.parts if kind == "sms" else allowed.push.signs
        made.append(ShortText(kind, text, prepared.facts.language, counted(text), most))
    return tuple(made)


def preview(pack: TemplatePack, record: Any, language: str = "") -> tuple[ShortText, ...]:
    """The short texts of a record, in another language if one is named; of a draft or of a published version. Raises
    RecordRefused, ShortTextFault, MailTooLong."""
    from postroom.composition.paths import copy_tree, put
    from postroom.composition.prepare import prepare

    if language and isinstance(record, dict):
        record = copy_tree(record)
        put(record, pack.at["language"], language)
    return texts_of(pack, prepare(pack, record))


def warnings(pack: TemplatePack) -> list[Problem]:
    """Samples whose text needs more than the template allows, in any of its languages: said, and no reason to refuse
    the template, as it costs money and breaks nothing."""
    from postroom.composition.problems import RecordRefused
    from postroom.kernel.errors import PostroomError

    found: list[Problem] = []
    for name, record in pack.samples if pack.texts else ():
        for tag in pack.manifest.languages:
            try:
                made = preview(pack, record, tag)
            except (RecordRefused, PostroomError):  # told as a fault of the sample
                continue
            found += [_warning(one, name, tag) for one in made if one.too_long]
    return found


def _warning(one: ShortText, sample: str, tag: str) -> Problem:
    if one.kind == "push":
        what = f"With {sample} in {tag} it has {len(one.text)} signs, and {one.most} are shown for certain."
        return Problem(PUSH, 0, what, "Say less, or allow more with texts: {push: {signs: ..}}.")
    needs = one.counted
    what = f"With {sample} in {tag} it needs {needs.parts} parts, and {one.most} are allowed."
    signs = " ".join(needs.outside[:5])
    hint = f"Without {signs} a part holds more than twice as much. " if signs else ""
    return Problem(SMS, 0, what, f"{hint}Say less, or allow more with texts: {{sms: {{parts: ..}}}}.")
