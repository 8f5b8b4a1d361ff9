"""Changes of templates that are on their way, in words: their state, and whom they wait for."""

from __future__ import annotations

from collections import defaultdict

from django.urls import reverse
from django.utils.translation import gettext

from postroom.composition.life_models import APPROVED, DISCARDED, OPEN, PUBLISHED, REVIEW, Draft, DraftChange
from postroom.composition.people import person_behind
from postroom.identity.actor import Actor
from postroom.web import words
from postroom.web.pages import DraftRow


def drafts_on_their_way(actor: Actor) -> tuple[DraftRow, ...]:
    """The newest first; nothing for who may not look at drafts. Two queries, however many there are."""
    if not actor.may("template.review"):
        return ()
    rows = list(Draft.objects.filter(state__in=OPEN).order_by("-changed_at"))
    hands: dict[object, set[str]] = defaultdict(set)
    for draft, by in DraftChange.objects.filter(draft__in=rows, conflict=None).values_list("draft", "by").distinct():
        hands[draft].add(person_behind(by))
    return tuple(_row(actor, row, person_behind(actor.name) in hands[row.pk]) for row in rows)


def status_of(state: str) -> str:
    """How the badge shows the state of a change."""
    return {REVIEW: "in_review", PUBLISHED: "live", DISCARDED: "off"}.get(state, state)


def waits_for(actor: Actor, state: str, mine: bool) -> str:
    """Whether a change waits for ``actor``, in words; ``mine``: they wrote some of it."""
    if state == REVIEW and actor.may("template.approve"):
        return gettext("You changed it, so somebody else approves it.") if mine else gettext("It waits for you.")
    if state == APPROVED and actor.may("template.publish"):
        return gettext("It waits to be published.")
    return ""


def _row(actor: Actor, draft: Draft, mine: bool) -> DraftRow:
    page = "draft" if draft.state not in (REVIEW, APPROVED) else "draft-review"
    return DraftRow(
        url=reverse(page, args=[draft.pk]),
        name=draft.name or draft.template_key,
        key=draft.template_key,
        status=status_of(draft.state),
        changed=words.moment(draft.changed_at),
        about=waits_for(actor, draft.state, mine),
    )
