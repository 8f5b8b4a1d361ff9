"""What can be in the way of a replay."""

from __future__ import annotations

from postroom.kernel.errors import BadInput, NotFound


class UnknownReplay(NotFound):
    """There is no such replay, or its time is over."""

    code = "unknown-replay"
    title = "There is no such replay"


class NothingToReplay(BadInput):
    """No document of the template was made of a real record yet."""

    code = "nothing-to-replay"
    title = "There is no real record yet"
