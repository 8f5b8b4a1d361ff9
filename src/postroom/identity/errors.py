"""What can go wrong with people and tokens."""

from __future__ import annotations

from postroom.kernel.errors import BadInput, Conflict, NotSignedIn


class BadToken(NotSignedIn):
    """The token is unknown, expired or revoked (the answer does not say which)."""

    code = "bad-token"
    title = "This token is not valid"


class BadLink(NotSignedIn):
    """A sign-in link is unknown, expired or used."""

    code = "bad-link"
    title = "This link is not valid any more"


class UserExists(Conflict):
    """Somebody has this e-mail address already."""

    code = "user-exists"
    title = "There is already somebody with this e-mail address"


class UnknownRole(BadInput):
    """A role or scope that does not exist."""

    code = "unknown-role"
    title = "There is no such role"
