"""Those we write to."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.db.models import Count, Max
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext

from postroom.delivery.queries import deliveries_visible_to
from postroom.delivery.wishes import Way, ways_of
from postroom.documents.queries import visible_to
from postroom.identity.actor import Actor
from postroom.parties.models import Party, Suppression
from postroom.parties.portal import portal_link
from postroom.web import words
from postroom.web.fill import deliveries, documents, names, wishes
from postroom.web.pages import Choice, Fact, PartyPage, PartyRow, PreferenceRow
from postroom.web.pages.registers import WishForm
from postroom.web.paging import how_many_each

SOME = 8


def rows_of(actor: Actor, found: Sequence[Party]) -> tuple[PartyRow, ...]:
    """Rows of parties; one query for their documents however many there are."""
    counted = {
        row["party_id"]: (row["count"], row["last"])
        for row in visible_to(actor)
        .filter(party__in=[party.pk for party in found])
        .order_by()
        .values("party_id")
        .annotate(count=Count("pk"), last=Max("issued_on"))
    }
    return tuple(
        PartyRow(
            url=reverse("party", args=[party.pk]),
            name=party.name,
            number=party.key,
            place=", ".join(part for part in (str(party.address.get("city") or ""), party.country) if part),
            language=names.language(party.language),
            channel=channel_of(party),
            documents=counted.get(party.pk, (0, None))[0],
            last=words.day(counted.get(party.pk, (0, None))[1]),
            id=str(party.pk),
            email=party.email,
        )
        for party in found
    )


def channel_of(party: Party) -> str:
    """The channel they wish for; else e-mail when we have an address, else a letter."""
    return party.preferred_channel or ("email" if party.email else "letter")


def page_of(actor: Actor, party: Party) -> PartyPage:
    found = visible_to(actor).filter(party=party).select_related("party").order_by("-created_at", "-id")
    sent = deliveries_visible_to(actor, bare=True).filter(party_id=party.pk).order_by("-created_at", "-id")
    see_deliveries, edit = actor.may("delivery.view"), actor.may("party.edit")
    addresses = [address for address in (party.email, party.key) if address]
    stopped = list(Suppression.objects.filter(address__in=addresses, lifted_at=None))
    dead = any(row.channel == "email" and row.address == party.email for row in stopped)
    ways = ways_of(party, suppressed=dead) if edit or party.preferred_channel else ()
    totals = how_many_each({"documents": found.select_related(None), "deliveries": sent})
    asked = urlencode({"party": party.key})
    return PartyPage(
        name=party.name,
        number=party.key,
        facts=_facts(party),
        preferences=_preferences(party, ways),
        suppressions=tuple(
            Fact(
                label=gettext("E-mail") if row.channel == "email" else row.channel.capitalize(),
                value=gettext("{address}: {why}, since {day}").format(
                    address=row.address, why=row.reason.replace("-", " "), day=words.day(row.created_at.date())
                ),
            )
            for row in stopped
        ),
        documents=documents.rows_of(list(found[:SOME]), deliveries=see_deliveries),
        documents_total=totals["documents"],
        documents_url=f"{reverse('documents')}?{asked}",
        deliveries=deliveries.rows_of(sent[:SOME].select_related("communication__party")) if see_deliveries else (),
        deliveries_total=totals["deliveries"],
        deliveries_url=f"{reverse('deliveries')}?{asked}",
        language=names.language(party.language),
        language_since=wishes.said_text(party, "language"),
        wish_form=_wish_form(party, ways) if edit else None,
        # Whoever opens the portal reads in the customer's name; only the sample company may play that.
        portal_url=portal_link(party.pk, party.portal_epoch) if settings.CONFIG.demo else "",
    )


def _facts(party: Party) -> tuple[Fact, ...]:
    facts = [Fact(label=gettext("Address"), value=_address(party))] if party.address else []
    if party.email:
        facts.append(Fact(label=gettext("E-mail"), value=party.email))
    kinds = {"company": gettext("Company"), "person": gettext("Person")}
    facts += [
        Fact(label=gettext("Language"), value=names.language(party.language)),
        Fact(label=gettext("Kind"), value=kinds.get(party.kind, party.kind)),
        Fact(label=gettext("Known since"), value=words.day(words.local(party.created_at).date())),
    ]
    return tuple(facts)


def _address(party: Party) -> str:
    parts = party.address
    lines = parts.get("lines") if isinstance(parts.get("lines"), list) else [parts.get("street")]
    town = " ".join(str(part) for part in (parts.get("postal_code"), parts.get("city")) if part)
    every = [*(str(line) for line in lines or () if line), town, names.country(party.country) if party.country else ""]
    return ", ".join(part for part in every if part)


def _preferences(party: Party, ways: Sequence[Way]) -> tuple[PreferenceRow, ...]:
    """What they wish for, with the channels it comes to at the moment and who said it since when."""
    if not party.preferred_channel:
        return ()
    way = next((way for way in ways if way.wish == party.preferred_channel), None)
    channels = (party.preferred_channel, *(("letter",) if way and way.then and way.wish != "letter" else ()))
    since = wishes.said_text(party, "channel")
    if way is None:
        since = f"{since}. {gettext('It cannot be followed at the moment; the rules decide.')}"
    return (PreferenceRow(kind=gettext("Everything"), channels=channels, since=since),)


def _wish_form(party: Party, ways: Sequence[Way]) -> WishForm:
    """For who looks after parties: the same choices as the party has, and "the rules decide"."""
    return WishForm(
        url=reverse("party-wishes", args=[party.pk]),
        revoke_url=reverse("party-revoke-links", args=[party.pk]),
        ways=(
            Choice(value="", label=gettext("No wish; the rules decide"), chosen=not party.preferred_channel),
            *(
                Choice(value=way.value, label=way.channel, note=way.note, chosen=way.value == party.preferred_channel)
                for way in wishes.choices(party, ways)
            ),
        ),
        languages=tuple(Choice(value=tag, label=name, chosen=chosen) for tag, name, chosen in wishes.languages(party)),
    )
