"""What came back is folded by its cause and says what was done about it; a record set aside says whose it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from api_kit import World
from desk_kit import desk_of, said

_UNKNOWN = "The server answered RCPT with '550 5.1.1 unknown mailbox'."


def _failed(count: int, reason: str = _UNKNOWN) -> list[Any]:
    """The first deliveries by e-mail, as if the receiver had refused them just now."""
    from postroom.delivery.models import FAILED, Delivery
    from postroom.kernel import clock

    rows = list(Delivery.objects.order_by("channel", "created_at")[:count])
    assert len(rows) == count
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=FAILED, reason=reason, changed_at=clock.now(), truth=0
    )
    return list(Delivery.objects.filter(pk__in=[row.pk for row in rows]).select_related("communication__party"))


def _again(row: Any, *, fallback: bool, state: str) -> None:
    """A later delivery of the same communication: by the rules, or because somebody sent it again."""
    from postroom.delivery.models import Delivery
    from postroom.kernel.ids import new_id

    later = Delivery.objects.get(pk=row.pk)
    later.pk = new_id()
    later.state, later.reason = state, ""
    later.fallback_for = row.pk if fallback else None
    later.created_at = row.created_at + dt.timedelta(seconds=5)
    later.save(force_insert=True)


def test_equal_causes_are_one_row_that_names_the_receivers(world: World) -> None:
    from postroom.web.fill.came_back import folded

    # given two that came back for one cause
    rows = folded(_failed(2))
    # then they are one row, which claims no more than happened
    assert len(rows) == 1
    assert rows[0].count == 2 and rows[0].status == "failed"
    assert "unknown mailbox" in rows[0].why and rows[0].then == "Nothing was sent in its place."
    assert "state=failed" in rows[0].url and rows[0].who


def test_planted_another_cause_is_another_row(world: World) -> None:
    from postroom.web.fill.came_back import folded

    first, second = _failed(2)
    second.reason = "552 5.2.2 Mailbox full"
    assert len(folded([first, second])) == 2


def test_a_fallback_says_where_it_went_and_whether_it_arrived(world: World) -> None:
    from postroom.web.fill.came_back import folded

    # given one that fell back and arrived
    row = _failed(1)[0]
    _again(row, fallback=True, state="delivered")
    # then its row says so and opens the delivery itself
    shown = folded([row])[0]
    assert shown.status == "fell_back" and shown.then == f"Went to {row.destination_id} instead, and arrived."
    assert shown.url == f"/deliveries/{row.pk}/"


def test_what_somebody_sent_again_is_no_news_on_the_first_page(world: World) -> None:
    from postroom.web.fill.came_back import folded

    row = _failed(1)[0]
    _again(row, fallback=False, state="ready")
    assert folded([row], settled=False) == ()
    assert folded([row])[0].then == "Sent again since."


def test_what_waits_for_a_destination_out_of_use_is_told(world: World) -> None:
    from postroom.delivery.models import Delivery, Destination
    from postroom.web.fill.came_back import lately

    # given a delivery that waits, and its destination is taken out of use
    row = Delivery.objects.order_by("created_at")[0]
    Delivery.objects.filter(pk=row.pk).update(state="ready", attempts=0)
    Destination.objects.filter(pk=row.destination_id).update(enabled=False)
    rows, count = lately(Delivery.objects.all())
    # then it stands among what stopped
    assert [(shown.status, shown.count) for shown in rows if shown.status == "off"] == [("off", 1)]
    assert count >= 1


@pytest.mark.parametrize("role", ["operator", "author"])
def test_p7_the_first_page_tells_it_only_to_those_who_may_see_deliveries(
    world: World, user_of: Callable[[str], Any], role: str
) -> None:
    _failed(1)
    text = said(desk_of(user_of)(role).get("/"))
    assert ("Came back or stopped" in text) == (role == "operator")
    assert ("came back or stopped." in text) == (role == "operator")


def test_a_record_set_aside_says_whose_it_is_and_shows_its_bytes_behind_a_button(
    world: World, user_of: Callable[[str], Any]
) -> None:
    from postroom.production.models import SetAside
    from postroom.web.fill.whose import whose

    row = SetAside.objects.select_related("record", "run").filter(resolved_at=None).first()
    assert row is not None
    its = whose(row)
    text = desk_of(user_of)("operator").get(f"/runs/{row.run.ref}/").content.decode()
    assert f'popovertarget="raw-{row.record_id.hex}"' in text and f'id="raw-{row.record_id.hex}"' in text
    if its.name:
        assert its.name in said(desk_of(user_of)("operator").get(f"/runs/{row.run.ref}/"))


def test_the_receiver_and_the_amount_are_read_where_the_template_says(world: World) -> None:
    import json

    from api_kit import sample
    from postroom.production.models import SetAside
    from postroom.web.fill.whose import whose

    row, record = SetAside.objects.select_related("record", "run").first(), sample("invoice")
    assert row is not None
    row.record.data = json.dumps(record)
    its = whose(row)
    assert (its.name, its.key, its.number) == (record["customer"]["name"], record["customer"]["key"], record["number"])
    assert its.amount.startswith(record["currency"])


@pytest.mark.parametrize(
    "data", ["", "{", "[1]", '{"customer": 3, "totals": {"gross": true}}', '{"totals": {"gross": "1e999999"}}']
)
def test_planted_data_that_is_no_record_has_no_name_and_no_amount(world: World, data: str) -> None:
    from postroom.production.models import SetAside
    from postroom.web.fill.whose import whose

    row = SetAside.objects.select_related("record", "run").first()
    assert row is not None
    row.record.data = data
    its = whose(row)
    assert (its.name, its.amount) == ("", "")


def test_chips_of_causes_stand_where_many_records_have_few_causes(world: World, user_of: Callable[[str], Any]) -> None:
    from postroom.kernel.ids import new_id
    from postroom.production.models import Record, SetAside

    # given six records of two causes
    first = SetAside.objects.select_related("record", "run").filter(resolved_at=None).first()
    assert first is not None
    for number in range(6):
        record = Record.objects.get(pk=first.record_id)
        record.pk, record.ordinal = new_id(), 10_000 + number
        record.save(force_insert=True)
        code = "missing-field" if number % 2 else "wrong-type"
        SetAside.objects.create(
            id=new_id(), run=first.run, record=record, stage="validate", code=code, problems=first.problems,
            created_at=first.created_at,
        )  # fmt: skip
    browser, address = desk_of(user_of)("operator"), f"/runs/{first.run.ref}/"
    # then the causes are chips, and one of them narrows the rows
    assert "A field is missing" in said(browser.get(address))
    narrowed = browser.get(f"{address}?cause=missing-field").content.decode()
    assert narrowed.count('<tbody id="set-aside-') >= 3
    assert 'aria-current="true">A field is missing' in narrowed
