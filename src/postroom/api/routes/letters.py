"""Letters that a person writes, from outside the desk: the same acts, the same limits, the same second person.

What is handed in and approved writes bytes into custody before its transaction, so these two are repeatable by what
they do: the letter knows that it is released. Every other act commits together with its stored answer.
"""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from postroom.api.access import actor, needs
from postroom.api.idempotency import repeatable
from postroom.api.letter_shapes import (
    LetterDetail,
    LetterKindOut,
    LetterOut,
    NumberOut,
    PreviewOut,
    State,
    in_state,
    letter_detail,
    letter_out,
    number_out,
    passage_out,
    preview_out,
)
from postroom.api.paging import Page, Paging, page
from postroom.api.routes.compose import disposition
from postroom.api.routes.records import body_as_written
from postroom.identity.actor import Actor
from postroom.kernel.errors import NotFound
from postroom.production import exact_json
from postroom.production.letters import queries
from postroom.production.letters.actions.address_letter import add_recipient, remove_recipient
from postroom.production.letters.actions.approve_letter import approve_letter
from postroom.production.letters.actions.begin_letter import begin_letter
from postroom.production.letters.actions.discard_letter import discard_letter
from postroom.production.letters.actions.restore_letter import restore_letter
from postroom.production.letters.actions.send_back_letter import send_back_letter
from postroom.production.letters.actions.submit_letter import submit_letter
from postroom.production.letters.actions.take_out import take_out as take_letters_out
from postroom.production.letters.actions.take_version import take_version
from postroom.production.letters.actions.withdraw_letter import withdraw_letter
from postroom.production.letters.actions.write_letter import write_letter
from postroom.production.letters.errors import LetterRefused
from postroom.production.letters.models import Letter, Recipient
from postroom.production.letters.previewing import Preview, preview

router = Router(tags=["Compose"])

_ONE = "/letters/{letter_id}"
_LINK = "portal/…"


class LetterFilter(Schema):
    """Which letters."""

    state: State | None = None
    template: str = Field("", max_length=60)


class NumberFilter(Schema):
    """Of which template."""

    template: str = Field("", max_length=60)


class BeginIn(Schema):
    """What it is, and whom it is for."""

    template: str = Field(min_length=1, max_length=60)
    party: str = Field(min_length=1, max_length=80, description="The party's key.")


class PartyIn(Schema):
    """One more who gets it."""

    party: str = Field(min_length=1, max_length=80, description="The party's key.")


class WriteIn(Schema):
    """What is left out stays as it is. ``revision``: the one it was written over."""

    revision: int = Field(ge=0, le=2**31 - 1)
    data: dict[str, Any] | None = Field(None, description="The whole record, without passages; numbers keep digits.")
    passages: dict[str, str | None] | None = Field(
        None, max_length=100, description="Text by key, as the desk's form takes it; null: as the template says it."
    )
    destination: str | None = Field(None, max_length=60, description="Empty: as the rules and wishes say.")


class SubmitIn(Schema):
    """The revision that is handed in."""

    revision: int = Field(ge=0, le=2**31 - 1)


class SeenIn(Schema):
    """What was looked at: ``seen`` of the letter."""

    seen: str = Field(max_length=64)


class SentBackIn(Schema):
    """Why; whoever wrote it reads this."""

    reason: str = Field(min_length=1, max_length=1000)


class TakeOutIn(SentBackIn):
    """Which letters of the batch, by the places of their recipients."""

    places: list[int] = Field(min_length=1, max_length=500)


class Place(Schema):
    """Whose letter is looked at."""

    place: int = Field(1, ge=1, le=10_000)


@router.get("/letter-kinds", auth=needs("letter.write"), response=list[LetterKindOut], operation_id="listLetterKinds")
def kinds(request: HttpRequest) -> list[dict[str, Any]]:
    """Templates that open passages and whose folder is open to you: what a letter can be begun with."""
    return [
        {
            "template": live.pack.key,
            "name": live.pack.name,
            "version": live.version.no,
            "languages": list(live.pack.manifest.languages),
            "passages": [passage_out(key, spec) for key, spec in live.pack.manifest.passages.items()],
        }
        for live in queries.usable(actor(request))
    ]


