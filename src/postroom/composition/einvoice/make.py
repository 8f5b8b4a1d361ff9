"""What a template's documents need to become e-invoices: the XML beside the view, and the last look before custody.

``written`` is called where a record is prepared, ``sealed`` where its document has been made; both sides of production,
previews and reproduction go through them, so no door makes an unchecked invoice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from postroom.composition.einvoice.errors import EInvoiceToolsMissing, NotAnEInvoice
from postroom.composition.einvoice.layout import EInvoice
from postroom.composition.paths import look, split
from postroom.composition.problems import Problem, RecordProblem, RecordRefused
from postroom.composition.shape import Field
from postroom.kernel.errors import PostroomError

if TYPE_CHECKING:  # manifest reads the layout, which stands beside this
    from postroom.composition.brand import Brand
    from postroom.composition.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Written:
    """The XML of one invoice. ``paths`` and ``rows`` lead from a rule's complaint back to the record. ``carry``: inside
    the PDF, a file of its own beside it, or both. ``of_brand``: the seller is the brand's."""

    profile: str
    xml: bytes
    file: str
    paths: dict[str, str]
    rows: tuple[int, ...]
    unsaid: tuple[str, ...] = ()
    carry: str = "inside"
    of_brand: bool = False

    @property
    def name(self) -> str:
        """How people call what it is, such as ``XRechnung 3.0 (UBL)``."""
        from postroom.composition.einvoice.profiles import PROFILES

        return PROFILES[self.profile].name

    @property
    def inside(self) -> bool:
        """Whether the PDF carries it."""
        return self.carry != "beside"

    @property
    def beside(self) -> bool:
        """Whether it is sent as a file of its own."""
        return self.carry != "inside"

    def attachments(self) -> list[dict[str, str]]:
        """What the renderer embeds. ``alternative``: the same invoice in another form (Factur-X 1.0, 6.2.2)."""
        if not self.inside:
            return []
        return [
            {
                "name": self.file,
                "text": self.xml.decode("utf-8"),
                "mime": "text/xml",
                "relationship": "alternative",
                "description": self.name,
            }
        ]


def wanted(layout: EInvoice, record: dict[str, Any]) -> bool:
    """Whether this record becomes an e-invoice."""
    if layout.when is None:
        return True
    if isinstance(layout.when, str):
        return bool(look(record, split(layout.when)))
    return all(_plain(look(record, split(path))) == value for path, value in layout.when.items())


def written(layout: EInvoice, record: dict[str, Any], brand: Brand) -> Written | None:
    """The e-invoice of ``record``, None where its layout wants none. Raises RecordRefused.

    A process whose packages were taken away since the template was published refuses the record with what to install:
    it is set aside and can be sent again, where an error would stop its whole chunk."""
    if not wanted(layout, record):
        return None
    from postroom.composition.einvoice.tools import require_tools

    try:
        require_tools(layout.profile)
    except EInvoiceToolsMissing as error:
        raise RecordRefused([RecordProblem(error.code, "$", error.message, error.hint)]) from error
    from postroom.composition.einvoice import cii, ubl
    from postroom.composition.einvoice.fill import fill
    from postroom.composition.einvoice.profiles import PROFILES

    profile = PROFILES[layout.profile]
    filled = fill(layout, record, brand.look)
    try:
        xml = (cii if profile.syntax == "cii" else ubl).write(filled.invoice, profile)
    except ValueError as error:  # a character that XML 1.0 has no form for
        problem = RecordProblem(
            "einvoice-character", "$", f"The invoice cannot be written as XML: {error}.", "Correct it."
        )
        raise RecordRefused([problem]) from error
    return Written(
        profile.key,
        xml,
        profile.file,
        filled.paths,
        tuple(filled.rows),
        layout.unsaid,
        layout.carry,
        of_brand=layout.seller == "brand",
    )


def sealed(made: Written, pdf: bytes, language: str) -> tuple[bytes, list[RecordProblem]]:
    """The finished PDF, and what forbids to send it: the rules' complaints, and what page and XML state differently."""
    from postroom.cage import Fault
    from postroom.composition.einvoice.check import Case, judge_many, problems
    from postroom.composition.einvoice.embed import with_factur_x
    from postroom.composition.einvoice.profiles import PROFILES

    profile = PROFILES[made.profile]
    (verdict,) = judge_many([Case(made.xml, made.profile, pdf, (language,), made.unsaid)])
    if isinstance(verdict, Fault):
        return pdf, [RecordProblem(f"einvoice-{verdict.code}", "$", verdict.reason, verdict.hint)]
    found = problems(verdict, made.paths, made.rows, of_brand=made.of_brand)
    if not found and profile.level and made.inside:
        try:
            pdf = with_factur_x(pdf, profile.file, profile.level)
        except NotAnEInvoice as error:  # something rewrote the page behind the compiler: a finishing step
            hint = "Take what is done to the finished page out of template.yaml, or send the XML with carry: beside."
            found.append(RecordProblem("einvoice-file", "$", error.message, hint))
    return pdf, found


def faults(
    layout: EInvoice, lane: str, promises: tuple[str, ...], root: Field, brand: Brand
) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """What forbids to publish a template: place below ``einvoice``, what, hint."""
    from postroom.composition.einvoice.entity import lacking
    from postroom.composition.einvoice.tools import require_tools

    if layout.carry != "beside":
        here = ("carry",) if layout.carry == "both" else ("profile",)
        if lane != "typst":
            hint = "Write the page for the lane typst, or send the XML as a file of its own: carry: beside."
            yield here, f"The lane {lane} cannot embed an invoice.", hint
        if not any(one.startswith("pdf/a-3") for one in promises):
            what = "An e-invoice is embedded in PDF/A-3, and the template promises another level."
            yield here, what, "Write promises: [pdf/a-3a, pdf/ua-1], or carry: beside."
    for place, what, hint in lacking(layout.seller, brand.look, brand.key):
        yield ("seller", *place), what, hint
    for where, path in layout.unknown(root):
        yield where, f"The contract has no field {path!r}.", "Write a path of the record, or =text for a fixed value."
    try:
        require_tools(layout.profile)
    except PostroomError as error:
        yield ("profile",), error.message, error.hint


def told(manifest: Manifest, root: Field, brand: Brand, lines: Any, file: str) -> list[Problem]:
    """The same with the lines of template.yaml; nothing for a template that makes no e-invoices."""
    if manifest.einvoice is None:
        return []
    found = []
    for place, what, hint in faults(manifest.einvoice, manifest.lane, manifest.promises, root, brand):
        at: tuple[str | int, ...] = ("einvoice", *place)
        while at and at not in lines:
            at = at[:-1]
        found.append(Problem(file, lines.get(at, 0), f"einvoice: {what}", hint))
    return found


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
