"""The customer portal as a channel: publishing is a state of the delivery itself, a read is an event."""

from __future__ import annotations

from typing import ClassVar

from postroom.delivery.spec import Channel, Finding, Letter, Outcome, Sent, Truth


class PortalChannel(Channel):
    """Publishes a communication on the recipient's portal. Doing it twice changes nothing."""

    name: ClassVar[str] = "portal"
    final_truth: ClassVar[Truth] = Truth.CONFIRMED
    can_look_up = True

    def send(self, letter: Letter) -> Outcome:
        return Sent(Truth.CONFIRMED, "published on the customer's portal", letter.key)

    def look_up(self, letter: Letter) -> Sent | None:
        return Sent(Truth.CONFIRMED, "published on the customer's portal", letter.key)

    def check(self) -> list[Finding]:
        return [Finding(True, "The portal is part of this installation.")]
