"""What can go wrong on the way out."""

from __future__ import annotations

from postroom.kernel.errors import BadInput, Conflict


class NoChannel(BadInput):
    """No destination fits the recipient."""

    code = "no-channel"
    title = "There is no way to reach this recipient"


class WrongState(Conflict):
    """The delivery is not in a state in which this can be done."""

    code = "wrong-state"
    title = "This delivery is not in the right state for that"


class BadDestination(BadInput):
    """The settings of a destination cannot be used."""

    code = "bad-destination"
    title = "These channel settings cannot be used"
