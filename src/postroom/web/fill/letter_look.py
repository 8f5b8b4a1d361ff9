"""A letter that is handed in, as who approves it sees it: its pages, what is said otherwise, why it waits."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext

from postroom.composition.blocks import to_text
from postroom.composition.diff import Line, diff_files
from postroom.composition.people import person_behind
from postroom.composition.queries import LivePack, live_pack
from postroom.delivery.queries import deliveries_visible_to
from postroom.documents.queries import visible_to
from postroom.identity.actor import Actor
from postroom.kernel.errors import PostroomError
from postroom.production.letters import models as m
from postroom.production.letters.making import usual
from postroom.production.letters.models import Letter
from postroom.production.letters.steps import digest
from postroom.production.queries import runs_visible_to
from postroom.web import words
from postroom.web.fill import letter_seen, names
from postroom.web.fill.letter_limits import asks_in_words
from postroom.web.fill.letter_words import called, standing, title_of, to_of
from postroom.web.pages import Crumb, Fact, ReasonForm, Timeline, TimelineEntry, Undo
from postroom.web.pages.letters import LetterLook, LetterSeen, PassageDiff, RecipientRow, SentenceLine

_MADE = 12


def look_page(
    actor: Actor, letter: Letter, place: int, *, reason: str = "", error: str = "", error_at: str = ""
) -> LetterLook:
    """``place``: whose letter is shown. ``error`` of sending back or taking out, with what was typed."""
    live = live_pack(letter.template_version_id)
    rows = list(letter.recipients.all())
    shown = next((row for row in rows if row.place == place), rows[0])
    version, gone = standing(letter) if letter.state == m.WAITING else ("", "")
    mine = person_behind(actor.name) == letter.owner
    own = person_behind(actor.name) in letter.hands
    waits = letter.state == m.WAITING
    approves = waits and actor.may("letter.approve") and not own
    url = reverse("letter", args=[letter.pk])
    people = names.people([letter.owner, letter.submitted_by])
    return LetterLook(
        url=url,
        crumbs=(Crumb(label=gettext("Letters"), url=reverse("letters")),),
        title=title_of(letter, names.kinds()),
        status=f"letter_{letter.state}",
        seen=_seen(actor, live, letter, shown, stale=bool(version or gone)),
        facts=_facts(live, letter, [row.name for row in rows], dict(people)),
        passages=tuple(_diffs(live, letter)),
        recipients=tuple(
            RecipientRow(
                place=row.place,
                name=row.name,
                number=row.party_key,
                look_url=f"{url}?{urlencode({'place': row.place})}",
                shown=row.place == shown.place,
            )
            for row in rows
        ),
        steps=_steps(letter),
        asks=tuple(asks_in_words(letter.asks)) if waits else (),
        own=gettext("You wrote this letter, so somebody else approves it.") if waits and own else "",
        approve_url=f"{reverse('letter-approve', args=[letter.pk])}?{urlencode({'seen': digest(letter)})}"
        if approves and not version and not gone
        else "",
        send_back=_reason(letter, "letter-send-back", reason, error, error_at) if approves else None,
        take_out=_reason(letter, "letter-take-out", reason, error, error_at) if approves and len(rows) > 1 else None,
        withdraw_url=reverse("letter-withdraw", args=[letter.pk])
        if waits and mine and actor.may("letter.write")
        else "",
        delete_url=reverse("letter-delete", args=[letter.pk]) if waits and mine and actor.may("letter.write") else "",
        undo=_undo(letter) if letter.state == m.CANCELLED and mine else None,
        made=_made(actor, letter),
        moved=version or gone,
    )


def _seen(actor: Actor, live: LivePack, letter: Letter, shown: m.Recipient, *, stale: bool) -> LetterSeen:
    """Its pages as long as they can be made; of what is released, the documents tell."""
    if stale or letter.state in (m.RELEASED, m.CANCELLED):
        return LetterSeen(revision=letter.revision)
    try:
        return letter_seen.seen_of(actor, live, letter, shown)
    except PostroomError as error:
        if error.status >= 500:
            raise
        return LetterSeen(revision=letter.revision)


def _facts(live: LivePack, letter: Letter, to: list[str], people: dict[str, str]) -> tuple[Fact, ...]:
    facts = [
        Fact(label=gettext("To"), value=to_of(to)),
        Fact(label=gettext("Letter"), value=live.pack.name),
        Fact(label=gettext("Version"), value=str(live.version.no)),
        Fact(label=gettext("Written by"), value=words.who(letter.owner, people)),
    ]
    if letter.submitted_at is not None:
        facts.append(Fact(label=gettext("Handed in"), value=words.moment(letter.submitted_at)))
    facts.append(Fact(label=gettext("Goes by"), value=letter.destination or gettext("what the rules and they choose")))
    return tuple(facts)


def _diffs(live: LivePack, letter: Letter) -> list[PassageDiff]:
    """Passages that read otherwise than the template says them, sentence under sentence."""
    from postroom.composition.passages import read

    found = []
    for key, spec in live.pack.manifest.passages.items():
        source = letter.passages.get(key)
        if source is None:
            continue
        before = _lines(usual(live, key, letter.language))
        try:
            after = _lines(read(key, spec, source))
        except PostroomError:
            after = source
        if before != after:
            (diff,) = diff_files({key: before.encode()}, {key: after.encode()}, context=50)
            found.append(PassageDiff(key=key, name=called(spec), lines=tuple(_line(one) for one in diff.lines)))
    return found


def _line(one: Line) -> SentenceLine:
    left, right = (str(number) if number else "" for number in (one.left, one.right))
    return SentenceLine(kind=one.kind, left=left, before=one.before, right=right, after=one.after)


def _lines(tree: Any) -> str:
    """The tree as text, a sentence a line, merge fields by their names: differences are read by sentence."""
    shown = to_text(_named(tree), {})
    return shown.replace(". ", ".\n").replace("! ", "!\n").replace("? ", "?\n") + "\n"


def _named(tree: Any) -> Any:
    out = []
    for node in tree:
        if node["kind"] == "field":
            out.append({"kind": "text", "text": f"{{{node['field']}}}"})
        elif "children" in node:
            out.append({**node, "children": _named(node["children"])})
        else:
            out.append(node)
    return out


def _steps(letter: Letter) -> Timeline:
    """What was done with it, oldest first."""
    rows = list(letter.steps.all())
    people = names.people(step.by for step in rows)
    told = {
        "begun": ("noted", gettext("Begun")),
        "submitted": ("sent", gettext("Handed in")),
        "withdrawn": ("corrected", gettext("Taken back by who wrote it")),
        "approved": ("delivered", gettext("Approved")),
        "sent_back": ("came_back", gettext("Sent back")),
        "taken_out": ("came_back", gettext("Letters taken out and sent back")),
        "released": ("sent", gettext("Released")),
        "cancelled": ("cancelled", gettext("Deleted")),
        "restored": ("corrected", gettext("Brought back")),
        "took_version": ("noted", gettext("Went on with a new version of the template")),
    }
    entries = []
    for step in rows:
        kind, fact = told.get(step.what, ("noted", step.what))
        by = gettext("By {who}").format(who=words.who(step.by, people))
        entries.append(
            TimelineEntry(
                kind=kind,
                fact=fact,
                when=words.moment(step.at),
                when_iso=step.at.isoformat(),
                reason=by,
                quote=step.reason,
            )
        )
    return Timeline(entries=tuple(entries), total=len(entries))


def _reason(letter: Letter, name: str, reason: str, error: str, error_at: str) -> ReasonForm:
    told = error_at == name
    return ReasonForm(url=reverse(name, args=[letter.pk]), reason=reason if told else "", error=error if told else "")


def _undo(letter: Letter) -> Undo:
    said = gettext("This letter is deleted.")
    return Undo(said=said, token=str(letter.pk), url=reverse("letter-restore", args=[letter.pk]))


def _made(actor: Actor, letter: Letter) -> tuple[Fact, ...]:
    """What became of it: its documents and where they are, and its run for who may see runs."""
    if letter.run_id is None:
        return ()
    facts: list[Fact] = []
    documents = visible_to(actor).filter(run_id=letter.run_id).order_by("number")
    sent = {
        row.communication_id: row
        for row in deliveries_visible_to(actor).filter(run_id=letter.run_id).order_by("created_at")
    }
    for document in documents[:_MADE]:
        facts.append(Fact(label=gettext("Document"), value=document.title, url=reverse("document", args=[document.pk])))
    for row in list(sent.values())[:_MADE]:
        facts.append(Fact(label=gettext("Delivery"), value=row.destination_id, url=reverse("delivery", args=[row.pk])))
    if documents.count() > _MADE:
        more = documents.count() - _MADE
        said = ngettext("{count} more", "{count} more", more).format(count=words.count(more))
        facts.append(Fact(label=gettext("Documents"), value=said, url=reverse("documents")))
    run = runs_visible_to(actor).filter(pk=letter.run_id).first()
    if run is not None:
        facts.append(Fact(label=gettext("Run"), value=run.ref, url=reverse("run", args=[run.ref])))
    return tuple(facts) or (Fact(label=gettext("Document"), value=gettext("it is being made; reload in a moment")),)
