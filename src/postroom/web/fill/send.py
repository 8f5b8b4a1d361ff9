"""One document to one party, by hand: what to fill in, and what would become of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext

from postroom.composition.actions.compose_one import compose_one
from postroom.composition.models import Template
from postroom.composition.paths import copy_tree, put, split
from postroom.composition.queries import LivePack, live_pack, newest_version
from postroom.delivery.models import Destination
from postroom.documents.queries import visible_to
from postroom.identity.actor import Actor
from postroom.kernel.errors import PostroomError
from postroom.kernel.ids import new_id
from postroom.parties.models import Party
from postroom.production import exact_json
from postroom.production.actions.try_record import Way, try_record
from postroom.web import words
from postroom.web.fill import names
from postroom.web.fill.tried import mail_words, page_image, portal_link, reasons
from postroom.web.pages import (
    Option,
    PartyChoice,
    ProblemRow,
    SendPage,
    SendPreview,
    WayRow,
)

#: Pages shown; a look needs no more, and each is sent within the page.
_SHOWN = 3
_FOUND = 12


def page_of(
    actor: Actor,
    *,
    template: str = "",
    party_key: str = "",
    q: str = "",
    data: str | None = None,
    way: str = "",
    token: str = "",
    **more: Any,
) -> SendPage:
    """The page at any step: nothing chosen yet, half chosen, filled in, refused, looked at (``more``)."""
    known = names.kinds()
    template = template if template in known else ""
    party = Party.objects.filter(key=party_key).first() if party_key else None
    if data is None:
        data = started(template, party) if template and party else ""
    may_see = party is not None and actor.may("party.view")
    return SendPage(
        url=reverse("send"),
        templates=tuple(Option(value=key, label=name, chosen=key == template) for key, name in known.items()),
        token=token or new_id().hex,
        template=template,
        template_name=known.get(template, ""),
        party=party.key if party else "",
        party_name=party.name if party else "",
        party_url=reverse("party", args=[party.pk]) if party is not None and may_see else "",
        form_url=f"{reverse('send')}?{urlencode({'template': template, 'party': party.key if party else ''})}",
        other_party_url=f"{reverse('send')}?{urlencode({'template': template})}",
        q=q,
        found=_parties(q, template) if party is None else (),
        searched=bool(q),
        data=data,
        ways=_ways(way),
        **more,
    )


def started(template: str, party: Party | None) -> str:
    """The template's first sample with what is known of the party put in its place, as text to be filled in."""
    pack = live_pack(newest_version(template).pk).pack
    record: dict[str, Any] = copy_tree(pack.samples[0][1]) if pack.samples else {}
    if party is not None:
        recipient, manifest = pack.manifest.recipient, pack.manifest
        for path, value in (
            (recipient.key, party.key),
            (recipient.name, party.name),
            (recipient.email, party.email),
            (recipient.address, party.address),
            (manifest.language, party.language),
        ):
            if path and value:
                put(record, split(path), value)
        _forget_contact(record, pack.at.get("name", ()))
    return exact_json.dumps(record, indent=2)


def preview(actor: Actor, *, template: str, data: Any, way: str) -> tuple[SendPreview | None, tuple[ProblemRow, ...]]:
    """What would be sent; or why it cannot be."""
    try:
        tried = try_record(actor, template=template, data=data, destination=way, link=portal_link())
        if tried.work.problems:
            return None, tuple(problem(one) for one in tried.work.problems)
        made = compose_one(actor, template=template, data=data)
    except PostroomError as error:
        return None, (ProblemRow(path="", reason=error.message, what_to_do=error.hint),)
    shown = min(made.pages, _SHOWN) if made.media_type == "application/pdf" else 0
    about = ngettext("{count} page", "{count} pages", made.pages).format(count=words.count(made.pages))
    if made.pages > shown:
        about = gettext("{pages}, the first {shown} here").format(pages=about, shown=shown)
    return (
        SendPreview(
            title=made.title,
            pages=tuple(page_image(made.content, number) for number in range(1, shown + 1)),
            about=gettext("{pages}, {size}").format(pages=about, size=words.size(len(made.content))),
            ways=way_rows(tried.ways),
            reasons=reasons(tried),
            words=mail_words(tried),
        ),
        (),
    )


def doubts(actor: Actor, template: str, tried_number: str) -> tuple[str, ...]:
    """What does not stop the sending and should be known before."""
    twin = visible_to(actor).filter(kind=template, number=tried_number).first() if tried_number else None
    if twin is None:
        return ()
    said = gettext("There is a document with the number {number} already, of {day}. This would be another one.")
    return (said.format(number=twin.number, day=words.day(twin.issued_on)),)


def number_in(template: str, data: Any) -> str:
    """The number the record gives its document; "" when there is none to be read."""
    found: Any = data
    for step in split(live(template).pack.manifest.document.number):
        found = found.get(step) if isinstance(found, dict) else None
    return found if isinstance(found, str) else ""


def live(template: str) -> LivePack:
    """The template version in use."""
    return live_pack(newest_version(template).pk)


def problem(one: dict[str, str]) -> ProblemRow:
    """A problem of the pipeline for the screen."""
    return ProblemRow(
        path=one.get("path", "").removeprefix("$.").removeprefix("$"),
        reason=one.get("reason", ""),
        what_to_do=one.get("hint", ""),
    )


def way_rows(ways: Sequence[Way]) -> tuple[WayRow, ...]:
    return tuple(
        WayRow(destination=one.destination, channel=one.channel, address=one.address, late=one.fallback) for one in ways
    )


def templates(chosen: str) -> tuple[Option, ...]:
    """All templates, to choose one."""
    rows = Template.objects.order_by("name").values_list("key", "name")
    return tuple(Option(value=key, label=name, chosen=key == chosen) for key, name in rows)


def _parties(q: str, template: str) -> tuple[PartyChoice, ...]:
    if not q:
        return ()
    wanted = Q(name__icontains=q) | Q(key__istartswith=q) | Q(email__icontains=q) | Q(address__city__icontains=q)
    return tuple(
        PartyChoice(
            url=f"{reverse('send')}?{urlencode({'template': template, 'party': party.key})}",
            name=party.name,
            number=party.key,
            place=", ".join(part for part in (str(party.address.get("city") or ""), party.country) if part),
        )
        for party in Party.objects.filter(wanted).order_by("name", "pk")[:_FOUND]
    )


def _ways(chosen: str) -> tuple[Option, ...]:
    rows = Destination.objects.filter(enabled=True).order_by("key").values_list("key", flat=True)
    by_rules = Option(value="", label=gettext("As the rules and their wishes say"), chosen=not chosen)
    return (
        by_rules,
        *(Option(value=key, label=gettext("Only by {key}").format(key=key), chosen=key == chosen) for key in rows),
    )


def _forget_contact(record: dict[str, Any], name: Sequence[str]) -> None:
    """Facts of the sample's own recipient that stand beside the name and that we do not know of this party."""
    inside: Any = record
    for step in name[:-1]:
        inside = inside.get(step) if isinstance(inside, dict) else None
    if isinstance(inside, dict) and len(name) > 1:
        for key in ("contact", "vat_number"):
            inside.pop(key, None)
