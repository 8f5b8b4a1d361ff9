"""Content blocks and brands in words: which version is in force, who uses it, what is on its way."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from postroom.composition import house, where_used
from postroom.composition.life_models import BLOCK, BRAND, HousePart
from postroom.composition.people import person_behind
from postroom.identity.actor import Actor
from postroom.web import words
from postroom.web.fill.drafts import status_of, waits_for
from postroom.web.pages import Crumb
from postroom.web.pages.life import PartLine, PartsPage


def parts_page(actor: Actor) -> PartsPage:
    """All of them."""
    rows = list(HousePart.objects.order_by("name"))
    return PartsPage(
        crumbs=crumbs(),
        blocks=tuple(_line(actor, row) for row in rows if row.kind == BLOCK),
        brands=tuple(_line(actor, row) for row in rows if row.kind == BRAND),
        new_block_url=reverse("house-part-new", args=[BLOCK]) if actor.may("block.edit") else "",
        new_brand_url=reverse("house-part-new", args=[BRAND]) if actor.may("brand.edit") else "",
    )


def crumbs(*, inner: bool = False) -> tuple[Crumb, ...]:
    """Where the parts of the house stand."""
    found = [Crumb(label=gettext("Templates"), url=reverse("templates"))]
    if inner:
        found.append(Crumb(label=gettext("Content blocks and brands"), url=reverse("house-parts")))
    return tuple(found)


def _line(actor: Actor, row: HousePart) -> PartLine:
    now, change = house.in_force(row.kind, row.key), house.on_its_way(row.kind, row.key)
    used = len(where_used.templates_of(row.kind, row.key))
    state = change.state if change is not None else ""
    mine = change is not None and person_behind(actor.name) in {person_behind(name) for name in change.authors}
    return PartLine(
        url=reverse("house-part", args=[row.kind, row.key]),
        name=row.name,
        key=row.key,
        version=gettext("{no}, {day}").format(no=now.no, day=words.moment(now.published_at)) if now else "–",
        used=ngettext("{count} template", "{count} templates", used).format(count=words.count(used)),
        status=status_of(state) if state else "live" if now else "off",
        about=waits_for(actor, state, mine),
    )
