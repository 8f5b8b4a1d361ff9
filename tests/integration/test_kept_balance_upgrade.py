"""A balance that another version of Postroom kept is not read by the meaning of this one (P3).

It happened: a version kept deliveries as ``("delivery", state, number)``, the next one looked for
``("channel", "state truth channel", number)``, found none, and said of settled runs that they do not balance, at every
start and for ever.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from api_kit import World

#: What the other version kept: a bare list, or its own statement's name.
_BEFORE: list[list[Any]] = [
    ["record", "completed", 5],
    ["delivery", "delivered", 5],
    ["received", "", 5],
    ["created", "", 5],
]


@pytest.fixture
def run(world: World) -> Any:
    """A settled run with its balance kept."""
    from postroom.kernel import clock
    from postroom.production.balance import keep_forgotten
    from postroom.production.models import SETTLED, KeptBalance, Run

    Run.objects.update(state=SETTLED, settled_at=clock.now())
    keep_forgotten()
    return KeptBalance.objects.select_related("run").get(run__ref=world.run).run


def _keep(run: Any, counted: object) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("UPDATE run_balance SET counted = %s WHERE run_id = %s", (json.dumps(counted), run.pk))


@pytest.mark.parametrize("counted", [_BEFORE, {"by": "another", "rows": _BEFORE}, {}, None])
def test_p3_what_another_version_kept_is_counted_again(run: Any, counted: object) -> None:
    from postroom.production.balance import balance, drifted, keep_forgotten
    from postroom.production.models import KeptBalance

    # given a home whose balances were kept by another version
    expected = balance(run.pk)
    _keep(run, counted)
    # when it is opened
    told = balance(run.pk)
    # then it says what the rows say
    assert told == expected
    assert (told.records_difference, told.deliveries_difference) == (0, 0)
    # and the next sweep keeps it as this version reads it
    keep_forgotten()
    assert KeptBalance.objects.get(run=run).counted["rows"]
    assert drifted() == []
    assert balance(run.pk) == expected


def test_p3_a_kept_balance_of_this_version_is_read_and_not_kept_again(run: Any) -> None:
    from postroom.production.balance import keep_forgotten
    from postroom.production.models import KeptBalance

    before = KeptBalance.objects.get(run=run).kept_at
    keep_forgotten()
    assert KeptBalance.objects.get(run=run).kept_at == before


def test_p3_planted_an_old_shape_under_the_name_of_this_statement_is_noticed(run: Any) -> None:
    from postroom.production.balance import balance, drifted
    from postroom.production.models import KeptBalance

    # given the fault itself: rows of the old shape that pass for ours
    ours = KeptBalance.objects.get(run=run).counted["by"]
    _keep(run, {"by": ours, "rows": _BEFORE})
    # then it is read as it was then, and whoever doubts is told
    assert balance(run.pk).deliveries_difference != 0 or balance(run.pk).records_difference != 0
    assert len(drifted()) == 1
