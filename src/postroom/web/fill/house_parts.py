"""Content blocks and brands in words: which version is in force, who uses it, what is on its way."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from postroom.composition import house, where_used
from postroom.composition.life_models import APPROVED, BLOCK, BRAND, DRAFT, REVIEW, HousePart
from postroom.composition.people import person_behind
from postroom.identity.actor import Actor
from postroom.web import words
from postroom.web.pages import Crumb
from postroom.web.pages.life import PartLine, PartsPage


def parts_page(actor: Actor) -> PartsPage:
    """All of them."""
    rows = list(HousePart.objects.order_by("name"))
    return PartsPage(
        crumbs=(Crumb(label=gettext("Templates"), url=reverse("templates")),),
        blocks=tuple(_line(actor, row) for row in rows if row.kind == BLOCK),
        brands=tuple(_line(actor, row) for row in rows if row.kind == BRAND),
    )


def _line(actor: Actor, row: HousePart) -> PartLine:
    now, change = house.in_force(row.kind, row.key), house.on_its_way(row.kind, row.key)
    used = len(where_used.templates_of(row.kind, row.key))
    state = change.state if change is not None else ""
    mine = change is not None and person_behind(actor.name) in {person_behind(name) for name in change.authors}
    edits = actor.may("block.edit" if row.kind == BLOCK else "brand.edit")

    def to(step: str, allowed: bool) -> str:
        return reverse("house-part-step", args=[row.kind, row.key, step]) if allowed else ""

    return PartLine(
        name=row.name,
        key=row.key,
        version=gettext("{no}, {day}").format(no=now.no, day=words.moment(now.published_at)) if now else "–",
        used=ngettext("{count} template", "{count} templates", used).format(count=words.count(used)),
        status={"": "live", REVIEW: "in_review"}.get(state, state),
        about=gettext("You changed it, so somebody else approves it.") if mine and state == REVIEW else "",
        send_url=to("sent", edits and state == DRAFT),
        approve_url=to("approved", actor.may("template.approve") and state == REVIEW and not mine),
        publish_url=to("published", actor.may("template.publish") and state == APPROVED),
    )
