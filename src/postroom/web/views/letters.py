"""Letters: the list, begin one, write it, hand it in, and the look of one that is handed in."""

from __future__ import annotations

import datetime as dt
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext

from postroom.composition.queries import live_pack
from postroom.documents.queries import visible_to
from postroom.identity.actor import Actor
from postroom.kernel.errors import BadInput, NotFound, PostroomError
from postroom.production import exact_json
from postroom.production.letters import models as m
from postroom.production.letters import queries
from postroom.production.letters.actions.address_letter import add_recipient, read_list, remove_recipient
from postroom.production.letters.actions.begin_letter import begin_letter
from postroom.production.letters.actions.keep_letter import keep_letter
from postroom.production.letters.actions.submit_letter import submit_letter
from postroom.production.letters.errors import BadRecipient, LetterChanged, LetterRefused
from postroom.production.letters.making import usual_source
from postroom.production.letters.models import Letter
from postroom.web import asked
from postroom.web.access import needs
from postroom.web.answers import go, show, show_found, show_part
from postroom.web.fill import letter_begin, letter_fields, letter_look, letter_seen, letter_words, letter_write, letters
from postroom.web.pages import ProblemRow
from postroom.web.pages.letters import LetterSeen
from postroom.web.shell import actor_of

#: How long the answer waits for the document, so that whoever hands it in sees it at once.
_PATIENCE = 2.0
_MOST_LIST = 5_000_000
_MAIL_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"


@needs("letter.write")
def index(request: HttpRequest) -> HttpResponse:
    """``?state=waiting``; ``?deleted=ID`` offers to bring that one back."""
    actor = actor_of(request)
    deleted = (
        queries.letters_visible_to(actor).filter(pk=_id(asked.text(request, "deleted")), state=m.CANCELLED).first()
    )
    before = asked.text(request, "before")
    try:
        dt.datetime.fromisoformat(before)
    except ValueError:
        before = ""
    page = letters.list_page(actor, asked.text(request, "state"), deleted=deleted, before=before)
    return show(request, "desk/letters.html", page)


@needs("letter.write", post=())
def new(request: HttpRequest) -> HttpResponse:
    """GET: choose ``template``, search a party (``q``). POST: begin with both."""
    actor = actor_of(request)
    if request.method == "POST":
        template, party = asked.posted(request, "template"), asked.posted(request, "party")
        try:
            made = begin_letter(actor, template=template, party=party)
        except NotFound as error:
            page = letter_begin.new_page(actor, template, "", f"{error.message} {error.hint}".strip())
            return show(request, "desk/letter_new.html", page, 422)
        return go(request, reverse("letter", args=[made.pk]))
    page = letter_begin.new_page(actor, asked.text(request, "template", 60), asked.text(request, "q"))
    return show_found(request, "desk/letter_new.html", "desk/_letter_found.html", page)


@needs("letter.write", post=())
def page(request: HttpRequest, letter_id: uuid.UUID) -> HttpResponse:
    """GET: where it is written, or how it looks when it is handed in. POST: keep what is typed (``do=keep``), look,
    say a passage as the template does (``do=reset:KEY``), give a list another row (``do=row:PATH``), hand it in."""
    actor = actor_of(request)
    found = queries.letter(actor, letter_id)
    if not queries.may_change(actor, found):
        if request.method == "POST":
            messages.info(request, gettext("This letter is handed in already; nothing was kept and nothing doubled."))
            return go(request, reverse("letter", args=[letter_id]))
        place = asked.text(request, "place", 4)
        look = letter_look.look_page(actor, found, int(place) if place.isdecimal() else 1)
        return show(request, "desk/letter_look.html", look)
    if request.method != "POST":
        return show(request, "desk/letter.html", letter_write.write_page(actor, found))
    return _written(request, actor, found)


