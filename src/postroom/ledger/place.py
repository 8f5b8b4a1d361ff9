"""Where a walk through the ledger stands, so that it can be gone on with in another request."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from dataclasses import dataclass

from postroom.kernel.errors import BadInput
from postroom.ledger.append import GENESIS
from postroom.ledger.tree import Growing

_LONGEST = 10_000


class BadPlace(BadInput):
    """This is no place a walk ever told."""

    code = "bad-place"
    title = "The walk cannot go on from there"


@dataclass(frozen=True, slots=True)
class Place:
    """The last block and entry walked, and what the rest is held against.

    It is told to whoever asks and comes back from them: who changes it deceives nobody but themselves, since the next
    block names the one before it and each signed head the root of all entries.
    """

    block: int = 0
    entry: int = 0
    head: bytes = GENESIS
    latest: dt.datetime | None = None
    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def tree(self) -> Growing:
        return Growing(self.size, self.peaks)

    def text(self) -> str:
        """As it travels: opaque, and safe in an address."""
        told = [
            self.block,
            self.entry,
            self.head.hex(),
            self.latest.isoformat() if self.latest else "",
            self.size,
            [peak.hex() for peak in self.peaks],
        ]
        return base64.urlsafe_b64encode(json.dumps(told, separators=(",", ":")).encode()).decode().rstrip("=")


BEGINNING = Place()


def parse_place(text: str) -> Place:
    """The place ``text`` tells; the beginning for an empty one. Raises BadPlace."""
    if not text:
        return BEGINNING
    try:
        if len(text) > _LONGEST:
            raise ValueError("too long")
        block, entry, head, latest, size, peaks = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        numbers = (block, entry, size)
        if not all(type(number) is int and 0 <= number < 1 << 62 for number in numbers):
            raise ValueError("no numbers")
        place = Place(
            block,
            entry,
            bytes.fromhex(head),
            dt.datetime.fromisoformat(latest) if latest else None,
            size,
            tuple(bytes.fromhex(peak) for peak in peaks),
        )
        if len(place.head) != 32 or any(len(peak) != 32 for peak in place.peaks):
            raise ValueError("no hashes")
        if place.latest is not None and place.latest.tzinfo is None:
            raise ValueError("no moment")
        place.tree()  # as many peaks as the size has
    except (ValueError, TypeError, binascii.Error, RecursionError) as error:
        raise BadPlace(
            "`from` is not what an earlier answer named as `next`.", hint="Leave it out to begin with the first entry."
        ) from error
    return place
