"""``template.yaml``: what a template is, read strictly and with the line of every fault."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from postroom.composition.conditions import When
from postroom.composition.einvoice.layout import EInvoice
from postroom.composition.finishing import steps
from postroom.composition.pay import FIELDS
from postroom.composition.problems import Problem, TemplateFaults, suggestion
from postroom.kernel.errors import PostroomError
from postroom.kernel.registry import provider

FILE = "template.yaml"
_NAME = r"[A-Za-z_][A-Za-z0-9_-]*"
Path = Annotated[str, StringConstraints(pattern=rf"^{_NAME}(\.{_NAME})*$", max_length=200)]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$", max_length=60)]
Tag = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TitleCase(_Strict):
    """Another title, where a field of the record holds something: a credit note is not headed as an invoice."""

    when: Path
    title: str


class DocumentPaths(_Strict):
    """Where a document's facts are in the record; ``title`` is a key of the words files, and ``titles`` are those that
    take its place, the first whose field holds something."""

    number: Path
    date: Path
    amount: Path | None = None
    currency: Path | None = None
    title: str
    titles: tuple[TitleCase, ...] = ()

    @model_validator(mode="after")
    def _amount_has_currency(self) -> DocumentPaths:
        if self.amount and not self.currency:
            raise ValueError("an amount needs a currency: name its path, currency: ...")
        return self


class RecipientPaths(_Strict):
    """Where the record says whom the document goes to."""

    key: Path
    name: Path
    email: Path | None = None
    address: Path | None = None


class Product(_Strict):
    """The product of some values, of each row of a list or of the record."""

    each: Path | None = None
    of: tuple[Path, ...] = Field(min_length=2)
    into: Path


class Running(_Strict):
    """A running total over the rows of a list."""

    each: Path
    of: Path
    into: Path


class Sum(_Strict):
    """The total of a column."""

    each: Path
    of: Path
    into: Path


class Add(_Strict):
    """The total of single values."""

    of: tuple[Path, ...] = Field(min_length=2)
    into: Path


class DeriveStep(_Strict):
    """One derivation; exactly one verb."""

    product: Product | None = None
    running: Running | None = None
    sum: Sum | None = None
    add: Add | None = None

    @model_validator(mode="after")
    def _one(self) -> DeriveStep:
        if len(self.model_fields_set) != 1:
            raise ValueError("each step has exactly one of product, running, sum, add")
        return self

    @property
    def verb(self) -> Product | Running | Sum | Add:
        """What is to be done."""
        return next(verb for verb in (self.product, self.running, self.sum, self.add) if verb is not None)


class SumCheck(_Strict):
    """A column must add up to a stated figure."""

    each: Path
    of: Path
    equals: Path


class AddCheck(_Strict):
    """Single values must add up to a stated figure."""

    of: tuple[Path, ...] = Field(min_length=1)
    equals: Path


class CheckStep(_Strict):
    """One check; exactly one verb."""

    sum: SumCheck | None = None
    add: AddCheck | None = None

    @model_validator(mode="after")
    def _one(self) -> CheckStep:
        if len(self.model_fields_set) != 1:
            raise ValueError("each check has exactly one of sum, add")
        return self


class CodeSpec(_Strict):
    """A symbol. ``{path}`` in the text inserts the raw value. With ``when`` it is made only where that field holds
    something (``when: sepa``), or where fields are as said (``conditions``: ``{currency: EUR}``). A payment (``epc``,
    ``swiss``) is written from checked ``data`` in place of a text."""

    kind: Literal["qr", "code128", "datamatrix", "ean13", "ean8", "pdf417", "aztec", "epc", "swiss"]
    text: str = Field(default="", max_length=4000)
    data: dict[str, Annotated[str, StringConstraints(max_length=1000)]] = Field(default_factory=dict)
    when: When | None = None

    @model_validator(mode="after")
    def _text_or_data(self) -> CodeSpec:
        if self.kind not in FIELDS:
            if not self.text or self.data:
                raise ValueError(f"a {self.kind} symbol has a text, and no data")
            return self
        if self.text or not self.data:
            raise ValueError(f"a payment of kind {self.kind} has data, such as {{amount: ..}}, and no text")
        unknown = sorted(self.data.keys() - FIELDS[self.kind])
        if unknown:
            known = ", ".join(sorted(FIELDS[self.kind]))
            raise ValueError(f"a payment of kind {self.kind} has no {unknown[0]!r}: {known}")
        return self

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text of it that may hold a {path}."""
        return (self.text, *self.data.values())


