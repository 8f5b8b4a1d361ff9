"""How a letter begins: what can be written, whom it can go to, and who gets it besides."""

from __future__ import annotations

from django.db.models import Q
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext

from postroom.identity.actor import Actor
from postroom.parties.models import Party
from postroom.production.letters import queries
from postroom.production.letters.actions.address_letter import MOST
from postroom.production.letters.models import Letter
from postroom.web import words
from postroom.web.fill import names
from postroom.web.fill.letter_words import called, title_of
from postroom.web.pages import Crumb
from postroom.web.pages.letters import LetterKind, LetterParties, NewLetterPage, RecipientRow
from postroom.web.pages.work import PartyChoice

_FOUND = 12


def new_page(actor: Actor, template: str, q: str, error: str = "") -> NewLetterPage:
    """First the letter, then the party."""
    usable = {live.pack.key: live for live in queries.usable(actor)}
    template = template if template in usable else ""
    url = reverse("letter-new")
    return NewLetterPage(
        url=url,
        crumbs=(Crumb(label=gettext("Letters"), url=reverse("letters")),),
        kinds=tuple(
            LetterKind(
                key=key,
                name=live.pack.name,
                url=f"{url}?{urlencode({'template': key})}",
                opens=", ".join(called(spec) for spec in live.pack.manifest.passages.values()),
                picture_url=reverse("template-picture", args=[key, live.version.no]),
                chosen=key == template,
            )
            for key, live in usable.items()
        ),
        template=template,
        template_name=usable[template].pack.name if template else "",
        q=q,
        found=parties(q) if template else (),
        other_url=url,
        error=error,
    )


def parties(q: str) -> tuple[PartyChoice, ...]:
    """Parties that a search finds; names that begin so come first."""
    if not q:
        return ()
    wanted = Q(name__icontains=q) | Q(key__istartswith=q) | Q(email__icontains=q) | Q(address__city__icontains=q)
    found = sorted(
        Party.objects.filter(wanted).order_by("name", "pk")[:60],
        key=lambda one: (not one.name.casefold().startswith(q.casefold()), one.name),
    )
    return tuple(
        PartyChoice(
            url="",
            name=party.name,
            number=party.key,
            place=", ".join(part for part in (str(party.address.get("city") or ""), party.country) if part),
        )
        for party in found[:_FOUND]
    )


def parties_page(letter: Letter, q: str, error: str = "") -> LetterParties:
    """Whom it goes to, and who else could get it."""
    rows = list(letter.recipients.all())
    url = reverse("letter-parties", args=[letter.pk])
    there = {row.party_key for row in rows}
    return LetterParties(
        url=url,
        crumbs=(
            Crumb(label=gettext("Letters"), url=reverse("letters")),
            Crumb(label=title_of(letter, names.kinds()), url=reverse("letter", args=[letter.pk])),
        ),
        back_url=reverse("letter", args=[letter.pk]),
        rows=tuple(
            RecipientRow(place=row.place, name=row.name, number=row.party_key, remove_url=url if len(rows) > 1 else "")
            for row in rows
        ),
        most=words.count(MOST),
        q=q,
        found=tuple(one for one in parties(q) if one.number not in there),
        error=error,
    )
