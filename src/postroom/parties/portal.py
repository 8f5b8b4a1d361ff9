"""Portal links: signed, dated, and revocable all at once by raising the party's epoch. No row per link."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError

from postroom.identity.actor import Actor
from postroom.kernel.errors import NotSignedIn
from postroom.parties.models import Party

_SALT = "postroom.portal"


class BadPortalLink(NotSignedIn):
    """The link was changed, or never was one of ours."""

    code = "bad-portal-link"
    title = "This link does not open your documents any more"


class OldPortalLink(BadPortalLink):
    """The link is ours, and too old. ``party`` is whose it was: our signature says so, not whoever brings it."""

    code = "old-portal-link"
    title = "This link has expired"

    def __init__(self, party: Party) -> None:
        super().__init__("The link has expired.", hint="Ask for a new one.")
        self.party = party


class RevokedPortalLink(BadPortalLink):
    """The link is ours, and all links of that time were withdrawn."""

    code = "revoked-portal-link"
    title = "This link was withdrawn"


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
    """Who comes with this link. Raises BadPortalLink; of its kinds only those whose signature is ours are told apart,
    so that nobody learns anything by trying."""
    expired = False
    try:
        try:
            told = signing.loads(token, salt=_SALT, max_age=settings.CONFIG.portal_link_days * 86400)
        except signing.SignatureExpired:  # checked after the signature: it is one of ours
            expired, told = True, signing.loads(token, salt=_SALT)
        party_id, epoch, document_id = told
        party = Party.objects.get(pk=party_id)
    except (signing.BadSignature, ValueError, TypeError, ValidationError, Party.DoesNotExist):
        raise BadPortalLink(
            "The link has expired or is incomplete.", hint="Ask the sender for a new one; copy the whole address."
        ) from None
    if party.portal_epoch != epoch:
        raise RevokedPortalLink("The link was withdrawn.", hint="Ask the sender for a new one.")
    if expired:
        raise OldPortalLink(party)
    return Visitor(party, document_id)
