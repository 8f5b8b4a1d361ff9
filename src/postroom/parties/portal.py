"""Portal links: signed, dated, and revocable all at once by raising the party's epoch. No row per link."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.core import signing

from postroom.identity.actor import Actor
from postroom.kernel.errors import NotSignedIn
from postroom.parties.models import Party

_SALT = "postroom.portal"


class BadPortalLink(NotSignedIn):
    """The link was changed, has expired or was withdrawn."""

    code = "bad-portal-link"
    title = "This link does not open your documents any more"


@dataclass(frozen=True, slots=True)
class Visitor:
    """A customer on the portal. Never an identity user."""

    party: Party
    document_id: str

    @property
    def actor(self) -> Actor:
        return Actor(f"party:{self.party.pk}", frozenset(), frozenset(), party_id=str(self.party.pk))


def portal_link(party_id: object, epoch: int, document_id: object = "") -> str:
    """Absolute address that shows the party its documents, opened at ``document_id``."""
    token = signing.dumps([str(party_id), epoch, str(document_id)], salt=_SALT, compress=False)
    return f"{settings.CONFIG.public_url}/portal/{token}/"


def visitor(token: str) -> Visitor:
    """Who comes with this link. Raises BadPortalLink."""
    try:
        party_id, epoch, document_id = signing.loads(
            token, salt=_SALT, max_age=settings.CONFIG.portal_link_days * 86400
        )
        party = Party.objects.get(pk=party_id, portal_epoch=epoch)
    except (signing.BadSignature, ValueError, TypeError, Party.DoesNotExist):
        raise BadPortalLink(
            "The link has expired or is incomplete.", hint="Ask the sender for a new one; copy the whole address."
        ) from None
    return Visitor(party, document_id)
