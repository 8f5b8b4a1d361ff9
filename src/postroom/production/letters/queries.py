"""Reading letters. Everything starts at ``letters_visible_to`` (P7)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.text import slugify

from postroom.composition.models import Template
from postroom.composition.people import person_behind
from postroom.composition.queries import LivePack, live_pack, newest_version
from postroom.documents.models import Folder
from postroom.identity.actor import Actor
from postroom.identity.people import ADMINISTRATOR
from postroom.kernel.errors import PostroomError
from postroom.production.letters.errors import NoLetter
from postroom.production.letters.models import OPEN, WAITING, Letter, Number


def letters_visible_to(actor: Actor) -> QuerySet[Letter]:
    """Whoever writes sees their own; whoever approves sees, in the folders open to them, what was handed in."""
    seen = Q(pk=None)
    if actor.may("letter.write"):
        seen |= Q(owner=person_behind(actor.name))
    if actor.may("letter.approve"):
        seen |= Q(folder__in=open_folders(actor), submitted_at__isnull=False)
    return Letter.objects.filter(seen)


def open_folders(actor: Actor) -> list[str]:
    """Folders whose documents the actor's roles may see."""
    rows = Folder.objects.all()
    if ADMINISTRATOR not in actor.roles:
        rows = rows.filter(roles__overlap=list(actor.roles))
    return list(rows.values_list("pk", flat=True))


def letter(actor: Actor, letter_id: uuid.UUID | str) -> Letter:
    """One letter. Raises NoLetter, also for what the actor may not know of."""
    try:
        found = letters_visible_to(actor).filter(pk=letter_id).first()
    except (ValueError, TypeError, ValidationError):
        found = None
    if found is None:
        raise NoLetter("There is no such letter.", hint="Look through the list of letters.")
    return found


def locked(actor: Actor, letter_id: uuid.UUID | str) -> Letter:
    """A letter about to be acted on, its row locked until the transaction ends. Raises NoLetter."""
    found = letter(actor, letter_id)
    return Letter.objects.select_for_update().get(pk=found.pk)


def waiting_for(actor: Actor) -> QuerySet[Letter]:
    """Letters that this actor may approve now, those that wait longest first."""
    if not actor.may("letter.approve"):
        return Letter.objects.none()
    rows = Letter.objects.filter(state=WAITING, folder__in=open_folders(actor))
    return rows.exclude(hands__contains=[person_behind(actor.name)]).order_by("submitted_at")


def came_back_to(actor: Actor) -> QuerySet[Letter]:
    """Letters of theirs that somebody sent back."""
    if not actor.may("letter.write"):
        return Letter.objects.none()
    return Letter.objects.filter(owner=person_behind(actor.name), state="sent_back").order_by("changed_at")


def numbers_visible_to(actor: Actor, template: str = "") -> QuerySet[Number]:
    """Numbers of the actor's own letters and, for who approves, of all letters in folders open to them: unfinished
    ones, too, as a gap is to be explained, and a number says nothing of what is written."""
    seen = Q(pk=None)
    if actor.may("letter.write"):
        seen |= Q(letter__owner=person_behind(actor.name))
    if actor.may("letter.approve"):
        seen |= Q(letter__folder__in=open_folders(actor))
    rows = Number.objects.select_related("letter").filter(seen)
    return rows.filter(template_key=template) if template else rows


def may_change(actor: Actor, found: Letter) -> bool:
    """Whether the actor may write it at this moment."""
    return actor.may("letter.write") and found.owner == person_behind(actor.name) and found.state in OPEN


def usable(actor: Actor) -> list[LivePack]:
    """Templates whose letters this actor may write: in force, with passages, filed where the actor may look."""
    if not actor.may("letter.write"):
        return []
    folders = set(open_folders(actor))
    return [live for live in _in_force() if live.pack.manifest.passages and folder_of(live) in folders]


def _in_force() -> Iterable[LivePack]:
    for key in Template.objects.order_by("name").values_list("key", flat=True):
        try:
            yield live_pack(newest_version(key).pk)
        except PostroomError:  # none of its versions is in force, or its files cannot be read: nothing to write with
            continue


def folder_of(live: LivePack) -> str:
    """Where its documents are filed."""
    return slugify(live.pack.manifest.folder)