@router.get("/letter-numbers", auth=needs("letter.write"), response=Page[NumberOut], operation_id="listLetterNumbers")
def numbers(request: HttpRequest, wanted: Query[NumberFilter], paging: Query[Paging]) -> dict[str, Any]:
    """Numbers that were given to your letters and, if you approve letters, to all in folders open to you, newest first;
    and what became of each: a gap is explained by them."""
    rows = queries.numbers_visible_to(actor(request), wanted.template.replace("\x00", ""))
    return page(request, rows, ("-id",), paging, number_out)


@router.get("/letters", auth=needs("letter.write"), response=Page[LetterOut], operation_id="listLetters")
def list_letters(request: HttpRequest, wanted: Query[LetterFilter], paging: Query[Paging]) -> dict[str, Any]:
    """Your letters and, if you approve letters, those of others that were handed in, in folders open to you; newest
    first."""
    rows = in_state(queries.letters_visible_to(actor(request)), wanted.state or "", wanted.template)
    return page(request, rows, ("-id",), paging, letter_out)


@router.post("/letters", auth=needs("letter.write"), response={201: LetterDetail}, operation_id="beginLetter")
def begin(request: HttpRequest, body: BeginIn) -> HttpResponse:
    """Begins a letter with the template's first sample, today's date, a number of its own and what is known of the
    party. It is nobody's but yours until it is handed in."""
    made = begin_letter(
        actor(request), template=body.template.replace("\x00", ""), party=body.party.replace("\x00", "")
    )
    return _exact(made, 201)


@router.get(_ONE, auth=needs("letter.write"), response=LetterDetail, operation_id="getLetter")
def one_letter(request: HttpRequest, letter_id: uuid.UUID) -> HttpResponse:
    """One letter: its data, passages, recipients, what asks for a second person, and what was done with it."""
    return _exact(queries.letter(actor(request), letter_id))


@router.post(f"{_ONE}/write", auth=needs("letter.write"), response=LetterDetail, operation_id="writeLetter")
def write(request: HttpRequest, letter_id: uuid.UUID, body: WriteIn) -> HttpResponse:
    """Saves data, passages or the way. What somebody saved since that revision is not overwritten (409)."""
    data = body_as_written(request).get("data") if body.data is not None else None
    made = write_letter(
        actor(request),
        letter_id,
        revision=body.revision,
        data=data,
        passages=body.passages,
        destination=None if body.destination is None else body.destination.replace("\x00", ""),
    )
    return _exact(made)


@router.post(f"{_ONE}/recipients", auth=needs("letter.write"), response=LetterDetail, operation_id="addLetterRecipient")
def add(request: HttpRequest, letter_id: uuid.UUID, body: PartyIn) -> HttpResponse:
    """One party more; each gets a letter, and a number, of their own. A party that is there stays once."""
    return _exact(add_recipient(actor(request), letter_id, body.party.replace("\x00", "")))


@router.delete(
    f"{_ONE}/recipients/{{place}}",
    auth=needs("letter.write"),
    response=LetterDetail,
    operation_id="removeLetterRecipient",
)
def remove(request: HttpRequest, letter_id: uuid.UUID, place: int) -> HttpResponse:
    """One less; the places behind it move up. The last one stays."""
    return _exact(remove_recipient(actor(request), letter_id, place))


@router.post(f"{_ONE}/version", auth=needs("letter.write"), response=LetterDetail, operation_id="takeLetterVersion")
def version(request: HttpRequest, letter_id: uuid.UUID) -> HttpResponse:
    """Goes on with the version of the template that is in force now. Texts stay, also of passages that are gone."""
    return _exact(take_version(actor(request), letter_id))


@router.get(f"{_ONE}/preview", auth=needs("letter.write"), response=PreviewOut, operation_id="previewLetter")
def look(request: HttpRequest, letter_id: uuid.UUID, wanted: Query[Place]) -> dict[str, Any]:
    """What one recipient would get: why it cannot be made, or where it would go and the words of every channel that the
    template writes for. Nothing is stored, nothing is sent."""
    recipient, found = _preview(actor(request), letter_id, wanted.place)
    return preview_out(recipient.place, recipient.party_key, found)