class FlagSpec(_Strict):
    """A condition with a name, for pages to decide by: ``flag("flags.late")``, ``{% if view.flags.late %}``. Without
    ``when`` it always holds."""

    when: When | None = None

    @model_validator(mode="before")
    @classmethod
    def _nothing_said(cls, values: Any) -> Any:
        """``late:`` with nothing behind it."""
        return {} if values == "" else values


class BlockUse(_Strict):
    """A content block that is said only where the condition holds."""

    key: Key
    when: When | None = None


class MailOptions(_Strict):
    """How the mail carries the document."""

    attach: bool = True


class SmsOptions(_Strict):
    """How many parts a short message may have before publishing warns."""

    parts: int = Field(default=1, ge=1, le=10)


class PushOptions(_Strict):
    """How many signs a push text may have before publishing warns."""

    signs: int = Field(default=178, ge=20, le=1000)


class TextOptions(_Strict):
    """What is allowed of ``texts/sms.txt`` and ``texts/push.txt``."""

    sms: SmsOptions = SmsOptions()
    push: PushOptions = PushOptions()


class PassageSpec(_Strict):
    """A passage that a clerk may say in other words. Its usual wording is the content block of its key, or ``word``.
    ``longest`` counts characters; ``rich`` allows emphasis, lists, links and merge fields, of which ``fields`` names
    those that may be used; ``needed`` says that it may not be left empty."""

    names: dict[Tag, Text] = Field(min_length=1)
    word: str = ""
    longest: int = Field(default=2000, ge=1, le=20_000)
    rich: bool = True
    fields: tuple[Path, ...] | None = None
    needed: bool = True


class Manifest(_Strict):
    """A whole ``template.yaml``."""

    key: Key
    name: Text
    lane: Key = "typst"
    entry: str = "main.typ"
    promises: tuple[str, ...] = ("pdf/a-2b",)
    languages: tuple[Tag, ...] = Field(min_length=1)
    language: Path
    fonts: tuple[Text, ...] = Field(min_length=1)
    folder: Text
    document: DocumentPaths
    recipient: RecipientPaths
    derive: tuple[DeriveStep, ...] = ()
    checks: tuple[CheckStep, ...] = ()
    codes: dict[Key, CodeSpec] = Field(default_factory=dict)
    flags: dict[Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")], FlagSpec] = Field(
        default_factory=dict
    )
    block_uses: tuple[Key | BlockUse, ...] = Field(default=(), alias="blocks")
    passages: dict[Key, PassageSpec] = Field(default_factory=dict)
    brand: Key | None = None
    entity: Key | None = None
    mail: MailOptions | None = None
    einvoice: EInvoice | None = None
    finish: tuple[steps.FinishStep, ...] = ()
    texts: TextOptions = TextOptions()

    @property
    def blocks(self) -> tuple[str, ...]:
        """Keys of the content blocks it names."""
        return tuple(one if isinstance(one, str) else one.key for one in self.block_uses)

    @property
    def block_conditions(self) -> dict[str, When]:
        """When a content block is said, for those that are not always."""
        found = (one for one in self.block_uses if not isinstance(one, str))
        return {one.key: one.when for one in found if one.when is not None}

    @model_validator(mode="before")
    @classmethod
    def _usual_entry(cls, values: Any) -> Any:
        """The page's usual name depends on the lane: main.typ, main.html, main.docx."""
        if isinstance(values, dict) and "entry" not in values and isinstance(values.get("lane"), str):
            with suppress(PostroomError):  # a lane that is not there is told of with its line
                values = {**values, "entry": provider("renderers", values["lane"]).entry}
        return values


