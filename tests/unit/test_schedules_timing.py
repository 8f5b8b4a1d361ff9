"""Due times on a wall clock: missing hours, doubled hours, and expressions that say what is wrong with them."""

from __future__ import annotations

import datetime as dt

import pytest

from postroom.schedules import timing
from postroom.schedules.errors import BadCron, BadZone

UTC = dt.UTC


def moments(cron: str, zone: str, after: str, count: int) -> list[str]:
    """On the wall clock of the zone, with the offset."""
    start = dt.datetime.fromisoformat(after).astimezone(UTC)
    return [
        at.astimezone(timing.zone(zone)).isoformat(timespec="minutes") for at in timing.coming(cron, zone, start, count)
    ]


def test_a_time_that_does_not_exist_comes_at_the_next_minute_that_does() -> None:
    # Berlin, 29 March 2026: 02:00 is followed by 03:00
    assert moments("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00Z", 3) == [
        "2026-03-28T02:30+01:00",
        "2026-03-29T03:00+02:00",
        "2026-03-30T02:30+02:00",
    ]
    # and two that fall into the gap come once
    assert moments("15,45 2 * * *", "Europe/Berlin", "2026-03-28T23:00Z", 2) == [
        "2026-03-29T03:00+02:00",
        "2026-03-30T02:15+02:00",
    ]


def test_a_time_that_comes_twice_counts_once() -> None:
    # Berlin, 25 October 2026: 03:00 is followed by 02:00
    assert moments("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00Z", 2) == [
        "2026-10-25T02:30+02:00",
        "2026-10-26T02:30+01:00",
    ]
    # also when one asks between the two
    assert moments("30 2 * * *", "Europe/Berlin", "2026-10-25T00:45Z", 1) == ["2026-10-26T02:30+01:00"]


def test_a_pace_goes_on_through_the_doubled_hour_and_leaves_out_the_missing_one() -> None:
    assert moments("*/30 * * * *", "Europe/Berlin", "2026-10-25T00:10Z", 4) == [
        "2026-10-25T02:30+02:00",
        "2026-10-25T02:00+01:00",
        "2026-10-25T02:30+01:00",
        "2026-10-25T03:00+01:00",
    ]
    assert moments("*/30 * * * *", "Europe/Berlin", "2026-03-29T00:10Z", 3) == [
        "2026-03-29T01:30+01:00",
        "2026-03-29T03:00+02:00",
        "2026-03-29T03:30+02:00",
    ]


def test_a_day_a_country_left_out_is_made_good_at_its_end() -> None:
    # Apia went from 29 to 31 December 2011
    assert moments("0 8 30 12 *", "Pacific/Apia", "2011-12-20T00:00Z", 1) == ["2011-12-31T00:00+14:00"]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC", "Asia/Kolkata"])
@pytest.mark.parametrize("cron", ["*/20 * * * *", "30 2 * * *", "0 1 * * SUN", "59 23 L * *", "5 */3 1-7 * MON"])
def test_due_times_only_ever_move_forward_wherever_one_stands(cron: str, zone: str) -> None:
    # given a walk through a year by odd steps
    at = dt.datetime(2026, 1, 1, tzinfo=UTC)
    while at < dt.datetime(2027, 1, 1, tzinfo=UTC):
        due = timing.next_due(cron, zone, at)
        # then the due time lies ahead, and whoever asks just before it gets the same
        assert due > at
        assert timing.next_due(cron, zone, due - dt.timedelta(seconds=1)) == due
        at = max(due, at + dt.timedelta(days=4, hours=7, minutes=13))


def test_missed_times_are_found_without_walking_a_year_of_minutes() -> None:
    first, now = dt.datetime(2026, 1, 1, tzinfo=UTC), dt.datetime(2026, 12, 31, 23, 59, 30, tzinfo=UTC)
    assert timing.newest_due("* * * * *", "UTC", first, now) == (now.replace(second=0), timing.MOST_COUNTED)
    assert timing.newest_due("0 6 1 * *", "UTC", first.replace(hour=6), now) == (
        dt.datetime(2026, 12, 1, 6, tzinfo=UTC),
        11,
    )


@pytest.mark.parametrize(
    ("cron", "told"),
    [
        ("0 6 * *", "4 fields"),
        ("", "0 fields"),
        ("0 0 6 * * *", "6 fields"),
        ("60 6 * * *", "minute"),
        ("0 24 * * *", "hour"),
        ("0 6 32 * *", "day of the month"),
        ("0 6 * 13 *", "field for the month"),
        ("0 6 * * MOO", "day of the week"),
        ("H 6 * * *", "minute"),
        ("R 6 * * *", "minute"),
        ("0 6 30 2 *", "never comes"),
        ("0 ; 6 * *", "hour"),
        ("*/0 6 * * *", "minute"),
    ],
)
def test_a_bad_expression_says_which_field(cron: str, told: str) -> None:
    with pytest.raises(BadCron, match=told) as caught:
        timing.checked(cron)
    assert caught.value.hint and caught.value.context["field"] == "cron"


@pytest.mark.parametrize("zone", ["", "Berlin", "../../etc/passwd", "Europe/berlin ", "CEST+1\x00"])
def test_a_zone_that_does_not_exist_is_told(zone: str) -> None:
    with pytest.raises(BadZone):
        timing.zone(zone)


def test_names_and_case_are_understood() -> None:
    assert timing.checked(" 0 6 * jan-mar  mon-fri ") == "0 6 * JAN-MAR MON-FRI"
