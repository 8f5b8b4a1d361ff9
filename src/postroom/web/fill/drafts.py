"""Changes of templates that are on their way, in words: their state, and whom they wait for."""

from __future__ import annotations

from collections import defaultdict

from django.urls import reverse
from django.utils.translation import gettext

from postroom.composition.life_models import APPROVED, OPEN, REVIEW, Draft, DraftChange
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


def _row(actor: Actor, draft: Draft, mine: bool) -> DraftRow:
    about = ""
    if draft.state == REVIEW and actor.may("template.approve"):
        about = gettext("You changed it, so somebody else approves it.") if mine else gettext("It waits for you.")
    elif draft.state == APPROVED and actor.may("template.publish"):
        about = gettext("It waits to be published.")
    page = "draft" if draft.state not in (REVIEW, APPROVED) else "draft-review"
    return DraftRow(
        url=reverse(page, args=[draft.pk]),
        name=draft.name or draft.template_key,
        key=draft.template_key,
        status={REVIEW: "in_review"}.get(draft.state, draft.state),
        changed=words.moment(draft.changed_at),
        about=about,
    )
