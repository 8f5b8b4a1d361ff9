"""The timeline of a document in the words of the house: the story for people, every event for evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext

from postroom.delivery.models import Delivery
from postroom.documents.timeline import TimelineEntry as Told
from postroom.web import words
from postroom.web.fill import names
from postroom.web.fill.deliveries import destination
from postroom.web.pages import Timeline, TimelineEntry


@dataclass(frozen=True, slots=True)
class Scene:
    """What the story needs to know besides the entries: deliveries by id, people by actor."""

    deliveries: Mapping[str, Delivery]
    people: Mapping[str, str]
    made_by: str = ""
    answers: Mapping[tuple[str, str], str] | None = None

    def delivery(self, told: Told) -> Delivery | None:
        return self.deliveries.get(told.object_id)

    def answer(self, told: Told) -> str:
        """The receiver's own words at the attempt an act speaks of."""
        return (self.answers or {}).get((told.object_id, str(told.evidence.get("key", ""))), "")


Line = tuple[str, str, str, str]
"""Kind, fact, reason, quote."""


def timeline(
    request: HttpRequest,
    told: Sequence[Told],
    deliveries: Iterable[Delivery],
    *,
    first: TimelineEntry | None = None,
    made_by: str = "",
) -> Timeline:
    """``?events=all`` shows every event."""
    everything = request.GET.get("events") == "all"
    scene = Scene(
        deliveries={str(row.pk): row for row in deliveries},
        people=names.people(entry.actor for entry in told),
        made_by=made_by,
        answers={
            (entry.object_id, entry.evidence["key"]): entry.reason for entry in told if entry.what == "delivery.tried"
        },
    )
    shown: list[TimelineEntry] = [first] if first else []
    for entry in told:
        lines = [_bare(entry, scene)] if everything else _lines(entry, scene)
        shown += [
            TimelineEntry(
                kind=kind, fact=fact, when=words.exact(entry.at), when_iso=entry.at.isoformat(), reason=why, quote=quote
            )
            for kind, fact, why, quote in lines
        ]
    return Timeline(
        entries=tuple(shown),
        mode="all" if everything else "story",
        story_url=request.path,
        all_url=f"{request.path}?events=all",
        total=len(told),
    )


def _lines(told: Told, scene: Scene) -> list[Line]:
    teller = _STORY.get(told.what)
    return teller(told, scene) if teller else []


def _bare(told: Told, scene: Scene) -> Line:
    """An event as it is recorded: the act's own name, who did it, and its place in the ledger."""
    evidence = told.evidence
    where = (
        gettext("ledger {seq}, {leaf}").format(seq=evidence["seq"], leaf=evidence["leaf"][:16])
        if "seq" in evidence
        else ""
    )
    by = words.who(told.actor, dict(scene.people))
    lines = _lines(told, scene)
    kind = lines[0][0] if lines else _KINDS.get(told.what, "noted")
    return kind, told.what, ", ".join(part for part in (by, where) if part), told.reason


def _composed(told: Told, scene: Scene) -> list[Line]:
    sha = gettext("SHA-256 {digest} …").format(digest=str(told.evidence.get("sha256", ""))[:16])
    return [("composed", gettext("Composed"), scene.made_by, ""), ("archived", gettext("Archived"), sha, "")]


def _arrived(told: Told, scene: Scene) -> list[Line]:
    row = scene.delivery(told)
    to = destination(row) if row else ""
    channel = row.channel if row else str(told.evidence.get("channel", ""))
    facts = {
        "email": gettext("E-mailed to {to}").format(to=to),
        "folder": gettext("Put into the folder {to}").format(to=to),
        "portal": gettext("Put on the portal"),
    }
    level = {
        "accepted": gettext("accepted by the receiving system"),
        "relayed": gettext("relayed to the receiver’s server"),
        "confirmed": gettext("confirmed by the receiver’s side"),
    }.get(str(told.evidence.get("truth", "")), "")
    kind = "sent" if told.what == "delivery.sent" else "delivered"
    return [(kind, facts.get(channel, gettext("Sent to {to}").format(to=to)), level, scene.answer(told))]


