"""Pages ask a bounded number of questions, whatever stands in their lists; counts end at 10,000; a kept balance is
never another than its rows' (P3)."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from api_kit import World, as_file, carry_through, records
from desk_kit import desk_of, said

#: Most queries of one page: session, person, choices, the rail, and its own.
_MOST = 32


def _addresses(world: World) -> dict[str, str]:
    from postroom.documents.models import Document

    party = Document.objects.get(pk=world.document).party_id
    return {
        "home": "/",
        "home-live": "/home/live/",
        "runs": "/runs/",
        "runs-live": "/runs/live/",
        "run": f"/runs/{world.run}/",
        "run-live": f"/runs/{world.run}/live/",
        "deliveries": "/deliveries/",
        "deliveries-delivered": "/deliveries/?state=delivered",
        "deliveries-words": "/deliveries/?q=example",
        "delivery": f"/deliveries/{world.delivery}/",
        "documents": "/documents/",
        "documents-words": "/documents/?q=invoice",
        "document": f"/documents/{world.document}/",
        "parties": "/parties/",
        "party": f"/parties/{party}/",
        "set-aside": "/set-aside/",
        "templates": "/templates/",
        "outbox": "/outbox/",
    }


def _asked(browser: Any, addresses: Mapping[str, str]) -> dict[str, int]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = {}
    for name, address in addresses.items():
        browser.get(address)  # what is loaded once is loaded now
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(address).status_code == 200, address
        counts[name] = len(queries)
    return counts


def complaints(few: Mapping[str, int], many: Mapping[str, int], most: int = _MOST) -> list[str]:
    """What is wrong with the numbers of queries of each page, with three rows and with sixty."""
    found = [f"{name} asks {count} questions" for name, count in many.items() if count > most]
    return found + [
        f"{name} asks {many[name] - few[name]} more for more rows" for name in few if many[name] > few[name]
    ]


def _bring(count: int, name: str) -> None:
    from postroom.identity.actor import SYSTEM
    from postroom.production.actions.start_run import start_run

    more = records(count)
    for record in more:
        record["number"] = f"{name}-{record['number']}"
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as file:
        file.write(as_file([*more, *('{"number": ' + str(n) for n in range(3))]).read())
        file.flush()
        carry_through(start_run(SYSTEM, template="invoice", path=Path(file.name), name=f"{name}.jsonl").run.pk)


def test_no_page_asks_more_for_sixty_rows_than_for_three(
    world: World, user_of: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from postroom.documents.models import SearchRow
    from postroom.web.fill import names

    # given what each page asks of a small archive
    browser, addresses = desk_of(user_of)("operator"), _addresses(world)
    few = _asked(browser, addresses)
    # when sixty documents come in, with their deliveries, and some records are set aside
    _bring(60, "M")
    many = _asked(browser, addresses)
    # then no page asks more
    assert complaints(few, many) == []
    # and a planted question for each row is noticed
    kind = names.kind

    def one_by_one(key: str, known: dict[str, str]) -> str:
        SearchRow.objects.exists()
        return kind(key, known)

    monkeypatch.setattr(names, "kind", one_by_one)
    planted = _asked(browser, {"documents": "/documents/"})
    assert complaints({"documents": few["documents"]}, planted) != []


def test_a_count_ends_where_nobody_reads_on(
    world: World, user_of: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from postroom.documents.models import Document
    from postroom.web import paging

    # given more documents than are counted
    total = Document.objects.count()
    assert paging.how_many(Document.objects.all()) == total
    monkeypatch.setattr(paging, "COUNTED", 2)
    # then there are "2+" of them, in one question for several lists, and none of those nobody can see
    lists = {"all": Document.objects.order_by("number"), "none": Document.objects.none()}
    assert paging.how_many_each(lists) == {"all": 3, "none": 0}
    assert paging.how_many_text(3) == "2+" and paging.how_many_text(2) == "2"
    assert "2+" in said(desk_of(user_of)("administrator").get("/documents/"))


def test_words_that_are_everywhere_find_the_same_documents(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from postroom.documents import queries
    from postroom.documents.queries import Found, Wanted, search
    from postroom.identity.actor import SYSTEM, Actor
    from postroom.identity.roles import permissions_of

    operator = Actor("user:1", frozenset({"operator"}), frozenset(permissions_of(["operator"])))
    for text in ("invoice", world.number, "nothing-of-this-kind"):
        for actor in (operator, SYSTEM):
            # given what is found when all hits are gathered
            monkeypatch.setattr(queries, "FEW", 5000)
            gathered = list(search(actor, Wanted(text=text)))
            # when the newest documents are walked in their place
            monkeypatch.setattr(queries, "FEW", 0)
            walked = search(actor, Wanted(text=text))
            # then it is the same, in the same order, and as many
            assert list(walked) == gathered
            assert walked.count() == walked.order_by().count() == len(gathered)
            assert list(walked.none()) == list(walked.none().order_by()) == []
            some = walked.filter(number=world.number)
            assert some.count() == len(some) == sum(one.number == world.number for one in gathered)
            if gathered:
                assert isinstance(walked, Found)


def _one_run() -> Any:
    """A settled run whose balance is kept."""
    from postroom.production.balance import keep_forgotten
    from postroom.production.models import SETTLED, Run

    keep_forgotten()
    return Run.objects.filter(state=SETTLED).exclude(kept=None).order_by("-received")[0]


def _execute(statement: str, *values: Any) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(statement, values)


_SETTLED = pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM delivery_receipt; DELETE FROM delivery_attempt; DELETE FROM delivery WHERE run_id = %s",
        "UPDATE delivery SET state = 'unheard-of' WHERE run_id = %s",
        "UPDATE run_record SET state = 'unheard' WHERE run_id = %s",
        "UPDATE delivery_tally SET created = created + 1 WHERE run_id = %s",
        "UPDATE run SET received = received + 1 WHERE id = %s",
    ],
)


@_SETTLED
def test_p3_a_kept_balance_goes_with_the_first_change_of_its_rows(
    world: World, user_of: Callable[[str], Any], change: str
) -> None:
    from postroom.production.balance import balance, drifted

    # given a settled run with its balance kept
    _settle_all()
    run = _one_run()
    before = balance(run.pk)
    assert before.records_difference == before.deliveries_difference == 0
    assert drifted() == []
    # when somebody changes rows behind everybody's back
    _execute(change, run.pk)
    # then the page tells what the rows tell
    counted = balance(run.pk)
    assert (counted.records_difference, counted.deliveries_difference) != (0, 0)
    assert drifted() == []
    if counted.records_difference:
        assert "is-off" in said(desk_of(user_of)("operator").get(f"/runs/{run.ref}/"))


def test_p3_planted_a_balance_that_outlives_its_rows_is_noticed(world: World) -> None:
    from postroom.production.balance import drifted

    # given the trigger that removes kept balances taken away
    _settle_all()
    run = _one_run()
    _execute("ALTER TABLE run_record DISABLE TRIGGER run_balance_update")
    # when a row changes
    _execute("UPDATE run_record SET state = 'failed' WHERE run_id = %s AND state = 'composed'", run.pk)
    # then the kept balance is told apart from its rows
    assert len(drifted()) == 1 and run.ref in drifted()[0]


def test_p3_nothing_is_kept_while_somebody_changes_rows(world: World) -> None:
    import psycopg
    from django.conf import settings
    from django.db import transaction

    from postroom.production.balance import keep
    from postroom.production.models import KeptBalance

    # given a settled run, and somebody in the middle of a change
    _settle_all()
    run = _one_run()
    with psycopg.connect(settings.DATABASE_URL) as other:
        other.execute("UPDATE delivery SET changed_at = now() WHERE run_id = %s", (run.pk,))
        # when its balance is to be kept
        with transaction.atomic():
            kept = keep(run.pk)
        # then it is not, and what was kept goes with the change
        assert not kept
    assert not KeptBalance.objects.filter(run=run).exists()
    with transaction.atomic():
        assert keep(run.pk)


def _settle_all() -> None:
    """Runs of the world in a settled state, whatever still waits: what is under test are their counts."""
    from postroom.kernel import clock
    from postroom.production.models import SETTLED, Run

    Run.objects.update(state=SETTLED, settled_at=clock.now())


def test_the_sweep_forgets_sessions_that_are_over(db: str) -> None:
    import datetime as dt

    from django.contrib.sessions.models import Session

    from postroom.kernel import clock
    from postroom.project.worker import purge

    # given a session that is over and one that goes on
    for key, hours in (("over", -1), ("going-on", 1)):
        at = clock.now() + dt.timedelta(hours=hours)
        Session.objects.create(session_key=key, session_data="", expire_date=at)
    # when the sweep clears away
    purge()
    # then only the one that is over is gone
    assert list(Session.objects.values_list("session_key", flat=True)) == ["going-on"]
