"""Letters as programs see them."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Literal

from django.db.models import QuerySet
from ninja import Schema
from pydantic import Field

from postroom.composition.manifest import PassageSpec
from postroom.composition.queries import live_pack
from postroom.production import exact_json
from postroom.production.letters.making import usual_source
from postroom.production.letters.models import Letter, Number
from postroom.production.letters.previewing import Preview
from postroom.production.letters.steps import digest

State = Literal["unfinished", "waiting", "sent_back", "released", "cancelled"]


class PassageOut(Schema):
    """What a template lets a clerk say in other words. ``fields``: merge fields that are allowed; null: every text."""

    key: str
    names: dict[str, str] = Field(description="By language.")
    longest: int
    rich: bool
    needed: bool
    fields: list[str] | None


class LetterKindOut(Schema):
    """A letter that can be begun."""

    template: str
    name: str
    version: int
    languages: list[str]
    passages: list[PassageOut]


class LetterOut(Schema):
    """A letter. ``state``: unfinished, waiting (for approval), sent_back, released or cancelled (deleted)."""

    id: uuid.UUID
    template: str
    template_version_id: uuid.UUID
    state: str
    title: str
    language: str
    destination: str = Field(description="Empty: as the rules and the party's wishes say.")
    revision: int
    folder: str
    run: str | None = Field(description="Ref of the run it was released as.")
    taken_out_of: uuid.UUID | None
    created_at: dt.datetime
    changed_at: dt.datetime
    submitted_at: dt.datetime | None


class SaidOut(PassageOut):
    """A passage of one letter: as the template says it, and as it is written; null: as the template says it."""

    usual: str
    text: str | None


class LetterRecipientOut(Schema):
    """Somebody the letter goes to. ``from_list``: their data come from an uploaded list."""

    place: int
    party: str
    name: str
    from_list: bool


class AskOut(Schema):
    """A limit that asks for a second person: always, amount or count."""

    verb: str
    above: str = ""
    found: str = Field("", description="Empty: the amount cannot be told.")


class LetterStepOut(Schema):
    """What was done with it."""

    what: str
    by: str
    at: dt.datetime
    reason: str
    revision: int


class LetterDetail(LetterOut):
    """A letter with its data, passages and recipients. ``seen`` is what an approval names."""

    data: dict[str, Any] = Field(description="Without passages. Numbers keep their digits.")
    passages: list[SaidOut]
    left_over: dict[str, str] = Field(description="Texts of passages that the template does not open any more.")
    recipients: list[LetterRecipientOut]
    asks: list[AskOut]
    steps: list[LetterStepOut]
    seen: str = Field(description="Digest of text, recipients and version.")


class WrongOut(Schema):
    """Why a letter cannot be made."""

    code: str
    path: str
    reason: str
    hint: str


class LookOut(Schema):
    """What a channel would carry: email, portal, sms or push. ``sent``: first, late (when those before it fail), or not
    as things are."""

    channel: str
    sent: str
    address: str
    subject: str
    text: str
    html: str
    attached: bool
    parts: int = Field(description="Of an SMS; of a push text its signs.")
    most: int = Field(description="What the template allows of them; 0: no limit.")


class LetterWayOut(Schema):
    """A destination it would go to; ``fallback``: only when those before it fail."""

    destination: str
    channel: str
    address: str
    fallback: bool


class PreviewOut(Schema):
    """One recipient's letter. With ``problems`` it cannot be made, and the rest is empty."""

    place: int
    party: str
    problems: list[WrongOut]
    number: str = ""
    title: str = ""
    pages: int = 0
    ways: list[LetterWayOut] = []
    channels: list[LookOut] = []


class NumberOut(Schema):
    """A number that was given to a letter, and what became of it: reserved, used, thrown_away (its letter was deleted)
    or left (its letter took another one)."""

    template: str
    number: str
    state: str
    letter: uuid.UUID
    reserved_at: dt.datetime
    left_at: dt.datetime | None


def letter_out(row: Letter) -> dict[str, Any]:
    """For lists."""
    same = (
        "id template_version_id state title language destination revision folder taken_out_of "
        "created_at changed_at submitted_at"
    )
    return {
        **{name: getattr(row, name) for name in same.split()},
        "template": row.template_key,
        "run": row.run_ref or None,
    }


def passage_out(key: str, spec: PassageSpec) -> dict[str, Any]:
    """What a template says of a passage."""
    fields = list(spec.fields) if spec.fields is not None else None
    return {
        "key": key,
        "names": dict(spec.names),
        "longest": spec.longest,
        "rich": spec.rich,
        "needed": spec.needed,
        "fields": fields,
    }


def letter_detail(row: Letter) -> dict[str, Any]:
    """One letter, ready for ``exact_json``: its data keep their digits (P9)."""
    live = live_pack(row.template_version_id)
    opened = live.pack.manifest.passages
    shown = LetterDetail(
        **letter_out(row),
        data={},
        passages=[
            SaidOut(**passage_out(key, spec), usual=usual_source(live, key, row.language), text=row.passages.get(key))
            for key, spec in opened.items()
        ],
        left_over={key: text for key, text in row.passages.items() if key not in opened},
        recipients=[
            LetterRecipientOut(place=one.place, party=one.party_key, name=one.name, from_list=bool(one.data))
            for one in row.recipients.all()
        ],
        asks=[AskOut(**{name: str(said) for name, said in one.items()}) for one in row.asks],
        steps=[
            LetterStepOut(what=one.what, by=one.by, at=one.at, reason=one.reason, revision=one.revision)
            for one in row.steps.all()
        ],
        seen=digest(row),
    ).model_dump(mode="json")
    shown["data"] = exact_json.loads(row.data)
    return shown


def preview_out(place: int, party: str, found: Preview) -> dict[str, Any]:
    """What a recipient would get."""
    problems = [{"code": one.code, "path": one.path, "reason": one.reason, "hint": one.hint} for one in found.problems]
    base: dict[str, Any] = {"place": place, "party": party, "problems": problems}
    if found.made is None or found.tried is None:
        return base
    return base | {
        "number": found.made.number,
        "title": found.made.title,
        "pages": found.made.pages,
        "ways": [
            {name: getattr(way, name) or "" for name in ("destination", "channel", "address")}
            | {"fallback": way.fallback}
            for way in found.tried.ways
        ],
        "channels": [{name: getattr(look, name) for name in LookOut.model_fields} for look in found.looks],
    }


def number_out(row: Number) -> dict[str, Any]:
    """A number and what became of it."""
    return {
        "template": row.template_key,
        "number": row.number,
        "state": row.state,
        "letter": row.letter_id,
        "reserved_at": row.reserved_at,
        "left_at": row.left_at,
    }


def in_state(rows: QuerySet[Letter], state: str, template: str) -> QuerySet[Letter]:
    """Those of a state and a template; empty: all."""
    rows = rows.filter(state=state) if state else rows
    return rows.filter(template_key=template.replace("\x00", "")) if template else rows
