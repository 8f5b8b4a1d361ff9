"""What somebody who looks after parties does: note their wishes, withdraw their portal links."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from postroom.kernel.errors import BadInput, NotFound
from postroom.parties.actions.revoke_links import revoke_links
from postroom.parties.actions.set_preferences import set_preferences
from postroom.parties.models import Party
from postroom.web import asked
from postroom.web.access import acts
from postroom.web.answers import go
from postroom.web.fill import wishes as filled
from postroom.web.shell import actor_of


@acts("party.view", "party.edit")
def wishes(request: HttpRequest, party_id: uuid.UUID) -> HttpResponse:
    party = _party(party_id)
    channel, language = asked.posted(request, "channel"), asked.posted(request, "language")
    if not filled.offered(party, channel, language, nothing=True):
        raise BadInput(gettext("This way cannot be used for them."), hint=gettext("Go back and choose another one."))
    if set_preferences(actor_of(request), party, language=language, channel=channel):
        messages.success(request, gettext("Kept. It counts from the next document."))
    return go(request, reverse("party", args=[party.pk]))


@acts("party.view", "party.edit")
def revoke(request: HttpRequest, party_id: uuid.UUID) -> HttpResponse:
    party = _party(party_id)
    revoke_links(actor_of(request), party)
    messages.success(request, gettext("Their links are withdrawn. The next mail to them has a new one."))
    return go(request, reverse("party", args=[party.pk]))


def _party(party_id: uuid.UUID) -> Party:
    found = Party.objects.filter(pk=party_id).first()
    if found is None:
        raise NotFound(gettext("There is no such party."), hint=gettext("Search for the name or the number."))
    return found
