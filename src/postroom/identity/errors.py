"""What can go wrong with people and tokens."""

from __future__ import annotations

from postroom.kernel.errors import BadInput, Conflict, LimitReached, NotAllowed, NotFound, NotSignedIn


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


class LastAdministrator(Conflict):
    """Without an administrator nobody could let anybody in."""

    code = "last-administrator"
    title = "This is the last administrator"


class UnknownReason(BadInput):
    """A reason that is not one of those the ledger knows."""

    code = "unknown-reason"
    title = "A reason is needed"


class UnknownUser(NotFound):
    """Nobody signs in by that address."""

    code = "unknown-user"
    title = "There is nobody with this e-mail address"


class LockedOut(LimitReached):
    """Too many wrong tries of an account or from an address. Never says which, nor whether the account exists."""

    code = "locked-out"
    title = "Too many attempts to sign in"
    status = 429


class NoRole(NotAllowed):
    """The directory knows this person, but none of their groups gives a role here."""

    code = "no-role"
    title = "You have no access to Postroom"


class Deactivated(NotAllowed):
    """This person was deactivated here, whatever the directory says."""

    code = "deactivated"
    title = "Your access to Postroom has ended"


class AddressTaken(NotAllowed):
    """The provider vouches for somebody, but not for their e-mail address, which belongs to somebody here."""

    code = "address-taken"
    title = "This e-mail address belongs to somebody here already"


class SignInBroken(NotSignedIn):
    """What came back from the provider does not fit what was asked."""

    code = "sign-in-broken"
    title = "Signing in did not work"


class FactorUnreadable(Conflict):
    """A second factor was stored under another secret key."""

    code = "factor-unreadable"
    title = "A second factor cannot be read"
