"""What can go wrong with runs that start by themselves."""

from __future__ import annotations

from postroom.kernel.errors import BadInput, Conflict, NotFound


class BadCron(BadInput):
    """The cron expression cannot be read, or never comes. ``context["field"]`` names the field."""

    code = "bad-cron"
    title = "The cron expression cannot be used"


class BadZone(BadInput):
    """There is no such time zone."""

    code = "bad-time-zone"
    title = "There is no such time zone"


class BadSchedule(BadInput):
    """A setting of the schedule cannot be used. ``context["field"]`` names it."""

    code = "bad-schedule"
    title = "The schedule cannot be kept like this"


class BadEvent(BadInput):
    """The event that was told cannot be used."""

    code = "bad-event"
    title = "The event cannot be used"


class NoSchedule(NotFound):
    """There is no schedule of that key."""

    code = "no-schedule"
    title = "There is no such schedule"


class NobodyWaits(NotFound):
    """No schedule waits for this event, so its data would be kept for nothing."""

    code = "nobody-waits"
    title = "No schedule waits for this event"


class UnknownCause(NotFound):
    """Nobody told of this cause."""

    code = "unknown-cause"
    title = "This cause was never told"


class CauseTaken(Conflict):
    """The cause was told before, with other data."""

    code = "cause-taken"
    title = "This cause was told with other data"


class ScheduleTaken(Conflict):
    """The key belongs to another schedule."""

    code = "schedule-taken"
    title = "There is a schedule of this key already"
