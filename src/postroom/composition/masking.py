"""A real record made into a sample that says nothing of anybody, and still looks as the record looked (ADR 0041).

Deny by default: what a contract does not call harmless is replaced. Kept are amounts, quantities and percentages (so
that totals, taxes and thresholds are those of the letter that was interesting), values that the contract lists,
languages, currencies and countries, and structure. Days move together by whole weeks. What the contract does not
describe is left out.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from postroom.composition.contract import Contract
from postroom.composition.errors import NotMasked
from postroom.composition.manifest import Manifest
from postroom.composition.masks import Masker, kind_of, words_in
from postroom.composition.paths import split
from postroom.composition.problems import json_path
from postroom.composition.shape import Field

Steps = tuple[str | int, ...]
#: What may have become of a value, as it is told of.
KEPT = ("amount", "choice", "country", "language", "structure", "declared")
REPLACED = ("name", "address", "mail", "phone", "iban", "reference", "link", "number", "day", "text")
#: Whole numbers below this are structure: how many, which of a few.
_SMALL = 1000
#: How often another text is tried where a contract's pattern does not take the first, or a word came back.
_TRIES = 400
#: Weeks that days go back: over a year, so that no year stays, and too many to be guessed.
_WEEKS = range(54, 312)
_FIGURES = frozenset({"money", "money-symbol", "quantity", "percent"})
_DAYS = frozenset({"date", "date-short"})
#: Business terms that are codes of a list (EN 16931), wherever a template has them.
_CODES = ("BT-3", "BT-49-scheme", "BT-81", "BT-98", "BT-105", "BT-130", "BT-159")
_PHONE = re.compile(r"(?i)(?:phone|tel(?:efon)?|mobile|mobil|fax)")
_POSTAL = re.compile(r"(?i)(?:address|street|city|town|postal|zip|region|place)")
_NAMES = re.compile(r"(?i)(?:name|contact|person|holder|patient|signed)")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Masked:
    """``record`` is the sample; ``told`` says of each path what became of it (of KEPT and REPLACED), rows of a list
    together; ``dropped`` are paths that the contract does not describe."""

    record: dict[str, Any]
    told: tuple[tuple[str, str], ...]
    dropped: tuple[str, ...] = ()
    words: frozenset[str] = field(default=frozenset(), repr=False)
    """What the original said where it was replaced: for names of files, never to be kept or shown."""

    @property
    def replaced(self) -> int:
        """How many fields hold something else than the record did."""
        return sum(1 for _, kind in self.told if kind in REPLACED)


def mask(record: dict[str, Any], contract: Contract, manifest: Manifest, secret: bytes) -> Masked:
    """The sample of a record that fits its contract. ``secret`` is to be forgotten with the capture.

    Raises NotMasked, which names the fields for which nothing harmless could be found that the contract takes.
    """
    work = _Work(contract, _kept_paths(contract.shape, manifest), _roles(manifest), secret)
    made = work.value(record, contract.shape, ())
    if not isinstance(made, dict):
        raise NotMasked("A sample is made of a record with fields.", hint="Choose another record.")
    _mend(made, record, work)
    _nobody_left(made, work)
    told: dict[str, str] = {}
    for steps, kind in work.told.items():
        told.setdefault(_general(steps), kind)
    gone = frozenset().union(*(words_in(text) for text in work.before.values()))
    return Masked(made, tuple(told.items()), tuple(dict.fromkeys(map(_general, work.dropped))), gone)


@dataclass
class _Work:
    """One record on its way."""

    contract: Contract
    kept: frozenset[tuple[str, ...]]
    roles: dict[tuple[str, ...], str]
    secret: bytes
    told: dict[Steps, str] = field(default_factory=dict)
    dropped: list[Steps] = field(default_factory=list)
    before: dict[Steps, str] = field(default_factory=dict)
    """Texts and numbers that were replaced: what must not be found again."""

    def __post_init__(self) -> None:
        self.masker = Masker(self.secret)
        days = int.from_bytes(self.secret[:4], "big")
        self.shift = dt.timedelta(weeks=_WEEKS[days % len(_WEEKS)])

    def value(self, value: Any, here: Field, at: Steps) -> Any:
        if isinstance(value, dict):
            out = {}
            for name, inner in value.items():
                known = here.fields.get(name)
                if known is None:
                    self.dropped.append((*at, name))
                else:
                    out[name] = self.value(inner, known, (*at, name))
            return out
        if isinstance(value, list):
            if here.items is None:
                self.dropped.append(at)
                return []
            return [self.value(inner, here.items, (*at, number)) for number, inner in enumerate(value)]
        kind = self.kind(value, here, at)
        self.told[at] = kind
        if kind in KEPT:
            return value
        self.before[at] = str(value)
        return self.replaced(value, kind, self.masker)

    def kind(self, value: Any, here: Field, at: Steps) -> str:
        """What is to become of a value; what nothing speaks for is replaced."""
        named = _named(at)
        if value is None or isinstance(value, bool) or value == "":
            return "structure"
        if here.personal is False:
            return "declared"
        if not here.personal:
            if named in self.kept or here.shown in _FIGURES:
                return "language" if self.roles.get(named) == "language" else "amount" if here.shown else "choice"
            if here.closed:
                return "choice"
            if here.shown == "country":
                return "country"
            if isinstance(value, int) and abs(value) < _SMALL:
                return "structure"
        if isinstance(value, int | float | Decimal):
            return "number"
        return self.text_kind(str(value), here, named)

    def text_kind(self, value: str, here: Field, named: tuple[str, ...]) -> str:
        looks = kind_of(value)
        if here.shown in _DAYS or looks == "day":
            return "day" if _day(value) is not None else "text"
        if looks in ("iban", "reference", "mail", "link"):
            return looks
        role = next((kind for path, kind in self.roles.items() if named[: len(path)] == path), "")
        if role in ("name", "address"):
            return role
        last = named[-1] if named else ""
        if looks == "number" or role == "number":
            return "phone" if _PHONE.search(last) else "number"
        for pattern, kind in ((_POSTAL, "address"), (_NAMES, "name")):
            if any(pattern.search(step) for step in named[-2:]):
                return kind
        return "text"

    def replaced(self, value: Any, kind: str, masker: Masker) -> Any:
        if kind == "number" and not isinstance(value, str):
            text = masker.text(f"{value:f}" if isinstance(value, Decimal) else str(value))
            return Decimal(text) if "." in text else int(text)
        text = str(value)
        match kind:
            case "day":
                day = _day(text)
                return text if day is None else (day - self.shift).isoformat()
            case "iban":
                return masker.iban(text)
            case "reference":
                return masker.reference(text)
            case "mail":
                return masker.mail(text)
            case "link":
                return masker.link(text)
            case "number" | "phone":
                return masker.number(text)
        return masker.number(text) if kind_of(text) == "number" else masker.text(text)


def _mend(made: dict[str, Any], record: dict[str, Any], work: _Work) -> None:
    """Try other texts where the contract has a pattern that the first does not fit."""
    for again in range(1, _TRIES):
        bad = _unfit(made, work)
        if not bad:
            return
        masker = Masker(work.secret, again)
        for at in bad:
            _set(made, at, work.replaced(_get(record, at), work.told[at], masker))
    bad = _unfit(made, work)
    if bad:
        named = ", ".join(dict.fromkeys(map(_general, bad)))
        raise NotMasked(
            f"Nothing harmless was found that the contract takes for {named}.",
            hint='Where it tells nothing of a person, write "x-personal": false beside it in contract.json.',
            fields=[_general(at) for at in bad],
        )


def _unfit(made: dict[str, Any], work: _Work) -> list[Steps]:
    """Replaced values that are the reason why the contract does not take the record."""
    if work.contract.fits(made):
        return []
    told = {problem.path for problem in work.contract.problems(made)}
    bad = [at for at in work.before if json_path(at) in told]
    if not bad:
        raise NotMasked(
            f"The record does not fit the contract: {', '.join(sorted(told))[:300]}.",
            hint="A sample is a record that its template takes; correct it first, or choose another one.",
            fields=sorted(told),
        )
    return bad


def _nobody_left(made: dict[str, Any], work: _Work) -> None:
    """No word or number of what was replaced stands anywhere in the sample, by whatever chance. Raises NotMasked."""
    for again in range(_TRIES, 2 * _TRIES):
        gone = set().union(*(words_in(text) for text in work.before.values())) - {"test", "http", "https"}
        masker = Masker(work.secret, again)
        found = [
            at
            for at, kind in work.told.items()
            if kind not in ("amount", "choice", "structure", "language", "country")
            and words_in(str(_get(made, at))) & gone
        ]
        if not found:
            return
        for at in found:
            value = _get(made, at)
            if work.told[at] == "declared":  # harmless, its contract says; yet it names somebody
                work.told[at], work.before[at] = "text", str(value)
            elif work.told[at] == "day":
                work.shift += dt.timedelta(weeks=53)
                for day, kind in work.told.items():
                    if kind == "day":
                        _set(made, day, work.replaced(work.before[day], kind, masker))
                break
            fresh = work.replaced(value, work.told[at], masker)
            _set(made, at, fresh)
            if not work.contract.fits(made) and _unfit(made, work) == [at]:
                _set(made, at, value)
    named = ", ".join(dict.fromkeys(map(_general, found)))
    raise NotMasked(
        f"Words of the original would stay in {named}.",
        hint="Choose another record.",
        fields=list(map(_general, found)),
    )


def _kept_paths(shape: Field, manifest: Manifest) -> frozenset[tuple[str, ...]]:
    """Paths whose values decide what is made: languages, currencies, figures that are derived and checked, codes."""
    paths = {manifest.language, manifest.document.currency or "", manifest.document.amount or ""}
    for step in manifest.derive:
        paths |= set(_figures(step.verb))
    for check in manifest.checks:
        if check.sum is not None:
            paths |= {f"{check.sum.each}.{check.sum.of}", check.sum.equals}
        if check.add is not None:
            paths |= {*check.add.of, check.add.equals}
    for code in manifest.codes.values():
        if isinstance(code.when, dict):
            paths |= set(code.when)
    invoice = manifest.einvoice
    if invoice is not None:
        if isinstance(invoice.when, dict):
            paths |= set(invoice.when)
        groups = {"BT-98": "BG-20", "BT-105": "BG-21", "BT-130": "BG-25", "BT-159": "BG-25"}
        for term in _CODES:
            group = f"{invoice.source(groups[term])}." if term in groups else ""
            paths.add(f"{group}{invoice.source(term)}")
    return frozenset(split(path) for path in paths if path and not path.startswith("="))


def _figures(verb: Any) -> Iterator[str]:
    """The paths of a derivation."""
    each = getattr(verb, "each", None)
    of = (verb.of,) if isinstance(verb.of, str) else verb.of
    inside = f"{each}." if each else ""
    yield from (f"{inside}{path}" for path in of)
    yield f"{inside}{verb.into}" if type(verb).__name__ in ("Product", "Running") else verb.into


def _roles(manifest: Manifest) -> dict[tuple[str, ...], str]:
    """What template.yaml itself says of fields."""
    to = manifest.recipient
    told = {
        manifest.language: "language",
        manifest.document.number: "number",
        to.key: "number",
        to.name: "name",
        to.email or "": "mail",
        to.address or "": "address",
    }
    return {split(path): kind for path, kind in told.items() if path}


def _named(at: Steps) -> tuple[str, ...]:
    return tuple(step for step in at if isinstance(step, str))


def _general(at: Steps) -> str:
    """``("lines", 3, "text")`` as ``lines[].text``."""
    out = ""
    for step in at:
        out += "[]" if isinstance(step, int) else f".{step}" if out else step
    return out


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if _DAY.fullmatch(text) and text[:4] > "0010" else None
    except ValueError:
        return None


def _get(record: Any, at: Steps) -> Any:
    for step in at:
        record = record[step]
    return record


def _set(record: Any, at: Steps, value: Any) -> None:
    for step in at[:-1]:
        record = record[step]
    record[at[-1]] = value