@router.get(
    f"{_ONE}/preview/content",
    auth=needs("letter.write"),
    operation_id="previewLetterContent",
    openapi_extra={
        "responses": {
            200: {
                "description": "The document.",
                "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
            }
        }
    },
)
def look_at_pages(request: HttpRequest, letter_id: uuid.UUID, wanted: Query[Place]) -> HttpResponse:
    """The document that one recipient would get."""
    _, found = _preview(actor(request), letter_id, wanted.place)
    if found.made is None:
        raise LetterRefused(
            found.problems[0].reason,
            hint=found.problems[0].hint,
            problems=[{"path": one.path, "reason": one.reason, "hint": one.hint} for one in found.problems],
        )
    response = HttpResponse(found.made.content, content_type=found.made.media_type)
    response["Content-Disposition"] = disposition(found.made.number, found.made.media_type)
    response["X-Postroom-Pages"] = str(found.made.pages)
    response["Cache-Control"] = "no-store"
    return response


@router.post(f"{_ONE}/submit", auth=needs("letter.write"), response=LetterDetail, operation_id="submitLetter")
@repeatable
def submit(request: HttpRequest, letter_id: uuid.UUID, body: SubmitIn) -> HttpResponse:
    """Hands it in: it is released at once (``run`` is what it became), or waits where a limit asks for somebody else.
    Every reason against it is told at once (422). Handing in what is handed in changes nothing."""
    return _exact(submit_letter(actor(request), letter_id, revision=body.revision))


@router.post(f"{_ONE}/withdraw", auth=needs("letter.write"), response=LetterDetail, operation_id="withdrawLetter")
def withdraw(request: HttpRequest, letter_id: uuid.UUID) -> HttpResponse:
    """Takes it back from approval; it is unfinished again."""
    return _exact(withdraw_letter(actor(request), letter_id))


@router.post(
    f"{_ONE}/approve", auth=needs("letter.write", "letter.approve"), response=LetterDetail, operation_id="approveLetter"
)
@repeatable
def approve(request: HttpRequest, letter_id: uuid.UUID, body: SeenIn) -> HttpResponse:
    """Approves the letter, or the whole batch, that somebody else wrote; it is released. What was changed since it was
    looked at is not approved by the way (409)."""
    return _exact(approve_letter(actor(request), letter_id, seen=body.seen))


@router.post(
    f"{_ONE}/send-back",
    auth=needs("letter.write", "letter.approve"),
    response=LetterDetail,
    operation_id="sendBackLetter",
)
def send_back(request: HttpRequest, letter_id: uuid.UUID, body: SentBackIn) -> HttpResponse:
    """Gives it back to who wrote it, with the reason."""
    return _exact(send_back_letter(actor(request), letter_id, body.reason))


@router.post(
    f"{_ONE}/take-out",
    auth=needs("letter.write", "letter.approve"),
    response={201: LetterDetail},
    operation_id="takeOutLetters",
)
def take_out(request: HttpRequest, letter_id: uuid.UUID, body: TakeOutIn) -> HttpResponse:
    """Takes single letters out of a batch: they go back as a letter of their own, which is the answer; the others wait
    for approval, with another ``seen``."""
    return _exact(take_letters_out(actor(request), letter_id, body.places, body.reason), 201)


@router.delete(_ONE, auth=needs("letter.write"), response=LetterDetail, operation_id="deleteLetter")
def delete(request: HttpRequest, letter_id: uuid.UUID) -> HttpResponse:
    """Deletes a letter that was not released. It can be restored; its numbers stay its own."""
    return _exact(discard_letter(actor(request), letter_id))


@router.post(f"{_ONE}/restore", auth=needs("letter.write"), response=LetterDetail, operation_id="restoreLetter")
def restore(request: HttpRequest, letter_id: uuid.UUID) -> HttpResponse:
    """Brings a deleted letter back, unfinished."""
    return _exact(restore_letter(actor(request), letter_id))


def _preview(who: Actor, letter_id: uuid.UUID, place: int) -> tuple[Recipient, Preview]:
    letter = queries.letter(who, letter_id)
    recipient = letter.recipients.filter(place=place).first()
    if recipient is None:
        raise NotFound(f"The letter has no recipient {place}.", hint="Places count from 1; see its recipients.")
    return recipient, preview(who, letter, recipient, link=_LINK)


def _exact(row: Letter, status: int = 200) -> HttpResponse:
    """The letter as JSON whose numbers have the digits they came with."""
    row = Letter.objects.get(pk=row.pk)
    response = HttpResponse(exact_json.dumps(letter_detail(row)), content_type="application/json", status=status)
    if status == 201:
        response["Location"] = f"/api/v1/letters/{row.pk}"
    return response