def _written(request: HttpRequest, actor: Actor, found: Letter) -> HttpResponse:
    do = asked.posted(request, "do") or "keep"
    typed = _typed(request, found)
    if do.startswith("reset:"):
        typed["passages"].pop(do.removeprefix("reset:"), None)
    if do.startswith("drop:"):
        typed["passages"].pop(do.removeprefix("drop:"), None)
    revision = asked.posted(request, "revision")
    try:
        kept = keep_letter(
            actor,
            found.pk,
            revision=int(revision) if revision.isdecimal() and len(revision) < 9 else 0,
            over=do == "over",
            **typed,
        )
    except LetterChanged as error:
        return _clash(request, actor, found, typed, f"{error.message} {error.hint}")
    except BadInput as error:
        return _told(request, actor, found, typed, (ProblemRow(path="", reason=error.message, what_to_do=error.hint),))
    if do != "submit":
        return _shown(request, actor, kept, do)
    try:
        done = submit_letter(actor, kept.pk, revision=kept.revision)
    except LetterRefused as error:
        several = kept.recipients.count() > 1
        rows = tuple(
            ProblemRow(
                path=": ".join(
                    part
                    for part in (one["recipient"] if several else "", one["path"].removeprefix("$.").strip("$"))
                    if part
                ),
                reason=one["reason"],
                what_to_do=one["hint"],
            )
            for one in error.context["problems"]
        )
        return _told(request, actor, kept, {}, rows)
    except LetterChanged as error:
        return _clash(request, actor, kept, typed, f"{error.message} {error.hint}")
    except PostroomError as error:
        if error.status >= 500:
            raise
        return _told(request, actor, kept, {}, (ProblemRow(path="", reason=error.message, what_to_do=error.hint),))
    if done.state == m.RELEASED:
        wait_for(actor, done)
        messages.success(request, gettext("Released. It is on its way."))
    else:
        messages.success(request, gettext("Handed in. Somebody else approves it before it leaves."))
    return go(request, reverse("letter", args=[done.pk]))


def _typed(request: HttpRequest, found: Letter) -> dict[str, Any]:
    """What the form says: data, and the passages that read otherwise than the template says them."""
    live = live_pack(found.template_version_id)
    fields = {name: asked.posted(request, name) for name in request.POST if name.startswith(letter_fields.PREFIX)}
    before = exact_json.loads(found.data)
    data = letter_fields.data_of(live.pack, before, fields) if fields else before
    passages = {key: text for key, text in found.passages.items() if key not in live.pack.manifest.passages}
    for key in live.pack.manifest.passages:
        text = asked.posted(request, f"p:{key}").replace("\r\n", "\n") if f"p:{key}" in request.POST else None
        if text is None:
            text = found.passages.get(key)
        if text is not None and text.strip() != usual_source(live, key, found.language).strip():
            passages[key] = text
    way = asked.posted(request, "way") if "way" in request.POST else found.destination
    return {"data": data, "passages": passages, "destination": way, "tab": asked.posted(request, "tab")[:40]}


def _shown(request: HttpRequest, actor: Actor, kept: Letter, do: str) -> HttpResponse:
    """What was kept, looked at: alone for htmx, which asks while somebody types; the whole page for everybody else."""
    more = do.removeprefix("row:") if do.startswith("row:") else ""
    if asked.partial(request) and do == "keep":
        live = live_pack(kept.template_version_id)
        rows = list(kept.recipients.all())
        version, gone = letter_words.standing(kept)
        if version or gone:
            return show_part(request, "desk/_letter_seen.html", _only(LetterSeen(revision=kept.revision, answer=True)))
        seen = letter_seen.seen_of(actor, live, kept, rows[0], answer=True)
        return show_part(request, "desk/_letter_seen.html", _only(seen), 422 if seen.problems else 200)
    return show(request, "desk/letter.html", letter_write.write_page(actor, kept, more=more))


def _clash(request: HttpRequest, actor: Actor, found: Letter, typed: dict[str, Any], said: str) -> HttpResponse:
    """Somebody saved meanwhile: both texts stay, and a person decides."""
    if asked.partial(request):
        seen = LetterSeen(revision=0, clash=said, answer=True)
        return show_part(request, "desk/_letter_seen.html", _only(seen), 409)
    seen = LetterSeen(revision=0)
    return show(
        request, "desk/letter.html", letter_write.write_page(actor, found, typed=typed, seen=seen, clash=said), 409
    )


