"""A home of the version before is opened by this one: its rows are there, its runs balance, its pages open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from api_kit import World
from desk_kit import desk_of

pytestmark = pytest.mark.slow

#: The schema of the version before live counts, kept balances, quick pages and the ledger's tree.
_BEFORE = [
    ("web", "0001"),
    ("production", "0003"),
    ("delivery", "0001"),
    ("documents", "0001"),
    ("identity", "0002"),
    ("ledger", "0002"),
]


def _migrate(*target: str) -> None:
    from django.core.management import call_command

    call_command("migrate", *target, interactive=False, verbosity=0)


def _counts() -> dict[str, int]:
    from postroom.delivery.models import Delivery
    from postroom.documents.models import Document
    from postroom.ledger.models import Entry
    from postroom.production.models import Record

    return {model.__name__: model.objects.count() for model in (Delivery, Document, Entry, Record)}


def test_a_home_of_the_version_before_is_brought_up_to_date(world: World, user_of: Callable[[str], Any]) -> None:
    from django.db import connection

    from postroom.production.balance import balance, drifted, keep_forgotten
    from postroom.production.models import KeptBalance, Run
    from postroom.project.boot import bring_schema_up_to_date

    # given rows in the schema of the version before
    there, runs = _counts(), {run.pk: balance(run.pk) for run in Run.objects.all()}
    for target in _BEFORE:
        _migrate(*target)
    assert "run_balance" not in connection.introspection.table_names()
    # when this version starts, and a second process finds nothing to do
    bring_schema_up_to_date()
    bring_schema_up_to_date()
    # then every row is there, and every run says what it said
    assert _counts() == there
    for run_id, told in runs.items():
        assert balance(run_id) == told
        assert (told.records_difference, told.deliveries_difference) == (0, 0)
    # and its balance is kept from now on
    Run.objects.update(state="settled")
    keep_forgotten()
    assert KeptBalance.objects.count() == len(runs)
    assert drifted() == []
    # and old addresses open
    desk = desk_of(user_of)("operator")
    for address in ("/", f"/runs/{world.run}/", f"/documents/{world.document}/", f"/deliveries/{world.delivery}/"):
        assert desk.get(address).status_code == 200, address
