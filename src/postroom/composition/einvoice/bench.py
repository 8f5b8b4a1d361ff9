"""What runs in a cell to judge e-invoices: the schemas and rules of others, on bytes that may be anybody's (P10).

``postroom.composition.einvoice.check`` is the free side. XSLT 2 is run by SaxonC-HE in this process, never by a
server that might be missing: a judge who is not there must not look like one who found nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from lxml import etree

from postroom.cage.bench import BenchFault
from postroom.composition.einvoice.agree import differing
from postroom.composition.einvoice.profiles import PROFILES, Profile, by_guideline
from postroom.composition.einvoice.reading import Facts, read, term_at
from postroom.composition.einvoice.rules import findings
from postroom.composition.einvoice.xmlkit import parse

#: Verdicts of a cell that are kept: a sample in its languages, a document that is made once more.
_REMEMBERED = 256
_SVRL = "{http://purl.oclc.org/dsdl/svrl}"
_RULE = re.compile(r"\[?((?:BR|UBL|CII|PEPPOL|FX|DK|SE|NO|IT|NL|GR|IS|DE)-[A-Z0-9a-z-]*[A-Z0-9a-z])\]?\s*[-:]?\s*")


class EInvoiceBench:
    """``setup``: ``roots``, package name to the folder it is installed in. Judges are compiled when first needed."""

    def __init__(self, setup: dict[str, Any]) -> None:
        self._roots: dict[str, str] = setup["roots"]
        self._schemas: dict[str, Any] = {}
        self._sheets: dict[str, Any] = {}
        self._processor: Any = None
        self._judged: dict[tuple[str, bytes], list[dict[str, Any]]] = {}

    def run(self, job: dict[str, Any], blobs: Sequence[bytes]) -> tuple[dict[str, Any], Sequence[bytes]]:
        """``job``: ``profile`` (key, or empty: the one the invoice claims), ``languages`` and ``unsaid`` for the
        comparison with the page. Blobs: the XML, and the PDF that states the same where there is one.

        Gives ``profile`` and ``findings``: rule, fatal, text, where. Raises BenchFault for what is no invoice."""
        try:
            root = parse(blobs[0])
        except etree.XMLSyntaxError as error:
            raise BenchFault("not-xml", f"This is not XML: {error}.", "Send an invoice in CII or UBL.") from error
        facts = read(root)
        if facts is None:
            raise BenchFault(
                "not-an-invoice",
                f"The root element {etree.QName(root).localname} is no invoice.",
                "CII (CrossIndustryInvoice) and UBL (Invoice, CreditNote) are understood.",
            )
        claimed = by_guideline(facts.one("BT-24"), facts.syntax)
        profile = PROFILES[job["profile"]] if job.get("profile") else claimed
        if profile is None or profile.syntax != facts.syntax:
            raise BenchFault(
                "unknown-profile",
                f"It says to be {facts.one('BT-24') or 'of no specification'} (BT-24), in {facts.syntax.upper()}.",
                f"Known are {', '.join(one.name for one in PROFILES.values())}.",
            )
        known = (profile.key, hashlib.sha256(blobs[0]).digest())
        if known not in self._judged:
            while len(self._judged) >= _REMEMBERED:
                self._judged.pop(next(iter(self._judged)))
            self._judged[known] = self._found(profile, root, blobs[0], facts)
        found = list(self._judged[known])
        if len(blobs) > 1:
            found += differing(facts, blobs[1], job.get("languages") or (), frozenset(job.get("unsaid") or ()))
        return {"profile": profile.key, "name": profile.name, "findings": found}, ()

    def _found(self, profile: Profile, root: Any, content: bytes, facts: Facts) -> list[dict[str, Any]]:
        """What schema and rules say of the XML. They look at nothing else, so equal bytes are judged once."""
        found = self._schema(profile, root)
        if not found:  # rules presuppose the schema; without it they would tell the same fault a second way
            for sheet in profile.rules:
                found += self._rules(sheet, _as_judged(content, profile))
            found += findings(facts, profile)
        return found

    def _schema(self, profile: Profile, root: Any) -> list[dict[str, Any]]:
        path = profile.schema.format(root=etree.QName(root).localname)
        schema = self._schemas.get(path)
        if schema is None:
            schema = self._schemas[path] = etree.XMLSchema(etree.parse(str(self._file(path))))
        if schema.validate(root):
            return []
        return [_finding("XSD", _short(one.message), f"line {one.line}") for one in list(schema.error_log)[:20]]

    def _rules(self, sheet: str, content: bytes) -> list[dict[str, Any]]:
        if self._processor is None:
            import saxonche

            self._processor = saxonche.PySaxonProcessor(license=False)
        compiled = self._sheets.get(sheet)
        if compiled is None:
            # By file, not by text: the sheets look up code lists beside themselves.
            maker = self._processor.new_xslt30_processor()
            compiled = self._sheets[sheet] = maker.compile_stylesheet(stylesheet_file=str(self._file(sheet)))
        node = self._processor.parse_xml(xml_text=content.decode("utf-8"))
        report = etree.fromstring(compiled.transform_to_string(xdm_node=node).encode("utf-8"))
        if not report.findall(f"{_SVRL}fired-rule"):
            raise BenchFault(
                "rules-silent", f"The rules {Path(sheet).name} looked at nothing.", "Report this as a bug."
            )
        return [_failed(one) for one in report.iter(f"{_SVRL}failed-assert", f"{_SVRL}successful-report")]

    def _file(self, path: str) -> Path:
        package, _, rest = path.partition("/")
        return Path(self._roots[package]) / rest


def _failed(node: Any) -> dict[str, Any]:
    text = " ".join("".join(node.itertext()).split())
    rule = node.get("id") or ""
    found = _RULE.match(text)
    if found:
        rule, text = found[1], text[found.end() :]
    fatal = (node.get("flag") or node.get("role") or "fatal").lower() not in {"warning", "info", "information"}
    where = re.sub(r"Q\{[^}]*\}|\*:|\[namespace-uri\(\)='[^']*'\]", "", node.get("location") or "")
    term = "" if re.search(r"\bB[TG]-[0-9]", text) else term_at(where)
    return _finding(rule or "?", f"{text} ({term})" if term else text, where, fatal)


def _finding(rule: str, text: str, where: str, fatal: bool = True) -> dict[str, Any]:
    return {"rule": rule, "fatal": fatal, "text": text, "where": where}


def _short(message: str) -> str:
    return re.sub(r"\{urn:[^}]*\}", "", message)


def _as_judged(content: bytes, profile: Profile) -> bytes:
    """Factur-X' sheet for EN 16931 knows its own name only; XRechnung is the same rules under another (BR-FX-EN-)."""
    if not profile.judged_as:
        return content
    return content.replace(profile.guideline.encode(), profile.judged_as.encode(), 1)


def roots(packages: Sequence[str]) -> dict[str, str]:
    """Where packages are installed, without importing them; those that are missing are left out."""
    found = {}
    for name in packages:
        spec = find_spec(name)
        if spec is not None and spec.submodule_search_locations:
            found[name] = next(iter(spec.submodule_search_locations))
    return found