def _told(
    request: HttpRequest, actor: Actor, found: Letter, typed: dict[str, Any], rows: tuple[ProblemRow, ...]
) -> HttpResponse:
    revision = asked.posted(request, "revision")
    seen = LetterSeen(
        revision=int(revision) if typed and revision.isdecimal() and len(revision) < 9 else found.revision,
        problems=rows,
        answer=True,
    )
    if asked.partial(request) and asked.posted(request, "do") in ("", "keep"):
        return show_part(request, "desk/_letter_seen.html", _only(seen), 422)
    return show(request, "desk/letter.html", letter_write.write_page(actor, found, typed=typed or None, seen=seen), 422)


def _only(seen: LetterSeen) -> Any:
    """The part alone: its template asks for ``page.seen``."""
    return {"seen": seen}


@needs("letter.write", post=())
def parties(request: HttpRequest, letter_id: uuid.UUID) -> HttpResponse:
    """Whom it goes to. POST: ``do=add`` a party, ``do=remove`` a place, ``do=list`` with a file."""
    actor = actor_of(request)
    found = queries.letter(actor, letter_id)
    if not queries.may_change(actor, found):
        return go(request, reverse("letter", args=[letter_id]))
    error = ""
    if request.method == "POST":
        try:
            _address(request, actor, found)
        except PostroomError as wrong:
            if wrong.status >= 500:
                raise
            error = f"{wrong.message} {wrong.hint}".strip()
        else:
            q = asked.posted(request, "q")
            return go(request, reverse("letter-parties", args=[letter_id]) + (f"?{urlencode({'q': q})}" if q else ""))
    page = letter_begin.parties_page(found, asked.text(request, "q"), error)
    if error:
        return show(request, "desk/letter_parties.html", page, 422)
    return show_found(request, "desk/letter_parties.html", "desk/_letter_parties_found.html", page)


def _address(request: HttpRequest, actor: Actor, found: Letter) -> None:
    do = asked.posted(request, "do")
    if do == "add":
        add_recipient(actor, found.pk, asked.posted(request, "party"))
    elif do == "remove":
        place = asked.posted(request, "place")
        remove_recipient(actor, found.pk, int(place) if place.isdecimal() and len(place) < 6 else 0)
    else:
        upload = request.FILES.get("list")
        if upload is None or upload.size is None or upload.size > _MOST_LIST:
            raise BadRecipient(
                gettext("No list was chosen, or it is larger than 5 MB."),
                hint=gettext("Choose a CSV, JSON lines or Excel file."),
            )
        with tempfile.TemporaryDirectory(prefix="postroom-list-") as folder:
            path = Path(folder) / "list"
            path.write_bytes(upload.read())
            read_list(actor, found.pk, path, upload.name or "list.csv")


@needs("letter.write")
def mail(request: HttpRequest, letter_id: uuid.UUID) -> HttpResponse:
    """The HTML of the mail that ``?place=`` would get, for a sandboxed frame."""
    actor = actor_of(request)
    found = queries.letter(actor, letter_id)
    place = asked.text(request, "place", 4)
    row = found.recipients.filter(place=int(place) if place.isdecimal() else 1).first()
    html = letter_seen.html_of(actor, found, row) if row is not None else ""
    if not html:
        raise NotFound(gettext("This letter has no mail of that kind."), hint=gettext("Go back to the letter."))
    response = HttpResponse(html, content_type="text/html; charset=utf-8")
    response["Content-Security-Policy"] = _MAIL_POLICY
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response


def wait_for(actor: Actor, released: Letter) -> None:
    """Until its first document is there, or patience ends."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and not visible_to(actor).filter(run_id=released.run_id).exists():
        time.sleep(0.1)


def _id(text: str) -> uuid.UUID:
    """The id that was named; one that nothing has where it is none."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)
