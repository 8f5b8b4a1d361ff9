"""The starter gallery in the reader's words."""

from __future__ import annotations

import json
from functools import cache

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from postroom.composition import starters
from postroom.composition.starters import Starter
from postroom.identity.actor import Actor
from postroom.web import words
from postroom.web.fill import names
from postroom.web.pages import Crumb, Fact
from postroom.web.pages.starters import StarterCard, StarterGroup, StarterPage, StartersPage
from postroom.web.words_gallery import INDUSTRIES, NAMES, SUMMARIES


def gallery_page() -> StartersPage:
    """All of them, by industry."""
    found: dict[str, list[StarterCard]] = {}
    for one in starters.starters():
        found.setdefault(one.industry, []).append(_card(one))
    return StartersPage(
        crumbs=_crumbs(),
        groups=tuple(
            StarterGroup(key=industry, name=str(INDUSTRIES[industry]), cards=tuple(cards))
            for industry, cards in found.items()
        ),
    )


def starter_page(actor: Actor, key: str, *, typed: tuple[str, str] | None = None, error: str = "") -> StarterPage:
    """One of them; ``typed`` is the key and the name as they were sent, where they were refused."""
    one = starters.starter(key)
    card = _card(one)
    wanted, called = typed or (one.key, card.name)
    return StarterPage(
        crumbs=(*_crumbs(), Crumb(label=gettext("Starters"), url=reverse("starters"))),
        card=card,
        facts=(
            Fact(label=gettext("For"), value=str(INDUSTRIES[one.industry])),
            Fact(label=gettext("Languages"), value=card.languages),
            Fact(label=gettext("Promises"), value=words.promises(one.manifest.promises)),
            Fact(
                label=gettext("Samples"),
                value=ngettext("{count} record", "{count} records", one.samples).format(count=words.count(one.samples)),
            ),
            Fact(
                label=gettext("Codes on the page"),
                value=", ".join(sorted({spec.kind for spec in one.manifest.codes.values()})) or gettext("none"),
            ),
        ),
        command=f"postroom template new {one.key} --from {one.key} FOLDER",
        begin_url=reverse("starter", args=[one.key]) if actor.may("template.edit") else "",
        key=wanted,
        name=called,
        error=error,
    )


def _card(one: Starter) -> StarterCard:
    size = _sizes()[one.key]
    return StarterCard(
        name=str(NAMES[one.key]),
        summary=str(SUMMARIES[one.key]),
        languages=", ".join(names.language(tag) for tag in one.manifest.languages),
        url=reverse("starter", args=[one.key]),
        picture_url=reverse("starter-picture", args=[one.key]),
        width=size["width"],
        height=size["height"],
    )


@cache
def _sizes() -> dict[str, dict[str, int]]:
    text = (starters.FOLDER / starters.PICTURES / "pictures.json").read_text(encoding="utf-8")
    found: dict[str, dict[str, int]] = json.loads(text)
    return found


def _crumbs() -> tuple[Crumb, ...]:
    return (Crumb(label=gettext("Templates"), url=reverse("templates")),)
