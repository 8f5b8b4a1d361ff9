"""What can go wrong with runs."""

from __future__ import annotations

from postroom.kernel.errors import Conflict, LimitReached


class RunKeyTaken(Conflict):
    """The run key belongs to a run of other bytes, another template or another mapping."""

    code = "run-key-taken"
    title = "This run key belongs to another run"


class NotSetAside(Conflict):
    """The record is not set aside, so there is nothing to correct."""

    code = "not-set-aside"
    title = "This record is not set aside"


class ClaimLost(Conflict):
    """Another worker took this chunk over; nothing of this try is kept."""

    code = "claim-lost"
    title = "This chunk was taken over by another worker"


class IssuedMeanwhile(Conflict):
    """Somebody else issued a number of this chunk since it was marked as an original; it is marked and made anew."""

    code = "issued-meanwhile"
    title = "The number was issued at the same moment"


class StillRunning(LimitReached):
    """The run was not settled within the time one was willing to wait."""

    code = "still-running"
    title = "The run is not settled yet"


class RunOnHold(Conflict):
    """The run is held, so this has to wait until it is released; or it is not held, so there is nothing to release."""

    code = "run-on-hold"
    title = "The run is not in the right state for that"


class NotComposed(Conflict):
    """The gate opens when everything is composed: what nobody has checked is not sent."""

    code = "run-not-composed"
    title = "The run is not composed yet"
