"""From a record to all a renderer needs: checked, derived, formatted, with its symbols and its facts.

Everything that can refuse a record happens here, before a cage is asked, so that a bad record is set aside with
every reason at once and costs no rendering.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, NamedTuple

from babel import Locale
from babel.numbers import get_decimal_symbol, get_group_symbol

from postroom.composition.blocks import Tree, block_faults, to_text
from postroom.composition.brand import Brand
from postroom.composition.codes import PLACE, symbol
from postroom.composition.conditions import wanted
from postroom.composition.derive import check, derive
from postroom.composition.einvoice.make import Written, written
from postroom.composition.finishing.plan import Plan, marked
from postroom.composition.finishing.steps import marks_of
from postroom.composition.flags import NAME as FLAGS
from postroom.composition.flags import flags_of, unsaid
from postroom.composition.formats import NotShowable, Show, currency_digits, formatter
from postroom.composition.mail import Mail, MailFault
from postroom.composition.manifest import CodeSpec
from postroom.composition.pack import TemplatePack
from postroom.composition.passages import KEY as PASSAGES
from postroom.composition.passages import Refused as PassagesRefused
from postroom.composition.passages import brought, taken_out
from postroom.composition.paths import copy_tree, look, split
from postroom.composition.pay import KINDS, Payment, PaymentRefused
from postroom.composition.problems import RecordProblem, RecordRefused, json_path
from postroom.composition.stand_ins import needed
from postroom.composition.texts import clean
from postroom.composition.view import Walk, compile_view, explain, missing_glyphs
from postroom.kernel.money import parse_amount


class Facts(NamedTuple):
    """What Postroom keeps of a document beside its bytes. Texts are as shown; ``language`` is a BCP 47 tag."""

    number: str
    title: str
    date: dt.date
    amount: Decimal | None
    currency: str | None
    language: str
    recipient_key: str
    recipient_name: str
    recipient_email: str | None
    recipient_address: dict[str, Any] | None


class Prepared(NamedTuple):
    """A record ready to be rendered.

    ``view`` and ``codes`` go to the renderer; ``record`` is the data after derivation; ``index_text`` is what a
    person may search for; ``fixed_clock`` is noon UTC of the document's date in Unix seconds, so that the date is the
    same day in nearly every time zone; ``fonts`` are the families that stand in beside the template's own.
    """

    view: dict[str, Any]
    codes: dict[str, str]
    facts: Facts
    record: dict[str, Any]
    index_text: str
    fixed_clock: int
    einvoice: Written | None = None
    finish: Plan = ()
    mark: str = ""
    fonts: tuple[str, ...] = ()


#: Gives the content block of a key for a language's words file; None where there is none.
Blocks = Callable[[str, str], Tree | None]
#: How a page may be marked across; the words are the house library's.
MARKS = ("", "copy", "draft", "duplicate", "original", "specimen")


def prepare(
    pack: TemplatePack, record: Any, *, brand: Brand | None = None, blocks: Blocks | None = None, mark: str = ""
) -> Prepared:
    """Check, derive and format one record. Raises RecordRefused with every reason; ``record`` is not changed.

    ``brand`` stands in for the template's own, ``blocks`` is asked before its own blocks, ``mark`` (of MARKS) is
    printed across the page by the house library's letter, unless a finishing step of the template says how.
    """
    if mark not in MARKS:
        raise ValueError(f"no mark {mark!r}")
    try:
        return _prepare(pack, record, brand or pack.brand, blocks, mark)
    except RecursionError as error:
        problem = RecordProblem("too-deep", "$", "The record is nested too deeply.", "Send plain, flat data.")
        raise RecordRefused([problem]) from error


def _prepare(pack: TemplatePack, record: Any, brand: Brand, blocks: Blocks | None, mark: str) -> Prepared:
    record, given = taken_out(pack.manifest, record)
    if not pack.contract.fits(record):
        problems = pack.contract.problems(record)
        raise RecordRefused([*problems, *_also(problems, explain(pack.contract.shape, record, None, pack.covered))])
    at = pack.at
    currency = look(record, at["currency"]) if "currency" in at else None
    words, locale, tag = pack.language(look(record, at["language"]))
    try:
        shows, walk = _view_for(pack, locale, currency)
        digits = currency_digits(currency) if currency is not None else 2
    except NotShowable as fault:
        problem = RecordProblem(fault.code, json_path(at["currency"]), fault.reason, fault.hint)
        raise RecordRefused([problem]) from fault

    record = copy_tree(record)
    manifest = pack.manifest
    problems = []
    if manifest.derive:
        problems = derive(record, manifest.derive, digits)
        if not problems and not pack.contract.fits(record):
            problems = pack.contract.problems(record)
    if not problems:
        problems = check(record, manifest.checks)
    try:
        passages = brought(manifest, given, pack.contract.shape, pack.covered)
    except PassagesRefused as refused:
        passages = {}
        problems = [*problems, *refused.problems]
    seen: list[str] = []
    raw: list[str] = []
    try:
        view = walk(record, seen, raw)
        shown = "".join(seen)
        plain = pack.own_signs.issuperset(shown)
        fine = plain or pack.covered.issuperset(shown)
    except NotShowable:
        plain = fine = False
    if not fine:
        problems += _also(problems, explain(pack.contract.shape, record, shows, pack.covered))
    if problems:
        raise RecordRefused(problems)

    of_record = len(seen) if plain else 0
    facts = _facts(pack, record, view, words, shows, tag, currency)
    view["words"] = pack.words[words]
    date_text = look(view, at["date"])
    view["document"] = document = {
        "number": facts.number,
        "title": facts.title,
        "date": date_text,
        "language": tag,
        **_signs(locale),
    }
    if mark and mark not in marks_of(manifest.finish):
        document["mark"] = mark
    view["brand"] = brand.view
    codes = _codes(pack, record, brand, document)
    if manifest.flags:
        view[FLAGS] = flags_of(manifest, record)
    if pack.shown_blocks:
        quiet = unsaid(manifest, record)
        view["blocks"] = _resolved(pack, words, view, blocks, seen, passages, quiet)
    prepared = Prepared(
        view=view,
        codes=codes,
        facts=facts,
        record={**record, PASSAGES: passages} if passages else record,
        index_text="\n".join(dict.fromkeys((facts.title, *seen, *raw))),
        fixed_clock=_noon(facts.date),
        einvoice=written(pack.manifest.einvoice, record, brand) if pack.manifest.einvoice else None,
        fonts=needed(pack, words, tag, brand, (facts.title, *seen[of_record:])) if pack.stand_ins else (),
    )
    return marked(pack, prepared, mark)


@lru_cache(maxsize=4096)
def _noon(day: dt.date) -> int:
    """The clock of a document: days repeat within a run."""
    return int(dt.datetime.combine(day, dt.time(12), dt.UTC).timestamp())


def render_mail(pack: TemplatePack, prepared: Prepared, extra: Mapping[str, str]) -> Mail:
    """The mail that carries the document. ``extra`` gives ``link`` and ``sender``. Raises MailFault, MailTooLong."""
    if pack.mail is None:
        raise MailFault(f"The template {pack.key!r} has no mail.", hint="Add mail/subject.txt and mail/body.txt.")
    view = prepared.view
    return pack.mail.write({**extra, "view": view, "words": view["words"], "document": view["document"]})


def _view_for(pack: TemplatePack, locale: str, currency: str | None) -> tuple[Mapping[str, Show], Walk]:
    known = pack.views.get((locale, currency))
    if known is None:
        shows = formatter(locale, currency)
        known = shows, compile_view(pack.contract.shape, shows)
        pack.views[(locale, currency)] = known
    return known


def _also(first: list[RecordProblem], more: list[RecordProblem]) -> list[RecordProblem]:
    """The further problems at places that have none yet."""
    told = {problem.path for problem in first}
    return [problem for problem in more if problem.path not in told]


def _facts(
    pack: TemplatePack,
    record: dict[str, Any],
    view: dict[str, Any],
    words: str,
    shows: Mapping[str, Show],
    tag: str,
    currency: str | None,
) -> Facts:
    at = pack.at
    date = dt.date.fromisoformat(look(record, at["date"]))
    number = look(view, at["number"])
    name = look(view, at["name"])
    amount = look(record, at["amount"]) if "amount" in at else None
    named = {"number": number, "name": name, "date": look(view, at["date"]), "amount": ""}
    if amount is not None:
        named["amount"] = shows["money-symbol"](amount)
    said = pack.manifest.document
    key = next((case.title for case in said.titles if look(record, split(case.when))), said.title)
    title = pack.words[words][key]
    if "{" in title:
        title = PLACE.sub(lambda place: _filled(place[1], named, view), title)
    address = look(record, at["address"]) if "address" in at else None
    email = look(view, at["email"]) if "email" in at else None  # as cleaned: no line end gets into a mail header
    missing = sorted(set(title) - pack.covered)
    if missing:
        raise RecordRefused([missing_glyphs(missing, json_path(at["number"]))])
    return Facts(
        number=number,
        title=title,
        date=date,
        amount=None if amount is None else parse_amount(amount),
        currency=currency,
        language=tag,
        recipient_key=look(view, at["key"]),
        recipient_name=name,
        recipient_email=email or None,
        recipient_address=address,
    )


def _filled(path: str, named: Mapping[str, str], view: dict[str, Any]) -> str:
    value = named.get(path)
    return str(look(view, split(path)) or "") if value is None else value


@cache
def _signs(locale: str) -> dict[str, str]:
    """The signs within a number, by which the house library finds where decimals begin."""
    where = Locale.parse(locale)
    return {"decimal": get_decimal_symbol(where), "group": get_group_symbol(where)}


def _resolved(
    pack: TemplatePack,
    words: str,
    view: dict[str, Any],
    blocks: Blocks | None,
    seen: list[str],
    passages: Mapping[str, Tree],
    quiet: frozenset[str],
) -> dict[str, Tree]:
    """The content blocks of a document, a passage as the record says it, one of ``quiet`` empty; their sentences may be
    searched for. Raises RecordRefused."""
    found: dict[str, Tree] = {}
    problems: list[RecordProblem] = []
    for key in pack.shown_blocks:
        if key in quiet:
            found[key] = []
            continue
        if key in passages:
            found[key] = passages[key]
            seen.append(to_text(passages[key], view))
            continue
        asked = blocks if key in pack.manifest.blocks else None
        tree = (asked(key, words) if asked else None) or pack.block(key, words)
        if tree is None:
            what = f"There is no content block {key!r} for the language {words}."
            problems.append(RecordProblem("missing-block", "$", what, "Publish the block, or add it to the template."))
            continue
        faults = block_faults(tree, pack.contract.shape, pack.covered)
        problems += [RecordProblem("block-fault", "$", f"Block {key!r}: {what}", hint) for what, hint in faults]
        found[key] = tree
        seen.append(to_text(tree, view))
    if problems:
        raise RecordRefused(problems)
    return found


def _codes(pack: TemplatePack, record: dict[str, Any], brand: Brand, document: dict[str, Any]) -> dict[str, str]:
    made: dict[str, str] = {}
    problems: list[RecordProblem] = []
    for name, spec in pack.manifest.codes.items():
        if not wanted(record, spec.when):
            continue
        text = _filled_in(spec.text, record, brand)
        if spec.kind in KINDS:
            try:
                payment = _payment(pack, spec, record, brand)
            except PaymentRefused as fault:
                for flaw in fault.flaws:
                    source = PLACE.search(spec.data.get(flaw.field, ""))
                    path = json_path(split(source[1])) if source and source[1][:6] != "brand." else "$"
                    problems.append(RecordProblem(flaw.code, path, f"Code {name!r}: {flaw.reason}", flaw.hint))
                continue
            text = payment.payload
            document.setdefault("payments", {})[name] = payment.shown
        try:
            made[name] = symbol(spec.kind, text)
        except NotShowable as fault:
            first = PLACE.search(spec.text)
            path = json_path(split(first[1])) if first else "$"
            problems.append(RecordProblem(fault.code, path, f"Code {name!r}: {fault.reason}", fault.hint))
    if problems:
        raise RecordRefused(problems)
    return made


def _filled_in(text: str, record: dict[str, Any], brand: Brand) -> str:
    def value(place: re.Match[str]) -> str:
        path = place[1]
        return brand.look(path[6:]) if path.startswith("brand.") else _raw(record, path)

    return PLACE.sub(value, text)


_FROM_BRAND = {
    "epc": {"name": "bank.holder", "iban": "bank.iban", "bic": "bank.bic"},
    "swiss": {
        "iban": "bank.iban",
        "creditor_name": "bank.holder",
        "creditor_street": "bank.street",
        "creditor_number": "bank.number",
        "creditor_postal_code": "bank.postal_code",
        "creditor_city": "bank.city",
        "creditor_country": "bank.country",
    },
}


def _payment(pack: TemplatePack, spec: CodeSpec, record: dict[str, Any], brand: Brand) -> Payment:
    """The payment of a code: what template.yaml says, the payee of the brand where it says nothing, and the record's
    currency. Raises PaymentRefused."""
    data = {field: brand.look(token) for field, token in _FROM_BRAND[spec.kind].items() if field not in spec.data}
    if "currency" not in spec.data and "currency" in pack.at:
        data["currency"] = str(look(record, pack.at["currency"]) or "")
    data |= {field: _filled_in(text, record, brand) for field, text in spec.data.items()}
    return KINDS[spec.kind](data)


def _raw(record: dict[str, Any], path: str) -> str:
    """The value for a symbol: in one line, so that no field can add lines to a payment code."""
    value = look(record, split(path))
    if value is None:
        return ""
    return clean(value) if isinstance(value, str) else str(value)
