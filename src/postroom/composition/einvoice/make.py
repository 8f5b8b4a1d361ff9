"""What a template's documents need to become e-invoices: the XML beside the view, and the last look before custody.

``written`` is called where a record is prepared, ``sealed`` where its document has been made; both sides of production,
previews and reproduction go through them, so no door makes an unchecked invoice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from postroom.composition.einvoice.layout import EInvoice
from postroom.composition.paths import look, split
from postroom.composition.problems import Problem, RecordProblem, RecordRefused
from postroom.composition.shape import Field
from postroom.kernel.errors import PostroomError


@dataclass(frozen=True, slots=True)
class Written:
    """The XML of one invoice. ``paths`` and ``rows`` lead from a rule's complaint back to the record."""

    profile: str
    xml: bytes
    file: str
    paths: dict[str, str]
    rows: tuple[int, ...]
    unsaid: tuple[str, ...] = ()

    def attachment(self) -> dict[str, str]:
        """What the renderer embeds. ``alternative``: the same invoice in another form (Factur-X 1.0, 6.2.2)."""
        from postroom.composition.einvoice.profiles import PROFILES

        known = PROFILES[self.profile]
        return {
            "name": self.file,
            "text": self.xml.decode("utf-8"),
            "mime": "text/xml",
            "relationship": "alternative",
            "description": known.name,
        }


def wanted(layout: EInvoice, record: dict[str, Any]) -> bool:
    """Whether this record becomes an e-invoice."""
    if layout.when is None:
        return True
    if isinstance(layout.when, str):
        return bool(look(record, split(layout.when)))
    return all(_plain(look(record, split(path))) == value for path, value in layout.when.items())


def written(layout: EInvoice, record: dict[str, Any]) -> Written | None:
    """The e-invoice of ``record``, None where its layout wants none. Raises RecordRefused, EInvoiceToolsMissing."""
    if not wanted(layout, record):
        return None
    from postroom.composition.einvoice.tools import require_tools

    require_tools(layout.profile)
    from postroom.composition.einvoice import cii, ubl
    from postroom.composition.einvoice.fill import fill
    from postroom.composition.einvoice.profiles import PROFILES

    profile = PROFILES[layout.profile]
    filled = fill(layout, record)
    try:
        xml = (cii if profile.syntax == "cii" else ubl).write(filled.invoice, profile)
    except ValueError as error:  # a character that XML 1.0 has no form for
        problem = RecordProblem(
            "einvoice-character", "$", f"The invoice cannot be written as XML: {error}.", "Correct it."
        )
        raise RecordRefused([problem]) from error
    return Written(profile.key, xml, profile.file, filled.paths, tuple(filled.rows), layout.unsaid)


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
    found = problems(verdict, made.paths, made.rows)
    if not found and profile.level:
        pdf = with_factur_x(pdf, profile.file, profile.level)
    return pdf, found


def faults(
    layout: EInvoice, lane: str, promises: tuple[str, ...], root: Field
) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """What forbids to publish a template: place below ``einvoice``, what, hint."""
    from postroom.composition.einvoice.tools import require_tools

    if lane != "typst":
        yield ("profile",), f"The lane {lane} cannot embed an invoice.", "Write the page for the lane typst."
    if not any(one.startswith("pdf/a-3") for one in promises):
        what = "An e-invoice is embedded in PDF/A-3, and the template promises another level."
        yield ("profile",), what, "Write promises: [pdf/a-3a, pdf/ua-1]."
    for place, path in layout.unknown(root):
        yield place, f"The contract has no field {path!r}.", "Write a path of the record, or =text for a fixed value."
    try:
        require_tools(layout.profile)
    except PostroomError as error:
        yield ("profile",), error.message, error.hint


def told(layout: EInvoice, lane: str, promises: tuple[str, ...], root: Field, lines: Any, file: str) -> list[Problem]:
    """The same with the lines of template.yaml."""
    found = []
    for place, what, hint in faults(layout, lane, promises, root):
        at = ("einvoice", *place)
        while at and at not in lines:
            at = at[:-1]
        found.append(Problem(file, lines.get(at, 0), f"einvoice: {what}", hint))
    return found


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