def read_manifest(content: bytes) -> tuple[Manifest, dict[tuple[str | int, ...], int]]:
    """The manifest, and the line of each of its keys. Raises TemplateFaults."""
    try:
        text = content.decode("utf-8")
        # BaseLoader keeps every scalar as it is written: `no` stays Norwegian and is not read as false.
        root = yaml.compose(text, Loader=yaml.BaseLoader)
        values = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506  (makes text, lists and mappings only)
    except UnicodeDecodeError as error:
        raise TemplateFaults([Problem(FILE, 0, "The file is not UTF-8.", "Save it as UTF-8.")]) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        what = f"This is not YAML: {error.problem or error.context}."
        raise TemplateFaults([Problem(FILE, line, what, "Check indentation and colons.")]) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise TemplateFaults([Problem(FILE, 0, f"This is not YAML: {error}.")]) from error
    lines: dict[tuple[str | int, ...], int] = {}
    repeated = _lines(root, (), lines)
    if repeated:
        raise TemplateFaults(repeated)
    try:
        return Manifest.model_validate(values), lines
    except ValidationError as error:
        problems = [_tell(one, lines) for one in error.errors(include_url=False)]
        raise TemplateFaults(problems) from error


def _lines(node: Any, at: tuple[str | int, ...], lines: dict[tuple[str | int, ...], int]) -> list[Problem]:
    """Note the line of every key; gives a problem for each key that stands twice."""
    problems: list[Problem] = []
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*at, str(key.value))
            line = key.start_mark.line + 1
            if inner in lines:
                what = f"The key {key.value!r} stands twice (first in line {lines[inner]})."
                problems.append(Problem(FILE, line, what, "Keep one of them."))
            lines[inner] = line
            problems += _lines(value, inner, lines)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            lines[(*at, index)] = value.start_mark.line + 1
            problems += _lines(value, (*at, index), lines)
    return problems


def _tell(error: Any, lines: dict[tuple[str | int, ...], int]) -> Problem:
    place = tuple(error["loc"])
    known = place
    while known and known not in lines:
        known = known[:-1]
    line = lines.get(known, 0)
    name = ".".join(str(step) for step in place) or "the file"
    match error["type"]:
        case "extra_forbidden":
            siblings = _keys(place[:-1])
            return Problem(FILE, line, f"There is no key {name!r}.", suggestion(str(place[-1]), siblings))
        case "missing":
            return Problem(FILE, line, f"The key {name!r} is missing.", "See docs/templates.md for every key.")
        case "string_pattern_mismatch":
            return Problem(FILE, line, f"{name}: {error['input']!r} is not of the right form.", _form(place))
        case _:
            return Problem(FILE, line, f"{name}: {error['msg']}.", "See docs/templates.md.")


def _form(place: tuple[Any, ...]) -> str:
    if place[:1] == ("languages",):
        return "Write a BCP 47 language such as en or de-CH."
    if place in (("key",), ("lane",)) or place[:1] in (("codes",), ("passages",)):
        return "Use small letters, digits and hyphens, and begin with a letter."
    return "Write a dotted name of the record, such as customer.name."


def _keys(place: tuple[Any, ...]) -> list[str]:
    """The keys allowed at a place."""
    models: dict[Any, type[BaseModel]] = {
        "document": DocumentPaths,
        "titles": TitleCase,
        "recipient": RecipientPaths,
        "mail": MailOptions,
        "product": Product,
        "running": Running,
        "derive": DeriveStep,
        "checks": CheckStep,
        "codes": CodeSpec,
        "blocks": BlockUse,
        "flags": FlagSpec,
        "texts": TextOptions,
        "sms": SmsOptions,
        "push": PushOptions,
        "finish": steps.FinishStep,
        "letterhead": steps.Letterhead,
        "stamp": steps.Stamp,
        "watermark": steps.Watermark,
        "append": steps.Append,
        "nup": steps.Sheets,
        "attach": steps.Attach,
    }
    here = [step for step in place if isinstance(step, str)]
    if here[:1] == ["derive"] and here[1:] in (["sum"], ["add"]):
        model: type[BaseModel] = Sum if here[1] == "sum" else Add
    elif here[:1] == ["checks"] and len(here) == 2:
        model = SumCheck if here[1] == "sum" else AddCheck
    elif here[:1] == ["codes"]:
        model = CodeSpec
    elif here[:1] == ["flags"]:
        model = FlagSpec
    elif here[:1] == ["passages"] and len(here) == 2:
        model = PassageSpec
    else:
        model = models.get(here[-1], Manifest) if here else Manifest
    return [field.alias or name for name, field in model.model_fields.items()]
