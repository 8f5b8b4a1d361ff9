"""From a record to all a renderer needs: checked, derived, formatted, with its symbols and its facts.

Everything that can refuse a record happens here, before a cage is asked, so that a bad record is set aside with
every reason at once and costs no rendering.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from postroom.composition.codes import PLACE, symbol
from postroom.composition.derive import check, derive
from postroom.composition.formats import NotShowable, Show, currency_digits, formatter
from postroom.composition.mail import Mail, MailFault
from postroom.composition.pack import TemplatePack
from postroom.composition.paths import copy_tree, look, split
from postroom.composition.problems import RecordProblem, RecordRefused, json_path
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
    same day in nearly every time zone.
    """

    view: dict[str, Any]
    codes: dict[str, str]
    facts: Facts
    record: dict[str, Any]
    index_text: str
    fixed_clock: int


def prepare(pack: TemplatePack, record: Any) -> Prepared:
    """Check, derive and format one record. Raises RecordRefused with every reason; ``record`` is not changed."""
    try:
        return _prepare(pack, record)
    except RecursionError as error:
        problem = RecordProblem("too-deep", "$", "The record is nested too deeply.", "Send plain, flat data.")
        raise RecordRefused([problem]) from error


def _prepare(pack: TemplatePack, record: Any) -> Prepared:
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
    seen: list[str] = []
    raw: list[str] = []
    try:
        view = walk(record, seen, raw)
        fine = pack.covered.issuperset("".join(seen))
    except NotShowable:
        fine = False
    if not fine:
        problems += _also(problems, explain(pack.contract.shape, record, shows, pack.covered))
    if problems:
        raise RecordRefused(problems)

    facts = _facts(pack, record, view, words, shows, tag, currency)
    view["words"] = pack.words[words]
    date_text = look(view, at["date"])
    view["document"] = {"number": facts.number, "title": facts.title, "date": date_text, "language": tag}
    return Prepared(
        view=view,
        codes=_codes(pack, record),
        facts=facts,
        record=record,
        index_text="\n".join(dict.fromkeys((facts.title, *seen, *raw))),
        fixed_clock=_noon(facts.date),
    )


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
    title = pack.words[words][pack.manifest.document.title]
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


def _codes(pack: TemplatePack, record: dict[str, Any]) -> dict[str, str]:
    made: dict[str, str] = {}
    problems: list[RecordProblem] = []
    for name, spec in pack.manifest.codes.items():
        if not _wanted(record, spec.when):
            continue
        text = PLACE.sub(lambda place: _raw(record, place[1]), spec.text)
        try:
            made[name] = symbol(spec.kind, text)
        except NotShowable as fault:
            first = PLACE.search(spec.text)
            path = json_path(split(first[1])) if first else "$"
            problems.append(RecordProblem(fault.code, path, f"Code {name!r}: {fault.reason}", fault.hint))
    if problems:
        raise RecordRefused(problems)
    return made


def _wanted(record: dict[str, Any], when: str | Mapping[str, str] | None) -> bool:
    if when is None:
        return True
    if isinstance(when, str):
        return bool(look(record, split(when)))
    return all(_plain(look(record, split(path))) == value for path, value in when.items())


def _plain(value: Any) -> str:
    """A value as it is written in template.yaml."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _raw(record: dict[str, Any], path: str) -> str:
    """The value for a symbol: in one line, so that no field can add lines to a payment code."""
    value = look(record, split(path))
    if value is None:
        return ""
    return clean(value) if isinstance(value, str) else str(value)
