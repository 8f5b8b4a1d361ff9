"""What a customer says on the portal: send me a new link, and how I wish to get my post. Works without scripts."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext

from postroom.delivery.actions.send_portal_link import send_portal_link
from postroom.parties.actions.set_preferences import set_preferences
from postroom.parties.portal import BadPortalLink, OldPortalLink, Visitor, visitor
from postroom.web import asked
from postroom.web.access import customer_acts
from postroom.web.answers import go, show
from postroom.web.brand import brand
from postroom.web.fill import wishes
from postroom.web.portal_door import closed, spoken, with_link


@customer_acts
def again(request: HttpRequest, token: str) -> HttpResponseBase:
    """A fresh link, to the address we know. Says the same whether there is one, and however often it is asked."""
    try:
        visitor(token)
    except OldPortalLink as old:
        if request.method != "POST":
            return closed(request, token, old)
        with spoken(old.party):
            house = brand().name
            send_portal_link(
                old.party,
                subject=gettext("Your new link to your documents at {house}").format(house=house),
                text=gettext(
                    "Hello {name},\n\nhere is your new link to your documents:\n\n{link}\n\nIt works for {days} days."
                    " Whoever has it can read your documents, so keep it to yourself. If you did not ask for it, you"
                    " need not do anything.\n\n{house}"
                ).format(name=old.party.name, link="{link}", days=settings.CONFIG.portal_link_days, house=house),
            )
        return closed(request, token, old, asked=True)
    except BadPortalLink as bad:
        return closed(request, token, bad)
    return go(request, reverse("portal", args=[token]))


@customer_acts
@with_link
def preferences(request: HttpRequest, token: str, guest: Visitor) -> HttpResponseBase:
    """GET: the form. POST: keep it, and say so in the language that was chosen."""
    if request.method != "POST":
        return show(request, "portal/preferences.html", wishes.portal_page(token, guest.party))
    channel, language = asked.posted(request, "channel"), asked.posted(request, "language")
    if not wishes.offered(guest.party, channel, language):
        page = wishes.portal_page(token, guest.party, error=gettext("This cannot be chosen any more. Choose again."))
        return show(request, "portal/preferences.html", page, 422)
    set_preferences(guest.actor, guest.party, language=language, channel=channel)
    with spoken(guest.party):
        return show(request, "portal/preferences.html", wishes.portal_page(token, guest.party, kept=True))