def _came_back(told: Told, scene: Scene) -> list[Line]:
    row = scene.delivery(told)
    return [("came_back", gettext("Came back"), row.reason if row else "", scene.answer(told))]


def _fell_back(told: Told, scene: Scene) -> list[Line]:
    to = str(told.evidence.get("to", ""))
    return [("fell_back", gettext("Fell back to {to}").format(to=to), gettext("Next in the line of the rules"), "")]


def _by(kind: str, fact: Callable[[], str]) -> Callable[[Told, Scene], list[Line]]:
    def tell(told: Told, scene: Scene) -> list[Line]:
        return [(kind, fact(), gettext("By {who}").format(who=words.who(told.actor, dict(scene.people))), "")]

    return tell


def _because(kind: str, fact: Callable[[], str]) -> Callable[[Told, Scene], list[Line]]:
    """Like ``_by``, with what they said."""

    def tell(told: Told, scene: Scene) -> list[Line]:
        by = gettext("By {who}").format(who=words.who(told.actor, dict(scene.people)))
        return [(kind, fact(), by, told.reason)]

    return tell


def _plain(kind: str, fact: Callable[[], str]) -> Callable[[Told, Scene], list[Line]]:
    def tell(told: Told, scene: Scene) -> list[Line]:
        return [(kind, fact(), "", scene.answer(told))]

    return tell


_STORY: dict[str, Callable[[Told, Scene], list[Line]]] = {
    "record.set_aside": _plain("set_aside", lambda: gettext("Its record was set aside")),
    "record.corrected": _by("corrected", lambda: gettext("Its record was corrected")),
    "record.resubmitted": _by("corrected", lambda: gettext("Its record was handed in again")),
    "document.composed": _composed,
    "document.resent": _by("resent", lambda: gettext("Sent again")),
    "document.reprinted": _by("reprinted", lambda: gettext("Given out to be printed again")),
    "document.evidence_exported": _by("noted", lambda: gettext("Evidence of it was given out")),
    "letter.begun": _by("noted", lambda: gettext("Written as a letter")),
    "letter.submitted": _by("sent", lambda: gettext("Handed in")),
    "letter.sent_back": _because("came_back", lambda: gettext("Sent back to who wrote it")),
    "letter.approved": _by("delivered", lambda: gettext("Approved")),
    "delivery.delivered": _arrived,
    "delivery.sent": _arrived,
    "delivery.failed": _came_back,
    "delivery.fell_back": _fell_back,
    "delivery.deferred": _plain("deferred", lambda: gettext("Put off by the receiver")),
    "delivery.in_doubt": _plain("in_doubt", lambda: gettext("No answer: it may or may not have arrived")),
    "delivery.found_arrived": _by("delivered", lambda: gettext("Found to have arrived")),
    "delivery.sent_again": _by("resent", lambda: gettext("Found not to have arrived; sent again")),
    "delivery.held": _by("held", lambda: gettext("Held")),
    "delivery.released": _by("resent", lambda: gettext("Released")),
    "delivery.cancelled": _by("cancelled", lambda: gettext("Cancelled")),
    "delivery.read": _plain("read", lambda: gettext("Opened on the portal")),
}
_KINDS = {"delivery.tried": "sending", "delivery.receipt": "confirmed", "delivery.recovered": "resent"}


def received(ref: str, line: int, file: str, when: str, when_iso: str) -> TimelineEntry:
    """How the story of a document of a run begins."""
    return TimelineEntry(
        kind="received",
        fact=gettext("Received in {file}, line {line}").format(file=file, line=line),
        when=when,
        when_iso=when_iso,
        reason=gettext("With run"),
        url=reverse("run", args=[ref]),
        url_text=ref,
    )
